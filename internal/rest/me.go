package rest

import (
	"cmp"
	"context"
	"slices"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
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
	apps          appsByHand
	inbox         previews
}

// appsByHand knows with which apps somebody may send by hand.
type appsByHand interface {
	ByHand(ctx context.Context, asker policy.Asker) ([]app.ByHand, error)
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
	TimeZone     string        `json:"time_zone" doc:"The organization's time zone, in which its days begin, such as Asia/Shanghai."`
	Roles        []policy.Role `json:"roles" doc:"The person's roles: employee, developer, author, reviewer, auditor, administrator, owner."`
	Granters     []Granter     `json:"granters" doc:"Whom to ask for a role, three at most: owners first, then administrators."`
	Pages        []policy.Page `json:"pages" doc:"The pages of the console that have something for the person: templates, reviews, audit, notifications, compose, apps. Others may come."`
	ComposeApps  []ComposeApp  `json:"compose_apps" doc:"The apps in use that the person may send with by hand, by name."`
}

// ComposeApp is an app that the asker may send with by hand.
type ComposeApp struct {
	inbox.AppView
	Kind      string `json:"kind" enum:"internal,third_party" doc:"Whether it works in its own organization only."`
	Direct    bool   `json:"direct" doc:"The person may send messages of their own."`
	Templates bool   `json:"templates" doc:"The person may send its templates."`
	Everyone  bool   `json:"everyone" doc:"The person may send to everyone at once."`
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
	composed, err := s.composeApps(ctx, asker)
	if err != nil {
		return nil, err
	}
	pages := slices.DeleteFunc(asker.Pages(), func(p policy.Page) bool { return p == policy.PageCompose && len(composed) == 0 })
	return &meAnswer{Me{
		Userid: v.Viewer.Userid, Name: v.Viewer.Name, Organization: Organization{CorpID: o.CorpID, Name: o.Name},
		TimeZone: o.TimeZone, Roles: asker.Roles.List(), Granters: granters, Pages: pages, ComposeApps: composed,
	}}, nil
}

// composeApps are the apps that somebody may send with by hand.
func (s *self) composeApps(ctx context.Context, asker policy.Asker) ([]ComposeApp, error) {
	usable, err := s.apps.ByHand(ctx, asker)
	if err != nil {
		return nil, err
	}
	list := make([]ComposeApp, 0, len(usable))
	for _, one := range usable {
		view, err := s.inbox.App(ctx, asker.By.Organization, one.Agent.ID)
		if err != nil {
			return nil, err
		}
		list = append(list, ComposeApp{view, string(one.App.Kind), one.Direct, one.Template, one.Everyone})
	}
	slices.SortFunc(list, func(x, y ComposeApp) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.AgentID, y.AgentID))
	})
	return list, nil
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
