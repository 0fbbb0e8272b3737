package live

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/tidings-im/tidings/internal/inbox"
)

// errUnknown ends a stream whose viewer's part of a change cannot be told.
var errUnknown = errors.New("live: nobody knows of this change")

// teller is the writing half of a stream, used by one goroutine.
type teller struct {
	*stream
	feed  *feed
	floor int64  // events up to here are no news
	at    int64  // everything up to here has been written
	told  uint64 // fingerprint of the last badge written
	lost  bool   // a reload was written since this was last cleared
}

// tell writes everything until the stream ends.
func (t *teller) tell(o *opening) {
	if t.begin(o) == nil {
		t.run()
	}
	o.release(t.feed.fates)
}

// begin writes the badge, then the gap.
func (t *teller) begin(o *opening) error {
	if err := t.writeBadge(o.badge, loud); err != nil {
		return err
	}
	t.floor = math.MinInt64
	for len(o.events) > 0 {
		e := o.events[0]
		o.events = o.events[1:]
		if err := t.writeOnce(e); err != nil {
			return err
		}
	}
	t.floor, t.at = o.through, o.through
	return nil
}

// run writes the queue as it fills, and a sign of life when it does not.
func (t *teller) run() {
	// Streams that came back together do not speak together for ever.
	const slots = 16
	tick := time.NewTimer(commentEvery / slots * time.Duration(1+t.viewer.Ordinal%slots))
	defer tick.Stop()
	for ticks := 1; ; {
		var err error
		select {
		case <-t.ctx.Done():
			return
		case <-t.wake:
			err = t.drain()
		case <-tick.C:
			tick.Reset(commentEvery)
			err = t.alive(ticks%atEvery == 0)
			ticks++
		}
		if err != nil {
			return
		}
	}
}

// drain writes what is in the queue, then the badge.
func (t *teller) drain() error {
	for e := t.next(); e != nil; e = t.next() {
		if err := t.writeOnce(e); err != nil {
			return err
		}
	}
	e, l := t.nextBadge()
	if e == nil {
		return nil
	}
	return t.writeBadge(e, l)
}

// writeOnce writes an event and gives it up.
func (t *teller) writeOnce(e *event) error {
	defer t.feed.fates.release(e)
	switch {
	case e.name == eventReload:
		t.floor, t.at, t.lost = e.revision, e.revision, true
	case e.revision <= t.floor:
		return nil // the gap contained it
	}
	t.at = max(t.at, e.revision)
	readAt := e.readAt
	if e.asks {
		var err error
		if readAt, err = t.readTime(e); err != nil {
			return err
		}
	}
	if err := t.arm(); err != nil {
		return err
	}
	if e.fate != nil && e.fate.recalled.Load() {
		return nil // the recall's own event follows
	}
	if err := e.writeTo(t.out, t.viewer.Ordinal, readAt); err != nil {
		return err
	}
	// Flushed by itself: what is in a buffer of ours could not be withheld
	// any more.
	return t.out.Flush()
}

// readTime asks when the viewer read the message of an event that came live.
// Few streams ask at the same time; one that gets no answer ends, and its
// client resumes.
func (t *teller) readTime(e *event) (*time.Time, error) {
	ctx, cancel := context.WithTimeout(t.ctx, readWithin)
	defer cancel()
	select {
	case t.feed.hub.turns <- struct{}{}:
		defer func() { <-t.feed.hub.turns }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	page, err := t.feed.hub.inbox.Page(ctx, t.viewer, inbox.Query{
		Limit: 1, Before: strconv.FormatInt(e.sent+1, 10),
	})
	if err != nil {
		return nil, fmt.Errorf("live: read time: %w", err)
	}
	if len(page.Items) == 1 && page.Items[0].TaskID == strconv.FormatInt(e.taskID, 10) {
		return page.Items[0].ReadAt, nil
	}
	return nil, errUnknown
}

func (t *teller) writeBadge(e *event, l loudness) error {
	print := maphash.Bytes(t.feed.hub.seed, e.head)
	if l == quiet && print == t.told {
		return nil
	}
	t.told = print
	return t.write(e)
}

// write writes an event without content.
func (t *teller) write(e *event) error {
	if err := t.arm(); err != nil {
		return err
	}
	if err := e.writeTo(t.out, t.viewer.Ordinal, nil); err != nil {
		return err
	}
	return t.out.Flush()
}

// alive writes a comment and, once a minute, the revision this client knows by
// now, which advances also for people who get nothing. What the feed has told
// up to its position is in the queue, hence drained first.
func (t *teller) alive(minute bool) error {
	position := t.feed.position.Load()
	t.lost = false
	if err := t.drain(); err != nil {
		return err
	}
	if err := t.arm(); err != nil {
		return err
	}
	if _, err := io.WriteString(t.out, ":\n\n"); err != nil {
		return err
	}
	if !minute {
		return t.out.Flush()
	}
	if !t.lost {
		t.at = max(t.at, position)
	}
	// Receipts take no revision, so a lost hint about them is made good here.
	t.feed.badges.mark([]uint32{t.viewer.Ordinal}, quiet)
	return t.write(marker(eventAt, t.at))
}
