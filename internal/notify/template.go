package notify

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/tidings-im/tidings/internal/app"
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

// filling is a send by template: what has to be filled in again when the
// template or the directory turns out to have moved on.
type filling struct {
	id     string
	values template.Values
	names  bool // ids are translated in the values
	tried  int  // the version that was filled in last, also in vain
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
		return 0, fault.New(fault.CodeTemplatesOff, "message templates are for third-party apps").WithField("agent_id")
	}
	if err := r.check(c.Limits.ForTemplates()); err != nil {
		return 0, err
	}
	o := &send{envelope: r.Envelope, template: &filling{id: r.TemplateID, values: r.Values}}
	standing, err := s.deps.Store.TemplateStanding(ctx, c.Provider, c.AppID, r.TemplateID)
	if err == nil {
		err = s.sequencer.fillIn(ctx, o, standing)
	}
	if answerable(err) && r.IdempotencyKey != "" {
		// Perhaps it is the repetition of one that was accepted: the sequencer
		// knows.
		o.unusable, err = err, nil
	}
	if err != nil {
		return 0, fmt.Errorf("notify.SendTemplate: %w", err)
	}
	return s.submit(ctx, o)
}

// templateOf is a template as an app names it: its own, or one that it has not.
type templateOf struct {
	provider, appID int64
	id              string
}

// fill makes sure, under the lock, that a send says what its template says
// now, in the names of now.
func (b *orgBatch) fill(ctx context.Context, o *send, moved bool) error {
	c := o.envelope.Caller
	of := templateOf{c.Provider, c.AppID, o.template.id}
	standing, known := b.standings[of]
	if !known {
		var err error
		if standing, err = b.tx.TemplateStanding(ctx, of.provider, of.appID, of.id); err != nil {
			return fmt.Errorf("template: %w", err)
		}
		b.standings[of] = standing
	}
	version, err := standing.usable()
	if err != nil {
		return err
	}
	if version == o.template.tried && !(moved && o.template.names) {
		return o.unusable // nothing has changed: what did not work would not now
	}
	o.unusable = nil
	return b.fillIn(ctx, o, standing)
}

// fillIn gives a send the message of its template's live version.
func (q *sequencer) fillIn(ctx context.Context, o *send, standing TemplateStanding) error {
	version, err := standing.usable()
	if err != nil {
		return err
	}
	c, f := o.envelope.Caller, o.template
	compiled, err := q.deps.Versions.Compiled(ctx, c.Provider, f.id, version)
	if err != nil {
		return fmt.Errorf("template %s version %d: %w", f.id, version, err)
	}
	names, err := compiled.LookUp(ctx, q.deps.Directory, c.Organization, f.values)
	if err != nil {
		return err
	}
	f.tried, f.names = version, names != nil
	m, err := compiled.Message(f.values, names, message.Limits{MaxBytes: c.Limits.MessageBytes})
	if err != nil {
		return err
	}
	o.use = TemplateUse{f.id, version}
	o.say(m)
	return nil
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
	Userid                string
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
	o := &send{
		use: t.Use, test: true, message: m,
		envelope: Envelope{
			Caller:  app.Caller{Organization: t.Organization, AgentID: t.AgentID, Range: directory.Range{Everyone: true}},
			AgentID: t.AgentID, Audience: directory.Audience{Userids: []string{t.Userid}},
		},
	}
	_, _ = rand.Read(o.content[:]) // like nothing anybody has had; never fails
	return s.submit(ctx, o)
}
