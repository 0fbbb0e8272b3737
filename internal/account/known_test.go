package account_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
)

// However many people come again and again, a node asks the database once a
// second whether anything has ended, and once a minute who somebody is. What ends
// on another node is dead here within a second all the same.
func TestKnownCredentialsCostNoQuery(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		s, _ := w.node(t)
		far, spy := w.node(t)
		const people, seconds = 20, 50
		var tokens []string
		for range people {
			tokens = append(tokens, mustToken(t, s, w.org, "bob"))
		}
		ask := func(except int) {
			t.Helper()
			for i, token := range tokens {
				if i == except {
					continue
				}
				if _, err := far.Authenticate(t.Context(), token); err != nil {
					t.Fatal(err)
				}
			}
		}
		for range seconds * 4 {
			ask(-1)
			w.move(time.Second / 4)
		}
		if reads, counts := spy.reads.Load(), spy.counts.Load(); reads != people || counts > seconds {
			t.Errorf("%d rows and %d counts were read in %d seconds, want %d and at most %d", reads, counts, seconds, people, seconds)
		}
		must(t, s.RevokeToken(t.Context(), audit.ByOperator(), w.org, "bob", strings.Split(tokens[0], "_")[2]))
		w.move(time.Second)
		mustRefuse(t, far, tokens[0])
		ask(0)
		if reads := spy.reads.Load(); reads != 2*people {
			t.Errorf("%d rows were read after something ended, want %d", reads, 2*people)
		}
		w.move(time.Minute)
		ask(0)
		if reads := spy.reads.Load(); reads != 3*people-1 {
			t.Errorf("%d rows were read after a minute, want %d", reads, 3*people-1)
		}
	})
}

// A session that is used all the time is noted once an hour, not once for each
// request of the minute that its row is remembered for.
func TestUseIsNotedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	s, spy := w.node(t)
	in := mustSignIn(t, s, w.org, "ann")
	run(t, s, spy)
	w.move(account.SeenEvery)
	notes := 0
	for range 40 { // a second and a half
		if _, err := s.Session(t.Context(), in.Value); err != nil {
			t.Fatal(err)
		}
		// What was queued by a request that came before the note was in force.
		select {
		case <-spy.marked:
			notes++
		case <-time.After(10 * time.Millisecond):
		}
		w.move(40 * time.Millisecond)
	}
	if notes == 0 || notes > 3 {
		t.Errorf("noted %d times", notes)
	}
}
