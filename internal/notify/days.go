package notify

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/queue"
)

// loadWithin is how long reading an app's day may take before its send.
const loadWithin = 30 * time.Second

// days reads what an app has sent today before the first send that counts it: in
// the sender's goroutine, so that only the sender waits for it. An app may have
// sent a million messages, and the sequencer is everybody's. What they add up to
// is saved now and then, so that only the latest of them are read.
type days struct {
	deps    Deps
	flights singleflight.Group
	every   int // see saveEvery
	saving  *queue.Queue[DayFold]

	mu     sync.Mutex
	known  map[agentOf]int64 // the last day that was read
	folded map[agentOf]*fold // read, and not yet taken by the sequencer
}

type agentOf struct{ organization, agentID int64 }

func newDays(d Deps) *days {
	const waiting = 64
	return &days{
		deps: d, every: saveEvery, saving: queue.New[DayFold](waiting), known: map[agentOf]int64{}, folded: map[agentOf]*fold{},
	}
}

// counts reports whether any rule counts what the app has sent before.
func counts(l policy.Limits) bool {
	return l.MessagesPerDay > 0 || l.EveryonePerDay > 0 || l.RecipientsPerMin > 0
}

// load reads the day unless it was read. What goes wrong here is met again, and
// answered, under the organization's lock, where the same is read.
func (d *days) load(ctx context.Context, organization, agentID, day int64, l policy.Limits) {
	of := agentOf{organization, agentID}
	if !counts(l) || d.has(of, day) {
		return
	}
	done := d.flights.DoChan(fmt.Sprint(organization, agentID, day), func() (any, error) {
		if d.has(of, day) {
			return nil, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadWithin)
		defer cancel()
		f := d.begin(ctx, organization, agentID, day)
		if err := f.catchUp(ctx, d.deps.Store, organization, agentID, l.MessagesPerDay); err != nil {
			return nil, err
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		d.known[of], d.folded[of] = day, f
		return nil, nil
	})
	select {
	case <-done:
	case <-ctx.Done():
	}
}

func (d *days) has(of agentOf, day int64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.known[of] == day
}

// take gives away what was read of a day, or a fold of nothing.
func (d *days) take(organization, agentID, day int64) *fold {
	of := agentOf{organization, agentID}
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.folded[of]
	delete(d.folded, of)
	if f == nil || f.day != day {
		f = &fold{day: day}
	}
	return f
}

// forget has an app's day read again before its next send that counts it.
func (d *days) forget(organization, agentID int64) {
	of := agentOf{organization, agentID}
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.known, of)
	delete(d.folded, of)
}

// forgetAll has everything read again.
func (d *days) forgetAll() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.known)
	clear(d.folded)
}
