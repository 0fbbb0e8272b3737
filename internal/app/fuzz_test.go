package app_test

import (
	"context"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/masterkey"
)

// Nothing but the one token that was given is accepted or asked about.
func FuzzAuthenticate(f *testing.F) {
	keys, err := masterkey.Create(f.TempDir() + "/key")
	must(f, err)
	store := newFakeStore()
	s := app.New(app.Deps{Store: store, Keys: keys, Now: time.Now})
	_, _, secret, err := s.CreateInternal(f.Context(), audit.ByOperator(), 1, app.NewApp{Name: "A"})
	must(f, err)
	given, err := s.TokenByKey(f.Context(), "key", secret)
	must(f, err)
	for _, seed := range []string{
		given.Value, "", ".", "-", "1-1-", "1-1-" + "aaaaaaaaaaaaaaaaaaaaaaaaaa.", "01-1-x.y", "1--.", "9999999999999999999-1-a.b",
		given.Value[:len(given.Value)-1], given.Value + ".", "\x00" + given.Value,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		before := store.lookups.Load()
		c, err := s.Authenticate(context.Background(), token)
		switch {
		case token == given.Value:
			if err != nil || c.AgentID != 7 {
				t.Fatalf("the real token: %+v %v", c, err)
			}
			return
		case token == "":
			wantCode(t, err, fault.CodeTokenMissing)
		default:
			wantCode(t, err, fault.CodeTokenInvalid)
		}
		if store.lookups.Load() != before {
			t.Fatalf("%q reached the database", token)
		}
	})
}
