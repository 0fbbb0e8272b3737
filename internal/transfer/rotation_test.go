package transfer_test

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/internal/transfer"
)

// rotating is an installation whose master key is replaced, with backups from
// before, while and after.
type rotating struct {
	installation
	apps        opened
	key, secret string // of an app
}

func newRotating(t *testing.T, engine string) rotating {
	t.Helper()
	ctx := context.Background()
	r := rotating{installation: newInstallation(t, engine, 0)}
	_, raw := storetest.Raw(t, r.Database)
	_, err := raw.Exec(`UPDATE organization SET limits = '{"preset":"standard"}'`)
	must(t, err)
	r.apps = r.open(t, r.keyFile)
	a, _, secret, err := r.apps.CreateInternal(ctx, audit.ByOperator(), 1, app.NewApp{Name: "A"})
	must(t, err)
	r.key, r.secret = a.Key, secret
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// opened are the rooms that work with the keys of an installation, as a command has
// them.
type opened struct {
	*app.Service
	*masterkey.Rotation
}

func (at installation) open(t *testing.T, keyFile string) opened {
	t.Helper()
	db := storetest.At(t, at.Database, nil)
	keys, err := masterkey.Load(keyFile)
	must(t, err)
	must(t, keys.Bind(context.Background(), db.Keys()))
	db.SealAudit(keys)
	people := directory.New(directory.Deps{Store: db.Directory(), Now: time.Now})
	return opened{app.New(app.Deps{Store: db.Apps(), Organizations: people, Keys: keys, Now: time.Now}), &masterkey.Rotation{Store: db.Keys(), Ring: keys, Now: time.Now}}
}

// saved is a backup, and the key file of its moment, which is not in it.
type saved struct{ dir, keyFile string }

func (r rotating) save(t *testing.T) saved {
	t.Helper()
	text, err := os.ReadFile(r.keyFile)
	must(t, err)
	s := saved{keyFile: filepath.Join(t.TempDir(), "key")}
	must(t, os.WriteFile(s.keyFile, text, 0o600))
	o := r.backupOptions(t, false)
	o.Keys, err = masterkey.Load(r.keyFile)
	must(t, err)
	report, _, err := transfer.Backup(context.Background(), o)
	must(t, err)
	if !report.Signed {
		t.Error("the backup is not signed")
	}
	s.dir = o.To
	return s
}

// mustRestore restores a backup with a key file; what is there works.
func (r rotating) mustRestore(t *testing.T, s saved, keyFile, engine string, needed ...int) {
	t.Helper()
	ctx := context.Background()
	at := newPlace(t, engine)
	o := at.restoreOptions(s.dir)
	o.KeyFile = keyFile
	report, m, err := transfer.Restore(ctx, o)
	must(t, err)
	if !report.Signed {
		t.Error("the signature was not verified")
	}
	if got := slices.Sorted(maps.Keys(m.Keys)); !slices.Equal(got, needed) {
		t.Errorf("the manifest says that keys %v are needed", got)
	}
	apps := at.open(t, keyFile)
	token, err := apps.TokenByKey(ctx, r.key, r.secret)
	must(t, err)
	_, err = apps.Authenticate(ctx, token.Value)
	must(t, err)
	if _, nodes, err := apps.List(ctx); err != nil || len(nodes) > 0 {
		t.Errorf("nodes of before: %+v, %v", nodes, err)
	}
}

func (r rotating) mustNotRestore(t *testing.T, s saved, keyFile, why string) {
	t.Helper()
	at := newPlace(t, "sqlite")
	o := at.restoreOptions(s.dir)
	o.KeyFile = keyFile
	if _, _, err := transfer.Restore(context.Background(), o); err == nil || !strings.Contains(err.Error(), why) {
		t.Errorf("restored, or refused with %v", err)
	}
	at.mustBeEmpty(t)
}

// A backup needs the keys of its time and no others, and is signed with one of
// them.
func TestBackupsOfAReplacedKey(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		ctx, by := context.Background(), audit.ByOperator()
		r := newRotating(t, engine)
		must(t, storetest.At(t, r.Database, nil).KeyHolders().EnterNode(ctx, "node", r.keys.Fingerprints()))
		other := "sqlite"
		if engine == other {
			other = "postgres"
		}

		before := r.save(t)
		_, err := r.apps.Add(ctx, by)
		must(t, err)
		added := r.save(t)
		admin := r.open(t, r.keyFile)
		_, raw := storetest.Raw(t, r.Database)
		_, err = raw.Exec(`DELETE FROM node`)
		must(t, err)
		_, err = admin.Switch(ctx, by, 0)
		must(t, err)
		switched := r.save(t)
		_, err = admin.Drop(ctx, by, true)
		must(t, err)
		dropped := r.save(t)

		r.mustRestore(t, before, before.keyFile, engine, 1)
		r.mustRestore(t, added, before.keyFile, other, 1)
		r.mustRestore(t, switched, switched.keyFile, other, 1, 2)
		r.mustRestore(t, dropped, r.keyFile, other, 2)
		r.mustNotRestore(t, before, r.keyFile, "master key 1, which is not in the key file")
		r.mustNotRestore(t, switched, r.keyFile, "master key 1, which is not in the key file")
		r.mustNotRestore(t, switched, before.keyFile, "master key 2, which is not in the key file")

		// Moved, with what is known of the keys.
		to := newPlace(t, other)
		keys, err := masterkey.Load(r.keyFile)
		must(t, err)
		_, err = transfer.Move(ctx, transfer.MoveOptions{From: r.Place, To: to.Place, Keys: keys, Force: true, Progress: quiet})
		must(t, err)
		all, _, err := to.open(t, r.keyFile).List(ctx)
		if err != nil || len(all) != 2 || all[0].Phase != masterkey.PhaseDropped || all[1].Phase != masterkey.PhaseInUse {
			t.Errorf("after moving: %+v, %v", all, err)
		}
	})
}

// A backup with the key file in it has the keys that it needs.
func TestTheKeyFileOfABackupHasItsKeys(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	r := newRotating(t, "sqlite")
	o := r.backupOptions(t, true)
	stranger := filepath.Join(t.TempDir(), "key")
	_, err := masterkey.Create(stranger)
	must(t, err)
	// As if the file were replaced after it was read.
	text, err := os.ReadFile(stranger)
	must(t, err)
	must(t, os.WriteFile(r.keyFile, text, 0o600))
	if _, _, err := transfer.Backup(ctx, o); err == nil || !strings.Contains(err.Error(), "make it again") {
		t.Errorf("made, or refused with %v", err)
	}
}
