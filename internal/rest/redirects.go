package rest

import (
	"context"

	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
)

// redirects is where programs that people sign in to may have them sent back.
type redirects struct {
	apps    *apps
	signIns redirectRoom
}

const (
	redirectURIsText     = "The addresses that people may be sent back to who sign in to an own app's program, sorted."
	saveRedirectURIsText = "In the organization that it belongs to: the whole list, 20 addresses at most. An address is https://HOST/PATH, or http on the same " +
		"machine; it has no query, and every query is accepted with it. Scheme, host, port and path are compared whole."
)

func (r *redirects) routes(t route.Table) {
	route.JSON(t, route.Get("getRedirectURIs", appPath+"/redirect-uris", "List an app's redirect addresses", redirectURIsText), policy.AppsRead, r.get)
	route.JSON(t, route.Put("saveRedirectURIs", appPath+"/redirect-uris", "Declare an app's redirect addresses", saveRedirectURIsText), policy.AppsWrite, r.save)
}

// RedirectURIs is the answer of getRedirectURIs and saveRedirectURIs.
type RedirectURIs struct {
	Items []string `json:"items" doc:"The addresses, sorted."`
}

// SaveRedirectURIsRequest is the body of saveRedirectURIs.
type SaveRedirectURIsRequest struct {
	Items []string `json:"items" maxItems:"50" doc:"The addresses from now on."`
}

type (
	redirectURIsAnswer      struct{ Body RedirectURIs }
	saveRedirectURIsRequest struct {
		AppPath
		Body SaveRedirectURIsRequest
	}
)

func (r *redirects) get(ctx context.Context, v *route.Visit, in *AppPath) (*redirectURIsAnswer, error) {
	k, err := r.apps.at(ctx, v, *in)
	if err != nil {
		return nil, err
	}
	if k.App.Organization != v.Viewer.Organization { // its owner's business
		return &redirectURIsAnswer{RedirectURIs{[]string{}}}, nil
	}
	list, err := r.signIns.RedirectURIs(ctx, k.App.Organization, k.App.ID)
	return &redirectURIsAnswer{RedirectURIs{list}}, err
}

func (r *redirects) save(ctx context.Context, v *route.Visit, in *saveRedirectURIsRequest) (*redirectURIsAnswer, error) {
	k, err := r.apps.at(ctx, v, in.AppPath)
	if err != nil {
		return nil, err
	}
	list, err := r.signIns.SetRedirectURIs(ctx, v.Asker.By, k.App.Organization, k.App.ID, in.Body.Items)
	return &redirectURIsAnswer{RedirectURIs{list}}, err
}
