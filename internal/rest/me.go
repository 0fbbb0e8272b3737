package rest

import (
	"context"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
)

// self is whoever asks.
type self struct {
	accounts interface {
		route.Askers
		route.Credentials
	}
	organizations Organizations
	people        granters
}

// granters knows whom to ask for a role.
type granters interface {
	Granters(ctx context.Context, organization int64, some int) ([]directory.User, error)
}

// grantersTold is how many of them somebody is told.
const grantersTold = 3

func (s *self) routes(r route.Table) {
	route.JSON(r, route.Get("getMe", "/me", "Tell who is asking", meText), policy.MeRead, s.me)
	route.JSON(r, route.Get("listOrganizations", "/me/organizations", "List the organizations one is signed in to", membershipsText), policy.MeRead, s.memberships)
}

const (
	meText          = "The person and their organization, and what they may open."
	membershipsText = "All that this browser has a good session of, in the order of their numbers; with a token its one. Corp ids go into org."
)

// Me is the person who asks.
type Me struct {
	Userid       string        `json:"userid" doc:"The person, unique in their organization."`
	Name         string        `json:"name" doc:"The person's name."`
	Organization Organization  `json:"organization" doc:"The person's organization."`
	Roles        []policy.Role `json:"roles" doc:"The person's roles: employee, developer, author, reviewer, auditor, administrator, owner."`
	Granters     []Granter     `json:"granters" doc:"Whom to ask for a role, three at most: owners first, then administrators."`
	Pages        []policy.Page `json:"pages" doc:"The pages of the console that have something for the person: templates, reviews, audit, notifications. Others may come."`
}

// Granter is somebody whom to ask for a role.
type Granter struct {
	Userid string `json:"userid" doc:"The person."`
	Name   string `json:"name" doc:"The person's name."`
}

// Organization is an organization as its people see it.
type Organization struct {
	CorpID string `json:"corp_id" doc:"The organization's id on the wire."`
	Name   string `json:"name" doc:"The organization's name."`
}

type meAnswer struct{ Body Me }

func (s *self) me(ctx context.Context, v *route.Visit, _ *struct{}) (*meAnswer, error) {
	o, err := s.organizations.Organization(ctx, v.Viewer.Organization)
	if err != nil {
		return nil, err
	}
	asker, err := s.accounts.Asker(ctx, v.Asker.By)
	if err != nil {
		return nil, err
	}
	users, err := s.people.Granters(ctx, v.Viewer.Organization, grantersTold)
	if err != nil {
		return nil, err
	}
	granters := make([]Granter, 0, len(users))
	for _, u := range users {
		granters = append(granters, Granter{u.Userid, u.Name})
	}
	return &meAnswer{Me{
		Userid: v.Viewer.Userid, Name: v.Viewer.Name, Organization: Organization{CorpID: o.CorpID, Name: o.Name},
		Roles: asker.Roles.List(), Granters: granters, Pages: asker.Pages(),
	}}, nil
}

// Membership is one organization that the caller is signed in to, and as whom.
type Membership struct {
	CorpID   string `json:"corp_id" doc:"The organization's id on the wire."`
	Name     string `json:"name" doc:"The organization's name."`
	Userid   string `json:"userid" doc:"Who the person is there."`
	UserName string `json:"user_name" doc:"The person's name there."`
	Contact  string `json:"contact" doc:"Whom to ask who cannot sign in to it; may be empty."`
}

// Memberships is the answer of listOrganizations.
type Memberships struct {
	Items []Membership `json:"items" doc:"The organizations, always in the same order."`
}

type membershipsAnswer struct{ Body Memberships }

// memberships goes through all of a browser's sessions; a token has one.
func (s *self) memberships(ctx context.Context, v *route.Visit, _ *struct{}) (*membershipsAnswer, error) {
	viewers := []account.Viewer{v.Viewer}
	if len(v.Held) > 0 {
		viewers = viewers[:0]
	}
	for _, h := range v.Held.First() {
		if n := len(viewers); n > 0 && viewers[n-1].Organization == h.Organization {
			continue
		}
		another, good, err := route.Session(ctx, s.accounts, h)
		if err != nil && !fault.Is(err, fault.CodeThrottled) { // those that are known to be good are told
			return nil, err
		}
		if good {
			viewers = append(viewers, another)
		}
	}
	items := make([]Membership, 0, len(viewers))
	for _, one := range viewers {
		o, err := s.organizations.Organization(ctx, one.Organization)
		if err != nil {
			return nil, err
		}
		items = append(items, Membership{CorpID: o.CorpID, Name: o.Name, Userid: one.Userid, UserName: one.Name, Contact: o.Contact})
	}
	return &membershipsAnswer{Memberships{items}}, nil
}
