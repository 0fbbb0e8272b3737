package notify

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/fault"
)

// Progress tells how far a task is. The inbox settles within the accepting
// commit, so a task that exists is finished (docs/contract.md#progress).
//
// Faults: CodeAgentUnknown, CodeTaskUnknown, CodeWindowClosed.
func (s *Service) Progress(ctx context.Context, c app.Caller, agentID, taskID int64) (Progress, error) {
	t, err := s.owned(ctx, c, agentID, taskID, s.deps.Store.TaskByID)
	if err != nil {
		return Progress{}, fmt.Errorf("notify.Progress: %w", err)
	}
	if w := c.Limits.ProgressWindow; !w.Open(t.AcceptedAt, s.deps.Now()) {
		return Progress{}, windowClosed("asking for the progress", time.Duration(w))
	}
	return Progress{Percent: 100, Status: 2}, nil
}

// Result tells what became of everyone named (docs/contract.md#result).
//
// Faults: CodeAgentUnknown, CodeTaskUnknown, CodeWindowClosed, and
// CodeResultTooLarge where the organization limits how many people a result
// is given for.
func (s *Service) Result(ctx context.Context, c app.Caller, agentID, taskID int64) (Result, error) {
	t, err := s.owned(ctx, c, agentID, taskID, s.deps.Store.OutcomeByID)
	if err != nil {
		return Result{}, fmt.Errorf("notify.Result: %w", err)
	}
	if w := c.Limits.ResultWindow; !w.Open(t.AcceptedAt, s.deps.Now()) {
		return Result{}, windowClosed("asking for the result", time.Duration(w))
	}
	if most, named := int64(c.Limits.ResultRecipients), people(t); most > 0 && named > most {
		return Result{}, fault.New(fault.CodeResultTooLarge, "the task has %d recipients, the limit of a result is %d", named, most).
			WithLimit(most, named)
	}
	readers, kept, err := s.deps.Store.Readers(ctx, c.Organization, taskID)
	if err != nil {
		return Result{}, fmt.Errorf("notify.Result: %w", err)
	}
	if !kept {
		readers = t.Sent
	}
	return Result{
		InvalidUserids: t.Invalid.Userids,
		InvalidDeptIDs: t.Invalid.DeptIDs,
		Failed:         func(func(string) bool) {},
		Dropped:        !kept,
		Read:           s.userids(t, roaring.And(t.Sent, readers)),
		Unread:         s.userids(t, roaring.AndNot(t.Sent, readers)),
		Held:           s.held(t),
	}, nil
}

func (s *Service) held(t *Task) (held []Held) {
	for _, h := range t.Held {
		held = append(held, Held{Code: h.Code, Count: h.Threshold, Users: s.userids(t, h.Set)})
	}
	return held
}

func (s *Service) userids(t *Task, set *roaring.Bitmap) iter.Seq[string] {
	return s.deps.Directory.Userids(t.Organization, set)
}

// people is how many people a task named, those held back included.
func people(t *Task) int64 {
	n := size(t.Sent)
	for _, h := range t.Held {
		n += size(h.Set)
	}
	return n
}
