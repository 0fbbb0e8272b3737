package notify_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// What is decided in one transaction counts for what comes after it there.
func TestOneTransactionCountsItsOwnSends(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		contents, perDay, reach int
		code                    string
	}{
		"identical content": {contents: 8, perDay: 100, reach: 8, code: policy.SameInternal},
		"daily quota":       {contents: 40, perDay: 5, reach: 5, code: policy.DailyInternal},
	} {
		for _, engine := range storetest.Engines(t) {
			t.Run(name+"/"+engine, func(t *testing.T) {
				t.Parallel()
				s := &faulty{hold: make(chan struct{})}
				f := mustFaulty(t, engine, s)
				c := f.mustOrganization(t, 4, func(l *policy.Limits) { l.MessagesPerDay = test.perDay })
				var requests []notify.SendRequest
				for i := range 40 {
					requests = append(requests, request(c, fmt.Sprint("content ", i%test.contents), to("u1", "u2")))
				}
				done := make(chan []sent)
				go func() { done <- f.sendAll(requests) }()
				for f.QueueDepth() < len(requests) { // until all of them wait behind the first
				}
				close(s.hold)
				reached := 0
				for _, one := range <-done {
					must(t, one.err)
					o := f.mustOutcome(t, c, one.id)
					reached += len(o.Unread)
					for u, code := range o.Held {
						if code != test.code {
							t.Errorf("%s is held back for %s, want %s", u, code, test.code)
						}
					}
				}
				if reached != 2*test.reach {
					t.Errorf("%d reached, want %d", reached, 2*test.reach)
				}
				if n := s.writes.Load(); n > 3 {
					t.Errorf("%d transactions, so this test shows nothing", n)
				}
			})
		}
	}
}

// Two nodes on one database, neither of which hears from the other.
func TestRulesAreExactOverNodes(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			address := storetest.Ready(t, engine)
			one := mustFixture(t, storetest.At(t, address, nil), wrap{})
			two := mustFixture(t, storetest.At(t, address, nil), wrap{})
			c := one.mustOrganization(t, 4, func(l *policy.Limits) { l.MessagesPerDay, l.RecipientsPerMin = 5, 12 })
			// Rounds, so that each node commits between the other's commits.
			var ids []int64
			for n := range 8 {
				both := make([]sent, 2)
				var round sync.WaitGroup
				for k, node := range []*fixture{one, two} {
					round.Go(func() {
						both[k].id, both[k].err = node.Send(context.Background(), request(c, fmt.Sprint(n, k), to("u0", "u1", "u2")))
					})
				}
				round.Wait()
				for _, s := range both {
					must(t, s.err)
					ids = append(ids, s.id)
				}
			}
			got := map[string]int{}
			for _, id := range ids {
				for _, u := range one.mustOutcome(t, c, id).Unread {
					got[u]++
				}
			}
			// Twelve in the minute, in ascending order of ordinals: u0 and u2
			// are in the first department, u1 comes after them.
			if sum := got["u0"] + got["u1"] + got["u2"]; sum != 12 || max(got["u0"], got["u1"], got["u2"]) > 5 {
				t.Errorf("reached %v, want 12 in all and 5 each at most", got)
			}
			revision := max(one.hints.committed[c.Organization], two.hints.committed[c.Organization])
			if revision != int64(len(ids)) {
				t.Errorf("revision %d after %d sends", revision, len(ids))
			}
		})
	}
}

// A caller that gives up after its submission was taken hears its outcome.
func TestWhatIsTakenHasAFate(t *testing.T) {
	t.Parallel()
	s := &faulty{hold: make(chan struct{})}
	f := mustFaulty(t, "sqlite", s)
	c := f.mustOrganization(t, 4, nil)
	ctx, cancel := context.WithCancel(context.Background())
	first := make(chan sent, 1)
	go func() {
		id, err := f.Send(ctx, request(c, "taken", to("u1")))
		first <- sent{id, err}
	}()
	for s.writes.Load() == 0 { // until it is in its transaction
	}
	cancel()
	close(s.hold)
	if got := <-first; got.err != nil || len(f.mustOutcome(t, c, got.id).Unread) != 1 {
		t.Errorf("taken: %+v", got)
	}
}

// An organization and an app without a single send have nothing remembered.
func TestFirstSendAfterARestart(t *testing.T) {
	t.Parallel()
	address := storetest.Ready(t, "sqlite")
	first := mustFixture(t, storetest.At(t, address, nil), wrap{})
	c := first.mustOrganization(t, 4, func(l *policy.Limits) { l.MessagesPerDay = 2 })
	for i := range 2 {
		_, err := first.Send(context.Background(), request(c, fmt.Sprint(i), to("u1")))
		must(t, err)
	}
	first.Close()
	second := mustFixture(t, storetest.At(t, address, nil), wrap{})
	id, err := second.Send(context.Background(), request(c, "third", to("u1", "u2")))
	must(t, err)
	o := second.mustOutcome(t, c, id)
	if o.Held["u1"] != policy.DailyInternal || !slices.Equal(o.Unread, []string{"u2"}) {
		t.Errorf("after a restart: %+v", o)
	}
	var none app.Caller
	if _, err := second.Send(context.Background(), request(none, "x", to("u1"))); !fault.Is(err, fault.CodeOrganizationUnknown) {
		t.Errorf("an organization that is not there: %v", err)
	}
}
