package review

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/template"
)

// Create makes a template with a draft. The form may have faults that Lint
// tells; they keep it from being submitted only. Fails with CodeConflict at
// MaxTemplates, CodeTemplateFormInvalid for a form too large to be kept.
func (s *Service) Create(ctx context.Context, g policy.Grant, f template.Form) (Template, error) {
	if err := g.For(policy.TemplatesWrite); err != nil {
		return Template{}, err
	}
	return s.create(ctx, g, f, audit.TemplateCreate, nil, nil)
}

func (s *Service) create(
	ctx context.Context, g policy.Grant, f template.Form, action audit.Action, authors []audit.Actor, details audit.Details,
) (Template, error) {
	if err := template.CheckSize(f); err != nil {
		return Template{}, err
	}
	at, of := s.at(), g.Resource()
	t := Template{Organization: of.Organization, AppID: of.App, ThirdParty: of.ThirdParty, ID: newID(), CreatedAt: at}
	t.Edition = 1
	t.Newest = Version{Number: 1, State: Draft, Form: f, Edition: t.Edition, Authors: slices.Clone(authors), CreatedAt: at, SavedAt: at}
	t.Newest.wrote(g.By().Actor)
	e := s.entry(g.By(), t, action)
	e.Details = details
	if err := s.Store.Create(ctx, t, MaxTemplates, e); err != nil {
		return Template{}, fmt.Errorf("review.Create: %w", err)
	}
	return t, nil
}

// Clone makes a template of another one's version, whose authors have a part
// in it unless that was approved. Fails as Create, and with CodeNotFound.
func (s *Service) Clone(ctx context.Context, g policy.Grant, id string, number int) (Template, error) {
	if err := g.For(policy.TemplatesWrite); err != nil {
		return Template{}, err
	}
	v, err := s.version(ctx, g, id, number)
	if err != nil {
		return Template{}, err
	}
	var authors []audit.Actor
	if v.State != Approved {
		authors = v.Authors
	}
	return s.create(ctx, g, v.Form, audit.TemplateClone, authors, audit.Details{"template": id, "version": v.Number})
}

// saveOnce is for how long further saves of a draft by the same person are not in the
// log: somebody who writes saves every minute.
const saveOnce = 10 * time.Minute

// Save changes the draft, or begins one with the form. edition is the newest version's
// as it was read, 0 to overwrite whatever it is; CodeTemplateChanged when
// somebody has saved since, CodeTemplateState while it is in review.
func (s *Service) Save(ctx context.Context, g policy.Grant, id string, f template.Form, edition int) (Template, error) {
	if err := template.CheckSize(f); err != nil {
		return Template{}, err
	}
	return s.write(ctx, g, id, audit.TemplateSave, func(t *Template, e *audit.Entry) (*Version, error) {
		if t.Newest.State == InReview {
			return nil, wrongState(t, "withdraw it before changing it")
		}
		// What was decided since somebody read it is no draft any more, and may still say what they have not read.
		if err := unchanged(t, edition); err != nil {
			return nil, err
		}
		if t.Newest.State == Draft {
			t.Newest.Edition = t.nextEdition()
		} else {
			t.Newest = t.next(e.At)
		}
		t.Newest.Form, t.Newest.SavedAt = f, e.At
		t.Newest.wrote(g.By().Actor)
		e.Version = t.Newest.Number
		return nil, nil
	})
}

// Submit hands the draft in for review. edition is as for Save. Fails with
// CodeTemplateFormInvalid while Lint finds an error in it, CodeTemplateState
// when there is no draft, and with CodeTemplateChanged also when somebody saves it
// while it is checked.
func (s *Service) Submit(ctx context.Context, g policy.Grant, id string, edition int) (Template, error) {
	if err := g.For(policy.TemplatesWrite); err != nil {
		return Template{}, err
	}
	checked, err := s.template(ctx, g, id)
	if err == nil {
		err = submittable(&checked, checked.Newest.Number, edition)
	}
	if err == nil {
		_, err = template.Compile(ctx, checked.Newest.Form)
	}
	if err != nil {
		return Template{}, fmt.Errorf("review: submit: %w", err)
	}
	return s.write(ctx, g, id, audit.TemplateSubmit, func(t *Template, e *audit.Entry) (*Version, error) {
		if err := submittable(t, checked.Newest.Number, checked.Newest.Edition); err != nil {
			return nil, err
		}
		t.Newest.State, t.Newest.SubmittedAt, t.Newest.SubmittedBy = InReview, e.At, g.By().Actor
		var err error
		e.Details, err = digest(t.Newest.Form)
		return nil, err
	})
}

// digest is what the log says of a form that was submitted: the SHA-256 of its JSON,
// by which it can be shown later what was reviewed.
func digest(f template.Form) (audit.Details, error) {
	text, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("the form: %w", err)
	}
	sum := sha256.Sum256(text)
	return audit.Details{"digest": hex.EncodeToString(sum[:])}, nil
}

