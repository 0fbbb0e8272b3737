package chaos_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/test/harness"
)

const (
	ruleSenders = 64
	ruleQuota   = 5
	rulePeople  = 10_000
	ruleTeam    = 40
)

// Sixty-four senders address overlapping audiences with identical contents, for
// ten seconds, under a quota of five messages a day. A replay of their ledger
// in the order of revisions finds every decision exact.
func TestChaosRules(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			tryRules(t, engine, time.Duration(setting(t, "TIDINGS_CHAOS_SECONDS", 10, 2))*time.Second)
		})
	}
}

func tryRules(t *testing.T, engine string, length time.Duration) {
	home := harness.NewHome(t, engine)
	server := home.Demo(t)
	crowd := newCrowd(t, home, "Crowd", rulePeople, ruleTeam)
	home.Admin(t, nil, "org", "update", crowd.CorpID, "--limits", `{"messages_per_day":5}`)
	server.Stop(t)
	server = home.Demo(t)

	d := newDriver(t, crowd.description(server.BaseURL))
	crowdSend(d, seed(t), length)
	calls := d.calls(t)
	told := ask(t, d, calls)
	server.Stop(t)
	c := takeCensus(t, home.Database, crowd.CorpID)

	made, complaints := checkExistence(calls, d.people, c.Tasks, nil)
	report(t, "existence", complaints)
	report(t, "refusals", checkRefusals(calls))
	report(t, "revisions", checkRevisions(c.Revision, c.Revisions))
	report(t, "rules", checkRules(made, rules{Daily: ruleQuota}))
	reached, same, daily := 0, 0, 0
	for _, s := range made {
		report(t, "whole", checkWhole(s))
		report(t, "result", checkAnswer(s.stored, told[s.ID]))
		reached += len(s.Sent)
		same += len(s.Held[heldSame])
		daily += len(s.Held[heldDaily])
	}
	t.Logf("%s of sends: %s; reached %d people, held back %d for identical content and %d for the quota",
		length, tally(calls), reached, same, daily)
	if reached == 0 || same == 0 || daily == 0 {
		untried(t, "some reason")
	}
}

// crowdSend sends from all senders at once.
func crowdSend(d *driver, seed uint64, length time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), length)
	defer cancel()
	var runs []func()
	for _, s := range d.senders(ruleSenders, seed) {
		runs = append(runs, func() {
			for ctx.Err() == nil {
				s.send(harness.Call{Audience: s.overlapping(), Message: text(s.common())})
			}
		})
	}
	together(runs...)
}

// overlapping is a few people out of a window that all senders share, a team,
// or seldom a centre or everyone.
func (s *sender) overlapping() client.Audience {
	everyone := s.people.Everyone()
	switch dice := s.rng.IntN(1000); {
	case dice == 0:
		return client.Audience{Everyone: true}
	case dice < 50:
		return client.Audience{DeptIDs: []int64{s.depts[s.rng.IntN(len(s.depts))]}}
	}
	const window = 200
	from := s.rng.IntN(len(everyone) - window)
	if s.rng.IntN(5) == 0 {
		from = 0 // where everybody's windows meet
	}
	var a client.Audience
	for range 1 + s.rng.IntN(12) {
		a.Userids = append(a.Userids, everyone[from+s.rng.IntN(window)])
	}
	return a
}

// common is one of a hundred texts, or a new one.
func (s *sender) common() string {
	const common = 100
	if s.rng.IntN(2) == 0 {
		return "common " + strconv.Itoa(s.rng.IntN(common))
	}
	return s.text()
}

// ask takes the result of every acknowledged task, several at a time.
func ask(t *testing.T, d *driver, calls []harness.Call) map[int64]outcome {
	t.Helper()
	const askers = 8
	todo := make(chan int64)
	var mu sync.Mutex
	told := map[int64]outcome{}
	var wg sync.WaitGroup
	for range askers {
		wg.Go(func() {
			for task := range todo {
				r, err := d.app.Result(context.Background(), task)
				if err != nil {
					t.Errorf("result of task %d: %v", task, err)
					continue
				}
				mu.Lock()
				told[task] = outcomeOf(r)
				mu.Unlock()
			}
		})
	}
	for _, c := range calls {
		if c.Kind == "send" && c.Answer.Outcome == harness.OutcomeOK {
			todo <- c.Answer.Task
		}
	}
	close(todo)
	wg.Wait()
	return told
}
