package live

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/tidings-im/tidings/internal/inbox"
)

// The names of the events. Those with content are the inbox's own kinds.
const (
	eventChanged  = string(inbox.KindChanged)
	eventRecalled = string(inbox.KindRecalled)
	eventUnread   = "unread"
	eventReload   = "reload"
	eventAt       = "at"
)

// event is one thing to tell, shared by every stream it goes to. What differs
// from person to person stands between head and tail: the message's id and
// when it was read. An event without a task is the same for everybody.
type event struct {
	name     string
	revision int64 // its id; 0 for none
	taskID   int64
	sent     int64 // the revision of the task itself
	head     []byte
	tail     []byte

	// readAt is when the reader of a gap read the message. A change that comes
	// live may be about a message that was read: each of its streams asks.
	readAt *time.Time
	asks   bool

	// recallGuard says whether the task was recalled since; nil for what holds no
	// content. uses counts the queues that hold the event, and its maker.
	guard *recallGuard
	uses  atomic.Int32
}

// size is about what the event holds in memory.
func (e *event) size() int { return len(e.head) + len(e.tail) + 64 }

// shared is an item without what differs from person to person: the outer
// fields hide the item's own and are empty, hence left out.
type shared struct {
	inbox.Item
	NoMessageID *struct{} `json:"message_id,omitempty"`
	NoReadAt    *struct{} `json:"read_at,omitempty"`
}

// tombstone is what is left of a recalled message.
type tombstone struct {
	TaskID     string     `json:"task_id"`
	Revision   string     `json:"revision"`
	RecalledAt *time.Time `json:"recalled_at"`
}

// encode fills in head and tail.
func (e *event) encode(item inbox.Item) error {
	var body any = shared{Item: item}
	if e.name == eventRecalled {
		body = tombstone{TaskID: item.TaskID, Revision: item.Revision, RecalledAt: item.RecalledAt}
	}
	data, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("live: encode: %w", err)
	}
	e.head = append(e.preamble(), `{"message_id":"`...)
	e.tail = append(data[1:len(data):len(data)], '\n', '\n')
	return nil
}

// preamble is everything before the data.
func (e *event) preamble() []byte {
	const room = 96
	b := append(make([]byte, 0, room), "event: "...)
	b = append(b, e.name...)
	if e.revision != 0 {
		b = strconv.AppendInt(append(b, "\nid: "...), e.revision, 10)
	}
	return append(b, "\ndata: "...)
}

// plain returns an event without a task.
func plain(name string, revision int64, data any) (*event, error) {
	text, err := json.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("live: encode: %w", err)
	}
	e := &event{name: name, revision: revision}
	e.head = append(append(e.preamble(), text...), '\n', '\n')
	return e, nil
}

// position is the data of the events that carry nothing but a revision.
type position struct {
	Revision string `json:"revision"`
}

func mark(revision int64) position { return position{Revision: strconv.FormatInt(revision, 10)} }

// marker returns the event that tells a revision and nothing else: its data
// cannot fail to encode.
func marker(name string, revision int64) *event {
	e, _ := plain(name, revision, mark(revision))
	return e
}

// writeTo writes the event for one person, who read it at readAt or not at all.
func (e *event) writeTo(w io.Writer, ordinal uint32, readAt *time.Time) error {
	if e.taskID == 0 {
		_, err := w.Write(e.head)
		return err
	}
	const room = 96
	between := append(make([]byte, 0, room), inbox.MessageID(e.taskID, ordinal)...)
	between = append(between, '"')
	if e.name != eventRecalled {
		between = append(between, `,"read_at":`...)
		if readAt != nil {
			between = readAt.AppendFormat(append(between, '"'), time.RFC3339Nano)
			between = append(between, '"')
		} else {
			between = append(between, "null"...)
		}
	}
	between = append(between, ',')
	for _, part := range [...][]byte{e.head, between, e.tail} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}
