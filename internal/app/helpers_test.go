package app_test

import (
	"context"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// clock is a wall clock that moves when told to.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock {
	return &clock{at: time.Date(2026, 3, 31, 15, 59, 0, 0, time.UTC)}
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// spy counts the questions about tokens that reach the database.
type spy struct {
	app.Store
	lookups atomic.Int64
	agents  atomic.Int64
	renewed atomic.Int64
	marked  atomic.Int64  // transactions that note uses of secrets
	full    atomic.Bool   // they fail
	hold    chan struct{} // when not nil, lookups wait until it is closed
}

func (s *spy) TokenByID(ctx context.Context, organization int64, id string) (app.Standing, bool, error) {
	s.lookups.Add(1)
	if s.hold != nil {
		<-s.hold
	}
	return s.Store.TokenByID(ctx, organization, id)
}

func (s *spy) AgentByID(ctx context.Context, organization, id int64) (app.AgentView, error) {
	s.agents.Add(1)
	return s.Store.AgentByID(ctx, organization, id)
}

func (s *spy) MarkTokenRenewed(ctx context.Context, organization int64, t app.StoredToken) (bool, error) {
	s.renewed.Add(1)
	return s.Store.MarkTokenRenewed(ctx, organization, t)
}

func (s *spy) MarkSecretsUsed(ctx context.Context, used []app.SecretUse) error {
	s.marked.Add(1)
	if s.full.Load() {
		return fault.New(fault.CodeStorageFull, "the disk is full")
	}
	return s.Store.MarkSecretsUsed(ctx, used)
}

// world is one database that any number of nodes use.
type world struct {
	address   string
	keyFile   string
	clock     *clock
	db        *store.DB
	directory *directory.Service
}

// node is one process.
type node struct {
	*app.Service
	*masterkey.Rotation
	spy  *spy
	keys *masterkey.Ring
}

func newWorld(tb testing.TB, engine string) *world {
	tb.Helper()
	w := &world{address: storetest.Ready(tb, engine), keyFile: filepath.Join(tb.TempDir(), "key"), clock: newClock()}
	if _, err := masterkey.Create(w.keyFile); err != nil {
		tb.Fatal(err)
	}
	w.db = storetest.At(tb, w.address, w.clock.now)
	w.directory = directory.New(directory.Deps{Store: w.db.Directory(), Now: w.clock.now})
	return w
}

// each runs fn on both engines.
func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			fn(t, newWorld(t, engine))
		})
	}
}

// mustNode starts a process: its own connections, memory and copy of the keys.
func (w *world) mustNode(tb testing.TB) *node {
	tb.Helper()
	db := storetest.At(tb, w.address, w.clock.now)
	keys, err := masterkey.Load(w.keyFile)
	must(tb, err)
	must(tb, keys.Bind(tb.Context(), db.Keys()))
	db.SealAudit(keys)
	s := &spy{Store: db.Apps()}
	return w.newNode(s, db, keys)
}

func (w *world) newNode(s *spy, db *store.DB, keys *masterkey.Ring) *node {
	return &node{
		Service: app.New(app.Deps{Store: s, Organizations: w.directory, Keys: keys, Now: w.clock.now}), spy: s, keys: keys,
		Rotation: &masterkey.Rotation{Store: db.Keys(), Ring: keys, Now: w.clock.now},
	}
}

// restarted is the same process with nothing in memory.
func (w *world) restarted(n *node) *node {
	return &node{Service: app.New(app.Deps{Store: n.spy, Organizations: w.directory, Keys: n.keys, Now: w.clock.now}), Rotation: n.Rotation, spy: n.spy, keys: n.keys}
}

func (w *world) mustOrganization(tb testing.TB, name string) directory.Organization {
	tb.Helper()
	o, err := w.directory.CreateOrganization(tb.Context(), audit.ByOperator(), directory.NewOrganization{Name: name})
	must(tb, err)
	return o
}

// installed is an internal app with its first secret.
type installed struct {
	app.App
	agent  app.Agent
	secret string
}

func (n *node) mustApp(tb testing.TB, organization int64, name string) installed {
	tb.Helper()
	a, g, secret, err := n.CreateInternal(tb.Context(), audit.ByOperator(), organization, app.NewApp{Name: name})
	must(tb, err)
	return installed{a, g, secret}
}

func (n *node) mustToken(tb testing.TB, a installed) string {
	tb.Helper()
	return n.mustTokenWith(tb, a.Key, a.secret)
}

func (n *node) mustTokenWith(tb testing.TB, key, secret string) string {
	tb.Helper()
	token, err := n.TokenByKey(tb.Context(), key, secret)
	must(tb, err)
	return token.Value
}

func (n *node) mustCaller(tb testing.TB, token string) app.Caller {
	tb.Helper()
	c, err := n.Authenticate(tb.Context(), token)
	must(tb, err)
	return c
}

func (n *node) mustRefuse(tb testing.TB, token string) {
	tb.Helper()
	c, err := n.Authenticate(tb.Context(), token)
	wantCode(tb, err, fault.CodeTokenInvalid)
	if c.AgentID != 0 {
		tb.Errorf("a refused token stands for %+v", c)
	}
}

// secondSecret returns an app's newest secret after adding it.
func (n *node) mustSecondSecret(tb testing.TB, a installed) (app.Secret, string) {
	tb.Helper()
	s, value, err := n.AddSecret(tb.Context(), audit.ByOperator(), a.Organization, a.ID)
	must(tb, err)
	return s, value
}

func (n *node) mustListing(tb testing.TB, a installed) app.Listing {
	tb.Helper()
	all, err := n.Apps(tb.Context(), a.Organization)
	must(tb, err)
	for _, l := range all {
		if l.App.ID == a.ID {
			return l
		}
	}
	tb.Fatalf("app %d is not listed", a.ID)
	return app.Listing{}
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func wantCode(tb testing.TB, err error, code fault.Code) {
	tb.Helper()
	if !fault.Is(err, code) {
		tb.Fatalf("error %v, want %s", err, code)
	}
}
