package audit_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
)

// keys are master keys by number; the highest is for what is new.
type keys map[int]string

func (k keys) AuditKey(number int) []byte {
	if k[number] == "" {
		return nil
	}
	return []byte(k[number])
}

func (k keys) AuditKeyNumber() (highest int) {
	for n := range k {
		highest = max(highest, n)
	}
	return highest
}

type link struct {
	row     audit.Row
	private *audit.Private
}

// mustChain makes a chain of n entries, every second with something private.
func mustChain(t *testing.T, k audit.Keys, n int, h audit.Head) ([]link, audit.Head) {
	t.Helper()
	var all []link
	for i := range n {
		e := audit.Entry{
			Organization: 3, At: time.Unix(int64(100+i), 0), By: audit.OnBehalfOf(3, 7), Action: audit.TemplateSave,
			Subject: fmt.Sprintf("t%d", i), Version: i, Details: audit.Details{"n": i},
		}
		if i%2 == 1 {
			e.Reason = "Too faint."
		}
		row, private, err := e.Row()
		if err != nil {
			t.Fatal(err)
		}
		var ok bool
		if h, ok = h.Append(&row, k); !ok {
			t.Fatal("no key")
		}
		all = append(all, link{row, private})
	}
	return all, h
}

func verify(h audit.Head, k audit.Keys, all []link) audit.Report {
	v := audit.NewVerifier(h, k)
	for i := range all {
		if !v.Next(&all[i].row, all[i].private) {
			break
		}
	}
	return v.End()
}

// Every field of every entry, its place and its presence are covered.
func TestWhatIsChangedIsFound(t *testing.T) {
	t.Parallel()
	k := keys{1: strings.Repeat("a", 32)}
	for name, c := range map[string]struct {
		do   func(all []link, h *audit.Head) []link
		want int64
	}{
		"nothing": {func(all []link, _ *audit.Head) []link { return all }, 0},
		"time":    {func(all []link, _ *audit.Head) []link { all[4].row.At--; return all }, 5},
		"actor":   {func(all []link, _ *audit.Head) []link { all[4].row.Actor = "3/8"; return all }, 5},
		"credential": {func(all []link, _ *audit.Head) []link {
			all[4].row.Credential = "session:x"
			return all
		}, 5},
		"action":  {func(all []link, _ *audit.Head) []link { all[4].row.Action = "template.delete"; return all }, 5},
		"subject": {func(all []link, _ *audit.Head) []link { all[4].row.Subject = "t9"; return all }, 5},
		"a byte moved between fields": {func(all []link, _ *audit.Head) []link {
			all[4].row.Action += "t"
			all[4].row.Subject = all[4].row.Subject[1:]
			return all
		}, 5},
		"version":      {func(all []link, _ *audit.Head) []link { all[4].row.Version++; return all }, 5},
		"details":      {func(all []link, _ *audit.Head) []link { all[4].row.Details = `{"n":5}`; return all }, 5},
		"organization": {func(all []link, _ *audit.Head) []link { all[4].row.Organization = 4; return all }, 5},
		"private":      {func(all []link, _ *audit.Head) []link { all[5].private.Text += " "; return all }, 6},
		"private and its digest": {func(all []link, _ *audit.Head) []link {
			all[5].private.Text += " "
			all[5].row.Sealed = all[5].private.Digest()
			return all
		}, 6},
		"something private put in": {func(all []link, _ *audit.Head) []link {
			all[4].private = &audit.Private{Text: "{}"}
			return all
		}, 5},
		"deleted": {func(all []link, _ *audit.Head) []link { return append(all[:4:4], all[5:]...) }, 5},
		"swapped": {func(all []link, _ *audit.Head) []link { all[4], all[5] = all[5], all[4]; return all }, 5},
		"swapped with their numbers": {func(all []link, _ *audit.Head) []link {
			all[4], all[5] = all[5], all[4]
			all[4].row.N, all[5].row.N = 5, 6
			return all
		}, 5},
		"twice":                         {func(all []link, _ *audit.Head) []link { return append(all[:5:5], all[4:]...) }, 5},
		"the last deleted":              {func(all []link, _ *audit.Head) []link { return all[:9] }, 10},
		"the first deleted":             {func(all []link, _ *audit.Head) []link { return all[1:] }, 1},
		"another key, which nobody has": {func(all []link, _ *audit.Head) []link { all[4].row.Key = 9; all[4].row.Subject = "x"; return all }, 5},
		"the key before":                {func(all []link, _ *audit.Head) []link { all[4].row.Key = 0; all[4].row.Subject = "x"; return all }, 5},
		"the code of the head":          {func(all []link, h *audit.Head) []link { h.MAC = all[3].row.MAC; return all }, 10},
		"more than the head knows":      {func(all []link, h *audit.Head) []link { h.N = 9; return all }, 9},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all, h := mustChain(t, k, 10, audit.Head{})
			all = c.do(all, &h)
			if r := verify(h, k, all); r.Wrong != c.want || (r.Wrong != 0) != (r.Why != "") {
				t.Errorf("wrong %d %q, want %d", r.Wrong, r.Why, c.want)
			}
		})
	}
}

