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

// streamWriter is the writing half of a stream, used by one goroutine.
type streamWriter struct {
	*stream
	feed  *feed
	floor int64  // events up to here are no news
	at    int64  // everything up to here has been written
	told  uint64 // fingerprint of the last badge written
	lost  bool   // a reload was written since this was last cleared
}

// run writes everything until the stream ends.
func (w *streamWriter) run(o *opening) {
	if w.tell(o) == nil {
		w.follow()
	}
	o.release(w.feed.guards)
}

// tell writes the badge, then the gap.
func (w *streamWriter) tell(o *opening) error {
	if err := w.writeBadge(o.badge, loud); err != nil {
		return err
	}
	w.floor = math.MinInt64
	for len(o.events) > 0 {
		e := o.events[0]
		o.events = o.events[1:]
		if err := w.writeOnce(e); err != nil {
			return err
		}
	}
	w.floor, w.at = o.through, o.through
	return nil
}

// follow writes the queue as it fills, and a sign of life when it does not.
func (w *streamWriter) follow() {
	// Streams that came back together do not speak together for ever.
	const slots = 16
	tick := time.NewTimer(commentEvery / slots * time.Duration(1+w.viewer.Ordinal%slots))
	defer tick.Stop()
	for ticks := 1; ; {
		var err error
		select {
		case <-w.ctx.Done():
			return
		case <-w.wake:
			err = w.drain()
		case <-tick.C:
			tick.Reset(commentEvery)
			err = w.alive(ticks%atEvery == 0)
			ticks++
		}
		if err != nil {
			return
		}
	}
}

// drain writes what is in the queue, then the badge.
func (w *streamWriter) drain() error {
	for e := w.next(); e != nil; e = w.next() {
		if err := w.writeOnce(e); err != nil {
			return err
		}
	}
	e, l := w.nextBadge()
	if e == nil {
		return nil
	}
	return w.writeBadge(e, l)
}

// writeOnce writes an event and gives it up.
func (w *streamWriter) writeOnce(e *event) error {
	defer w.feed.guards.release(e)
	switch {
	case e.name == eventReload:
		w.floor, w.at, w.lost = e.revision, e.revision, true
	case e.revision <= w.floor:
		return nil // the gap contained it
	}
	w.at = max(w.at, e.revision)
	readAt := e.readAt
	if e.asks {
		var err error
		if readAt, err = w.readTime(e); err != nil {
			return err
		}
	}
	if err := w.arm(); err != nil {
		return err
	}
	if e.guard != nil && e.guard.recalled.Load() {
		return nil // the recall's own event follows
	}
	if err := e.writeTo(w.out, w.viewer.Ordinal, readAt); err != nil {
		return err
	}
	// Flushed by itself: what is in a buffer of ours could not be withheld
	// any more.
	return w.out.Flush()
}

// readTime asks when the viewer read the message of an event that came live.
// Few streams ask at the same time; one that gets no answer ends, and its
// client resumes.
func (w *streamWriter) readTime(e *event) (*time.Time, error) {
	ctx, cancel := context.WithTimeout(w.ctx, readWithin)
	defer cancel()
	select {
	case w.feed.hub.turns <- struct{}{}:
		defer func() { <-w.feed.hub.turns }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	page, err := w.feed.hub.inbox.Page(ctx, w.viewer, inbox.Query{
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

func (w *streamWriter) writeBadge(e *event, l loudness) error {
	print := maphash.Bytes(w.feed.hub.seed, e.head)
	if l == quiet && print == w.told {
		return nil
	}
	w.told = print
	return w.write(e)
}

// alive writes a comment and, once a minute, the revision this client knows by
// now, which advances also for people who get nothing. What the feed has told
// up to its position is in the queue, hence drained first.
func (w *streamWriter) alive(minute bool) error {
	position := w.feed.position.Load()
	w.lost = false
	if err := w.drain(); err != nil {
		return err
	}
	if err := w.arm(); err != nil {
		return err
	}
	if _, err := io.WriteString(w.out, ":\n\n"); err != nil {
		return err
	}
	if !minute {
		return w.out.Flush()
	}
	if !w.lost {
		w.at = max(w.at, position)
	}
	// Receipts take no revision, so a lost hint about them is made good here.
	w.feed.badges.mark([]uint32{w.viewer.Ordinal}, quiet)
	return w.write(marker(eventAt, w.at))
}
