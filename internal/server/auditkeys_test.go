package server_test

import (
	"context"
	"path/filepath"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/masterkey"
)

// masterKeys are steps that replace the master key. What was logged before the last
// one cannot be checked afterwards.
func (d *deed) masterKeys(m *made) []step {
	by, keys := audit.ByOperator(), d.rooms.Keys
	strange, err := masterkey.Create(filepath.Join(d.t.TempDir(), "key"))
	must(d.t, err)
	stranger := &masterkey.Rotation{Store: keys.Store, Ring: strange, Now: time.Now} // with another key file
	add := step{
		"Keys.Add", "key.add",
		func(ctx context.Context) error { _, err := keys.Add(ctx, by); return err },
		func(ctx context.Context) error { _, err := stranger.Add(ctx, by); return err },
	}
	return []step{
		add,
		{
			"Keys.Cancel", "key.cancel",
			func(ctx context.Context) error {
				_, err := keys.Cancel(ctx, by)
				if err == nil { // taking a token writes nothing
					_, err = d.rooms.Apps.TokenByKey(ctx, m.a.Key, m.first)
				}
				return err
			},
			nil, // where no key was added it takes none back
		},
		add,
		{
			"Keys.Switch", "key.use",
			func(ctx context.Context) error { _, err := keys.Switch(ctx, by, 0); return err },
			func(ctx context.Context) error { _, err := stranger.Switch(ctx, by, 0); return err },
		},
		{
			"Keys.Drop", "key.tokens_end, key.drop",
			func(ctx context.Context) error { _, err := keys.Drop(ctx, by, true); return err },
			func(ctx context.Context) error { _, err := keys.Drop(ctx, by, false); return err },
		},
	}
}
