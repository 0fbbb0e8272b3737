package review

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

// Approve lets a version pass: it is the live one from now on, and the
// template is in use. Fails with CodeTemplateState when the version is not in
// review, or no longer, and CodePermissionDenied for whoever wrote a part of
// it or submitted it.
func (s *Service) Approve(ctx context.Context, g policy.Grant, id string, number int) (Template, error) {
	return s.decide(ctx, g, id, number, audit.TemplateApprove, func(t *Template, _ *audit.Entry) {
		t.Newest.State = Approved
		t.Live, t.DisabledAt = t.Newest.Number, time.Time{}
	})
}

// Reject sends a version back with a reason, which must not be empty. Fails as
// Approve.
func (s *Service) Reject(ctx context.Context, g policy.Grant, id string, number int, reason string) (Template, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return Template{}, fault.New(fault.CodeParameterMissing, "say why, so that the author can do better").WithField("reason")
	}
	if n := utf8.RuneCountInString(reason); n > MaxReason {
		return Template{}, fault.New(fault.CodeParameterInvalid, "the reason has %d characters; the limit is %d", n, MaxReason).
			WithField("reason").WithLimit(MaxReason, int64(n))
	}
	if !utf8.ValidString(reason) || strings.ContainsRune(reason, 0) {
		return Template{}, fault.New(fault.CodeParameterInvalid, "the reason is not valid UTF-8").WithField("reason")
	}
	return s.decide(ctx, g, id, number, audit.TemplateReject, func(t *Template, e *audit.Entry) {
		t.Newest.State, t.Newest.Reason, e.Reason = Rejected, reason, reason
	})
}

func (s *Service) decide(
	ctx context.Context, g policy.Grant, id string, number int, action audit.Action, decide func(*Template, *audit.Entry),
) (Template, error) {
	if err := g.For(policy.TemplatesReview); err != nil {
		return Template{}, err
	}
	return s.step(ctx, g, id, action, func(t *Template, e *audit.Entry) (*Version, error) {
		hidden := t.Newest.State == Draft && !seesDrafts(g)
		switch {
		case g.Verdict(policy.Case{Draft: t.neverSubmitted()}) == policy.Unseen:
			return nil, Unknown()
		case hidden:
			return nil, fault.New(fault.CodeTemplateState, "version %d is not in review", number)
		case number != t.Newest.Number || t.Newest.State != InReview:
			return nil, s.tooLate(ctx, g.By(), t, number)
		case g.Verdict(policy.Case{TookPart: t.Newest.TookPart(g.By().Actor)}) != policy.Granted:
			return nil, fault.New(fault.CodePermissionDenied, "whoever wrote or submitted a version cannot review it")
		}
		t.Newest.DecidedAt, t.Newest.DecidedBy = e.At, g.By().Actor
		decide(t, e)
		return nil, nil
	})
}

// tooLate tells a reviewer what has become of a version meanwhile. Of who decided
// it, people of other organizations learn the organization.
func (s *Service) tooLate(ctx context.Context, by audit.By, t *Template, number int) error {
	v := t.Newest
	if number != v.Number {
		return fault.New(fault.CodeTemplateState, "version %d is not in review: the newest is version %d, %s", number, v.Number, v.State)
	}
	who := ""
	if !v.DecidedAt.IsZero() {
		if by.IsOperator() || v.DecidedBy.Organization == by.Organization {
			if userid, ok := s.People.Userid(v.DecidedBy.Organization, v.DecidedBy.Ordinal); ok {
				who = " by " + userid
			}
		} else if name, err := s.People.OrganizationName(ctx, v.DecidedBy.Organization); err == nil {
			who = " by somebody of " + name
		}
		who += " at " + v.DecidedAt.Format(time.RFC3339)
	}
	return fault.New(fault.CodeTemplateState, "version %d is not in review: it is %s%s", number, v.State, who)
}
