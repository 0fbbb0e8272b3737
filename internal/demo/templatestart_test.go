package demo_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/demo"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/template"
)

// killedTemplates does what it is asked and dies before anybody hears of it.
type killedTemplates struct{ *review.Service }

func (k killedTemplates) Create(ctx context.Context, g policy.Grant, f template.Form) (review.Template, error) {
	_, err := k.Service.Create(ctx, g, f)
	return review.Template{}, killed(err)
}

func (k killedTemplates) Submit(ctx context.Context, g policy.Grant, id string, edition int) (review.Template, error) {
	_, err := k.Service.Submit(ctx, g, id, edition)
	return review.Template{}, killed(err)
}

func (k killedTemplates) Approve(ctx context.Context, g policy.Grant, id string, number int) (review.Template, error) {
	_, err := k.Service.Approve(ctx, g, id, number)
	return review.Template{}, killed(err)
}

func (k killedTemplates) Reject(ctx context.Context, g policy.Grant, id string, number int, reason string) (review.Template, error) {
	_, err := k.Service.Reject(ctx, g, id, number, reason)
	return review.Template{}, killed(err)
}

func killed(err error) error {
	if err == nil {
		err = errKilled
	}
	return err
}

// However far starts have come before they were killed, the next goes on from
// there.
func TestTemplatesAreCompleted(t *testing.T) {
	t.Parallel()
	s := mustStage(t, settings(t, "sqlite"))
	o := s.options()
	o.Templates = killedTemplates{s.server.Templates()}
	for range 6 + 6 + 5 { // made, submitted, decided
		if err := demo.Run(context.Background(), o); !errors.Is(err, errKilled) {
			t.Fatalf("a killed start: %v", err)
		}
	}
	d := s.mustDemo(t)
	checkEnds(t, s.mustTemplates(t, d))
	if diff := cmp.Diff(d, s.mustDemo(t)); diff != "" {
		t.Errorf("the next start describes something else: %s", diff)
	}
}

// A demo in which nobody may write starts all the same; it gets its templates
// once somebody may again.
func TestTemplatesTakeAnAuthor(t *testing.T) {
	t.Parallel()
	s := mustStage(t, settings(t, "sqlite"))
	o := s.options()
	o.Templates = killedTemplates{s.server.Templates()}
	if err := demo.Run(context.Background(), o); !errors.Is(err, errKilled) {
		t.Fatalf("a killed start: %v", err)
	}
	all, err := s.server.Directory().Organizations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	users, err := s.server.Directory().Users(t.Context(), all[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	users = slices.DeleteFunc(users, func(u directory.User) bool { return !slices.Contains(u.Roles, "author") })
	for _, u := range users {
		if err := s.server.Directory().DisableUser(t.Context(), audit.ByOperator(), all[0].ID, u.Userid); err != nil {
			t.Fatal(err)
		}
	}
	if d := s.mustDemo(t); len(d.Organizations[0].Apps[1].Templates) != 0 {
		t.Errorf("templates %v", d.Organizations[0].Apps[1].Templates)
	}
	if err := s.server.Directory().EnableUser(t.Context(), audit.ByOperator(), all[0].ID, users[len(users)-1].Userid); err != nil {
		t.Fatal(err)
	}
	checkEnds(t, s.mustTemplates(t, s.mustDemo(t)))
}

// What was done to a template between two starts is described, not undone.
func TestTemplatesAreLeftAlone(t *testing.T) {
	t.Parallel()
	s := mustStage(t, settings(t, "sqlite"))
	d := s.mustDemo(t)
	a, _, err := s.server.Apps().AppOfAgent(t.Context(), d.Organizations[1].Apps[1].AgentID)
	if err != nil {
		t.Fatal(err)
	}
	ids := d.Organizations[0].Apps[1].Templates
	if _, err := s.server.Templates().Approve(t.Context(), operatorMay(t, policy.TemplatesReview, a), ids["in_review"], 1); err != nil {
		t.Fatal(err)
	}
	if err := s.server.Templates().Delete(t.Context(), operatorMay(t, policy.TemplatesWrite, a), ids["form"]); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d, s.mustDemo(t)); diff != "" {
		t.Errorf("the next start describes something else: %s", diff)
	}
	all, err := s.server.Templates().Templates(t.Context(), operatorMay(t, policy.TemplatesRead, a))
	if err != nil || len(all) != len(ends)-1 {
		t.Errorf("%d templates, %v", len(all), err)
	}
}
