package notify

import (
	"iter"
	"slices"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/policy"
)

// FileDirectly is the most recipients a send may have to be filed as one inbox
// row each. Larger sends are kept as a set alone and found by membership.
const FileDirectly = 64

// Task is one accepted send. Sent, Held and the invalid ids are disjoint, and
// everyone named is in exactly one of them.
type Task struct {
	Organization int64
	ID           int64 // below 2^53
	AgentID      int64
	By           audit.Actor  // the person who sent it; nobody where the app did
	Entry        *audit.Entry // into the audit log, where somebody sent it by hand
	Revision     int64        // of the organization, taken in the accepting commit
	AcceptedAt   time.Time
	Day          int64 // yyyymmdd in the organization's zone
	Minute       int64 // calendar minutes since 1970; below 0 for a test, which counts for no quota
	Digest       Digest
	Type         string
	Message      []byte // canonical JSON
	Use          TemplateUse
	Named        Named
	Invalid      Invalid
	Sent         *roaring.Bitmap // ordinals
	Held         []policy.Held
	StatusValue  string // as last updated; "" while it is as sent
	StatusBg     string
	RecalledAt   time.Time // zero unless recalled
}

// IsTest reports whether somebody sent the task to themselves, to see it.
func (t *Task) IsTest() bool { return t.Minute == uncounted }

// Filed reports whether the task is in its recipients' inboxes row by row.
func (t *Task) Filed() bool { return t.Sent.GetCardinality() <= FileDirectly }

// Named is what the sender named, as far as the outcome does not tell it.
type Named struct {
	Everyone bool    `json:"everyone,omitempty"`
	DeptIDs  []int64 `json:"dept_ids,omitempty"`
	Userids  int     `json:"userids,omitempty"` // how many
	// UnreadOf is the task of which those were named who had not read it; 0 for none.
	UnreadOf int64 `json:"unread_of,omitempty"`
	// Without is how many people were named and taken out again.
	Without int64 `json:"without,omitempty"`
	// ByUserid is who was named one by one, where others were named otherwise:
	// ordinals as roaring writes them. Empty in tasks of before it was kept.
	ByUserid []byte `json:"by_userid,omitempty"`
}

// Invalid holds the named ids that meant nobody, and why each did, as it was
// when the task was accepted. Tasks of before reasons were kept have none.
type Invalid struct {
	Userids     []string           `json:"userids,omitempty"`
	DeptIDs     []int64            `json:"dept_ids,omitempty"`
	UserReasons []directory.Reason `json:"user_reasons,omitempty"` // one for each of Userids
	DeptReasons []directory.Reason `json:"dept_reasons,omitempty"` // one for each of DeptIDs
}

// UserReason is why a userid that was named meant nobody; "" where it did mean
// somebody, was not named, or the reason was not kept.
func (i Invalid) UserReason(userid string) directory.Reason {
	if n := slices.Index(i.Userids, userid); n >= 0 && n < len(i.UserReasons) {
		return i.UserReasons[n]
	}
	return ""
}

// Digest identifies content: SHA-256 over agent, day and canonical message.
type Digest [32]byte

// Key is the digest's first eight bytes, as the database indexes it.
func (d Digest) Key() int64 {
	var k uint64
	for _, b := range d[:8] {
		k = k<<8 | uint64(b)
	}
	return int64(k)
}

// Progress is how far a task's deliveries are.
type Progress struct {
	Percent int // of recipients whose deliveries are settled
	Status  int // 0 not started, 1 running, 2 finished
}

// Result is a task's outcome. The lists are disjoint; Read and Unread together
// are exactly the people it was sent to. Where receipts are Dropped, no longer
// kept, it counts as read by all of them. Sequences yield userids and may be
// walked once or more.
type Result struct {
	InvalidUserids []string
	InvalidDeptIDs []int64
	Failed         iter.Seq[string]
	Read           iter.Seq[string]
	Unread         iter.Seq[string]
	Held           []Held
	Dropped        bool
}

// Held is the people held back for one reason.
type Held struct {
	Code  string // as policy names it
	Count int64  // the threshold that was hit
	Users iter.Seq[string]
}
