package retention_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/retention"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// failer is what testing.TB and *rapid.T have in common.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

func must(tb failer, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatalf("%v", err)
	}
}

// world is a database with the rooms on it that send, show and delete, and a
// clock that is moved by hand. Two nodes show: one that is told to forget, and
// one that is not.
type world struct {
	db        *store.DB
	directory *directory.Service
	notify    *notify.Service
	inbox     *inbox.Service
	other     *inbox.Service
	retention *retention.Service
	meter     *meter

	mu  sync.Mutex
	now time.Time
}

func newWorld(tb testing.TB, engine string) *world {
	tb.Helper()
	return worldAt(tb, storetest.Ready(tb, engine))
}

func worldAt(tb testing.TB, address string) *world {
	tb.Helper()
	w := &world{db: storetest.At(tb, address, nil), meter: &meter{}, now: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)}
	w.directory = directory.New(directory.Deps{Store: w.db.Directory(), Now: w.clock})
	w.inbox, w.other = w.newInbox(tb), w.newInbox(tb)
	w.notify = notify.New(notify.Deps{
		Store: w.db.Tasks(), Directory: w.directory, Media: uploads{w.db}, Hints: nothing{},
		Log: slog.New(slog.DiscardHandler), Now: w.clock,
	})
	storetest.Run(tb, w.notify.Run)
	w.retention = w.sweeper(w.db.Retention())
	return w
}

func (w *world) newInbox(tb testing.TB) *inbox.Service {
	tb.Helper()
	s, err := inbox.New(inbox.Deps{Store: w.db.Inbox(), Receipts: w.db.Receipts(), Cards: nothing{}, Now: w.clock})
	must(tb, err)
	storetest.Run(tb, s.Run)
	return s
}

func (w *world) sweeper(s retention.Store) *retention.Service {
	return retention.New(retention.Deps{Store: s, Memory: w.inbox, Meter: w.meter, Log: slog.New(slog.DiscardHandler), Now: w.clock})
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

const day = 24 * time.Hour

// eachWorld runs fn on every engine.
func eachWorld(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			fn(t, newWorld(t, engine))
		})
	}
}

// uploads knows what files are entered.
type uploads struct{ db *store.DB }

func (u uploads) ByIDs(ctx context.Context, organization int64, ids []string) (map[string]media.File, error) {
	found := map[string]media.File{}
	files, err := u.db.Media().ByIDs(ctx, organization, ids)
	for _, f := range files {
		found[f.ID] = f
	}
	return found, err
}

// nothing has no files, no names and no ears.
type nothing struct{}

func (nothing) Committed(int64, int64) {}
func (nothing) Recalled(int64, int64)  {}
func (nothing) Sender(context.Context, int64, int64) (inbox.Sender, error) {
	return inbox.Sender{Name: "App"}, nil
}
func (nothing) MediaURL(context.Context, int64, int64, string) (string, bool) { return "", false }
func (nothing) Files(context.Context, int64, []string) (map[string]message.Upload, error) {
	return nil, nil
}

// meter adds up what it is told.
type meter struct {
	mu      sync.Mutex
	deleted retention.Deleted
	at      time.Time
	oldest  time.Time
	failed  int
}

func (m *meter) Deleted(d retention.Deleted) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.deleted.Messages += d.Messages
	m.deleted.Filed += d.Filed
	m.deleted.Receipts += d.Receipts
	m.deleted.Changes += d.Changes
	m.deleted.Files += d.Files
}

func (m *meter) Swept(at, oldest time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at, m.oldest = at, oldest
}

func (m *meter) Failed() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failed++
}

// firm is an organization of 80 people, u0 … u79, with two apps.
type firm struct {
	*world
	tb   failer
	id   int64
	apps []app.Caller
}

const people = 80

