package notify

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/template"
)

// TemplateUse is the version of a template that a task says; the zero value
// for a task that was composed.
type TemplateUse struct {
	ID      string
	Version int
}

// TemplateRequest is one send by template as the wire decoded it.
type TemplateRequest struct {
	Envelope
	TemplateID string
	Values     template.Values
}

// SendTemplate sends a template with values filled in
// (docs/contract.md#send-by-template). The version that is live at acceptance
// is the one sent: a template disabled before that is not sent any more.
//
// Faults: CodeTemplatesOff for an internal app where templates are not for
// those; CodeTemplateUnknown, CodeTemplateUnusable; template.Message's; and
// but for those about composing, Send's.
func (s *Service) SendTemplate(ctx context.Context, r TemplateRequest) (int64, error) {
	c := r.Caller
	if r.AgentID == c.AgentID && !policy.MayUseTemplates(c.ThirdParty, c.Limits) {
		return 0, templatesOff()
	}
	if err := r.check(c.Limits.ForTemplates()); err != nil {
		return 0, err
	}
	f, err := s.filledIn(ctx, c, r.TemplateID, r.Values)
	if err == nil && r.IdempotencyKey == "" {
		err = f.refused // with a key it may be the repetition of an accepted one: the sequencer knows
	}
	if err != nil {
		return 0, fmt.Errorf("notify.SendTemplate: %w", err)
	}
	o := &send{envelope: r.Envelope, content: f}
	return s.submit(ctx, o)
}

// filledIn fills values into a template's live version, as far as that can be done.
func (s *Service) filledIn(ctx context.Context, c app.Caller, id string, values template.Values) (*filled, error) {
	f := &filled{caller: c, id: id, values: values, versions: s.deps.Versions, people: s.deps.Directory}
	standing, err := s.deps.Store.TemplateStanding(ctx, c.Provider, c.AppID, id)
	if err == nil {
		err = f.fillIn(ctx, standing)
	}
	return f, err
}

// usable returns the version that is sent, or why none is.
func (t TemplateStanding) usable() (version int, err error) {
	switch {
	case !t.Known:
		return 0, fault.New(fault.CodeTemplateUnknown, "the template does not exist").WithField("template_id")
	case t.Live == 0:
		return 0, fault.New(fault.CodeTemplateUnusable, "no version of the template has been approved").WithField("template_id")
	case t.Disabled:
		return 0, fault.New(fault.CodeTemplateUnusable, "the template is disabled").WithField("template_id")
	default:
		return t.Live, nil
	}
}

// uncounted is the minute of a test, which counts for no quota.
const uncounted = -1

// TestRequest is a template that somebody sends to themselves, to see it.
type TestRequest struct {
	Organization, AgentID int64
	By                    audit.Actor // the person who tests
	Userid                string      // theirs
	Use                   TemplateUse
	Template              *template.Template
	Values                template.Values
}

// SendTest sends a template to the one who tests it. It is held back by nothing
// and counts for no quota, also not as content that somebody has had. Fails as
// template.Message, and with CodeBusy, CodeStorageFull and CodeCommitUnknown.
func (s *Service) SendTest(ctx context.Context, t TestRequest) (int64, error) {
	names, err := t.Template.LookUp(ctx, s.deps.Directory, t.Organization, t.Values)
	if err != nil {
		return 0, fmt.Errorf("notify.SendTest: %w", err)
	}
	m, err := t.Template.Message(t.Values, names, message.Limits{})
	if err != nil {
		return 0, err
	}
	o := newTest(said{message: m, use: t.Use}, t.Organization, t.AgentID, t.Userid)
	o.by.Actor = t.By
	return s.submit(ctx, o)
}

// newTest is what is said, to the one who wants to see it.
func newTest(what said, organization, agentID int64, userid string) *test {
	_, _ = rand.Read(what.sum[:]) // like nothing anybody has had; never fails
	return &test{send{content: composed(what), envelope: Envelope{
		Caller:  app.Caller{Organization: organization, AgentID: agentID, Range: directory.Range{Everyone: true}},
		AgentID: agentID, Audience: directory.Audience{Userids: []string{userid}},
	}}}
}