// Erasing takes what is private and leaves the chain whole.
func TestErasedEntriesVerify(t *testing.T) {
	t.Parallel()
	k := keys{1: strings.Repeat("a", 32)}
	all, h := mustChain(t, k, 10, audit.Head{})
	all[5].private = nil
	if r := verify(h, k, all); r.Wrong != 0 || r.Erased != 1 || r.Entries != 10 {
		t.Errorf("%+v", r)
	}
	e := all[5].row.Entry("")
	if !e.Erased || e.Damaged || e.Reason != "" {
		t.Errorf("%+v", e)
	}
	e = all[3].row.Entry(all[3].private.Of())
	if e.Erased || e.Damaged || e.Reason != "Too faint." || e.By != audit.OnBehalfOf(3, 7) || e.Version != 3 || e.Details.String() != "n 3" {
		t.Errorf("%+v", e)
	}
}

// A chain goes on under another key. Once the old one is gone its entries cannot
// be verified, but what came after them can, and nothing else passes for them.
func TestKeysChange(t *testing.T) {
	t.Parallel()
	one, both := keys{1: strings.Repeat("a", 32)}, keys{1: strings.Repeat("a", 32), 2: strings.Repeat("b", 32)}
	all, h := mustChain(t, one, 4, audit.Head{})
	more, h := mustChain(t, both, 4, h)
	all = append(all, more...)
	if r := verify(h, both, all); r.Wrong != 0 || r.Entries != 8 {
		t.Errorf("with both keys: %+v", r)
	}
	second := keys{2: both[2]}
	if r := verify(h, second, all); r.Wrong != 0 || r.Unverified != 4 || r.Entries != 4 {
		t.Errorf("without the first key: %+v", r)
	}
	all[5].row.Key, all[5].row.Subject = 1, "x"
	if r := verify(h, second, all); r.Wrong != 6 {
		t.Errorf("changed, and said to be of the old key: %+v", r)
	}
}

// What a retention rule deleted, and an entry says so, is no gap; what is deleted
// beyond it is, and so is what somebody deleted by raising the floor.
func TestTrimmedChains(t *testing.T) {
	t.Parallel()
	k := keys{1: strings.Repeat("a", 32)}
	all, untrimmed := mustChain(t, k, 10, audit.Head{})
	trim := func(h audit.Head, through int64) (link, audit.Head) {
		e := audit.Trimmed(3, time.Unix(200, 0), through, through-h.FloorN, 0)
		row, _, err := e.Row()
		if err != nil {
			t.Fatal(err)
		}
		h, ok := h.Append(&row, k)
		if !ok {
			t.Fatal("no key")
		}
		h.FloorN, h.FloorMAC = through, all[through-1].row.MAC
		return link{row: row}, h
	}
	entry, h := trim(untrimmed, 4)
	all = append(all, entry)
	if r := verify(h, k, all[4:]); r.Wrong != 0 || r.From != 5 || r.Entries != 7 {
		t.Errorf("%+v", r)
	}
	if r := verify(h, k, all[5:]); r.Wrong != 5 {
		t.Errorf("one more is missing: %+v", r)
	}
	other := h
	other.FloorMAC = all[4].row.MAC
	if r := verify(other, k, all[4:]); r.Wrong != 5 {
		t.Errorf("another floor: %+v", r)
	}
	other.FloorN = 5
	if r := verify(other, k, all[5:]); r.Wrong != 5 {
		t.Errorf("a floor that was raised: %+v", r)
	}
	other.FloorN, other.FloorMAC = 3, all[2].row.MAC
	if r := verify(other, k, all[3:]); r.Wrong != 4 {
		t.Errorf("a floor that was lowered: %+v", r)
	}
	untrimmed.FloorN, untrimmed.FloorMAC = 4, all[3].row.MAC
	if r := verify(untrimmed, k, all[4:10]); r.Wrong != 4 {
		t.Errorf("a floor that nothing speaks of: %+v", r)
	}
	entry, h = trim(h, 7)
	if r := verify(h, k, append(all, entry)[7:]); r.Wrong != 0 || r.From != 8 || r.Entries != 5 {
		t.Errorf("trimmed again: %+v", r)
	}
}

// Times never fall along a chain, whatever the clocks of the nodes say.
func TestTimesNeverFall(t *testing.T) {
	t.Parallel()
	k := keys{1: strings.Repeat("a", 32)}
	_, h := mustChain(t, k, 5, audit.Head{})
	e := audit.Entry{Organization: 3, At: time.Unix(1, 0), By: audit.ByOperator(), Action: audit.AppCreate}
	row, _, err := e.Row()
	if err != nil {
		t.Fatal(err)
	}
	if after, _ := h.Append(&row, k); row.At != h.At || after.N != 6 {
		t.Errorf("at %d after %d", row.At, h.At)
	}
}

func TestEntriesNeedAnActor(t *testing.T) {
	t.Parallel()
	for _, e := range []audit.Entry{{Organization: 3, Action: audit.AppCreate}, {Organization: 3, By: audit.ByOperator()}} {
		if _, _, err := e.Row(); !errors.Is(err, audit.ErrNobody) {
			t.Errorf("%+v: %v", e, err)
		}
	}
}

func TestCursors(t *testing.T) {
	t.Parallel()
	for _, c := range []audit.Cursor{{}, {N: 5}, {At: 7, ID: 9}, {ID: 1}} {
		if back, ok := audit.ParseCursor(c.String()); !ok || back != c {
			t.Errorf("%+v is read as %+v, %v", c, back, ok)
		}
	}
	for _, bad := range []string{"0", "-1", "x", "1.", ".1", "1.0", "-1.2", "1.2.3", "99999999999999999999"} {
		if c, ok := audit.ParseCursor(bad); ok {
			t.Errorf("%q is read as %+v", bad, c)
		}
	}
}
