package task

import (
	"context"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
)

// spreadShown is how many departments a plan tells of.
const spreadShown = 10

// Draft is a notification that somebody writes, to send it by hand in the name of an
// app. It says a message, or a template.
type Draft struct {
	AgentID    int64
	Message    []byte // one JSON object, as the wire takes it
	TemplateID string // "" for a message
	Values     map[string]string
	Audience   directory.Audience // nobody, while that is not decided; Among is not to be set
	UnreadOf   int64              // beside them, who has not read this task; 0 for none
}

// Plan is what would become of a draft at this moment.
type Plan struct {
	notify.Plan
	TemplateName string
	Departments  []directory.DepartmentShare // of those who would get it, at most ten
	Held         []Held
}

// Plan tells what would become of a draft, and writes nothing: sends.write. Fails as
// Send, but for what binds a send to its plan.
func (s *Service) Plan(ctx context.Context, g policy.Grant, d Draft) (Plan, error) {
	p, err := s.plan(ctx, g, d)
	if err != nil {
		return Plan{}, fmt.Errorf("task.Plan: %w", err)
	}
	if p.Use.ID != "" {
		provider, err := s.provider(ctx, d.AgentID)
		if err == nil {
			p.TemplateName, err = s.Store.TemplateName(ctx, provider, p.Use)
		}
		if err != nil {
			return Plan{}, fmt.Errorf("task.Plan: %w", err)
		}
	}
	if p.To == nil {
		return p, nil
	}
	p.Held = heldBack(p.To.Held)
	if p.Departments, err = s.People.Spread(ctx, g.Resource().Organization, p.To.Sent, spreadShown); err != nil {
		return Plan{}, fmt.Errorf("task.Plan: %w", err)
	}
	return p, nil
}

func (s *Service) plan(ctx context.Context, g policy.Grant, d Draft) (Plan, error) {
	out, err := s.draft(ctx, g, policy.SendsWrite, d)
	if err != nil {
		return Plan{}, err
	}
	p, err := s.Sender.Plan(ctx, out)
	return Plan{Plan: p}, err
}

// provider is whose an installation's app is.
func (s *Service) provider(ctx context.Context, agentID int64) (int64, error) {
	a, _, err := s.Apps.AppOfAgent(ctx, agentID)
	return a.Organization, err
}

// Planned returns a page of the people whom a draft would reach, of those held back, or
// of the ids that mean nobody: sends.write. Fails as Plan.
func (s *Service) Planned(ctx context.Context, g policy.Grant, d Draft, q RecipientQuery, after *Place, limit int) (RecipientPage, error) {
	p, err := s.plan(ctx, g, d)
	if err != nil {
		return RecipientPage{}, fmt.Errorf("task.Planned: %w", err)
	}
	would := &notify.Task{Organization: g.Resource().Organization, Sent: roaring.New()}
	if to := p.To; to != nil {
		would.Sent, would.Held = to.Sent, to.Held
		would.Invalid = notify.Invalid{
			Userids: to.InvalidUserids, DeptIDs: to.InvalidDeptIDs, UserReasons: to.UserReasons, DeptReasons: to.DeptReasons,
		}
	}
	c, err := s.chosenOf(ctx, would, q)
	if err != nil {
		return RecipientPage{}, fmt.Errorf("task.Planned: %w", err)
	}
	return c.pageAfter(after, limit), nil
}

// Seen is what the sender of a draft has seen planned, and how they asked.
type Seen struct {
	Version           int    // of the template; 0 for a message
	Audience          string // notify.PlannedTo's
	AtMost            int64  // people
	NamesOrganization bool   // they have named the organization

	Key           string // under which the same request within 24 hours is the same task
	RequestDigest [32]byte
}

// Send sends a draft and returns the task's id: sends.write. Fails as
// notify.Service.SendByHand, with CodeEveryoneForbidden for those who may not send to
// everyone, with CodeTaskUnknown where the asker may not see the people of UnreadOf,
// and with CodeReceiptsDropped where nobody knows any more who has read it.
func (s *Service) Send(ctx context.Context, g policy.Grant, d Draft, seen Seen) (int64, error) {
	if err := g.For(policy.SendsWrite); err != nil {
		return 0, err
	}
	if id, sent, err := s.Sender.SentByHand(ctx, g.By(), seen.Key, seen.RequestDigest); err != nil || sent {
		return id, err
	}
	out, err := s.draft(ctx, g, policy.SendsWrite, d)
	if err != nil {
		return 0, fmt.Errorf("task.Send: %w", err)
	}
	id, err := s.Sender.SendByHand(ctx, notify.ByHand{
		Draft: out, By: g.By(), Key: seen.Key, RequestDigest: seen.RequestDigest,
		Version: seen.Version, Planned: seen.Audience, AtMost: seen.AtMost, NamesOrganization: seen.NamesOrganization,
	})
	if err != nil {
		return 0, fmt.Errorf("task.Send: %w", err)
	}
	return id, nil
}

