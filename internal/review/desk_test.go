package review_test

import (
	"context"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/template"
)

// asking is a Service as its edges call it: each step first asks the table of rights.
type asking struct {
	*review.Service
	people *directory.Service
}

func (s asking) grant(ctx context.Context, by audit.By, right policy.Right, of policy.Resource) (policy.Grant, error) {
	a, err := s.people.Asker(ctx, by)
	if err != nil {
		return policy.Grant{}, err
	}
	return policy.Check(a, right, of, review.Unknown())
}

// granted takes a step with the grant for it.
func granted[T any](ctx context.Context, s asking, by audit.By, right policy.Right, a app.App, step func(policy.Grant) (T, error)) (T, error) {
	g, err := s.grant(ctx, by, right, a.Resource())
	if err != nil {
		var none T
		return none, err
	}
	return step(g)
}

func (s asking) Create(ctx context.Context, by audit.By, a app.App, f template.Form) (review.Template, error) {
	return granted(ctx, s, by, policy.TemplatesWrite, a, func(g policy.Grant) (review.Template, error) { return s.Service.Create(ctx, g, f) })
}

func (s asking) Clone(ctx context.Context, by audit.By, a app.App, id string, number int) (review.Template, error) {
	return granted(ctx, s, by, policy.TemplatesWrite, a, func(g policy.Grant) (review.Template, error) { return s.Service.Clone(ctx, g, id, number) })
}

func (s asking) Save(ctx context.Context, by audit.By, a app.App, id string, f template.Form, edition int) (review.Template, error) {
	return granted(ctx, s, by, policy.TemplatesWrite, a, func(g policy.Grant) (review.Template, error) { return s.Service.Save(ctx, g, id, f, edition) })
}

func (s asking) Discard(ctx context.Context, by audit.By, a app.App, id string, edition int) (review.Template, error) {
	return granted(ctx, s, by, policy.TemplatesWrite, a, func(g policy.Grant) (review.Template, error) { return s.Service.Discard(ctx, g, id, edition) })
}

func (s asking) Submit(ctx context.Context, by audit.By, a app.App, id string, edition int) (review.Template, error) {
	return granted(ctx, s, by, policy.TemplatesWrite, a, func(g policy.Grant) (review.Template, error) { return s.Service.Submit(ctx, g, id, edition) })
}

func (s asking) Withdraw(ctx context.Context, by audit.By, a app.App, id string) (review.Template, error) {
	return granted(ctx, s, by, policy.TemplatesWrite, a, func(g policy.Grant) (review.Template, error) { return s.Service.Withdraw(ctx, g, id) })
}

func (s asking) Enable(ctx context.Context, by audit.By, a app.App, id string) (review.Template, error) {
	return granted(ctx, s, by, policy.TemplatesWrite, a, func(g policy.Grant) (review.Template, error) { return s.Service.Enable(ctx, g, id) })
}

func (s asking) Disable(ctx context.Context, by audit.By, a app.App, id string) (review.Template, error) {
	return granted(ctx, s, by, policy.TemplatesWrite, a, func(g policy.Grant) (review.Template, error) { return s.Service.Disable(ctx, g, id) })
}

func (s asking) Delete(ctx context.Context, by audit.By, a app.App, id string) error {
	_, err := granted(ctx, s, by, policy.TemplatesWrite, a, func(g policy.Grant) (struct{}, error) { return struct{}{}, s.Service.Delete(ctx, g, id) })
	return err
}

func (s asking) Approve(ctx context.Context, by audit.By, a app.App, id string, number int) (review.Template, error) {
	return granted(ctx, s, by, policy.TemplatesReview, a, func(g policy.Grant) (review.Template, error) { return s.Service.Approve(ctx, g, id, number) })
}

func (s asking) Reject(ctx context.Context, by audit.By, a app.App, id string, number int, reason string) (review.Template, error) {
	return granted(ctx, s, by, policy.TemplatesReview, a, func(g policy.Grant) (review.Template, error) { return s.Service.Reject(ctx, g, id, number, reason) })
}

func (s asking) Test(ctx context.Context, by audit.By, a app.App, id string, number int, given template.Values) (int64, error) {
	return granted(ctx, s, by, policy.TemplatesTest, a, func(g policy.Grant) (int64, error) { return s.Service.Test(ctx, g, id, number, given) })
}

func (s asking) Templates(ctx context.Context, by audit.By, a app.App) ([]review.Template, error) {
	return granted(ctx, s, by, policy.TemplatesRead, a, func(g policy.Grant) ([]review.Template, error) { return s.Service.Templates(ctx, g) })
}

func (s asking) Template(ctx context.Context, by audit.By, a app.App, id string) (review.Template, error) {
	return granted(ctx, s, by, policy.TemplatesRead, a, func(g policy.Grant) (review.Template, error) { return s.Service.Template(ctx, g, id) })
}

func (s asking) Versions(ctx context.Context, by audit.By, a app.App, id string) ([]review.Version, error) {
	return granted(ctx, s, by, policy.TemplatesRead, a, func(g policy.Grant) ([]review.Version, error) { return s.Service.Versions(ctx, g, id) })
}

func (s asking) Version(ctx context.Context, by audit.By, a app.App, id string, number int) (review.Version, error) {
	return granted(ctx, s, by, policy.TemplatesRead, a, func(g policy.Grant) (review.Version, error) { return s.Service.Version(ctx, g, id, number) })
}

func (s asking) Difference(ctx context.Context, by audit.By, a app.App, id string, number, against int) (changes []template.Change, with int, err error) {
	_, err = granted(ctx, s, by, policy.TemplatesRead, a, func(g policy.Grant) (struct{}, error) {
		changes, with, err = s.Service.Difference(ctx, g, id, number, against)
		return struct{}{}, err
	})
	return changes, with, err
}

func (s asking) Facts(ctx context.Context, by audit.By, a app.App, id string, number int) (review.Facts, error) {
	return granted(ctx, s, by, policy.TemplatesRead, a, func(g policy.Grant) (review.Facts, error) { return s.Service.Facts(ctx, g, id, number) })
}

func (s asking) Log(ctx context.Context, by audit.By, a app.App, id string) ([]audit.Entry, error) {
	return granted(ctx, s, by, policy.TemplatesRead, a, func(g policy.Grant) ([]audit.Entry, error) { return s.Service.Log(ctx, g, id) })
}

// everyWaiting reads all pages of what waits.
func everyWaiting(ctx context.Context, s *review.Service, g policy.Grant) (all []review.Waiting, err error) {
	for q := (review.WaitingQuery{Limit: 2}); ; {
		page, err := s.Waiting(ctx, g, q)
		if all = append(all, page.Items...); err != nil || page.Next == (review.Place{}) {
			return all, err
		}
		q.After = page.Next
	}
}

func (s asking) Waiting(ctx context.Context, by audit.By) ([]review.Waiting, error) {
	g, err := s.grant(ctx, by, policy.ReviewsRead, policy.Own(by))
	if err != nil {
		return nil, err
	}
	return everyWaiting(ctx, s.Service, g)
}
