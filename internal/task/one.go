package task

import (
	"context"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
)

// lookup looks everything up once that belongs to tasks of one request.
type lookup struct {
	*Service
	senders map[int64]sender // by installation
	names   map[notify.TemplateUse]string
}

// sender is whose tasks they are.
type sender struct {
	app    app.App
	limits policy.Limits
}

func (s *Service) lookup() lookup {
	return lookup{Service: s, senders: map[int64]sender{}, names: map[notify.TemplateUse]string{}}
}

func (l *lookup) sender(ctx context.Context, organization, agentID int64) (sender, error) {
	if one, known := l.senders[agentID]; known {
		return one, nil
	}
	a, _, err := l.Apps.AppOfAgent(ctx, agentID)
	var c app.Caller
	if err == nil {
		c, err = l.Apps.Acting(ctx, organization, agentID)
	}
	if fault.Is(err, fault.CodeAgentUnknown) { // what it has sent is listed all the same
		a, err = app.App{ID: agentID, Kind: app.ThirdParty}, nil
	}
	if err == nil {
		l.senders[agentID] = sender{a, c.Limits}
	}
	return l.senders[agentID], err
}

// task is a summary as far as somebody may see it; false where it is not theirs to
// see.
func (l *lookup) task(ctx context.Context, asker policy.Asker, s Summary) (t Task, seen bool, err error) {
	of, err := l.sender(ctx, s.Organization, s.AgentID)
	if err != nil {
		return Task{}, false, err
	}
	g, err := policy.Check(asker, policy.TasksRead, resource(&s, of.app), Unknown(s.TaskID))
	if fault.Is(err, fault.CodeTaskUnknown) {
		return Task{}, false, nil
	}
	if err != nil {
		return Task{}, false, err
	}
	s.words()
	t = Task{Summary: s, AppKey: of.app.Key, Grant: g, limits: of.limits}
	t.TemplateName, err = l.name(ctx, of.app.Organization, s.Use)
	return t, err == nil, err
}

// name is what a version of a template is called; "" for one that is gone.
func (l *lookup) name(ctx context.Context, provider int64, use notify.TemplateUse) (string, error) {
	if use.ID == "" {
		return "", nil
	}
	name, known := l.names[use]
	if known {
		return name, nil
	}
	name, err := l.Store.TemplateName(ctx, provider, use)
	l.names[use] = name
	return name, err
}

// Find returns a task, and the asker's right to it, of the route: one to a single
// task. Whoever may not see it is answered as if there were none. Fails with
// CodeTaskUnknown, and with CodePermissionDenied where the table refuses.
func (s *Service) Find(ctx context.Context, asker policy.Asker, right policy.Right, organization, taskID int64) (Task, policy.Grant, error) {
	summary, err := s.Store.Summary(ctx, organization, taskID)
	if err != nil {
		return Task{}, policy.Grant{}, fmt.Errorf("task.Find: %w", err)
	}
	l := s.lookup()
	t, seen, err := l.task(ctx, asker, summary)
	if err == nil && !seen {
		err = Unknown(taskID)
	}
	if err != nil {
		return Task{}, policy.Grant{}, fmt.Errorf("task.Find: %w", err)
	}
	g, err := policy.Check(asker, right, t.Grant.Resource(), Unknown(taskID))
	return t, g, err
}

// Held is how many were held back for one reason.
type Held struct {
	Code  string // as policy names it
	Limit int64  // that was hit, 0 where there is none
	Count int64
}

// Exact completes a task with counts of this moment, and with why people were held
// back: tasks.read.
func (s *Service) Exact(ctx context.Context, g policy.Grant, t *Task) ([]Held, error) {
	if err := g.For(policy.TasksRead); err != nil {
		return nil, err
	}
	outcome, err := s.Store.Outcome(ctx, t.Organization, t.TaskID)
	if err != nil {
		return nil, fmt.Errorf("task.Exact: %w", err)
	}
	at := s.Now().UTC().Truncate(time.Millisecond)
	read, kept, err := s.Store.CountRead(ctx, t.Organization, t.TaskID)
	if err != nil {
		return nil, fmt.Errorf("task.Exact: %w", err)
	}
	if t.Dropped = !kept; kept {
		t.Count = Count{read, at}
	}
	return heldBack(outcome.Held), nil
}

// Event is one step in the life of a task. By is nobody where the app took it.
type Event struct {
	At   time.Time
	By   audit.Actor
	What string // "send", or a kind of notify.Change
}

// sent is the first Event of every task.
const sent = "send"

// Events returns what has become of a task, oldest first: tasks.read.
func (s *Service) Events(ctx context.Context, g policy.Grant, t Task) ([]Event, error) {
	if err := g.For(policy.TasksRead); err != nil {
		return nil, err
	}
	changes, err := s.Store.Changes(ctx, t.Organization, t.TaskID)
	if err != nil {
		return nil, fmt.Errorf("task.Events: %w", err)
	}
	events, recalled := []Event{{t.SentAt, t.By, sent}}, false
	for _, c := range changes {
		recalled = recalled || c.Kind == notify.ChangeRecall
		events = append(events, Event{c.At, c.By, c.Kind})
	}
	if !recalled && !t.RecalledAt.IsZero() { // before changes were kept: by the app, as all were then
		events = append(events, Event{At: t.RecalledAt, What: notify.ChangeRecall})
	}
	for i := range events {
		if !events[i].By.IsPerson() {
			events[i].By = audit.Actor{}
		}
	}
	return events, nil
}
