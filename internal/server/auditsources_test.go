package server_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/signin"
)

// sources are the steps on what people sign in with, and whose accounts there are.
func (d *deed) sources(m *made) []step {
	by, room := audit.ByOperator(), d.rooms.Sources
	in := signin.Input{
		Name: "Keycloak", Kind: "oidc",
		Settings: []byte(`{"issuer":"https://id.example.com","client_id":"tidings","match":{"claim":"login","field":"userid"}}`),
	}
	source := func(ctx context.Context) signin.Source {
		s, err := room.Named(ctx, m.org, in.Name)
		must(d.t, err)
		return s.Source
	}
	steps := []step{
		{
			"Sources.Create", "sign_in_source.create",
			func(ctx context.Context) error {
				_, err := room.Create(ctx, by, m.org, in)
				return err
			},
			func(ctx context.Context) error {
				_, err := room.Create(ctx, by, m.org, signin.Input{Kind: "oidc"})
				return err
			},
		},
		{
			"Sources.Update", "sign_in_source.save",
			func(ctx context.Context) error {
				_, err := room.Update(ctx, by, m.org, in.Name, 0, in)
				return err
			},
			func(ctx context.Context) error {
				_, err := room.Update(ctx, by, m.org, "none", 0, in)
				return err
			},
		},
		{
			"Sources.Tried", "sign_in_source.test",
			func(ctx context.Context) error {
				_, err := room.Tried(ctx, by, source(ctx), signin.Identity{Subject: "one"})
				return err
			},
			func(ctx context.Context) error {
				_, err := room.Tried(ctx, by, source(ctx), signin.Identity{})
				return err
			},
		},
		{
			"Sources.Enable", "sign_in_source.enable",
			func(ctx context.Context) error {
				_, err := room.Enable(ctx, by, m.org, in.Name, false)
				if err == nil {
					m.waiting = d.waits(ctx, source(ctx))
				}
				return err
			},
			func(ctx context.Context) error {
				_, err := room.Enable(ctx, by, m.org, "none", false)
				return err
			},
		},
	}
	return append(steps, d.identities(m, source)...)
}

// identities are the steps on the accounts of a source.
func (d *deed) identities(m *made, source func(context.Context) signin.Source) []step {
	by, room := audit.ByOperator(), d.rooms.Sources
	operator := policy.Asker{By: by}
	finish := func(ctx context.Context, state, subject string, claims map[string]string) error {
		_, err := room.Finish(ctx, audit.By{}, signin.Finish{
			Source: source(ctx), Identity: signin.Identity{Subject: subject, Claims: claims},
			StateHash: sha256.Sum256([]byte(state)), Until: time.Now().Add(time.Hour),
		})
		return err
	}
	return []step{
		{
			"Sources.Finish", "identity.link",
			func(ctx context.Context) error { return finish(ctx, "first", "one", map[string]string{"login": "ben"}) },
			func(ctx context.Context) error { return finish(ctx, "first", "", nil) },
		},
		{
			"Sources.Link", "identity.link",
			func(ctx context.Context) error {
				_, err := room.Link(ctx, operator, m.org, m.waiting, "ann")
				return err
			},
			func(ctx context.Context) error {
				_, err := room.Link(ctx, operator, m.org, "AAAA-AAAA", "ann")
				return err
			},
		},
		{
			"Sources.Unlink", "identity.unlink",
			func(ctx context.Context) error { return room.Unlink(ctx, operator, m.org, "Keycloak", "ann") },
			func(ctx context.Context) error {
				err := room.Unlink(ctx, operator, m.org, "Keycloak", "nobody")
				if !fault.Is(err, fault.CodeUserUnknown) {
					d.t.Errorf("refused with %v", err)
				}
				return err
			},
		},
		{
			"Sources.Disable", "sign_in_source.disable",
			func(ctx context.Context) error {
				_, err := room.Disable(ctx, by, m.org, "Keycloak", false)
				return err
			},
			func(ctx context.Context) error {
				_, err := room.Disable(ctx, by, m.org, "none", false)
				return err
			},
		},
	}
}

// waits has an account wait, which writes nothing into the log, and returns its code.
func (d *deed) waits(ctx context.Context, src signin.Source) string {
	_, err := d.rooms.Sources.Finish(ctx, audit.By{}, signin.Finish{
		Source: src, Identity: signin.Identity{Subject: "two"}, StateHash: sha256.Sum256([]byte("waits")), Until: time.Now().Add(time.Hour),
	})
	var waiting *signin.WaitingError
	if !errors.As(err, &waiting) {
		d.t.Errorf("does not wait: %v", err)
		return ""
	}
	return waiting.Ref
}
