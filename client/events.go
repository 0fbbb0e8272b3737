package client

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
)

// Event is something that happened to an inbox: message and changed carry an item,
// recalled a tombstone, unread the counts; at has a revision alone, and reload says
// that the gap cannot be told, so that messages are to be fetched again.
type Event struct {
	Name     string
	Revision int64 // 0 for unread, which has none
	Data     []byte
}

// Item reads the item of message, changed and recalled.
func (e Event) Item() (Item, error) {
	var i Item
	return i, json.Unmarshal(e.Data, &i)
}

// Unread reads the counts of unread.
func (e Event) Unread() (Unread, error) {
	var u Unread
	return u, json.Unmarshal(e.Data, &u)
}

// Follow hands over what happens after a revision, each once and in order, until ctx
// ends, each returns an error, or the server refuses. A stream that breaks is opened
// again where it was. Begin with the revision of a page.
func (i *Inbox) Follow(ctx context.Context, after int64, each func(Event) error) error {
	for failed := 1; ; failed++ {
		var own error
		err := i.Stream(ctx, after, func(e Event) error {
			failed, after = 0, max(after, e.Revision)
			own = each(e)
			return own
		})
		if own != nil || ctx.Err() != nil {
			return errors.Join(own, ctx.Err())
		}
		pause, again := pauseAfter(err, min(max(failed, 1), defaultAttempts), true)
		if !again {
			return err
		}
		if !wait(ctx, pause) {
			return ctx.Err()
		}
	}
}

// Stream is one connection of Follow. It ends when one side ends it or each returns
// an error, and never without an error.
func (i *Inbox) Stream(ctx context.Context, after int64, each func(Event) error) error {
	r, err := i.request(http.MethodGet, "events", nil, nil)
	if err != nil {
		return err
	}
	r.header.Set("Accept", "text/event-stream")
	r.header.Set("Last-Event-ID", strconv.FormatInt(after, 10))
	endless := *i.client.http
	endless.Timeout = 0 // a stream ends with its context
	w, err := i.client.open(ctx, &endless, r)
	if err != nil {
		return err
	}
	defer w.Body.Close()
	if w.StatusCode != http.StatusOK {
		text, err := io.ReadAll(io.LimitReader(w.Body, maxAnswer))
		if err != nil {
			return &unanswered{path: r.path, err: err, sent: true}
		}
		a := answer{path: r.path, status: w.StatusCode, header: w.Header, text: text}
		if err := readOwn(a, nil); err != nil {
			return err
		}
		return a.unreadable()
	}
	var own error
	err = ReadEvents(w.Body, func(e Event) error {
		own = each(e)
		return own
	})
	if own != nil {
		return own
	}
	return &unanswered{path: r.path, err: err, sent: true}
}

// ReadEvents decodes Server-Sent Events until the stream ends, which is io.EOF, or
// each returns an error. An event that was cut off is not handed over.
func ReadEvents(from io.Reader, each func(Event) error) error {
	const line = 64 << 10
	lines := bufio.NewReaderSize(from, line)
	var e Event
	for {
		text, err := lines.ReadString('\n')
		if err != nil {
			return err
		}
		text = strings.TrimRight(text, "\r\n")
		name, value, _ := strings.Cut(text, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case text == "":
			done := e
			e = Event{}
			if done.Name == "" && done.Data == nil {
				continue
			}
			if err := each(done); err != nil {
				return err
			}
		case name == "event":
			e.Name = value
		case name == "id":
			if e.Revision, err = strconv.ParseInt(value, 10, 64); err != nil {
				return fmt.Errorf("the id of an event: %w", err)
			}
		case name == "data" && e.Data != nil:
			return errors.New("an event with two lines of data")
		case name == "data":
			e.Data = []byte(value)
		}
	}
}
