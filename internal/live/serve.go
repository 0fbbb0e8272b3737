package live

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
)

const (
	commentEvery = 15 * time.Second // keeps proxies from cutting an idle connection
	atEvery      = 4                // comments between two "at" events, which is a minute
	openWithin   = 10 * time.Second // for everything that is read before the first event
)

// Serve writes the viewer's events until the client leaves, until or the hub
// ends, or the client reads too slowly. after is the last revision the client
// knows; nil means from now. ended is called once, when nothing is written any
// more, whatever Serve returns.
//
// Where the HTTP server gives its connection away, Serve takes it and returns
// as soon as the stream has begun: what the server keeps for a request, most of
// it buffers and a deep stack, is several times what a stream needs. Elsewhere
// it returns at the end.
//
// It returns an error only if it has written nothing: busy (Unavailable) when
// the hub is closed or the database does not answer in time, or what the inbox
// returned.
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request, v inbox.Viewer, after *int64, until context.Context, ended func()) error {
	s := newStream(until, w, v)
	f, err := h.join(s)
	if err != nil {
		s.cancel()
		ended()
		return err
	}
	var o opening
	finish := func() {
		o.release(f.guards)
		s.leave(f.guards)
		h.leave(f, s)
		ended()
	}
	return h.carry(w, r, &s.outlet, finish, func() (write func(), err error) {
		if o, err = f.open(s, after); err != nil {
			return nil, err
		}
		writer := &streamWriter{stream: s, feed: f}
		return func() { writer.run(&o) }, nil
	})
}

// opening is what a stream says before it goes live.
type opening struct {
	badge   *event
	events  []*event
	through int64 // live events up to here are in events, or before the client's time
}

// open reads the gap. The stream is in its feed already: what is committed
// from here on comes live, what came twice is told by its revision.
func (f *feed) open(s *stream, after *int64) (opening, error) {
	ctx, cancel := context.WithTimeout(s.ctx, openWithin)
	defer cancel()
	o, err := f.read(ctx, s.viewer, after)
	if err != nil && ctx.Err() != nil {
		err = fault.New(fault.CodeBusy, "the stream cannot begin now").Because(err)
	}
	return o, err
}

func (f *feed) read(ctx context.Context, v inbox.Viewer, after *int64) (o opening, err error) {
	select {
	case <-f.ready:
	case <-ctx.Done():
		return opening{}, ctx.Err()
	}
	if after == nil {
		o.through, err = f.hub.inbox.Revision(ctx, f.organization)
	} else {
		o, err = f.gap(ctx, v, *after)
	}
	if err != nil {
		return opening{}, fmt.Errorf("live: open: %w", err)
	}
	if o.badge, err = badge(ctx, f.hub.inbox, v); err != nil {
		o.release(f.guards)
		return opening{}, err
	}
	return o, nil
}

// gap reads what one person missed.
func (f *feed) gap(ctx context.Context, v inbox.Viewer, after int64) (opening, error) {
	reading := f.guards.begin()
	read, through, reload, err := f.hub.inbox.Resume(ctx, v, after)
	if err != nil || reload {
		f.guards.abandon(reading)
		if err == nil {
			through, err = f.hub.inbox.Revision(ctx, f.organization)
		}
		return opening{events: []*event{marker(eventReload, through)}, through: through}, err
	}
	o := opening{events: f.guards.settle(reading, read), through: through}
	for i, e := range o.events {
		e.readAt = read[i].Item.ReadAt
		if err := e.encode(read[i].Item); err != nil {
			o.release(f.guards)
			return opening{}, err
		}
	}
	return o, nil
}

// release gives up the events that were not written.
func (o *opening) release(f *recallGuards) {
	for _, e := range o.events {
		f.release(e)
	}
	o.events = nil
}