// submittable refuses what is no draft, or not the one that was looked at. A form
// is checked before the lock is taken, because that takes longer than others should
// wait: so the draft under the lock must be the one that was checked.
func submittable(t *Template, number, edition int) error {
	if t.Newest.State != Draft {
		return wrongState(t, "there is no draft to be reviewed")
	}
	if err := sameDraft(t, number); err != nil {
		return err
	}
	return unchanged(t, edition)
}

// sameDraft refuses another draft than the one that was looked at before the lock.
func sameDraft(t *Template, number int) error {
	if t.Newest.State == Draft && t.Newest.Number != number {
		return fault.New(fault.CodeTemplateChanged, "there is another draft since: it is version %d, not %d", t.Newest.Number, number).
			WithField("edition")
	}
	return nil
}

// Withdraw takes a version back from review; a draft with its form follows it.
// CodeTemplateState when none is in review.
func (s *Service) Withdraw(ctx context.Context, g policy.Grant, id string) (Template, error) {
	return s.write(ctx, g, id, audit.TemplateWithdraw, func(t *Template, e *audit.Entry) (*Version, error) {
		if t.Newest.State != InReview {
			return nil, wrongState(t, "nothing is in review")
		}
		before := t.Newest
		before.State = Withdrawn
		t.Newest.State = Withdrawn
		t.Newest = t.next(e.At)
		return &before, nil
	})
}

// Enable takes a template into use again; doing it again changes nothing but
// the log. CodeTemplateState when no version was approved.
func (s *Service) Enable(ctx context.Context, g policy.Grant, id string) (Template, error) {
	return s.write(ctx, g, id, audit.TemplateEnable, func(t *Template, e *audit.Entry) (*Version, error) {
		if t.Live == 0 {
			return nil, wrongState(t, "no version was approved yet")
		}
		t.DisabledAt, e.Version = time.Time{}, t.Live
		return nil, nil
	})
}

// Disable takes a template out of use: when it returns, nothing accepted from
// then on uses it. Doing it again changes nothing but the log.
// CodeTemplateState when no version was approved.
func (s *Service) Disable(ctx context.Context, g policy.Grant, id string) (Template, error) {
	return s.write(ctx, g, id, audit.TemplateDisable, func(t *Template, e *audit.Entry) (*Version, error) {
		if t.Live == 0 {
			return nil, wrongState(t, "no version was approved yet")
		}
		if t.DisabledAt.IsZero() {
			t.DisabledAt = e.At
		}
		e.Version = t.Live
		return nil, nil
	})
}

// Delete removes a template for good: nothing accepted from then on uses it.
// Its versions stay, for the sake of what was sent with them, but for a template
// of which none was ever submitted: that is deleted with its drafts.
func (s *Service) Delete(ctx context.Context, g policy.Grant, id string) error {
	_, err := s.write(ctx, g, id, audit.TemplateDelete, func(t *Template, e *audit.Entry) (*Version, error) {
		if t.Newest.State == InReview {
			t.Newest.State = Withdrawn
		}
		return nil, nil
	})
	return err
}

// change alters a template. e is the step's entry, about the version that was the
// newest unless change says otherwise. It returns the version it left behind, if
// it began another one.
type change func(t *Template, e *audit.Entry) (before *Version, err error)

// write is a step of an author.
func (s *Service) write(ctx context.Context, g policy.Grant, id string, action audit.Action, do change) (Template, error) {
	if err := g.For(policy.TemplatesWrite); err != nil {
		return Template{}, err
	}
	return s.step(ctx, g, id, action, do)
}

func (s *Service) step(ctx context.Context, g policy.Grant, id string, action audit.Action, do change) (Template, error) {
	of := g.Resource()
	e := s.entry(g.By(), Template{Organization: of.Organization, ID: id}, action)
	t, err := s.Store.Change(ctx, of.Organization, of.App, id, func(t Template) (Change, error) {
		c := Change{Delete: action == audit.TemplateDelete, Entry: e}
		if action == audit.TemplateDiscard {
			c.Discard = t.Newest.Number
		}
		c.Entry.Version = t.Newest.Number
		var err error
		if c.Before, err = do(&t, &c.Entry); err != nil {
			return Change{}, err
		}
		c.Template = t
		if action == audit.TemplateSave {
			c.Once = saveOnce
		}
		return c, nil
	})
	if err != nil {
		return Template{}, fmt.Errorf("review: %s: %w", strings.TrimPrefix(string(action), "template."), err)
	}
	return t, nil
}

func unchanged(t *Template, edition int) error {
	if edition == 0 || edition == t.Newest.Edition {
		return nil
	}
	return fault.New(fault.CodeTemplateChanged, "somebody has saved the draft since: it is edition %d, not %d", t.Newest.Edition, edition).
		WithField("edition")
}

func wrongState(t *Template, why string) error {
	return fault.New(fault.CodeTemplateState, "version %d is %s: %s", t.Newest.Number, t.Newest.State, why)
}
