package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/callback"
	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/node"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/oauth"
	"github.com/tidings-im/tidings/internal/outbound"
	"github.com/tidings-im/tidings/internal/retention"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/setup"
	"github.com/tidings-im/tidings/internal/signin"
	"github.com/tidings-im/tidings/internal/store"
)

// Options are what a process brings along. Log, Fatal and Now are required.
type Options struct {
	Log *slog.Logger
	// Fatal is called when SQLite's file is in an unknown state; it must end
	// the process.
	Fatal func(error)
	Now   func() time.Time
	// HoldData keeps other servers out of the data directory on PostgreSQL
	// too, where several may share it otherwise.
	HoldData bool

	// Init makes the installation where there is none: directory, database and
	// key file.
	Init bool

	// serving is set for a process that serves: it keeps the reserve, makes what
	// is missing and brings the schema up to date.
	serving bool
	hints   roomHints // nil: nobody is told of changes
	meter   *calling  // nil: what is told to apps is not counted
}

// roomHints is told of what the rooms of administration change.
type roomHints interface {
	directory.Hints
	account.Hints
}

// Rooms are the rooms that look after what is there, without those that serve:
// all that administration needs. They may be open beside a running server.
type Rooms struct {
	Directory *directory.Service
	Apps      *app.Service
	SignIns   *oauth.Service
	Sources   *signin.Service
	Callbacks *callback.Service
	Keys      *masterkey.Rotation
	Accounts  *account.Service
	Setup     *setup.Service
	Templates *review.Service // sends no tests
	AuditLog  *audit.Log
	Eraser    retention.Eraser
	Nodes     node.Store
	Explainer notify.Explainer

	db        *store.DB
	providers map[string]signin.Provider
	watch     *masterkey.Watch // nil for a process that does not serve
}

func (o Options) upkeep() store.Upkeep {
	switch {
	case o.serving:
		return store.BringUpToDate
	case o.Init:
		return store.CreateMissing
	}
	return store.NeedCurrent
}

// Open opens the store and its rooms. Without Options.Init it makes nothing: the
// error is store.ErrEmpty where there is no installation, and store.ErrOlder for
// a schema that a server has to bring up to date first.
func Open(ctx context.Context, c config.Config, o Options) (*Rooms, error) {
	c.MakeKey = c.MakeKey && (o.serving || o.Init)
	if o.serving || o.Init {
		for _, dir := range OwnDirs(c) { // on PostgreSQL nothing of a node is kept on its disk
			if err := makeDir(dir); err != nil {
				return nil, fmt.Errorf("data directory: %w", err)
			}
		}
	}
	db, err := store.Open(ctx, c.Database, store.Options{
		Schema: o.upkeep(), Fatal: o.Fatal, Clock: o.Now, Reserve: o.serving, Log: o.Log,
	})
	if err != nil {
		return nil, err
	}
	r := &Rooms{db: db}
	keys, err := r.bindKeys(ctx, c, o)
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	db.SealAudit(keys)
	r.AuditLog = &audit.Log{Store: db.AuditLog(), Keys: keys}
	r.Keys = &masterkey.Rotation{Store: db.Keys(), Ring: keys, Now: o.Now}
	r.Directory = directory.New(directory.Deps{Store: db.Directory(), Hints: o.hints, Log: o.Log, Now: o.Now})
	r.Apps = app.New(app.Deps{Store: db.Apps(), Organizations: r.Directory, Keys: keys, Hints: o.hints, Now: o.Now})
	r.SignIns = oauth.New(oauth.Deps{Store: db.OAuth(), Apps: r.Apps, People: r.Directory, Now: o.Now})
	calls := callback.Deps{
		Store: db.Callbacks(), People: r.Directory, Suites: r.Apps, Keys: keys, Caller: outbound.New(outbound.Options{Allowed: c.OutboundAllow}), Log: o.Log, Now: o.Now,
	}
	if o.meter != nil { // nil as an interface, where nobody counts
		calls.Meter = o.meter
	}
	r.Callbacks = callback.New(calls)
	r.Accounts = account.New(account.Deps{Store: db.Accounts(), People: r.Directory, Composers: r.Apps, Hints: o.hints, Log: o.Log, Now: o.Now})
	r.providers = signInProviders(c, o)
	r.Sources = signin.New(signin.Deps{
		Store: db.SignIn(), Accounts: r.Accounts, People: r.Directory, Keys: keys, Providers: r.providers, Now: o.Now,
	})
	r.Setup = setup.New(setup.Deps{Store: db.Setup(), Directory: r.Directory, Preset: c.Preset, Now: o.Now})
	r.Templates = review.New(reviews(r, nil, o.Now))
	r.Nodes = db.Nodes()
	r.Eraser = retention.Eraser{
		People: r.Directory, Traces: db.Traces(), Log: db.AuditLog(), Tombstone: directory.Tombstone, Now: o.Now,
	}
	r.Explainer = notify.Explainer{Store: db.Outcomes(), People: r.Directory}
	return r, nil
}

func reviews(r *Rooms, sender review.Sender, now func() time.Time) review.Deps {
	return review.Deps{Store: r.db.Templates(), People: r.Directory, Apps: r.Apps, Sender: sender, Now: now}
}

// leaveWithin is how long a node that stops may take to say so.
const leaveWithin = time.Second

// Close closes the store. What was said of a node that cannot take it back is
// forgotten with time.
func (r *Rooms) Close() error {
	if r.watch != nil {
		ctx, cancel := context.WithTimeout(context.Background(), leaveWithin)
		defer cancel()
		_ = r.watch.Leave(ctx)
	}
	return r.db.Close()
}

// bindKeys reads the master keys, makes them at a first start, and makes sure
// that they are the database's.
func (r *Rooms) bindKeys(ctx context.Context, c config.Config, o Options) (*masterkey.Ring, error) {
	keys, made, err := masterKeys(c)
	if err != nil {
		return nil, err
	}
	if o.serving {
		watch := masterkey.NewWatch(masterkey.WatchDeps{Keys: keys, Store: r.db.KeyHolders(), Name: nodeName(c), Now: o.Now, Log: o.Log})
		if err := watch.Enter(ctx); err != nil {
			return nil, err
		}
		r.watch = watch
	}
	if err := keys.Bind(ctx, r.db.Keys()); err != nil {
		if made { // for a database that has other keys
			err = errors.Join(err, os.Remove(c.KeyFile))
		}
		return nil, err
	}
	return keys, nil
}

// nodeName is what operators know a node by.
func nodeName(c config.Config) string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	return fmt.Sprintf("%s (%s)", host, c.Listen)
}

func masterKeys(c config.Config) (keys *masterkey.Ring, made bool, err error) {
	keys, err = masterkey.Load(c.KeyFile)
	if errors.Is(err, fs.ErrNotExist) && !c.MakeKey {
		return nil, false, fmt.Errorf("key file %s is not there: name with key-file the one that belongs to this database, or copy it from another node; the first one is made by: tidings admin key create FILE", c.KeyFile)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return keys, false, err
	}
	if err := makeDir(filepath.Dir(c.KeyFile)); err != nil {
		return nil, false, fmt.Errorf("key file: %w", err)
	}
	keys, err = masterkey.Create(c.KeyFile)
	if errors.Is(err, fs.ErrExist) { // another process was faster
		keys, err = masterkey.Load(c.KeyFile)
		return keys, false, err
	}
	return keys, true, err
}
