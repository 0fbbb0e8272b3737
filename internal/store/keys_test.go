package store_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// The keys of a database that a version before has written are taken over as they
// are, and nodes of that version go on finding what they look for.
func TestKeysOfAVersionBefore(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.BothEngines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			ctx, address := t.Context(), storetest.Ready(t, engine)
			keys, err := masterkey.Create(filepath.Join(t.TempDir(), "key"))
			mustWork(t, err)
			fingerprint := keys.Fingerprints()[1]
			_, raw := storetest.Raw(t, address)
			_, err = raw.Exec(`INSERT INTO node_state (name, value, count) VALUES ('keys', $1, 0)`, `{"1":"`+fingerprint+`"}`)
			mustWork(t, err)
			apps := storetest.At(t, address, nil).Apps()
			for range 2 {
				mustWork(t, keys.Bind(ctx, apps))
				r, err := apps.Keys(ctx)
				mustWork(t, err)
				if k := r.Keys[1]; r.InUse != 1 || len(r.Keys) != 1 || k.Fingerprint != fingerprint || !k.Used || !k.AddedAt.IsZero() || !k.UsedAt.IsZero() {
					t.Errorf("record %+v", r)
				}
			}
			// One that a node of that version has met since is needed, too.
			_, err = raw.Exec(`UPDATE node_state SET value = $1 WHERE name = 'keys'`, `{"1":"`+fingerprint+`","2":"x"}`)
			mustWork(t, err)
			if err := keys.Bind(ctx, apps); err == nil || !strings.Contains(err.Error(), "master key 2") {
				t.Errorf("bound without key 2: %v", err)
			}
			var text string
			mustWork(t, raw.QueryRow(`SELECT value FROM node_state WHERE name = 'keys'`).Scan(&text))
			if text != `{"1":"`+fingerprint+`","2":"x"}` {
				t.Errorf("for nodes of that version there is %s", text)
			}
		})
	}
}

// Whoever stores something that was made with a master key holds that back which
// brings another one into use, and not others who store something.
func TestStoringHoldsTheKey(t *testing.T) {
	t.Parallel()
	address := storetest.Ready(t, "postgres")
	ctx, apps := t.Context(), storetest.At(t, address, nil).Apps()
	keys, err := masterkey.Create(filepath.Join(t.TempDir(), "key"))
	mustWork(t, err)
	mustWork(t, keys.Bind(ctx, apps))
	_, raw := storetest.Raw(t, address)
	storing, err := raw.BeginTx(ctx, nil)
	mustWork(t, err)
	defer storing.Rollback()
	_, err = storing.Exec(`SELECT count FROM node_state WHERE name = 'keys' FOR SHARE`)
	mustWork(t, err)

	mustWork(t, keys.Bind(ctx, apps))
	change := func(ctx context.Context) error {
		return apps.BindKeys(ctx, func(r masterkey.Record, now time.Time) (masterkey.Record, error) {
			r.Keys[2] = masterkey.State{Fingerprint: "x", Used: true, UsedAt: now}
			r.InUse = 2
			return r, nil
		})
	}
	if err := change(ctx); err == nil {
		t.Error("another key came into use while something was stored with the one before")
	}
	mustWork(t, storing.Rollback())
	mustWork(t, change(ctx))
}

// A token that is being stored holds its key in that way.
func TestATokenHoldsItsKey(t *testing.T) {
	t.Parallel()
	address := storetest.Ready(t, "postgres")
	ctx, db := t.Context(), storetest.At(t, address, nil)
	keys, err := masterkey.Create(filepath.Join(t.TempDir(), "key"))
	mustWork(t, err)
	mustWork(t, keys.Bind(ctx, db.Keys()))
	people := directory.New(directory.Deps{Store: db.Directory(), Now: time.Now})
	o, err := people.CreateOrganization(ctx, audit.ByOperator(), directory.NewOrganization{Name: "One"})
	mustWork(t, err)
	apps := app.New(app.Deps{Store: db.Apps(), Organizations: people, Keys: keys, Now: time.Now})
	a, _, secret, err := apps.CreateInternal(ctx, audit.ByOperator(), o.ID, app.NewApp{Name: "A"})
	mustWork(t, err)
	_, err = apps.TokenByKey(ctx, a.Key, secret)
	mustWork(t, err)
	// A new token clears away the one that is over, and waits for whoever holds it.
	_, raw := storetest.Raw(t, address)
	_, err = raw.Exec(`UPDATE access_token SET expires_at = 1`)
	mustWork(t, err)
	holding, err := raw.BeginTx(ctx, nil)
	mustWork(t, err)
	defer holding.Rollback()
	_, err = holding.Exec(`SELECT id FROM access_token FOR UPDATE`)
	mustWork(t, err)
	for tries := 0; ; tries++ {
		if tries == 20 {
			t.Fatal("nobody was seen waiting")
		}
		done := make(chan struct{})
		go func() { _, _ = apps.TokenByKey(ctx, a.Key, secret); close(done) }()
		if waits(t, raw, done) {
			err := raw.QueryRow(`SELECT count FROM node_state WHERE name = 'keys' FOR UPDATE SKIP LOCKED`).Scan(new(int))
			select {
			case <-done:
				continue // it gave up meanwhile
			default:
			}
			if !errors.Is(err, sql.ErrNoRows) {
				t.Errorf("the key may change while a token of it is stored: %v", err)
			}
			<-done
			return
		}
	}
}

// waits reports whether somebody waits for a lock before done is closed.
func waits(t *testing.T, raw *sql.DB, done chan struct{}) bool {
	t.Helper()
	for {
		var n int
		mustWork(t, raw.QueryRow(`SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&n))
		if n > 0 {
			return true
		}
		select {
		case <-done:
			return false
		default:
		}
	}
}
