package rest_test

import (
	"context"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/setup"
)

// setupLinks takes any link; what setting up comes to is tested with the whole server.
type setupLinks struct{ *house }

func (s setupLinks) Check(context.Context, string) (time.Time, error) {
	return time.Unix(9, 0).UTC(), s.note("check setup link")
}

func (s setupLinks) SetUp(_ context.Context, _ audit.By, r setup.Request) (account.SignedIn, error) {
	v := account.Viewer{Organization: 1, Userid: r.Userid, Name: r.Name}
	return account.SignedIn{Value: ourSession, Viewer: v}, s.note("set up " + r.Organization)
}
