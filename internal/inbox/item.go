package inbox

import (
	"time"

	"github.com/tidings-im/tidings/internal/message"
)

// Viewer is the person whose inbox it is.
type Viewer struct {
	Organization int64
	Ordinal      uint32
}

// Item is one message as its recipient's client gets it. Once recalled it is a
// tombstone: Title, Preview, HTML, Body and StatusBar are empty.
type Item struct {
	MessageID  string       `json:"message_id" doc:"One person's copy of the message."`
	TaskID     string       `json:"task_id" doc:"The send, the same for all its recipients."`
	Revision   string       `json:"revision" doc:"When it was sent, in the organization's order."`
	App        AppView      `json:"app" doc:"The sender."`
	PageOrigin string       `json:"page_origin,omitempty" doc:"Where the app has its own page, which may ask who has opened it: the origin of its page_url. Missing for an app without one."`
	Type       string       `json:"type" doc:"text, image, voice, file, link, oa, markdown or action_card."`
	Title      string       `json:"title" doc:"One line of plain text; empty after a recall."`
	Preview    string       `json:"preview" doc:"One line of plain text; empty after a recall."`
	HTML       string       `json:"html" doc:"The whole card as safe HTML; empty after a recall."`
	Body       message.Body `json:"body" doc:"What a client needs beside the HTML; empty after a recall."`
	StatusBar  *StatusBar   `json:"status_bar" doc:"The chip on an oa card; null without one and after a recall."`
	SentAt     time.Time    `json:"sent_at" doc:"When it was accepted."`
	ReadAt     *time.Time   `json:"read_at" doc:"When this person read it first; null if not."` // SentAt where receipts are no longer kept: it counts as read
	RecalledAt *time.Time   `json:"recalled_at" doc:"When it was recalled; null if not."`
}

// AppView is the sender as shown on a card.
type AppView struct {
	AgentID string `json:"agent_id" doc:"The app's installation in this organization."`
	Name    string `json:"name" doc:"The app's name."`
	Icon    string `json:"icon" doc:"Where its icon is; may be empty."`
}

// StatusBar is the chip on an oa card as it stands now.
type StatusBar struct {
	Value      string `json:"value" doc:"What it says."`
	Background string `json:"background" doc:"Its colour."`
}

// Page is a piece of an inbox, newest first. NextBefore is nil at the end;
// else it goes into the next Query, even if this page holds fewer items than
// asked for, or none. Revision is the organization's: nothing sent at or below
// it and above the page's end is missing.
type Page struct {
	Items      []Item  `json:"items" doc:"The messages, newest first."`
	NextBefore *string `json:"next_before" doc:"Goes into before for the next page; null at the end."`
	Revision   string  `json:"revision" doc:"The organization's revision: nothing sent up to it and newer than the page's end is missing."`
}

// Unread is what somebody has not read. Count stops at 100, and so does each
// app's own in ByApp (agent id → count), however much others have sent.
// MessageIDs names as many as Count, newest first.
type Unread struct {
	Count      int
	ByApp      map[string]int
	MessageIDs []string
}
