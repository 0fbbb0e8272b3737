package policy_test

import (
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

func set(ordinals ...uint32) *roaring.Bitmap { return roaring.BitmapOf(ordinals...) }

func anySet(t *rapid.T, label string) *roaring.Bitmap {
	return set(rapid.SliceOfN(rapid.Uint32Range(0, 40), 0, 30).Draw(t, label)...)
}

// manyOrFew is a set that is counted one by one, or one that is counted as a
// whole, across the borders of what a bitmap keeps together.
func manyOrFew(t *rapid.T, label string) *roaring.Bitmap {
	s := anySet(t, label)
	if rapid.Bool().Draw(t, label+" many") {
		s.AddRange(20, 20+rapid.Uint64Range(60, 70_000).Draw(t, label+" to"))
	}
	return s
}

func TestTallyCountsLikeAMap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var tally policy.Tally
		counts := map[uint32]int{}
		for range rapid.IntRange(0, 20).Draw(t, "adds") {
			s := manyOrFew(t, "set")
			before := s.Clone()
			tally.Add(s)
			if !s.Equals(before) {
				t.Fatal("Add changed its argument")
			}
			for _, o := range s.ToArray() {
				counts[o]++
			}
		}
		copied := tally.Clone()
		copied.Add(manyOrFew(t, "of the copy"))
		if rapid.Bool().Draw(t, "through bytes") {
			data, err := tally.MarshalBinary()
			if err != nil {
				t.Fatal(err)
			}
			tally = policy.Tally{}
			if err := tally.UnmarshalBinary(data); err != nil {
				t.Fatal(err)
			}
			for _, broken := range [][]byte{nil, data[:len(data)-1], append(data, 0)} {
				if err := new(policy.Tally).UnmarshalBinary(broken); err == nil {
					t.Fatalf("%d of %d bytes are read", len(broken), len(data))
				}
			}
			more := manyOrFew(t, "more")
			tally.Add(more)
			for _, o := range more.ToArray() {
				counts[o]++
			}
		}
		within, n := manyOrFew(t, "within"), rapid.IntRange(0, 25).Draw(t, "n")
		want := roaring.New()
		for _, o := range within.ToArray() {
			if counts[o] >= n {
				want.Add(o)
			}
		}
		if got := tally.AtLeast(n, within); !got.Equals(want) {
			t.Fatalf("at least %d within %v: %v, want %v", n, within, got, want)
		}
	})
}

func TestDecisionIsAPartitionInTheOrderOfTheRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		third := rapid.Bool().Draw(t, "third")
		limits := policy.Limits{
			SameContentOnce:  rapid.Bool().Draw(t, "once"),
			MessagesPerDay:   rapid.IntRange(0, 3).Draw(t, "perDay"),
			RecipientsPerMin: rapid.IntRange(0, 20).Draw(t, "perMinute"),
		}
		in, identical := anySet(t, "in"), anySet(t, "identical")
		user := roaring.AndNot(anySet(t, "user"), in)
		dept := roaring.AndNot(roaring.AndNot(anySet(t, "dept"), in), user)
		var daily policy.Tally
		counts := map[uint32]int{}
		for range rapid.IntRange(0, 5).Draw(t, "earlier") {
			s := anySet(t, "earlier set")
			daily.Add(s)
			for _, o := range s.ToArray() {
				counts[o]++
			}
		}
		minute := int64(rapid.IntRange(0, 25).Draw(t, "minute"))
		got := policy.Decide(policy.Facts{
			ThirdParty: third, Limits: limits, Recipients: in, OutsideUser: user, OutsideDept: dept,
			Identical: identical, Daily: &daily, SentThisMinute: minute,
		})
		code := func(internal, thirdParty string) string {
			if third {
				return thirdParty
			}
			return internal
		}
		want, left := map[uint32]string{}, int64(limits.RecipientsPerMin)-minute
		for _, o := range user.ToArray() {
			want[o] = "50002"
		}
		for _, o := range dept.ToArray() {
			want[o] = "50004"
		}
		for _, o := range in.ToArray() { // ascending
			switch {
			case limits.SameContentOnce && identical.Contains(o):
				want[o] = code("143106", "143206")
			case limits.MessagesPerDay > 0 && counts[o] >= limits.MessagesPerDay:
				want[o] = code("143105", "143205")
			case limits.RecipientsPerMin > 0 && left <= 0:
				want[o] = code("143103", "143203")
			default:
				left--
				want[o] = "sent"
			}
		}
		if diff := cmp.Diff(want, fates(t, got)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// fates lists what became of everybody and fails when somebody is in two sets.
func fates(t *rapid.T, d policy.Decision) map[uint32]string {
	all := map[uint32]string{}
	add := func(code string, s *roaring.Bitmap) {
		for _, o := range s.ToArray() {
			if all[o] != "" {
				t.Fatalf("%d is %s and %s", o, all[o], code)
			}
			all[o] = code
		}
	}
	add("sent", d.Sent)
	for _, h := range d.Held {
		add(h.Code, h.Set)
	}
	return all
}

func TestPresets(t *testing.T) {
	t.Parallel()
	for _, name := range policy.Presets() {
		for _, third := range []bool{false, true} {
			l, err := policy.ForPreset(name, third)
			if err != nil || l.Preset != name || l.StrictOA != (name == policy.DingTalk) {
				t.Errorf("%s: %+v, %v", name, l, err)
			}
		}
	}
	if _, err := policy.ForPreset("strict", false); !fault.Is(err, fault.CodeParameterInvalid) {
		t.Errorf("unknown preset: %v", err)
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	day := policy.Dur(24 * time.Hour)
	for _, c := range []struct {
		window policy.Dur
		after  time.Duration
		open   bool
	}{{0, 9000 * time.Hour, true}, {day, 24 * time.Hour, true}, {day, 24*time.Hour + 1, false}} {
		if got := c.window.Open(start, start.Add(c.after)); got != c.open {
			t.Errorf("window %v after %v: open=%v", c.window, c.after, got)
		}
	}
}
