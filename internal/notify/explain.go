package notify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/directory"
)

// Outcome is what became of somebody in a task.
type Outcome string

// The outcomes.
const (
	OutcomeSent       Outcome = "sent"
	OutcomeHeld       Outcome = "held"
	OutcomeInvalid    Outcome = "invalid"     // the userid was named and meant nobody
	OutcomeNeverNamed Outcome = "never_named" // neither the person nor a department of theirs
)

// Explanation is what is known of one person in one task.
type Explanation struct {
	Task    *Task // without its message
	Ordinal uint32
	Person  directory.User // as they are now; zero where nobody has or had the userid
	Outcome Outcome
	Code    string           // of the rule that held them back, as policy names it
	Count   int64            // the limit that was hit, 0 where there is none
	Reason  directory.Reason // of OutcomeInvalid; "" in tasks of before it was kept

	// How they were named. Departments are told as of now: people and
	// departments may have moved since.
	ByUserid bool
	Everyone bool
	Depts    []int64 // those named that the person is in, or below which

	ReadAt   time.Time // zero while it is unread
	Receipts bool      // whether it is still known who has read it
}

// Explainer tells what became of somebody in a task, from what is stored. It
// needs no app and no window is closed to it.
type Explainer struct {
	Store  ExplainStore
	People ExplainPeople
}

// ExplainStore is what an Explainer asks of the database.
type ExplainStore interface {
	// OutcomeByID is as Store has it.
	OutcomeByID(ctx context.Context, organization, id int64) (*Task, error)
	// ReadAt returns when somebody read a task, the zero time while they have
	// not. kept is false where receipts of the task are no longer kept.
	ReadAt(ctx context.Context, organization, id int64, ordinal uint32) (at time.Time, kept bool, err error)
}

// ExplainPeople is what an Explainer asks of the directory.
type ExplainPeople interface {
	Holders(ctx context.Context, organization int64, userid string) ([]uint32, error)
	PeopleByOrdinal(ctx context.Context, organization int64, ordinals []uint32) (map[uint32]directory.User, error)
	Departments(ctx context.Context, organization int64) ([]directory.Department, error)
}

// Userid explains a task to whoever asks about a userid: one explanation for
// each person who has or had it and is in the task, and one in all where none
// is. CodeTaskUnknown.
func (e Explainer) Userid(ctx context.Context, organization, taskID int64, userid string) ([]Explanation, error) {
	t, err := e.Store.OutcomeByID(ctx, organization, taskID)
	if err != nil {
		return nil, fmt.Errorf("notify.Explain: %w", err)
	}
	holders, err := e.People.Holders(ctx, organization, userid)
	if err != nil {
		return nil, err
	}
	var all []Explanation
	for _, ordinal := range holders {
		x, err := e.explain(ctx, t, ordinal)
		if err != nil {
			return nil, err
		}
		if x.Outcome != OutcomeNeverNamed {
			all = append(all, x)
		}
	}
	if len(all) > 0 {
		return all, nil
	}
	x := Explanation{Task: t, Outcome: OutcomeNeverNamed}
	if len(holders) > 0 { // the latest
		if x, err = e.explain(ctx, t, holders[len(holders)-1]); err != nil {
			return nil, err
		}
	}
	if slices.Contains(t.Invalid.Userids, userid) {
		x.Outcome, x.Reason, x.ByUserid = OutcomeInvalid, t.Invalid.UserReason(userid), true
	}
	return []Explanation{x}, nil
}

// Ordinal explains a task to whoever asks about a person. CodeTaskUnknown.
func (e Explainer) Ordinal(ctx context.Context, organization, taskID int64, ordinal uint32) (Explanation, error) {
	t, err := e.Store.OutcomeByID(ctx, organization, taskID)
	if err != nil {
		return Explanation{}, fmt.Errorf("notify.Explain: %w", err)
	}
	return e.explain(ctx, t, ordinal)
}

func (e Explainer) explain(ctx context.Context, t *Task, ordinal uint32) (Explanation, error) {
	x := Explanation{Task: t, Ordinal: ordinal, Outcome: OutcomeNeverNamed}
	people, err := e.People.PeopleByOrdinal(ctx, t.Organization, []uint32{ordinal})
	if err != nil {
		return x, err
	}
	x.Person = people[ordinal]
	if t.Sent.Contains(ordinal) {
		x.Outcome = OutcomeSent
		if x.ReadAt, x.Receipts, err = e.Store.ReadAt(ctx, t.Organization, t.ID, ordinal); err != nil {
			return x, fmt.Errorf("notify.Explain: %w", err)
		}
	}
	for _, h := range t.Held {
		if h.Set.Contains(ordinal) {
			x.Outcome, x.Code, x.Count = OutcomeHeld, h.Code, h.Threshold
		}
	}
	x.Everyone = t.Named.Everyone
	if x.Depts, err = e.departments(ctx, t, x.Person.DeptIDs); err != nil {
		return x, err
	}
	if x.Outcome == OutcomeNeverNamed {
		return x, nil
	}
	x.ByUserid, err = t.Named.byUserid(ordinal)
	return x, err
}

// byUserid reports whether somebody whom the task reached was named by userid.
// Where nobody was named in another way, everybody was.
func (n Named) byUserid(ordinal uint32) (bool, error) {
	if len(n.ByUserid) == 0 {
		return n.Userids > 0 && !n.Everyone && len(n.DeptIDs) == 0 && n.UnreadOf == 0, nil
	}
	set := roaring.New()
	if _, err := set.FromBuffer(n.ByUserid); err != nil {
		return false, fmt.Errorf("who was named one by one: %w", err)
	}
	return set.Contains(ordinal), nil
}

// departments are those the task named that are above one of these.
func (e Explainer) departments(ctx context.Context, t *Task, of []int64) ([]int64, error) {
	if len(t.Named.DeptIDs) == 0 {
		return nil, nil
	}
	all, err := e.People.Departments(ctx, t.Organization)
	if err != nil {
		return nil, err
	}
	parent := make(map[int64]int64, len(all))
	for _, d := range all {
		parent[d.ID] = d.ParentID
	}
	var named []int64
	for _, id := range of {
		for ; id != 0; id = parent[id] {
			if slices.Contains(t.Named.DeptIDs, id) && !slices.Contains(named, id) {
				named = append(named, id)
			}
		}
	}
	slices.Sort(named)
	return named, nil
}
