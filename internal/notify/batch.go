package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
)

// requestsKept is how long an idempotency key is remembered.
const requestsKept = 24 * time.Hour

// order is what a submission wants done under the organization's lock. An
// error made by refuse is the answer to this submission alone; any other
// error fails the whole transaction.
type order interface {
	decide(ctx context.Context, b *orgBatch) error
}

// refusal marks an error as the answer to one submission.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

func refuse(err error) error { return refusal{err} }

// orgBatch is one organization's part of a transaction.
type orgBatch struct {
	id       int64
	tx       Tx    // nil of a plan, which writes nothing
	facts    Facts // the transaction's; of a plan as they are at this moment
	state    *orgState
	position Position // directory and revision as locked
	revision int64    // as advanced by this transaction
	now      time.Time
	day      int64
	minute   int64
	ids      []int64 // fresh task ids, one per send

	folds     map[int64]*fold                 // working copies, by agent
	identical map[Digest]*roaring.Bitmap      // who has had this content
	standings map[templateOf]TemplateStanding // as locked
	days      *days
	directory Directory
	tasks     []*Task
	requests  []Request
	recalled  []int64
	last      Taken // what took the last revision
}

// orgState is what a node remembers of an organization between transactions.
// It belongs to whoever commits for the organization: the sequencer, or the
// organization's lane.
type orgState struct {
	revision int64 // up to which the folds are current
	folds    map[int64]*fold
}

// decide runs every submission's order and writes what was decided.
func (b *orgBatch) decide(ctx context.Context, submissions []*submission) error {
	sends := sendsOf(submissions)
	if err := b.prepare(ctx, sends); err != nil {
		return err
	}
	for _, s := range submissions {
		if s.refused != nil {
			continue
		}
		err := s.order.decide(ctx, b)
		var r refusal
		if errors.As(err, &r) {
			s.refused, err = r.error, nil
		}
		if err != nil {
			return err
		}
	}
	return b.write(ctx)
}

// sendsOf returns the submissions that make tasks.
func sendsOf(submissions []*submission) []*submission {
	return slices.DeleteFunc(slices.Clone(submissions), func(s *submission) bool {
		_, ok := s.order.(sending)
		return !ok
	})
}

// prepare makes everything current that sends are decided by: audiences,
// folds, and who has had identical content.
func (b *orgBatch) prepare(ctx context.Context, sends []*submission) error {
	if b.state.revision != b.position.Revision {
		// Somebody else has committed: every fold has to look.
		for _, f := range b.state.folds {
			f.stale = true
		}
	}
	keys := make([]int64, 0, len(sends))
	for _, s := range sends {
		o := s.order.(sending).sends()
		if err := b.refresh(ctx, s, o); err != nil {
			return err
		}
		if _, free := s.order.(*test); !free {
			if err := b.foldFor(ctx, o); err != nil {
				return err
			}
		}
		said, _ := o.content.said() // what cannot be sent is refused when it is decided
		keys = append(keys, o.digest(said, b.day).Key())
	}
	if len(keys) == 0 {
		return nil
	}
	slices.Sort(keys)
	found, err := b.facts.Identical(ctx, b.id, slices.Compact(keys))
	if err != nil {
		return fmt.Errorf("identical: %w", err)
	}
	b.identical = map[Digest]*roaring.Bitmap{}
	for _, t := range found {
		b.remember(t.Digest, t.Sent)
	}
	return nil
}

// refresh makes a send true at this moment, not at the one it came in at.
func (b *orgBatch) refresh(ctx context.Context, s *submission, o *send) error {
	moved := o.resolved.DirectoryRevision != b.position.DirectoryRevision
	var err error
	if moved {
		err = b.resolve(ctx, o)
	}
	if ours := answerable(err); ours || err != nil {
		if ours {
			s.refused, err = err, nil
		}
		return err
	}
	return o.content.current(ctx, b, moved)
}

// answerable reports what is the fault of one send and no reason to fail others.
func answerable(err error) bool {
	var f *fault.Fault
	return errors.As(err, &f) && f.Kind != fault.Internal && f.Kind != fault.Unavailable
}

// resolve resolves an audience again: the directory has moved on.
func (b *orgBatch) resolve(ctx context.Context, o *send) error {
	if err := b.directory.CatchUp(ctx, b.id, b.position.DirectoryRevision); err != nil {
		return fmt.Errorf("directory: %w", err)
	}
	resolved, err := b.directory.Resolve(ctx, b.id, o.envelope.Audience, o.envelope.Caller.Range)
	if err != nil {
		return err
	}
	o.resolved = resolved
	return o.checkResolved()
}

