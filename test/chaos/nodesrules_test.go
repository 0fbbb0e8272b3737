package chaos_test

import (
	"context"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/test/harness"
)

const (
	spreadSenders = 16 // of each of three organizations
	spreadPeople  = 2_000
	spreadMinute  = 4_000
)

// Forty-eight senders of three organizations, spread over three nodes, address
// overlapping audiences with identical contents under a quota of five messages
// a day; one organization has a limit of people a minute as well. A replay of
// their ledgers in the order of revisions finds every decision exact.
func TestChaosNodesRules(t *testing.T) {
	t.Parallel()
	address := storetest.Address(t, "postgres")
	c := newCluster(t, address, func(int) string { return address })
	s, length := seed(t), time.Duration(setting(t, "TIDINGS_CHAOS_SECONDS", 10, 2))*time.Second
	firms := make([]*spread, 0, nodeCount)
	for i, minute := range []int{0, 0, spreadMinute} {
		firms = append(firms, c.newSpread(fmt.Sprintf("Firm %d", i), rules{Daily: ruleQuota, Minute: minute}))
	}
	ctx, cancel := context.WithTimeout(context.Background(), length)
	defer cancel()
	var runs []func()
	for i, f := range firms {
		for n, sender := range f.senders(spreadSenders, s+uint64(i)*100) {
			sender.driver = f.via(c.route((i+n)%nodeCount, (i+n+1)%nodeCount))
			runs = append(runs, func() {
				for ctx.Err() == nil {
					sender.send(harness.Call{Audience: sender.overlapping(), Message: text(sender.common())})
					sender.route.next()
				}
			})
		}
	}
	together(runs...)
	held := map[string]int{}
	for _, f := range firms {
		f.check(c, held)
	}
	c.stop()
	for _, code := range []string{heldSame, heldDaily, heldMinute} {
		if held[code] == 0 {
			untried(t, code)
		}
	}
}

// spread is an organization whose senders go to all nodes.
type spread struct {
	*driver
	crowd
	limits rules
}

func (c *cluster) newSpread(name string, limits rules) *spread {
	c.t.Helper()
	f := &spread{crowd: newCrowd(c.t, c.home, name, spreadPeople, ruleTeam), limits: limits}
	c.limit(f.CorpID, limits)
	f.driver = newDriver(c.t, f.description(c.nodes[0].Base))
	return f
}

// check replays one organization's ledger, and counts who was held back.
func (f *spread) check(c *cluster, held map[string]int) {
	c.t.Helper()
	calls := f.calls(c.t)
	told := ask(c.t, f.driver, calls)
	census := takeCensus(c.t, c.home.Database, f.CorpID)
	made, complaints := checkExistence(calls, f.people, census.Tasks, nil)
	report(c.t, "existence", complaints)
	report(c.t, "refusals", checkRefusals(calls))
	report(c.t, "revisions", checkRevisions(census.Revision, census.Revisions))
	r := f.limits
	r.Order = census.Order
	report(c.t, "rules", checkRules(made, r))
	own := map[string]int{}
	reached := 0
	for _, s := range made {
		report(c.t, "whole", checkWhole(s))
		report(c.t, "result", checkAnswer(s.stored, told[s.ID]))
		reached += len(s.Sent)
		for code, list := range s.Held {
			own[code] += len(list)
		}
	}
	c.t.Logf("%s: %s; reached %d people, held back %v", f.Name, tally(calls), reached, own)
	for code := range maps.Keys(own) {
		held[code] += own[code]
	}
}