// Test sends what a draft says to the asker alone, and returns the task's id:
// sends.write. Fails as notify.Service.TestByHand.
func (s *Service) Test(ctx context.Context, g policy.Grant, d Draft) (int64, error) {
	d.Audience, d.UnreadOf = directory.Audience{}, 0
	out, err := s.draft(ctx, g, policy.SendsTest, d)
	if err != nil {
		return 0, fmt.Errorf("task.Test: %w", err)
	}
	userid, _ := s.People.Userid(g.By().Organization, g.By().Ordinal)
	id, err := s.Sender.TestByHand(ctx, out, g.By(), userid)
	if err != nil {
		return 0, fmt.Errorf("task.Test: %w", err)
	}
	return id, nil
}

// draft is a draft with everything that its app and its audience stand for now.
func (s *Service) draft(ctx context.Context, g policy.Grant, right policy.Right, d Draft) (notify.Draft, error) {
	if err := g.For(right); err != nil {
		return notify.Draft{}, err
	}
	c, err := s.Apps.Acting(ctx, g.Resource().Organization, d.AgentID)
	if err != nil {
		return notify.Draft{}, err
	}
	out := notify.Draft{
		Caller: c, Message: d.Message, TemplateID: d.TemplateID, Values: d.Values, Audience: d.Audience, UnreadOf: d.UnreadOf,
	}
	if d.Audience.NamesEveryone() && !g.May(policy.SendsEveryone, policy.Case{}) {
		return out, fault.New(fault.CodeEveryoneForbidden, "only administrators and owners send to everyone").WithField("to_all_user")
	}
	if err := s.checkWithout(ctx, g.Resource().Organization, d.Audience.Without); err != nil {
		return out, err
	}
	if d.UnreadOf != 0 {
		out.Audience.Among, err = s.unread(ctx, g.Asker(), g.Resource().Organization, d.UnreadOf)
	}
	return out, err
}

// checkWithout refuses to take somebody out who was never there: whoever was meant
// would be sent to.
func (s *Service) checkWithout(ctx context.Context, organization int64, w directory.Without) error {
	if len(w.Userids)+len(w.DeptIDs) == 0 {
		return nil
	}
	r, err := s.People.Resolve(ctx, organization, directory.Audience{Userids: w.Userids, DeptIDs: w.DeptIDs}, directory.Range{Everyone: true})
	if err != nil {
		return err
	}
	for i, userid := range r.InvalidUserids {
		if r.UserReasons[i] == directory.ReasonUnknown {
			return fault.New(fault.CodeUserUnknown, "there is no user %q to take out", userid).WithField("audience.without.userids")
		}
	}
	for i, id := range r.InvalidDeptIDs {
		if r.DeptReasons[i] == directory.ReasonUnknown {
			return fault.New(fault.CodeDepartmentUnknown, "there is no department %d to take out", id).WithField("audience.without.dept_ids")
		}
	}
	return nil
}

// unread is who has not read a task, for somebody who may see its people.
func (s *Service) unread(ctx context.Context, asker policy.Asker, organization, taskID int64) (*roaring.Bitmap, error) {
	t, g, err := s.Find(ctx, asker, policy.RecipientsRead, organization, taskID)
	if fault.Is(err, fault.CodePermissionDenied) {
		err = Unknown(taskID)
	}
	if err != nil {
		return nil, unreadOf(err)
	}
	c, err := s.choose(ctx, g, t, RecipientQuery{List: ListUnread})
	if err != nil {
		return nil, unreadOf(err)
	}
	return c.all, nil
}

// unreadOf says where in a draft the task is named.
func unreadOf(err error) error {
	f := fault.From(err)
	if f.Kind == fault.Internal || f.Kind == fault.Unavailable {
		return err
	}
	return f.WithField("audience.unread_of")
}

func heldBack(all []policy.Held) []Held {
	held := make([]Held, 0, len(all))
	for _, h := range all {
		held = append(held, Held{h.Code, h.Threshold, int64(h.Set.GetCardinality())})
	}
	return held
}