// foldFor makes a working copy of the agent's day. Memory changes only after
// the commit.
func (b *orgBatch) foldFor(ctx context.Context, o *send) error {
	agent, limit := o.envelope.AgentID, o.envelope.Caller.Limits.MessagesPerDay
	if b.folds[agent] != nil {
		return nil
	}
	if !counts(o.envelope.Caller.Limits) {
		// What is not counted from here on would be missing later.
		delete(b.state.folds, agent)
		b.days.forget(b.id, agent)
		return nil
	}
	kept := b.state.folds[agent]
	if kept == nil || kept.day != b.day {
		kept = b.days.take(b.id, agent, b.day)
		kept.stale = true // until this moment, under the lock
		b.state.folds[agent] = kept
	}
	if kept.stale {
		if err := kept.catchUp(ctx, b.facts, b.id, agent, limit); err != nil {
			return err
		}
	}
	if err := kept.beginTally(ctx, b.facts, b.id, agent, limit); err != nil {
		return err
	}
	b.folds[agent] = kept.clone()
	return nil
}

func (b *orgBatch) remember(d Digest, sent *roaring.Bitmap) {
	if known := b.identical[d]; known != nil {
		sent = roaring.Or(known, sent)
	}
	b.identical[d] = sent
}

// request looks an idempotency key up, in this transaction first.
func (b *orgBatch) request(ctx context.Context, asked Request) (Request, bool, error) {
	for _, r := range b.requests {
		if r.AgentID == asked.AgentID && r.Endpoint == asked.Endpoint && r.Key == asked.Key {
			return r, true, nil
		}
	}
	return b.facts.Request(ctx, asked, b.now.Add(-requestsKept))
}

func dayTask(t *Task) DayTask {
	return DayTask{
		Revision: t.Revision, Minute: t.Minute, Everyone: t.Named.Everyone,
		SentCount: int64(t.Sent.GetCardinality()), Sent: t.Sent,
	}
}

// TasksOfDay reads the day's tasks, those of this transaction included.
func (b *orgBatch) TasksOfDay(ctx context.Context, organization, agentID, day, after int64, limit int, sets bool) ([]DayTask, error) {
	tasks, err := b.facts.TasksOfDay(ctx, organization, agentID, day, after, limit, sets)
	if err != nil || len(tasks) == limit {
		return tasks, err
	}
	for _, t := range b.tasks {
		if t.AgentID == agentID && t.Revision > after && t.Minute != uncounted {
			tasks = append(tasks, dayTask(t))
		}
	}
	return tasks, err
}

// next takes the organization's next revision for a task, or a change of it.
func (b *orgBatch) next(taskID int64, kind string) int64 {
	b.revision++
	b.last = Taken{TaskID: taskID, Kind: kind, At: b.now}
	return b.revision
}

func (b *orgBatch) change(ctx context.Context, taskID int64, kind string, by audit.By) error {
	c := Change{Organization: b.id, Revision: b.next(taskID, kind), TaskID: taskID, Kind: kind, At: b.now, By: by.Actor}
	if by.IsPerson() {
		action := map[string]audit.Action{ChangeRecall: audit.TaskRecall, ChangeStatusBar: audit.TaskStatusBar}[kind]
		c.Entry = &audit.Entry{Organization: b.id, At: b.now, By: by, Action: action, Subject: audit.TaskSubject(taskID)}
	}
	return b.tx.CreateChange(ctx, c)
}

func (b *orgBatch) write(ctx context.Context) error {
	if b.revision == b.position.Revision {
		return nil
	}
	if err := b.tx.CreateTasks(ctx, b.tasks); err != nil {
		return fmt.Errorf("tasks: %w", err)
	}
	for _, r := range b.requests {
		if err := b.tx.CreateRequest(ctx, r); err != nil {
			return fmt.Errorf("request: %w", err)
		}
	}
	if err := b.tx.Advance(ctx, b.id, b.revision); err != nil {
		return fmt.Errorf("advance: %w", err)
	}
	return nil
}

// settle makes memory follow the commit.
func (b *orgBatch) settle() {
	for agent, f := range b.folds {
		b.state.folds[agent] = f
		b.days.offer(b.id, agent, f)
	}
	b.state.revision = b.revision
}