func (w *world) firm(tb failer, corpID string) *firm {
	tb.Helper()
	ctx := context.Background()
	o, err := w.directory.CreateOrganization(ctx, audit.ByOperator(), directory.NewOrganization{Name: "Example", CorpID: corpID})
	must(tb, err)
	f := &firm{world: w, tb: tb, id: o.ID}
	var file bytes.Buffer
	file.WriteString("userid,name\n")
	for i := range people {
		fmt.Fprintf(&file, "u%d,User\n", i)
	}
	_, err = w.directory.Import(ctx, audit.ByOperator(), o.ID, &file, directory.ImportOptions{})
	must(tb, err)
	for range 2 {
		ids, err := w.db.NextIDs(ctx, "agent", 2)
		must(tb, err)
		a := app.App{Organization: o.ID, ID: ids[0], Kind: app.Internal, Name: "App", Key: fmt.Sprint("ding", ids[0])}
		g := app.Agent{Organization: o.ID, ID: ids[1], AppOrganization: o.ID, AppID: a.ID, Range: directory.Range{Everyone: true}}
		must(tb, w.db.Apps().CreateApp(ctx, a, g, app.StoredSecret{Organization: o.ID, AppID: a.ID, ID: ids[0], Ciphertext: []byte{1}},
			entry(o.ID, audit.AppCreate)))
		f.apps = append(f.apps, app.Caller{
			Organization: o.ID, AppID: a.ID, AgentID: g.ID, AppName: "App", SendToEveryone: true,
			Range: directory.Range{Everyone: true}, Limits: o.Limits,
		})
	}
	return f
}

// keep says how long the organization keeps things.
func (f *firm) keep(r policy.Retention) {
	f.tb.Helper()
	_, err := f.directory.UpdateOrganization(context.Background(), audit.ByOperator(), f.id, directory.OrganizationChange{Retention: &r})
	must(f.tb, err)
}

// keepOf says how long one app's are kept.
func (f *firm) keepOf(n int, r policy.Retention) {
	f.tb.Helper()
	must(f.tb, f.db.Apps().ChangeAgent(context.Background(), f.id, f.apps[n].AgentID, time.Time{}, entry(f.id, audit.RetentionSet), func(g *app.Agent) error {
		g.Retention = r
		return nil
	}))
}

// send sends a text to ordinals; none are everyone.
func (f *firm) send(n int, text string, to ...uint32) int64 {
	f.tb.Helper()
	a := directory.Audience{Everyone: len(to) == 0}
	for _, o := range to {
		userid, _ := f.directory.Userid(f.id, o)
		a.Userids = append(a.Userids, userid)
	}
	return f.sendTo(n, text, a)
}

func (f *firm) sendTo(n int, text string, a directory.Audience) int64 {
	f.tb.Helper()
	id, err := f.notify.Send(context.Background(), notify.SendRequest{
		Envelope: notify.Envelope{Caller: f.apps[n], AgentID: f.apps[n].AgentID, Audience: a, Endpoint: "asyncsend_v2"},
		Message:  fmt.Appendf(nil, `{"msgtype":"text","text":{"content":%q}}`, text),
	})
	must(f.tb, err)
	return id
}

func (f *firm) sweep() {
	f.tb.Helper()
	must(f.tb, f.retention.Sweep(context.Background()))
}

func (f *firm) viewer(ordinal uint32) inbox.Viewer {
	return inbox.Viewer{Organization: f.id, Ordinal: ordinal}
}

func (f *firm) read(ordinal uint32, tasks ...int64) {
	f.tb.Helper()
	var ids []string
	for _, t := range tasks {
		ids = append(ids, inbox.MessageID(t, ordinal))
	}
	must(f.tb, f.inbox.MarkRead(context.Background(), f.viewer(ordinal), ids))
}

// walk returns a whole inbox.
func walk(tb failer, s *inbox.Service, v inbox.Viewer, q inbox.Query) []inbox.Item {
	tb.Helper()
	var all []inbox.Item
	for range 1000 {
		p, err := s.Page(context.Background(), v, q)
		must(tb, err)
		all = append(all, p.Items...)
		if p.NextBefore == nil {
			return all
		}
		q.Before = *p.NextBefore
	}
	tb.Fatalf("the pages never end")
	return nil
}

// result returns who read a task and who did not.
func (f *firm) result(n int, task int64) (notify.Result, error) {
	return f.notify.Result(context.Background(), f.apps[n], f.apps[n].AgentID, task)
}

// entry is what the operator does, for the log.
func entry(organization int64, action audit.Action) audit.Entry {
	return audit.Entry{Organization: organization, By: audit.ByOperator(), Action: action}
}
