package callback

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	every    = time.Second
	leaseFor = 20 * time.Second
	// margin is what is left of the lease when the last attempt begins: it ends
	// before another node may begin.
	margin     = answerWithin + 2*time.Second
	renewAfter = 5 * time.Second

	// turn is how long one app is served before it is looked up again.
	turn = 20 * time.Second

	// Apps that do not answer wait for each other only.
	atOnce        = 32
	atOnceFailing = 16

	forgetEvery = time.Hour
	forgetPiece = 200
)

// Run delivers until ctx ends: on one node at a time, apps beside each other, the events
// of each app one after the other.
func (s *Service) Run(ctx context.Context) {
	w := &worker{Service: s, busy: map[Key]bool{}, well: make(chan struct{}, atOnce), failing: make(chan struct{}, atOnceFailing)}
	defer w.end(ctx)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := w.look(ctx); err != nil && ctx.Err() == nil {
			s.deps.Log.Error("callback: events wait", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// worker is a Run.
type worker struct {
	*Service
	mu            sync.Mutex
	busy          map[Key]bool
	until         time.Time // the lease's end
	renewed       time.Time
	forgotten     time.Time
	well, failing chan struct{}
	running       sync.WaitGroup
}

func (w *worker) end(ctx context.Context) {
	w.running.Wait()
	// Also when ctx has ended, so that another node need not wait.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if w.mine() {
		_ = w.deps.Store.EndLease(ctx, w.node) // it runs out by itself
	}
}

// mine reports whether an attempt that begins now ends within the lease.
func (w *worker) mine() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.deps.Now().Add(margin).Before(w.until)
}

// lease takes or prolongs the right to deliver.
func (w *worker) lease(ctx context.Context) (bool, error) {
	now := w.deps.Now()
	if now.Sub(w.renewed) < renewAfter && now.After(w.renewed) && w.mine() {
		return true, nil
	}
	mine, err := w.deps.Store.Lease(ctx, w.node, now, now.Add(leaseFor))
	if err != nil {
		return false, fmt.Errorf("lease: %w", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.until, w.renewed = time.Time{}, now
	if mine {
		w.until = now.Add(leaseFor)
	}
	return mine, nil
}

// look begins with every app that has events and is not at it. Where nobody has any, it
// writes nothing.
func (w *worker) look(ctx context.Context) error {
	now := w.deps.Now()
	due, err := w.deps.Store.Due(ctx, now)
	if err != nil {
		return err
	}
	tickets, err := w.deps.Store.TicketsDue(ctx, now)
	if err != nil || len(due)+len(tickets) == 0 && now.Sub(w.forgotten) < forgetEvery {
		return err
	}
	if mine, err := w.lease(ctx); err != nil || !mine {
		return err
	}
	if err := w.tickets(ctx, tickets, now); err != nil {
		return err
	}
	for _, k := range due {
		w.begin(ctx, k)
	}
	if now.Sub(w.forgotten) >= forgetEvery {
		w.forgotten = now
		return w.forget(ctx, now.Add(-keepGivenUp))
	}
	return nil
}

// begin serves an app unless all places are taken; then it is looked up again.
func (w *worker) begin(ctx context.Context, d Due) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy[d.Key] {
		return
	}
	places := w.well
	if d.Failing {
		places = w.failing
	}
	select {
	case places <- struct{}{}:
	default:
		return
	}
	w.busy[d.Key] = true
	w.running.Go(func() {
		began := w.deps.Now()
		err := w.deliver(ctx, d.Key, func() bool { return ctx.Err() == nil && w.mine() && w.deps.Now().Sub(began) < turn })
		if err != nil && ctx.Err() == nil {
			w.deps.Log.Error("callback: an app's events wait", "organization", d.Organization, "app", d.AppID, "error", err)
		}
		<-places
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.busy, d.Key)
	})
}

// forget removes what nobody has asked for.
func (w *worker) forget(ctx context.Context, before time.Time) error {
	all, err := w.deps.Store.Callbacks(ctx)
	for _, k := range all {
		for n := forgetPiece; n == forgetPiece && err == nil; {
			n, err = w.deps.Store.Forget(ctx, k, before, forgetPiece)
		}
	}
	return err
}
