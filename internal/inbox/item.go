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
	MessageID  string       `json:"message_id"`
	TaskID     string       `json:"task_id"`
	Revision   string       `json:"revision"` // of sending
	App        AppView      `json:"app"`
	Type       string       `json:"type"`
	Title      string       `json:"title"`   // one plain line
	Preview    string       `json:"preview"` // one plain line
	HTML       string       `json:"html"`    // the whole sanitized card
	Body       message.Body `json:"body"`
	StatusBar  *StatusBar   `json:"status_bar"`
	SentAt     time.Time    `json:"sent_at"`
	ReadAt     *time.Time   `json:"read_at"` // SentAt where receipts are no longer kept: it counts as read
	RecalledAt *time.Time   `json:"recalled_at"`
}

// AppView is the sender as shown on a card.
type AppView struct {
	AgentID string `json:"agent_id"`
	Name    string `json:"name"`
	Icon    string `json:"icon"`
}

// StatusBar is the chip on an oa card as it stands now.
type StatusBar struct {
	Value      string `json:"value"`
	Background string `json:"background"`
}

// Page is a piece of an inbox, newest first. NextBefore is nil at the end;
// else it goes into the next Query, even if this page holds fewer items than
// asked for, or none. Revision is the organization's: nothing sent at or below
// it and above the page's end is missing.
type Page struct {
	Items      []Item  `json:"items"`
	NextBefore *string `json:"next_before"`
	Revision   string  `json:"revision"`
}

// Unread is what somebody has not read. Count stops at 100, and so does each
// app's own in ByApp (agent id → count), however much others have sent.
// MessageIDs names as many as Count, newest first.
type Unread struct {
	Count      int
	ByApp      map[string]int
	MessageIDs []string
}
