package notify

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/fault"
)

// unknownFor is how long the outcome of a lost COMMIT is asked for.
const unknownFor = 15 * time.Second

// commit decides and commits a batch and answers it. An error means that
// nothing was committed and nobody answered.
func (q *sequencer) commit(batch []*submission, states map[int64]*orgState) error {
	began := time.Now()
	parts, err := q.transact(context.Background(), batch, states)
	if fault.Is(err, fault.CodeCommitUnknown) {
		err = q.settleUnknown(parts, batch, states, err)
	}
	q.deps.Meter.Batch(len(batch), time.Since(began), err != nil)
	if errors.Is(err, errAnswered) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, p := range parts {
		q.announce(p)
	}
	q.answer(batch, nil)
	return nil
}

// answer tells every caller; err stands for those that were not refused.
func (q *sequencer) answer(batch []*submission, err error) {
	for _, s := range batch {
		if s.refused != nil {
			s.done <- s.refused
			continue
		}
		s.done <- err
	}
}

// announce follows a commit: memory, queued events of recalled tasks, hints.
func (q *sequencer) announce(p *orgBatch) {
	p.settle()
	for _, id := range p.recalled {
		q.deps.Hints.Recalled(p.id, id)
	}
	if p.revision > p.position.Revision {
		q.deps.Hints.Committed(p.id, p.revision)
	}
	for _, t := range p.tasks {
		var held uint64
		for _, h := range t.Held {
			held += h.Set.GetCardinality()
		}
		q.deps.Meter.Decided(t.Sent.GetCardinality(), held)
	}
}

// transact runs the one transaction. The parts tell what it decided; they are
// valid when it committed, or when nobody knows.
func (q *sequencer) transact(ctx context.Context, batch []*submission, states map[int64]*orgState) ([]*orgBatch, error) {
	byOrganization := map[int64][]*submission{}
	for _, s := range batch {
		byOrganization[s.organization] = append(byOrganization[s.organization], s)
	}
	write, sends := q.deps.Store.WriteTasks, len(sendsOf(batch))
	if sends == 0 {
		write = q.deps.Store.WriteChanges
	}
	ids, err := q.deps.Store.NextIDs(ctx, "task", sends)
	if err != nil {
		return nil, fmt.Errorf("ids: %w", err)
	}
	organizations := slices.Sorted(maps.Keys(byOrganization))
	parts := make([]*orgBatch, 0, len(organizations))
	err = write(ctx, func(ctx context.Context, tx Tx) error {
		parts = parts[:0]
		for _, s := range batch {
			s.refused = nil
		}
		positions, err := tx.Lock(ctx, organizations)
		if err != nil {
			return fmt.Errorf("lock: %w", err)
		}
		now, free := q.deps.Now().Truncate(time.Millisecond).UTC(), ids
		for _, id := range organizations {
			submissions := byOrganization[id]
			p := q.part(id, tx, states[id], positions[id], now)
			n := len(sendsOf(submissions))
			p.ids, free = free[:n], free[n:]
			if err := p.decide(ctx, submissions); err != nil {
				return fmt.Errorf("organization %d: %w", id, err)
			}
			parts = append(parts, p)
		}
		return nil
	})
	return parts, err
}

func (q *sequencer) part(id int64, tx Tx, state *orgState, at Position, now time.Time) *orgBatch {
	return &orgBatch{
		id: id, tx: tx, facts: tx, days: q.days, directory: q.deps.Directory, state: state, position: at, revision: at.Revision,
		now: now, day: q.day(id, now), minute: now.Unix() / 60,
		folds: map[int64]*fold{}, identical: map[Digest]*roaring.Bitmap{}, standings: map[templateOf]TemplateStanding{},
	}
}

func (q *sequencer) day(organization int64, now time.Time) int64 {
	year, month, day := now.In(q.deps.Directory.Location(organization)).Date()
	return int64(year*10000 + int(month)*100 + day)
}

// settleUnknown finds out whether a transaction whose COMMIT was lost is
// there. Locking the organizations waits for the old session's end, so the
// answer is definite. nil: it was committed. CodeBusy: it was not. Otherwise
// the database stayed away and the callers must hear that nobody knows; they
// are answered here.
func (q *sequencer) settleUnknown(parts []*orgBatch, batch []*submission, states map[int64]*orgState, unknown error) error {
	wrote := slices.DeleteFunc(slices.Clone(parts), func(p *orgBatch) bool { return p.revision == p.position.Revision })
	if len(wrote) == 0 {
		return nil // nothing was to be written
	}
	deadline := time.Now().Add(unknownFor)
	for wait := 10 * time.Millisecond; time.Now().Before(deadline); wait = min(2*wait, time.Second) {
		there, err := q.committed(wrote)
		switch {
		case err == nil && there:
			return nil
		case err == nil:
			return busy(unknown)
		}
		<-time.After(wait)
	}
	for id := range states {
		*states[id] = orgState{folds: map[int64]*fold{}}
	}
	q.days.forgetAll()
	q.deps.Log.Error("the database did not come back after a lost commit", "submissions", len(batch), "error", unknown)
	q.answer(batch, unknown)
	return errAnswered
}

// errAnswered says that a failed batch has been answered.
var errAnswered = errors.New("answered")

// committed reports whether the revisions that these parts took are theirs. If
// the transaction was rolled back, another node may have given the same
// revisions to something else since, of the same task too. So what took them
// is compared whole, and in every organization: one transaction wrote all of
// them or none.
func (q *sequencer) committed(parts []*orgBatch) (all bool, err error) {
	ids := make([]int64, len(parts)) // ascending, as the parts are
	for i, p := range parts {
		ids[i] = p.id
	}
	err = q.deps.Store.WriteTasks(context.Background(), func(ctx context.Context, tx Tx) error {
		if _, err := tx.Lock(ctx, ids); err != nil {
			return err
		}
		for _, p := range parts {
			taken, found, err := tx.TakenAt(ctx, p.id, p.revision)
			if err != nil || !found || !taken.is(p.last) {
				return err
			}
		}
		all = true
		return nil
	})
	return all, err
}

func (t Taken) is(other Taken) bool {
	return t.TaskID == other.TaskID && t.Kind == other.Kind && t.At.Equal(other.At)
}
