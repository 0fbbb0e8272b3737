package rest

import (
	"context"

	"github.com/tidings-im/tidings/internal/inbox"
)

// Me is whose token it is.
type Me struct {
	Userid       string       `json:"userid"`
	Name         string       `json:"name"`
	Organization Organization `json:"organization"`
}

// Organization is an organization as its people see it.
type Organization struct {
	CorpID string `json:"corp_id"`
	Name   string `json:"name"`
}

type meAnswer struct{ Body Me }

func (a *api) me(ctx context.Context, v inbox.Viewer, _ *struct{}) (*meAnswer, error) {
	o, err := a.Organizations.Organization(ctx, v.Organization)
	if err != nil {
		return nil, err
	}
	who := visitOf(ctx).viewer
	return &meAnswer{Me{
		Userid: who.Userid, Name: who.Name, Organization: Organization{CorpID: o.CorpID, Name: o.Name},
	}}, nil
}
