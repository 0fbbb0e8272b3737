package rest

import (
	"context"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

// Me is the person who asks.
type Me struct {
	Userid       string        `json:"userid"`
	Name         string        `json:"name"`
	Organization Organization  `json:"organization"`
	Roles        []policy.Role `json:"roles"`
	Pages        []policy.Page `json:"pages"`
}

// Organization is an organization as its people see it.
type Organization struct {
	CorpID string `json:"corp_id"`
	Name   string `json:"name"`
}

type meAnswer struct{ Body Me }

func (a *api) me(ctx context.Context, v *visit, _ *struct{}) (*meAnswer, error) {
	o, err := a.Organizations.Organization(ctx, v.viewer.Organization)
	if err != nil {
		return nil, err
	}
	asker, err := a.Accounts.Asker(ctx, v.asker.By)
	if err != nil {
		return nil, err
	}
	return &meAnswer{Me{
		Userid: v.viewer.Userid, Name: v.viewer.Name, Organization: Organization{CorpID: o.CorpID, Name: o.Name},
		Roles: asker.Roles.List(), Pages: asker.Pages(),
	}}, nil
}

// Membership is one organization that the caller is signed in to, and as whom.
type Membership struct {
	CorpID   string `json:"corp_id"`
	Name     string `json:"name"`
	Userid   string `json:"userid"`
	UserName string `json:"user_name"`
	Contact  string `json:"contact"`
}

// Memberships is the answer of listOrganizations.
type Memberships struct {
	Items []Membership `json:"items"`
}

type membershipsAnswer struct{ Body Memberships }

// memberships goes through all of a browser's sessions; a token has one.
func (a *api) memberships(ctx context.Context, v *visit, _ *struct{}) (*membershipsAnswer, error) {
	viewers := []account.Viewer{v.viewer}
	if len(v.held) > 0 {
		viewers = viewers[:0]
	}
	for _, h := range v.held.First() {
		if n := len(viewers); n > 0 && viewers[n-1].Organization == h.Organization {
			continue
		}
		another, good, err := a.session(ctx, h)
		if err != nil && !fault.Is(err, fault.CodeThrottled) { // those that are known to be good are told
			return nil, err
		}
		if good {
			viewers = append(viewers, another)
		}
	}
	items := make([]Membership, 0, len(viewers))
	for _, one := range viewers {
		o, err := a.Organizations.Organization(ctx, one.Organization)
		if err != nil {
			return nil, err
		}
		items = append(items, Membership{CorpID: o.CorpID, Name: o.Name, Userid: one.Userid, UserName: one.Name, Contact: o.Contact})
	}
	return &membershipsAnswer{Memberships{items}}, nil
}

// SignInHelp says whom to ask who cannot sign in.
type SignInHelp struct {
	Contact string `json:"contact"`
}

type helpAnswer struct{ Body SignInHelp }

// help answers anybody. Where there are several organizations it names none of
// them: which there are is nobody's to know.
func (a *api) help(context.Context, *visit, *struct{}) (*helpAnswer, error) {
	o, _ := a.Organizations.Only()
	return &helpAnswer{SignInHelp{o.Contact}}, nil
}
