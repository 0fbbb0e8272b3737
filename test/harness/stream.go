package harness

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Event is one event of a live stream.
type Event struct {
	Connection int       // counts from 1
	Connected  time.Time // when that connection was asked for
	At         time.Time // when the event was there
	Name       string
	ID         int64 // the revision, 0 for none
	Data       []byte
}

// Item decodes the item or tombstone of an event.
func (e Event) Item() (Item, error) {
	var i Item
	err := json.Unmarshal(e.Data, &i)
	return i, err
}

// Stream opens the live stream after a revision and hands over its events
// until it ends. The error says why; a stream never ends without one.
func (r *Reader) Stream(ctx context.Context, after int64, each func(Event)) error {
	began := time.Now()
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, r.Address()+inboxPath+"events", nil)
	if err != nil {
		return err
	}
	q.Header.Set("Authorization", "Bearer "+r.APIToken)
	q.Header.Set("Accept", "text/event-stream")
	q.Header.Set("Last-Event-ID", strconv.FormatInt(after, 10))
	// A stream of its own: no time limit, and no part in the pool.
	w, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(q)
	if err != nil {
		return err
	}
	defer w.Body.Close()
	if w.StatusCode != http.StatusOK {
		return fmt.Errorf("events: HTTP status %d", w.StatusCode)
	}
	return ReadEvents(w.Body, func(e Event) {
		e.Connected, e.At = began, time.Now()
		each(e)
	})
}

// ReadEvents decodes Server-Sent Events until the stream ends. An event that
// was cut off is not handed over.
func ReadEvents(from io.Reader, each func(Event)) error {
	lines := bufio.NewReaderSize(from, 64<<10)
	var e Event
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return err
		}
		line = strings.TrimRight(line, "\r\n")
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			if e.Name != "" || e.Data != nil {
				each(e)
			}
			e = Event{}
		case name == "event":
			e.Name = value
		case name == "id":
			if e.ID, err = strconv.ParseInt(value, 10, 64); err != nil {
				return fmt.Errorf("the id of an event: %w", err)
			}
		case name == "data" && e.Data != nil:
			return errors.New("an event with two lines of data")
		case name == "data":
			e.Data = []byte(value)
		}
	}
}
