package live

import (
	"context"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/retry"
)

const (
	pollEvery  = time.Second          // how late a lost hint can be
	readPause  = 5 * time.Millisecond // between two reads of a feed: what comes meanwhile shares one
	readWithin = 10 * time.Second     // a database that answers later has failed
	readTurns  = 4                    // streams that read the database for one event at the same time
)

// run reads until the feed's last stream has left. A failed read is repeated
// from the same position, so nothing is lost by it.
func (f *feed) run() {
	defer f.cancel()
	again := retry.Backoff{}
	if !f.start(&again) {
		return
	}
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for {
		polled := false
		select {
		case <-f.ctx.Done():
			return
		case <-f.wake:
		case <-poll.C:
			polled = true
		}
		err := guarded(func() error { return f.follow(polled) })
		wait := readPause
		if err != nil {
			f.failed(&again, err)
			wait = again.Next()
			f.nudge() // the read is still owed
		} else {
			f.recovered(&again)
		}
		if !retry.Sleep(f.ctx, wait) {
			return
		}
	}
}

// start finds out where the feed begins.
func (f *feed) start(again *retry.Backoff) bool {
	for {
		revision, err := f.revision()
		if err == nil {
			f.recovered(again)
			f.position.Store(revision)
			close(f.ready)
			return true
		}
		f.failed(again, err)
		if !retry.Sleep(f.ctx, again.Next()) {
			return false
		}
	}
}

// follow reads what lies after the position, if anything does.
func (f *feed) follow(polled bool) error {
	at := f.position.Load()
	if polled || f.hinted.Load() <= at {
		revision, err := f.revision()
		if err != nil {
			return err
		}
		if revision < at {
			// Another database, or an older one: nothing said so far counts.
			f.lost(revision)
			return nil
		}
		if revision == at {
			return nil
		}
	}
	reading := f.guards.begin()
	ctx, cancel := context.WithTimeout(f.ctx, readWithin)
	defer cancel()
	read, through, complete, err := f.hub.inbox.Changes(ctx, f.organization, at)
	if err != nil {
		f.guards.abandon(reading)
		return fmt.Errorf("live: changes: %w", err)
	}
	if !complete {
		f.guards.abandon(reading)
		f.lost(through)
		return nil
	}
	events := f.guards.settle(reading, read)
	for i, e := range events {
		f.tell(e, read[i])
	}
	f.position.Store(through)
	return nil
}

func (f *feed) revision() (int64, error) {
	ctx, cancel := context.WithTimeout(f.ctx, readWithin)
	defer cancel()
	revision, err := f.hub.inbox.Revision(ctx, f.organization)
	if err != nil {
		return 0, fmt.Errorf("live: revision: %w", err)
	}
	return revision, nil
}

// failed logs the first failure of a row of them.
func (f *feed) failed(b *retry.Backoff, err error) {
	if !b.Failing() && f.ctx.Err() == nil {
		f.hub.log.Warn("live: reading changes failed, trying again", "organization", f.organization,
			"code", fault.From(err).Code, "error", err)
	}
}

func (f *feed) recovered(b *retry.Backoff) {
	if b.Failing() {
		f.hub.log.Info("live: reading changes works again", "organization", f.organization)
	}
	b.Reset()
}
