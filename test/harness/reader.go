package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/tidings-im/tidings/client"
)

// Reader is a person's client of the inbox. It makes no call twice; its errors are
// Refused and Unknown.
type Reader struct {
	User
	Address Address
	HTTP    *http.Client
}

func (r *Reader) inbox() *client.Inbox { return once(r.Address, r.HTTP).Inbox(r.APIToken) }

// Page returns what lies before a cursor; "" is the newest.
func (r *Reader) Page(ctx context.Context, limit int, before string) (client.Page, error) {
	p, err := r.inbox().Page(ctx, client.PageQuery{Limit: limit, Before: before})
	return p, Proven(err)
}

// Walk returns the whole inbox, newest first, and the revision at which the
// walk began: what happened up to it is in the items.
func (r *Reader) Walk(ctx context.Context) (items []client.Item, revision int64, err error) {
	const limit = 100
	before := ""
	for first := true; ; first = false {
		p, err := r.Page(ctx, limit, before)
		if err != nil {
			return nil, 0, err
		}
		if first {
			revision = p.Revision
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
	return Proven(r.inbox().MarkRead(ctx, messageIDs...))
}

// ReadAll marks everything sent at or below a revision as read.
func (r *Reader) ReadAll(ctx context.Context, through int64) error {
	return Proven(r.inbox().MarkAllRead(ctx, through, 0))
}

// Unread asks for the badge.
func (r *Reader) Unread(ctx context.Context) (client.Unread, error) {
	u, err := r.inbox().Unread(ctx)
	return u, Proven(err)
}

// SignIn begins a session with the person's sign-in link, as a browser does.
func (r *Reader) SignIn(ctx context.Context) error {
	_, link, _ := strings.Cut(r.SignInURL, "#sign-in=")
	body, err := json.Marshal(Object{"link": link})
	if err != nil {
		return err
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, r.Address()+"/api/v1/sessions", bytes.NewReader(body))
	if err != nil {
		return err
	}
	q.Header.Set("Authorization", "Bearer "+r.APIToken)
	q.Header.Set("Content-Type", "application/json")
	w, err := r.HTTP.Do(q)
	if err != nil {
		return &Unknown{err}
	}
	defer w.Body.Close()
	answer, err := io.ReadAll(w.Body)
	switch {
	case err != nil:
		return &Unknown{err}
	case w.StatusCode >= http.StatusMultipleChoices:
		return &Refused{Code: w.StatusCode, Text: string(answer)}
	}
	return nil
}

// reconnectAfter is how long a client waits before it tries again.
const reconnectAfter = 50 * time.Millisecond
