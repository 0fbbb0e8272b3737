package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Reader is a person's client of the inbox.
type Reader struct {
	User
	Address Address
	HTTP    *http.Client
}

// Item is one message as its recipient's client gets it.
type Item struct {
	MessageID string `json:"message_id"`
	TaskID    string `json:"task_id"`
	Revision  string `json:"revision"`
	App       struct {
		AgentID string `json:"agent_id"`
		Name    string `json:"name"`
	} `json:"app"`
	Type       string          `json:"type"`
	Title      string          `json:"title"`
	Preview    string          `json:"preview"`
	HTML       string          `json:"html"`
	Body       json.RawMessage `json:"body"`
	StatusBar  *StatusBar      `json:"status_bar"`
	SentAt     string          `json:"sent_at"`
	ReadAt     *string         `json:"read_at"`
	RecalledAt *string         `json:"recalled_at"`
}

// StatusBar is the chip on an oa card.
type StatusBar struct {
	Value      string `json:"value"`
	Background string `json:"background"`
}

// Task is the item's task id.
func (i Item) Task() int64 { return number(i.TaskID) }

// SentRevision is the revision of sending.
func (i Item) SentRevision() int64 { return number(i.Revision) }

// Agent is the sender's agent id.
func (i Item) Agent() int64 { return number(i.App.AgentID) }

// Recalled reports whether the item says that it was recalled.
func (i Item) Recalled() bool { return i.RecalledAt != nil }

// Content reports whether the item shows anything of the message.
func (i Item) Content() bool {
	return i.Title != "" || i.Preview != "" || i.HTML != "" || i.StatusBar != nil
}

func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// Page is a piece of an inbox, newest first.
type Page struct {
	Items      []Item  `json:"items"`
	NextBefore *string `json:"next_before"`
	Revision   string  `json:"revision"`
}

// Unread is the badge; counts stop at 100.
type Unread struct {
	Count      int            `json:"count"`
	ByApp      map[string]int `json:"by_app"`
	MessageIDs []string       `json:"message_ids"` // in events only
}

const inboxPath = "/api/v1/inbox/"

// Page returns what lies before a cursor; "" is the newest.
func (r *Reader) Page(ctx context.Context, limit int, before string) (Page, error) {
	q := url.Values{"limit": {strconv.Itoa(limit)}}
	if before != "" {
		q.Set("before", before)
	}
	var p Page
	return p, r.call(ctx, http.MethodGet, "messages?"+q.Encode(), nil, &p)
}

// Walk returns the whole inbox, newest first, and the revision at which the
// walk began: what happened up to it is in the items.
func (r *Reader) Walk(ctx context.Context) (items []Item, revision int64, err error) {
	const limit = 100
	before := ""
	for first := true; ; first = false {
		p, err := r.Page(ctx, limit, before)
		if err != nil {
			return nil, 0, err
		}
		if first {
			revision = number(p.Revision)
		}
		items = append(items, p.Items...)
		if p.NextBefore == nil {
			return items, revision, nil
		}
		if *p.NextBefore == before {
			return nil, 0, fmt.Errorf("the page before %s names itself as the next", before)
		}
		before = *p.NextBefore
	}
}

// Read marks messages as read.
func (r *Reader) Read(ctx context.Context, messageIDs []string) error {
	return r.call(ctx, http.MethodPost, "read", Object{"message_ids": messageIDs}, nil)
}

// ReadAll marks everything sent at or below a revision as read.
func (r *Reader) ReadAll(ctx context.Context, through int64) error {
	return r.call(ctx, http.MethodPost, "read", Object{"all": true, "through": strconv.FormatInt(through, 10)}, nil)
}

// Unread asks for the badge.
func (r *Reader) Unread(ctx context.Context) (Unread, error) {
	var u Unread
	return u, r.call(ctx, http.MethodGet, "unread", nil, &u)
}

// SignIn begins a session with the person's sign-in link.
func (r *Reader) SignIn(ctx context.Context) error {
	_, link, _ := strings.Cut(r.SignInURL, "#sign-in=")
	return r.ask(ctx, http.MethodPost, "/api/v1/sessions", Object{"link": link}, nil)
}

// call makes one call about the inbox. Its errors are those of ask.
func (r *Reader) call(ctx context.Context, method, path string, body, into any) error {
	return r.ask(ctx, method, inboxPath+path, body, into)
}

// ask makes one call. Its errors are Refused, for a definite no, and Unknown.
func (r *Reader) ask(ctx context.Context, method, path string, body, into any) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	q, err := http.NewRequestWithContext(ctx, method, r.Address()+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	q.Header.Set("Authorization", "Bearer "+r.APIToken)
	if body != nil {
		q.Header.Set("Content-Type", "application/json")
	}
	w, err := r.HTTP.Do(q)
	if err != nil {
		return &Unknown{err}
	}
	defer w.Body.Close()
	answer, err := io.ReadAll(w.Body)
	switch {
	case err != nil:
		return &Unknown{err}
	case w.StatusCode >= http.StatusInternalServerError && w.StatusCode != http.StatusServiceUnavailable:
		return &Unknown{fmt.Errorf("HTTP status %d: %.200s", w.StatusCode, answer)}
	case w.StatusCode >= http.StatusMultipleChoices:
		return &Refused{Code: w.StatusCode, Text: string(answer)}
	case into == nil:
		return nil
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return &Unknown{err}
	}
	return nil
}

// reconnectAfter is how long a client waits before it tries again.
const reconnectAfter = 50 * time.Millisecond
