package task

import (
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/notify"
)

// deptsShown is how many of the departments that a task names are shown.
const deptsShown = 5

// Summary is what lists show of a task.
type Summary struct {
	Organization int64
	Revision     int64 // taken in the accepting commit
	TaskID       int64
	AgentID      int64
	SentAt       time.Time
	Type         string
	Test         bool        // somebody sent it to themselves, to see it
	By           audit.Actor // the person who sent it; nobody where the app did
	Use          notify.TemplateUse

	// What the sender named: everyone, or departments, of which DeptIDs are the
	// first five, and userids.
	Everyone       bool
	DeptIDs        []int64
	Depts, Userids int64
	UnreadOf       int64 // who had not read this task; 0 for none
	Without        int64 // people taken out again

	Sent, Held int64 // people
	Invalid    int64 // ids that meant nobody

	RecalledAt time.Time // zero unless recalled
	// DroppedAt is when its receipts were dropped: zero while they are kept, and where
	// that was before it was noted.
	DroppedAt time.Time
	Message   []byte // canonical JSON; nothing once recalled
	Title     string // one plain line, once words has read it; "" once recalled
	Preview   string // likewise
}

// Outcome takes over whom a task names and whom it did not reach.
func (s *Summary) Outcome(t *notify.Task) {
	s.Everyone, s.Userids, s.Depts = t.Named.Everyone, int64(t.Named.Userids), int64(len(t.Named.DeptIDs))
	s.UnreadOf, s.Without = t.Named.UnreadOf, t.Named.Without
	s.DeptIDs = t.Named.DeptIDs[:min(deptsShown, len(t.Named.DeptIDs))]
	s.Invalid = int64(len(t.Invalid.Userids) + len(t.Invalid.DeptIDs))
	s.Held = 0
	for _, h := range t.Held {
		s.Held += int64(h.Set.GetCardinality())
	}
}

// Named is how many people were named.
func (s *Summary) Named() int64 { return s.Sent + s.Held }

// words reads what a list shows of the message. One that cannot be read back has no
// title: it is shown without content everywhere.
func (s *Summary) words() {
	if len(s.Message) == 0 || s.Title != "" {
		return
	}
	if m, err := message.Parse(s.Message); err == nil {
		s.Title, s.Preview = m.Title(), m.Preview()
	}
}
