package app_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/fault"
)

func TestCallsPerSecond(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	n := w.mustNode(t)
	c := app.Caller{Organization: 1, AgentID: 1}
	for range 1000 { // no limit is set
		must(t, n.CountCall(t.Context(), c, "send"))
	}
	c.Limits.CallsPerSecond = 20
	other := c
	other.AgentID = 2
	w.clock.move(300 * time.Millisecond)
	for second := range 3 {
		for range 20 {
			must(t, n.CountCall(t.Context(), c, "send"))
		}
		for range 3 {
			err := n.CountCall(t.Context(), c, "send")
			wantCode(t, err, fault.CodeThrottled)
			if got := fault.From(err).RetryAfter; got != 700*time.Millisecond {
				t.Errorf("second %d: retry after %v", second, got)
			}
		}
		must(t, n.CountCall(t.Context(), c, "recall"))
		must(t, n.CountCall(t.Context(), other, "send"))
		w.clock.move(700 * time.Millisecond)
		w.clock.move(300 * time.Millisecond)
	}
}

func TestCallsPerSecondUnderConcurrency(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	n := w.mustNode(t)
	c := app.Caller{Organization: 1, AgentID: 1}
	c.Limits.CallsPerSecond = 1000
	var admitted atomic.Int64
	var callers sync.WaitGroup
	for range 64 {
		callers.Go(func() {
			for range 100 {
				if n.CountCall(t.Context(), c, "send") == nil {
					admitted.Add(1)
				}
			}
		})
	}
	callers.Wait()
	if admitted.Load() != 1000 {
		t.Errorf("%d of 6400 calls admitted in one second, want 1000", admitted.Load())
	}
}

func TestCallsPerMonthAreExactOverNodes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		nodes := []*node{w.mustNode(t), w.mustNode(t)}
		o, other := w.mustOrganization(t, "One"), w.mustOrganization(t, "Two")
		c := app.Caller{Organization: o.ID, AgentID: 1}
		c.Limits.CallsPerMonth = 25
		var admitted atomic.Int64
		var callers sync.WaitGroup
		for i := range 16 {
			callers.Go(func() {
				for range 5 {
					for { // PostgreSQL's lock timeout says that nothing was counted
						err := nodes[i%2].CountCall(t.Context(), c, "send")
						if fault.Is(err, fault.CodeBusy) {
							continue
						}
						if err == nil {
							admitted.Add(1)
						} else if !fault.Is(err, fault.CodeMonthlyCallsUsed) {
							t.Error(err)
						}
						break
					}
				}
			})
		}
		callers.Wait()
		if admitted.Load() != 25 {
			t.Errorf("%d calls admitted, want 25", admitted.Load())
		}

		// 23:59 of the last day in Shanghai.
		n := nodes[0]
		err := n.CountCall(t.Context(), c, "send")
		wantCode(t, err, fault.CodeMonthlyCallsUsed)
		if got := fault.From(err).RetryAfter; got != time.Minute {
			t.Errorf("retry after %v, want 1m", got)
		}
		raised := c
		raised.Limits.CallsPerMonth = 26
		must(t, n.CountCall(t.Context(), raised, "send"))
		wantCode(t, n.CountCall(t.Context(), raised, "send"), fault.CodeMonthlyCallsUsed)
		theirs := c
		theirs.Organization = other.ID
		must(t, n.CountCall(t.Context(), theirs, "send"))
		w.clock.move(time.Minute)
		must(t, n.CountCall(t.Context(), c, "send"))
	})
}
