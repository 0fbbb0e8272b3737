package harness

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/tidings-im/tidings/client"
)

// Event is one event of a live stream, and how it came.
type Event struct {
	Connection int       // counts from 1
	Connected  time.Time // when that connection was asked for
	At         time.Time // when the event was there
	client.Event
}

// Stream opens the live stream after a revision and hands over its events
// until it ends. The error says why; a stream never ends without one.
func (r *Reader) Stream(ctx context.Context, after int64, each func(Event)) error {
	began := time.Now()
	// A stream of its own has no part in the pool.
	alone := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	return once(r.Address, alone).Inbox(r.APIToken).Stream(ctx, after, func(e client.Event) error {
		each(Event{Connected: began, At: time.Now(), Event: e})
		return nil
	})
}

// ReadEvents decodes the events of a stream until it ends.
func ReadEvents(from io.Reader, each func(Event)) error {
	return client.ReadEvents(from, func(e client.Event) error {
		each(Event{Event: e})
		return nil
	})
}
