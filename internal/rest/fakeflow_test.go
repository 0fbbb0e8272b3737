package rest_test

import (
	"context"
	"fmt"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/signin"
)

// flow sends everybody to a provider; what coming back comes to is tested with the whole
// server.
type flow struct{ *house }

func (f flow) Begin(_ context.Context, b signin.Begin) (signin.Begun, error) {
	return signin.Begun{
		URL: "https://id.example.com/", Keep: signin.Kept{Name: "aaaaaaaa", Value: "1.AA"}, Drop: []string{"bbbbbbbb"},
	}, f.note(fmt.Sprint("begin ", b.Source, " ", b.ReturnTo, " ", len(b.Tries)))
}

func (f flow) BeginTrial(ctx context.Context, organization int64, tester uint32, b signin.Begin) (signin.Begun, error) {
	begun, _ := f.Begin(ctx, b)
	return begun, f.note(fmt.Sprint("begin trial ", organization, " ", tester))
}

func (f flow) Tried(_ context.Context, _ audit.By, organization int64, source, sealed string) (signin.Trial, error) {
	claims := map[string]string{"sub": secret(organization), "email": "ann@example.com"}
	return signin.Trial{Claims: claims, WouldMatch: &signin.Person{Userid: "ann", Name: "Ann"}}, f.note("tried " + source + " " + sealed)
}

func (f flow) Return(_ context.Context, _ audit.By, r signin.Return) (signin.Returned, error) {
	return signin.Returned{SignedIn: account.SignedIn{Value: ourSession}, ReturnTo: "/"}, f.note("return " + r.Source)
}

func (w waysIn) Offered(_ context.Context, organization int64) ([]signin.Source, error) {
	return []signin.Source{sourceOf(organization)}, w.note("offered sources")
}
