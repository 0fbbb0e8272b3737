package chaos_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/test/harness"
)

// Three nodes are restarted one after the other under load, behind what does a
// load balancer's work: it asks the nodes whether they are ready, and sends to
// those that are. Every call is accepted, every node ends in time, and live
// clients move on and miss nothing.
func TestChaosRollingRestart(t *testing.T) {
	t.Parallel()
	const (
		restarts = 3
		pace     = 50 * time.Millisecond
	)
	address := storetest.Address(t, "postgres")
	c := newCluster(t, address, func(int) string { return address })
	s := seed(t)
	f := c.newFirm("Rolling", rules{Daily: 1_000_000}, 24, s, 0, 1, 2)
	f.follow(s)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b := c.balance(ctx)
	for _, sender := range f.senders {
		sender.driver.app.Address = func() string {
			sender.route.next()
			return b.pick(sender.route)
		}
	}
	done := make(chan struct{})
	go func() { defer close(done); together(f.work(ctx, pace)...) }()
	n := setting(t, "TIDINGS_CHAOS_RESTARTS", restarts, 1)
	for i := range n {
		after(300 * time.Millisecond)
		node := c.nodes[i%nodeCount]
		node.Stop(t)
		node.Start(t)
		if t.Failed() {
			break
		}
	}
	after(300 * time.Millisecond)
	cancel()
	<-done
	_, calls := f.close(c)
	c.stop()
	for _, call := range calls {
		if call.User == "" && call.Answer.Outcome != harness.OutcomeOK {
			t.Errorf("call %d (%s) of node %d: %s %d %s", call.Op, call.Kind, call.Node, call.Answer.Outcome, call.Answer.Code, call.Answer.Text)
		}
	}
	t.Logf("%d restarts, %s", n, tally(calls))
}

// balancer knows which nodes are ready.
type balancer struct {
	nodes []*harness.Node
	ready []atomic.Bool
}

// balance asks all nodes again and again until ctx ends.
func (c *cluster) balance(ctx context.Context) *balancer {
	b := &balancer{nodes: c.nodes, ready: make([]atomic.Bool, len(c.nodes))}
	for i, n := range b.nodes {
		b.ready[i].Store(n.Ready())
		go func() {
			const every = 50 * time.Millisecond
			tick := time.NewTicker(every)
			defer tick.Stop()
			for ctx.Err() == nil {
				b.ready[i].Store(n.Ready())
				select {
				case <-ctx.Done():
				case <-tick.C:
				}
			}
		}()
	}
	return b
}

// pick returns the first ready node from a route's on.
func (b *balancer) pick(r *route) string {
	for range b.nodes {
		if b.ready[r.node()].Load() {
			break
		}
		r.next()
	}
	return r.address()
}
