package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Inbox is one person's Work Notifications, over our own API. Safe for concurrent
// use.
type Inbox struct {
	client *Client
	token  string
}

// Inbox returns the inbox of the person whose personal API token this is
// (tidings admin token create).
func (c *Client) Inbox(token string) *Inbox { return &Inbox{client: c, token: token} }

// Item is one message as its recipient gets it. Once recalled it is a tombstone:
// nothing of the content is left. Ids are text, as our own API writes them.
type Item struct {
	MessageID  string          `json:"message_id"` // one person's copy
	TaskID     string          `json:"task_id"`
	Revision   string          `json:"revision"` // when it was sent, in the organization's order
	App        Sender          `json:"app"`
	Type       string          `json:"type"`
	Title      string          `json:"title"`   // one line of plain text
	Preview    string          `json:"preview"` // one line of plain text
	HTML       string          `json:"html"`    // the whole card as safe HTML
	Body       json.RawMessage `json:"body"`    // what a client needs beside the HTML
	StatusBar  *ItemStatusBar  `json:"status_bar"`
	SentAt     time.Time       `json:"sent_at"`
	ReadAt     *time.Time      `json:"read_at"`     // nil while unread
	RecalledAt *time.Time      `json:"recalled_at"` // nil unless recalled
}

// Task is the task's id as a number, -1 if it is none.
func (i Item) Task() int64 { return number(i.TaskID) }

// SentRevision is the revision as a number, as MarkAllRead takes it; -1 if it is none.
func (i Item) SentRevision() int64 { return number(i.Revision) }

// Agent is the sender's agent id as a number, -1 if it is none.
func (i Item) Agent() int64 { return number(i.App.AgentID) }

// Recalled reports whether the sender has taken the message back.
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

// Sender is the app that sent a message.
type Sender struct {
	AgentID string `json:"agent_id"`
	Name    string `json:"name"`
	Icon    string `json:"icon"` // where its icon is; may be empty
}

// ItemStatusBar is the status bar of a card as it stands now.
type ItemStatusBar struct {
	Value      string `json:"value"`
	Background string `json:"background"`
}

// PageQuery narrows a page. The zero value is the newest 20 messages.
type PageQuery struct {
	Limit  int    // 1 to 100; 0 is 20
	Before string // Page.NextBefore of the page before
	Agent  int64  // only of the app with this agent id; 0 is all
	Unread bool   // only what is neither read nor recalled
}

// Page is a piece of an inbox, newest first. It may hold fewer items than asked for,
// or none, and not be the last: only NextBefore says whether there is more.
type Page struct {
	Items      []Item  `json:"items"`
	NextBefore *string `json:"next_before"`     // nil at the end
	Revision   int64   `json:"revision,string"` // what was sent up to it is in the pages; Follow goes on from here
}

// Page returns messages, newest first.
func (i *Inbox) Page(ctx context.Context, q PageQuery) (Page, error) {
	query := url.Values{}
	if q.Limit != 0 {
		query.Set("limit", strconv.Itoa(q.Limit))
	}
	if q.Before != "" {
		query.Set("before", q.Before)
	}
	if q.Agent != 0 {
		query.Set("app", strconv.FormatInt(q.Agent, 10))
	}
	if q.Unread {
		query.Set("unread", "true")
	}
	var p Page
	return p, i.call(ctx, http.MethodGet, "messages", query, nil, &p)
}

// Messages goes through the whole inbox, newest first. It ends with the first error.
func (i *Inbox) Messages(ctx context.Context) iter.Seq2[Item, error] {
	const limit = 100
	return func(yield func(Item, error) bool) {
		for q, more := (PageQuery{Limit: limit}), true; more; {
			page, err := i.Page(ctx, q)
			if err != nil {
				yield(Item{}, err)
				return
			}
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
			if more = page.NextBefore != nil; more {
				q.Before = *page.NextBefore
			}
		}
	}
}

// MarkRead marks messages as read, 1,000 at most. The first time counts, and unknown
// ids are ignored.
func (i *Inbox) MarkRead(ctx context.Context, messageIDs ...string) error {
	if messageIDs == nil {
		messageIDs = []string{}
	}
	return i.call(ctx, http.MethodPost, "read", nil, map[string]any{"message_ids": messageIDs}, nil)
}

// MarkAllRead marks everything sent up to a revision as read, of one app or, with
// agent 0, of all.
func (i *Inbox) MarkAllRead(ctx context.Context, through, agent int64) error {
	body := map[string]any{"all": true, "through": strconv.FormatInt(through, 10)}
	if agent != 0 {
		body["app"] = strconv.FormatInt(agent, 10)
	}
	return i.call(ctx, http.MethodPost, "read", nil, body, nil)
}

// Unread is what somebody has not read. Counting stops at 100, for all apps together
// and for each.
type Unread struct {
	Count      int            `json:"count"`
	ByApp      map[string]int `json:"by_app"`      // by agent id
	MessageIDs []string       `json:"message_ids"` // the newest; in events only
}

// Unread counts unread messages.
func (i *Inbox) Unread(ctx context.Context) (Unread, error) {
	var u Unread
	return u, i.call(ctx, http.MethodGet, "unread", nil, nil, &u)
}

const inboxPath = "/api/v1/inbox/"

// request is one call about the inbox, all of which may be made twice.
func (i *Inbox) request(method, path string, query url.Values, body any) (request, error) {
	r := request{method: method, path: inboxPath + path, header: http.Header{}}
	if body != nil {
		var err error
		if r, err = jsonRequest(r.path, body); err != nil {
			return r, err
		}
	}
	r.query, r.again = query, true
	r.header.Set("Authorization", "Bearer "+i.token)
	return r, nil
}

func (i *Inbox) call(ctx context.Context, method, path string, query url.Values, body, into any) error {
	r, err := i.request(method, path, query, body)
	if err != nil {
		return err
	}
	return i.client.do(ctx, r, readOwn, into)
}
