package chaos_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/test/harness"
)

const (
	killSenders   = 16
	killVisitors  = 2
	killFollowers = 4
)

// A server is killed at random moments under sixteen senders, and started
// again on the same data. Every acknowledged task is there, whole and once;
// nothing is there without a call; what was recalled stays so; and browsers
// that were open all the time end with exactly what the database says.
func TestChaosKill(t *testing.T) {
	t.Parallel()
	const engines = 2
	kills := max(1, setting(t, "TIDINGS_CHAOS_KILLS", 20, 2)/engines)
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			newKiller(t, harness.NewHome(t, engine)).run(kills)
		})
	}
}

// killer is one campaign against one database.
type killer struct {
	inquest
	home     *harness.Home
	server   *harness.Server
	network  *harness.Relay // to the server, where it can be cut
	corpID   string
	senders  []*sender
	visitors []*visitor
	seed     uint64

	told map[int64]outcome // what getsendresult told last, by task
}

func newKiller(t *testing.T, home *harness.Home) *killer {
	k := &killer{
		inquest: inquest{t: t, recalled: map[string]map[string]bool{}},
		home:    home, seed: seed(t), told: map[int64]outcome{},
	}
	k.server = k.home.Demo(t)
	k.corpID = k.server.Organizations[0].CorpID
	k.driver = newDriver(t, k.server.Description)
	k.senders = k.driver.senders(killSenders, k.seed)
	for i := range killVisitors {
		k.visitors = append(k.visitors, &visitor{driver: k.driver, rng: random(k.seed, 1000+i)})
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	t.Cleanup(func() { cancel(); running.Wait() })
	for i, r := range k.readers[:killFollowers] {
		f := harness.NewFollower(r)
		if i%2 == 0 {
			f.Hold = restless(random(k.seed, 3000+i))
		}
		k.followers = append(k.followers, f)
		running.Go(func() { f.Run(ctx) })
	}
	return k
}

// restless is a client that hangs up again and again, and resumes.
func restless(rng *rand.Rand) func() time.Duration {
	return func() time.Duration { return time.Duration(10+rng.IntN(140)) * time.Millisecond }
}

func (k *killer) run(kills int) {
	moments := random(k.seed, 2000)
	var restarts time.Duration
	for range kills {
		k.load(time.Duration(5+moments.IntN(496)) * time.Millisecond)
		began := time.Now()
		k.server = k.home.Demo(k.t)
		restarts += time.Since(began)
		k.at(k.server.BaseURL)
		k.look()
		if k.t.Failed() {
			return
		}
	}
	k.settle()
	k.final(fmt.Sprintf("%d kills, %s until serving again on average", kills, (restarts / time.Duration(kills)).Round(time.Millisecond)))
}

// load lets everybody work until the server is killed.
func (k *killer) load(until time.Duration) {
	k.work(until, func() { k.server.Kill() })
}

// work lets everybody work for a while, at the end of which something happens.
func (k *killer) work(until time.Duration, end func()) {
	ctx, cancel := context.WithTimeout(context.Background(), until)
	defer cancel()
	k.workBeside(ctx, func() {
		<-ctx.Done()
		end()
	})
}

// workBeside lets everybody work until ctx ends or the server is gone, and
// something else happen meanwhile.
func (k *killer) workBeside(ctx context.Context, other func()) {
	runs := []func(){other}
	for _, s := range k.senders {
		runs = append(runs, func() { s.run(ctx) })
	}
	for _, v := range k.visitors {
		runs = append(runs, func() { v.run(ctx) })
	}
	together(runs...)
}

// look checks what can be told from outside after a restart: results of what
// was acknowledged since, and of some from before; some people's inboxes.
func (k *killer) look() {
	k.t.Helper()
	ctx := context.Background()
	old := 0
	for _, c := range k.calls(k.t) {
		if c.Kind != "send" || c.Answer.Outcome != harness.OutcomeOK {
			continue
		}
		before, known := k.told[c.Answer.Task]
		if known {
			if old++; old%20 != 0 {
				continue
			}
		}
		r, err := k.app.Result(ctx, c.Answer.Task)
		if err != nil {
			k.t.Errorf("result of task %d, acknowledged to call %d: %v", c.Answer.Task, c.Op, err)
			continue
		}
		now := outcomeOf(r)
		report(k.t, "after a restart", checkLists(c.Answer.Task, k.people.Resolve(c.Audience), now))
		if known && !slices.Equal(before.Sent, now.Sent) {
			k.t.Errorf("task %d was sent to others before the restart: %s", c.Answer.Task, difference(now.Sent, before.Sent))
		}
		k.told[c.Answer.Task] = now
	}
	for _, r := range k.readers[:killFollowers] {
		k.visit(r)
	}
}

// settle asks again for everything with a key that nobody knew of.
func (k *killer) settle() {
	for _, s := range k.senders {
		if s.pending != nil && s.settle().Outcome != harness.OutcomeOK {
			k.t.Errorf("%s cannot settle what was unknown", s.name)
		}
	}
}

// final compares everything with everything, and tells what was done.
func (k *killer) final(what string) {
	k.t.Helper()
	e := k.ask()
	for _, f := range k.followers {
		report(k.t, "events", checkNoReload(f.Userid, f.Events()))
	}
	k.server.Stop(k.t)
	c := takeCensus(k.t, k.home.Database, k.corpID)
	made := k.judge(e, c, rules{Daily: 500}, k.others(c.Tasks))
	k.t.Logf("%s; %s; %d tasks, %d revisions, %d acknowledged after the loss of an answer",
		what, tally(e.calls), len(made), c.Revision, recovered(e.calls))
}

// others are the agents that send without our ledger: the demo's own.
func (k *killer) others(tasks map[int64]stored) map[int64]bool {
	others := map[int64]bool{}
	for _, t := range tasks {
		others[t.Agent] = t.Agent != k.app.AgentID
	}
	return others
}

// checkRefusals: nothing that was asked for is refused, but for a server that
// is too busy to begin.
func checkRefusals(calls []harness.Call) (complaints []string) {
	for _, c := range calls {
		busy := c.Answer.Code == client.CodeBusy || c.Answer.Code == 503
		if c.Answer.Outcome == harness.OutcomeRefused && !busy {
			complaints = append(complaints, fmt.Sprintf("call %d (%s) was refused: %d %s", c.Op, c.Kind, c.Answer.Code, c.Answer.Text))
		}
	}
	return complaints
}

// recovered counts sends that were unknown once and have a task now.
func recovered(calls []harness.Call) int {
	lost, n := map[string]bool{}, 0
	for _, c := range calls {
		switch {
		case c.Key == "":
		case c.Answer.Outcome == harness.OutcomeUnknown:
			lost[c.Key] = true
		case lost[c.Key]:
			n++
			delete(lost, c.Key)
		}
	}
	return n
}

// tally counts calls by kind and outcome.
func tally(calls []harness.Call) string {
	count := map[string]int{}
	for _, c := range calls {
		count[c.Kind+" "+c.Answer.Outcome]++
	}
	text := strconv.Itoa(len(calls)) + " calls ("
	for i, kind := range slices.Sorted(maps.Keys(count)) {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s %d", kind, count[kind])
	}
	return text + ")"
}
