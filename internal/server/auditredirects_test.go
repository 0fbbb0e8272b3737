package server_test

import (
	"context"

	"github.com/tidings-im/tidings/internal/audit"
)

// redirects are the steps on the addresses that an app declares.
func (d *deed) redirects(m *made) []step {
	by, signIns := audit.ByOperator(), d.rooms.SignIns
	const other = "https://app.example.com/other"
	return []step{
		{
			"SignIns.SetRedirectURIs", "app.save",
			func(ctx context.Context) error {
				_, err := signIns.SetRedirectURIs(ctx, by, m.org, m.a.ID, []string{callback})
				return err
			},
			func(ctx context.Context) error {
				_, err := signIns.SetRedirectURIs(ctx, by, m.org, m.a.ID, []string{"app.example.com"})
				return err
			},
		},
		{
			"SignIns.AddRedirectURI", "app.save",
			func(ctx context.Context) error {
				_, err := signIns.AddRedirectURI(ctx, by, m.org, m.a.ID, other)
				return err
			},
			func(ctx context.Context) error {
				_, err := signIns.AddRedirectURI(ctx, by, m.org, 77, other)
				return err
			},
		},
		{
			"SignIns.RemoveRedirectURI", "app.save",
			func(ctx context.Context) error {
				_, err := signIns.RemoveRedirectURI(ctx, by, m.org, m.a.ID, other)
				return err
			},
			func(ctx context.Context) error {
				_, err := signIns.RemoveRedirectURI(ctx, by, m.org, m.a.ID, "https://app.example.com/unknown")
				return err
			},
		},
	}
}
