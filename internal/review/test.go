package review

import (
	"context"
	"fmt"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/template"
)

// Test sends a version to the actor alone, whether it was reviewed or not:
// values as a sender would give them, the samples where there are none. It
// counts for no quota. It comes from the app as it is installed in the actor's
// own organization; CodeNotInstalled when it is not, CodeTemplateFormInvalid
// while Lint finds an error, and as template.Message.
func (s *Service) Test(ctx context.Context, g policy.Grant, id string, number int, given template.Values) (taskID int64, err error) {
	if err := g.For(policy.TemplatesTest); err != nil {
		return 0, err
	}
	by, of := g.By(), g.Resource()
	v, err := s.version(ctx, g, id, number)
	if err != nil {
		return 0, err
	}
	agent, ok, err := s.Apps.InstallationOf(ctx, of, by.Organization)
	if err != nil {
		return 0, fmt.Errorf("review.Test: %w", err)
	}
	if !ok {
		return 0, fault.New(fault.CodeNotInstalled, "the app is not installed in your organization, from where a test would come")
	}
	compiled, err := template.Compile(ctx, v.Form)
	if err != nil {
		return 0, err
	}
	// Before it is sent: a test that is in no log would be worse than an entry
	// of one that did not go out.
	e := s.entry(by, Template{Organization: of.Organization, ID: id, Newest: v}, audit.TemplateTest)
	if err := s.Store.Record(ctx, e); err != nil {
		return 0, fmt.Errorf("review.Test: %w", err)
	}
	userid, _ := s.People.Userid(by.Organization, by.Ordinal)
	taskID, err = s.Sender.SendTest(ctx, notify.TestRequest{
		Organization: by.Organization, AgentID: agent.ID, By: by.Actor, Userid: userid,
		Use: notify.TemplateUse{ID: id, Version: v.Number}, Template: compiled, Values: compiled.SamplesWith(given),
	})
	if err != nil {
		return 0, fmt.Errorf("review.Test: %w", err)
	}
	return taskID, nil
}
