package review

import (
	"context"
	"fmt"
	"slices"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
)

// The roles that mean something here, as the directory names them.
const (
	roleAuthor        = "author"
	roleReviewer      = "reviewer"
	roleAuditor       = "auditor"
	roleDeveloper     = "developer"
	roleAdministrator = "administrator"
	roleOwner         = "owner"
)

// Rights is what somebody may do with the templates of one app.
type Rights struct {
	Read   bool // all of it; with Review alone, what was submitted
	Write  bool
	Review bool // but for what they took part in
}

// Rights returns what somebody may do with an app's templates: nobody and apps
// nothing, the operator everything.
func (s *Service) Rights(ctx context.Context, p audit.Actor, a app.App) (Rights, error) {
	if p.IsOperator() {
		return Rights{true, true, true}, nil
	}
	if !p.IsPerson() {
		return Rights{}, nil
	}
	roles, err := s.People.RolesOf(ctx, p.Organization, p.Ordinal)
	if err != nil {
		return Rights{}, fmt.Errorf("review: %w", err)
	}
	has := func(wanted ...string) bool {
		return slices.ContainsFunc(wanted, func(r string) bool { return slices.Contains(roles, r) })
	}
	own := p.Organization == a.Organization
	r := Rights{
		Read:  own && has(roleAuthor, roleReviewer, roleAuditor, roleDeveloper, roleAdministrator, roleOwner),
		Write: own && has(roleAuthor, roleAdministrator, roleOwner),
	}
	if !has(roleReviewer) || own != (a.Kind == app.Internal) {
		return r, nil
	}
	r.Review = own
	if !own {
		if r.Review, err = s.People.ReviewsOthers(ctx, p.Organization); err != nil {
			return Rights{}, fmt.Errorf("review: %w", err)
		}
	}
	return r, nil
}

// mayWrite refuses everybody but authors.
func (s *Service) mayWrite(ctx context.Context, by audit.By, a app.App) error {
	r, err := s.Rights(ctx, by.Actor, a)
	if err != nil || r.Write {
		return err
	}
	return r.refuse("writing templates takes the role author, administrator or owner")
}

// mayRead refuses those to whom the app has no templates.
func (s *Service) mayRead(ctx context.Context, by audit.By, a app.App) (Rights, error) {
	r, err := s.Rights(ctx, by.Actor, a)
	if err != nil || r.Read || r.Review {
		return r, err
	}
	return r, Unknown()
}

// mayReview refuses everybody but reviewers.
func (s *Service) mayReview(ctx context.Context, by audit.By, a app.App) (Rights, error) {
	r, err := s.Rights(ctx, by.Actor, a)
	if err != nil || r.Review {
		return r, err
	}
	if a.Kind == app.ThirdParty {
		return r, r.refuse("templates of a third-party app are reviewed by an organization that the operator named for it")
	}
	return r, r.refuse("reviewing takes the role reviewer")
}

// refuse tells those who can see the template why, everybody else nothing.
func (r Rights) refuse(why string) error {
	if !r.Read && !r.Review {
		return Unknown()
	}
	return fault.New(fault.CodePermissionDenied, "%s", why)
}
