package rest_test

import (
	"context"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/signin"
)

// waysIn is a sign-in source of each organization; its secret is hidden.
type waysIn struct{ *house }

func sourceOf(organization int64) signin.Source {
	return signin.Source{
		Organization: organization, ID: fmt.Sprint(organization, "_aaaaaaaaaaaaaaaa"), Kind: "oidc", Name: secret(organization), State: signin.On,
		Settings: []byte(`{"of":"` + secret(organization) + `"}`), SessionDays: 7, Edition: 1, CreatedAt: time.Unix(9, 0).UTC(),
	}
}

func (w waysIn) Sources(_ context.Context, organization int64) ([]signin.Source, error) {
	return []signin.Source{sourceOf(organization)}, w.note("sources")
}

func (w waysIn) Named(_ context.Context, organization int64, name string) (signin.Details, error) {
	return signin.Details{Source: sourceOf(organization), HasSecret: true}, w.note(fmt.Sprint("source ", organization, " ", name))
}

func (w waysIn) Create(_ context.Context, _ audit.By, organization int64, in signin.Input) (signin.Source, error) {
	return sourceOf(organization), w.note(fmt.Sprint("create source ", organization, " ", in.Name))
}

func (w waysIn) Update(_ context.Context, _ audit.By, organization int64, name string, edition int64, _ signin.Input) (signin.Source, error) {
	return sourceOf(organization), w.note(fmt.Sprint("save source ", organization, " ", name, " ", edition))
}

func (w waysIn) Test(context.Context, int64, string) ([]signin.Step, error) {
	return []signin.Step{{Name: "discovery", OK: true, Text: "found"}}, w.note("test source")
}

func (w waysIn) Enable(_ context.Context, _ audit.By, organization int64, _ string, untested bool) (signin.Source, error) {
	return sourceOf(organization), w.note(fmt.Sprint("enable source ", organization, " ", untested))
}

func (w waysIn) Disable(_ context.Context, _ audit.By, organization int64, _ string, keepSessions bool) (signin.Source, error) {
	return sourceOf(organization), w.note(fmt.Sprint("disable source ", organization, " ", keepSessions))
}

func (w waysIn) waiting(organization int64) signin.Waiting {
	return signin.Waiting{Source: "Keycloak", Subject: secret(organization), Shown: "ann", Ref: "AAAA-AAAA", At: time.Unix(9, 0).UTC()}
}

func (w waysIn) Waiting(_ context.Context, organization int64, before signin.Waiting, limit int) ([]signin.Waiting, error) {
	one := w.waiting(organization)
	return []signin.Waiting{one, one}, w.note(fmt.Sprint("waiting ", organization, " ", before.Ref, " ", limit))
}

func (w waysIn) Link(_ context.Context, _ policy.Asker, organization int64, ref, userid string) (signin.Waiting, error) {
	return w.waiting(organization), w.note(fmt.Sprint("link ", organization, " ", ref, " ", userid))
}

func (w waysIn) Unlink(_ context.Context, _ policy.Asker, organization int64, name, userid string) error {
	return w.note(fmt.Sprint("unlink ", organization, " ", name, " ", userid))
}
