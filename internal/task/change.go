package task

import (
	"context"
	"fmt"

	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/policy"
)

// MayRecall reports whether the asker can recall the task at this moment: the window
// of its app holds by hand as it does for the app.
func (s *Service) MayRecall(t *Task) bool {
	return t.RecalledAt.IsZero() && t.Grant.May(policy.TasksChange, policy.Case{}) && t.limits.RecallWindow.Open(t.SentAt, s.Now())
}

// MaySetStatusBar reports whether the asker can change the task's status bar at this
// moment; see MayRecall.
func (s *Service) MaySetStatusBar(t *Task) bool {
	return t.Type == string(message.TypeOA) && t.RecalledAt.IsZero() && t.Grant.May(policy.TasksChange, policy.Case{}) &&
		t.limits.StatusBarWindow.Open(t.SentAt, s.Now())
}

// Recall takes a task back from everybody, as its app could: tasks.change. Fails as
// notify.Service.Recall.
func (s *Service) Recall(ctx context.Context, g policy.Grant, t Task) (Task, error) {
	if err := g.For(policy.TasksChange); err != nil {
		return Task{}, err
	}
	c, err := s.Apps.Acting(ctx, t.Organization, t.AgentID)
	if err == nil {
		err = s.Sender.RecallBy(ctx, c, t.TaskID, g.By())
	}
	if err != nil {
		return Task{}, fmt.Errorf("task.Recall: %w", err)
	}
	return t, s.again(ctx, &t)
}

// SetStatusBar changes the status bar of an oa message, as its app could:
// tasks.change. Fails as notify.Service.SetStatusBar.
func (s *Service) SetStatusBar(ctx context.Context, g policy.Grant, t Task, value, background string) (Task, error) {
	if err := g.For(policy.TasksChange); err != nil {
		return Task{}, err
	}
	c, err := s.Apps.Acting(ctx, t.Organization, t.AgentID)
	if err == nil {
		err = s.Sender.SetStatusBarBy(ctx, c, t.TaskID, value, background, g.By())
	}
	if err != nil {
		return Task{}, fmt.Errorf("task.SetStatusBar: %w", err)
	}
	return t, s.again(ctx, &t)
}

// again reads what has become of a task.
func (s *Service) again(ctx context.Context, t *Task) (err error) {
	if t.Summary, err = s.Store.Summary(ctx, t.Organization, t.TaskID); err != nil {
		return err
	}
	t.words()
	return nil
}
