package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
)

// Recall takes a message back from every recipient, for good: after it
// answered, nothing that is read later holds the content. Recalling twice is
// fine (docs/contract.md#recall).
//
// Faults: CodeAgentUnknown, CodeTaskUnknown, CodeWindowClosed; CodeBusy when
// nothing happened, CodeCommitUnknown when nobody knows.
func (s *Service) Recall(ctx context.Context, c app.Caller, agentID, taskID int64) error {
	if _, err := s.owned(ctx, c, agentID, taskID, s.deps.Store.TaskByID); err != nil {
		return fmt.Errorf("notify.Recall: %w", err)
	}
	return s.recall(ctx, &recall{caller: c, taskID: taskID, by: c.By()})
}

// RecallBy is Recall by somebody, by hand, of a task of the app that c is: what
// holds for the app holds for them. The audit log has it.
func (s *Service) RecallBy(ctx context.Context, c app.Caller, taskID int64, by audit.By) error {
	if _, err := s.owned(ctx, c, c.AgentID, taskID, s.deps.Store.TaskByID); err != nil {
		return fmt.Errorf("notify.Recall: %w", err)
	}
	return s.recall(ctx, &recall{caller: c, taskID: taskID, by: by})
}

func (s *Service) recall(ctx context.Context, o *recall) error {
	if err := s.sequencer.submit(ctx, o.caller.Organization, o); err != nil {
		return fmt.Errorf("notify.Recall: %w", err)
	}
	return nil
}

// SetStatusBar changes the status bar of an oa message in every inbox
// (docs/contract.md#status-bar). An empty background keeps the default.
//
// Faults: CodeAgentUnknown, CodeTaskUnknown; CodeStatusBarType for another
// message type; CodeTaskRecalled; CodeWindowClosed; the message room's for the
// texts; CodeBusy and CodeCommitUnknown as for Recall.
func (s *Service) SetStatusBar(ctx context.Context, c app.Caller, agentID, taskID int64, value, background string) error {
	return s.setStatusBar(ctx, agentID, &statusBar{caller: c, taskID: taskID, value: value, background: background, by: c.By()})
}

// SetStatusBarBy is SetStatusBar by somebody, by hand; see RecallBy.
func (s *Service) SetStatusBarBy(ctx context.Context, c app.Caller, taskID int64, value, background string, by audit.By) error {
	return s.setStatusBar(ctx, c.AgentID, &statusBar{caller: c, taskID: taskID, value: value, background: background, by: by})
}

func (s *Service) setStatusBar(ctx context.Context, agentID int64, o *statusBar) error {
	if err := message.ValidStatusBar(o.value, o.background); err != nil {
		return err
	}
	if _, err := s.owned(ctx, o.caller, agentID, o.taskID, s.deps.Store.TaskByID); err != nil {
		return fmt.Errorf("notify.SetStatusBar: %w", err)
	}
	if err := s.sequencer.submit(ctx, o.caller.Organization, o); err != nil {
		return fmt.Errorf("notify.SetStatusBar: %w", err)
	}
	return nil
}

type recall struct {
	caller app.Caller
	taskID int64
	by     audit.By
}

func (o *recall) decide(ctx context.Context, b *orgBatch) error {
	t, err := b.tx.TaskByID(ctx, b.id, o.taskID)
	if err != nil {
		return err
	}
	if !t.RecalledAt.IsZero() {
		return nil
	}
	if w := o.caller.Limits.RecallWindow; !w.Open(t.AcceptedAt, b.now) {
		return refuse(windowClosed("recalling", time.Duration(w)))
	}
	if err := b.tx.MarkRecalled(ctx, b.id, o.taskID, b.now); err != nil {
		return err
	}
	b.recalled = append(b.recalled, o.taskID)
	return b.change(ctx, o.taskID, ChangeRecall, o.by)
}

type statusBar struct {
	caller            app.Caller
	taskID            int64
	value, background string
	by                audit.By
}

func (o *statusBar) decide(ctx context.Context, b *orgBatch) error {
	t, err := b.tx.TaskByID(ctx, b.id, o.taskID)
	if err != nil {
		return err
	}
	switch w := o.caller.Limits.StatusBarWindow; {
	case t.Type != string(message.TypeOA):
		return refuse(fault.New(fault.CodeStatusBarType, "task %d is no oa message", o.taskID).WithField("task_id"))
	case !t.RecalledAt.IsZero():
		return refuse(fault.New(fault.CodeTaskRecalled, "task %d was recalled", o.taskID).WithField("task_id"))
	case !w.Open(t.AcceptedAt, b.now):
		return refuse(windowClosed("changing the status bar", time.Duration(w)))
	case t.StatusValue == o.value && t.StatusBg == o.background:
		return nil // it shows that already
	}
	if err := b.tx.MarkStatusBar(ctx, b.id, o.taskID, o.value, o.background); err != nil {
		return err
	}
	return b.change(ctx, o.taskID, ChangeStatusBar, o.by)
}
