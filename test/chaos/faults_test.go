package chaos_test

import (
	"context"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/tidings-im/tidings/test/harness"
)

// The faults that are no way to cut a COMMIT.
const (
	nodeKilled        = "node killed"
	nodePaused        = "node paused"
	postgresFast      = "postgres stopped fast"
	postgresImmediate = "postgres stopped at once"
	postgresKilled    = "postgres killed"
	commitCut         = "commit cut " // and how
)

const (
	faultSenders = 12 // of each organization
	faultPace    = 100 * time.Millisecond
	pauseFor     = 10 * time.Second
	muteFor      = 6 * time.Second // until a node has given up a connection that says nothing
	relayedNode  = 0               // the one that speaks to PostgreSQL through the relay
)

// Three nodes on one PostgreSQL serve four organizations while nodes are
// killed and paused, PostgreSQL is stopped and killed, and connections are cut
// during COMMIT. Nothing acknowledged is lost, doubled or undone, what was
// unknown and has a key becomes one task, the rules hold exactly, and whoever
// is connected to whichever node ends with what the database says.
//
// Not parallel: it measures.
func TestChaosNodes(t *testing.T) { //nolint:paralleltest // it measures time
	begin := time.Now()
	c := newCampaign(t)
	t.Logf("three nodes and four organizations after %s", time.Since(begin).Round(time.Millisecond))
	faults := c.run(setting(t, "TIDINGS_CHAOS_FAULTS", 10, 1))
	c.ready(true)
	t.Logf("%d faults after %s", len(faults), time.Since(begin).Round(time.Millisecond))
	var latencies []latency
	total := 0
	for i, f := range c.firms {
		f.settle()
		made, calls := f.close(c.cluster)
		total += made
		latencies = append(latencies, measure(calls, faults, func(fault fault) bool { return c.serves(i, fault) })...)
		report(t, "answers", checkAnswered(calls))
	}
	c.stop()
	t.Logf("%d faults, %d tasks, %s", len(faults), total, time.Since(begin).Round(time.Second))
	for _, line := range summary(faults, latencies) {
		t.Log(line)
	}
}

// campaign is a cluster under load and faults.
type campaign struct {
	*cluster
	postgres *harness.Postgres
	relay    *harness.Relay
	firms    []*firm
	homes    [][]int // the nodes of each firm
	rng      *rand.Rand
}

func newCampaign(t *testing.T) *campaign {
	t.Helper()
	s := seed(t)
	p := harness.NewPostgres(t)
	c := &campaign{postgres: p, relay: harness.NewRelay(t, p.Host()), rng: random(s, 2000)}
	c.cluster = newCluster(t, p.Address(p.Host()), func(node int) string {
		if node == relayedNode {
			return p.Address(c.relay.Address())
		}
		return p.Address(p.Host())
	})
	// Each of the first three organizations keeps away from one node, so that
	// there is one for which that node's stalling is somebody else's.
	c.homes = [][]int{{1, 2}, {0, 2}, {0, 1}, {0, 1, 2}}
	names := []string{"North", "East", "South", "West"}
	for i, some := range c.homes {
		limits := rules{Daily: 1_000_000}
		if i == len(c.homes)-1 {
			limits = rules{Daily: 5, Minute: 100}
		}
		f := c.newFirm(names[i], limits, faultSenders, s+uint64(i)*100, some...)
		f.follow(s + uint64(i))
		c.firms = append(c.firms, f)
	}
	return c
}

// serves reports whether a firm's senders use the node that a fault hit. A
// fault of PostgreSQL hits all.
func (c *campaign) serves(firm int, f fault) bool {
	return f.node < 0 || slices.Contains(c.homes[firm], f.node)
}

// run lets everybody work while faults come, each kind as often as another,
// in random order.
func (c *campaign) run(n int) []fault {
	c.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var runs []func()
	for _, f := range c.firms {
		runs = append(runs, f.work(ctx, faultPace)...)
	}
	done := make(chan struct{})
	go func() { defer close(done); together(runs...) }()
	defer func() { cancel(); <-done }()
	var deck []string
	var faults []fault
	for len(faults) < n {
		if len(deck) == 0 {
			deck = c.deck()
		}
		after(time.Duration(300+c.rng.IntN(1200)) * time.Millisecond) // of ordinary work
		f := c.strike(deck[0])
		deck = deck[1:]
		faults = append(faults, f)
		c.t.Logf("fault %d: %s%s, %s long, everything ready %s later",
			len(faults), f.kind, f.where(), f.to.Sub(f.from).Round(time.Millisecond), f.ready.Round(time.Millisecond))
	}
	after(time.Second)
	return faults
}

func (c *campaign) deck() []string {
	deck := []string{nodeKilled, nodePaused, postgresFast, postgresImmediate, postgresKilled}
	for _, how := range harness.Cuts() {
		deck = append(deck, commitCut+string(how))
	}
	if only := os.Getenv("TIDINGS_CHAOS_FAULT"); only != "" { // one kind of them, by its name
		deck = []string{only}
	}
	c.rng.Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
	return deck
}

// strike makes one fault and waits until everything is ready again.
func (c *campaign) strike(kind string) fault {
	c.t.Helper()
	f := fault{kind: kind, node: -1, from: time.Now()}
	switch kind {
	case nodeKilled:
		f.node = c.rng.IntN(nodeCount)
		c.nodes[f.node].Kill()
		after(time.Duration(c.rng.IntN(1000)) * time.Millisecond)
		f.to = time.Now()
		c.nodes[f.node].Start(c.t)
	case nodePaused:
		f.node = c.rng.IntN(nodeCount)
		c.nodes[f.node].Pause(c.t)
		after(pauseFor)
		f.to = time.Now()
		c.nodes[f.node].Resume(c.t)
	case postgresFast, postgresImmediate, postgresKilled:
		c.strikePostgres(kind)
		f.to = time.Now()
		c.postgres.Start(c.t)
	default:
		f.node = relayedNode
		how := harness.Cut(kind[len(commitCut):])
		c.cutCommits(how)
		if how == harness.CutMute || how == harness.CutDeaf {
			after(muteFor)
		}
		f.to = time.Now()
	}
	recovered := time.Now()
	c.ready(true)
	f.ready = time.Since(recovered)
	return f
}

// strikePostgres takes the database away until every node says so.
func (c *campaign) strikePostgres(kind string) {
	c.t.Helper()
	if kind == postgresKilled {
		c.postgres.Kill()
	} else {
		c.postgres.Stop(c.t, kind == postgresFast)
	}
	c.ready(false)
	after(time.Duration(c.rng.IntN(1000)) * time.Millisecond)
}

// cutCommits waits until a few commits of one node were cut.
func (c *campaign) cutCommits(how harness.Cut) {
	c.t.Helper()
	const within = time.Minute
	c.relay.Commits(how, 1+c.rng.IntN(3))
	if err := harness.Poll(within, func() (bool, error) { return c.relay.Left() == 0, nil }); err != nil {
		c.t.Errorf("%d commits were not cut: %v", c.relay.Left(), err)
		c.relay.Commits("", 0)
	}
}
