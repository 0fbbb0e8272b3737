package bus_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidings-im/tidings/internal/bus"
)

func want(t *testing.T, n node, lines ...string) {
	t.Helper()
	slices.Sort(lines)
	if got := n.all(); !slices.Equal(got, lines) {
		t.Errorf("heard %q, want %q", got, lines)
	}
}

func TestOthersHearWhatANodeDid(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		a, b := run(t, w), run(t, w)
		settle(time.Second)
		want(t, a, "look") // once, when connected
		want(t, b, "look")
		a.Committed(7, 120)
		a.Recalled(7, 100000000001)
		a.Read(7, []uint32{3, 0, 4294967295})
		a.DirectoryMoved(8)
		a.CredentialsMoved()
		settle(time.Second)
		want(t, b, "committed 7 120", "recalled 7 100000000001", "directory 8", "credentials")
		if b.readers(7) != 3 {
			t.Errorf("read by %d people", b.readers(7))
		}
		want(t, a) // its own are no news
		if got := a.Stats(); got.Sent == 0 || got.Received != 0 || got.Failed != 0 || !got.Connected || got.CaughtUp.IsZero() {
			t.Errorf("a: %+v", got)
		}
		if got := b.Stats(); got.Sent != 0 || got.Received != a.Stats().Sent {
			t.Errorf("b: %+v", got)
		}
	})
}

func TestWhatComesMeanwhileSharesAPayload(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		a, b := run(t, w), run(t, w)
		settle(time.Second)
		b.all()
		for revision := range int64(1000) {
			a.Committed(7, revision+1)
			a.Committed(8, 1000-revision)
			settle(time.Millisecond)
		}
		settle(time.Second)
		if got := len(w.sent()); got < 10 || got > 51 {
			t.Errorf("%d payloads in a second", got)
		}
		for i := 1; i < len(w.at); i++ {
			if gap := w.at[i].Sub(w.at[i-1]); gap < 20*time.Millisecond {
				t.Fatalf("two payloads within %v", gap)
			}
		}
		heard := b.all()
		for _, line := range []string{"committed 7 1000", "committed 8 1000"} {
			if !slices.Contains(heard, line) {
				t.Errorf("nobody heard %s", line)
			}
		}
	})
}

// However much there is to say, payloads fit and nothing waits for ever.
func TestMuchToSayIsSplit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		a, b := run(t, w), run(t, w)
		settle(time.Second)
		b.all()
		const people, tasks, organizations = 9000, 3000, 2000
		ordinals := make([]uint32, people)
		for i := range ordinals {
			ordinals[i] = 4294967295 - uint32(i)
		}
		a.Read(7, ordinals)
		for task := range int64(tasks) {
			a.Recalled(7, 1<<52+task)
		}
		for organization := range int64(organizations) {
			a.Committed(1<<52+organization, 1<<52)
		}
		settle(time.Minute)
		for _, payload := range w.sent() {
			if len(payload) > bus.MaxPayload {
				t.Fatalf("a payload of %d bytes", len(payload))
			}
		}
		if got := b.readers(7); got != people {
			t.Errorf("%d people, want %d", got, people)
		}
		if got := len(b.all()); got != tasks+organizations {
			t.Errorf("%d tasks and organizations, want %d", got, tasks+organizations)
		}
		if got := a.Stats(); got.Failed != 0 {
			t.Errorf("%+v", got)
		}
	})
}

// A transport that hangs holds up nobody and no memory; what is lost by that is
// said more coarsely.
func TestWhatWaitsIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		a, b := run(t, w), run(t, w)
		settle(time.Second)
		b.all()
		w.mu.Lock()
		w.blocked = make(chan struct{})
		w.mu.Unlock()
		a.CredentialsMoved() // is being sent
		synctest.Wait()
		for i := range 4 * bus.MaxWaiting {
			a.Read(7, []uint32{uint32(i)})
			a.Recalled(7, int64(i))
			a.Committed(7, int64(i))
		}
		w.mu.Lock()
		close(w.blocked)
		w.blocked = nil
		w.mu.Unlock()
		settle(time.Minute)
		heard := b.all()
		if got := len(heard) + b.readers(7); got > bus.MaxWaiting+10 {
			t.Errorf("%d things waited", got)
		}
		if !slices.Contains(heard, fmt.Sprintf("committed 7 %d", 4*bus.MaxWaiting-1)) {
			t.Error("the newest revision was lost")
		}

		for organization := range int64(2 * bus.MaxWaiting) {
			a.DirectoryMoved(organization)
		}
		settle(time.Minute)
		if heard = b.all(); !slices.Contains(heard, "look") {
			t.Errorf("too many organizations: %d hints and no look at everything", len(heard))
		}
	})
}

func TestReconnecting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		a, b := run(t, w), run(t, w)
		settle(time.Second)
		b.all()
		w.fail(true)
		settle(time.Second)
		a.Committed(7, 1) // lost: rows say so too
		settle(time.Minute)
		if got := b.Stats(); got.Connected || got.Failed < 5 || got.Failed > 30 {
			t.Errorf("while broken: %+v", got)
		}
		want(t, b)
		w.fail(false)
		settle(6 * time.Second)
		want(t, b, "look")
		a.Committed(7, 2)
		settle(time.Second)
		want(t, b, "committed 7 2")
		if !b.Stats().Connected {
			t.Error("not connected")
		}
	})
}

func TestPayloadsThatAreNone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := run(t, newWire())
		settle(time.Second)
		b.all()
		for _, payload := range []string{
			"", "1", "1 ", "2 x r7:1", "hello", "1 x r7", "1 x r7:", "1 x r:1", "1 x u7:", "1 x u7:1,", "1 x u7:4294967296",
			"1 x d", "1 x x9223372036854775808:1", "\x00", strings.Repeat("u", 8000),
		} {
			before := b.Stats().Failed
			b.Hear(payload)
			if b.Stats().Failed != before+1 {
				t.Errorf("%.20q was taken", payload)
			}
		}
		want(t, b)
		b.Hear("1 x z9 r7:1  d7 a") // a kind of a later release is left out
		want(t, b, "committed 7 1", "directory 7", "look")
	})
}

func FuzzHear(f *testing.F) {
	f.Add("1 abc r7:120 x7:100000000001 u7:3,5,9 d7 t a")
	f.Add("2 abc r7:120")
	f.Add("1  u:")
	f.Fuzz(func(_ *testing.T, payload string) {
		bus.New(bus.Deps{Events: &notes{}, Log: slog.New(slog.DiscardHandler), Now: time.Now}).Hear(payload)
	})
}
