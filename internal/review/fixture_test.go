package review_test

import (
	"context"
	"fmt"
	"log/slog"
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
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/internal/template"
)

// world is one database with two organizations, a third-party app of the first
// that is installed in both, and an internal app of the first.
type world struct {
	address    string
	keyFile    string
	mu         sync.Mutex
	at         time.Time
	home, away directory.Organization // away reviews for others
	apart      directory.Organization // does not
	third      app.App
	internal   app.App
	agents     map[int64]app.Agent // of third, by organization
	inner      app.Agent
	*node
}

// node is one process over a world's database.
type node struct {
	db        *store.DB
	library   *review.Library
	directory *directory.Service
	apps      *app.Service
	sends     *notify.Service
	reviews   asking
	taken     atomic.Int64 // how often a version was taken out to be filled in
}

// Compiled counts what is taken out of the library.
func (n *node) Compiled(ctx context.Context, organization int64, id string, version int) (*template.Template, error) {
	n.taken.Add(1)
	return n.library.Compiled(ctx, organization, id, version)
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *world) move(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(d)
}

type silence struct{}

func (silence) Committed(int64, int64) {}
func (silence) Recalled(int64, int64)  {}

type noMedia struct{}

func (noMedia) ByIDs(context.Context, int64, []string) (map[string]media.File, error) {
	return nil, nil
}

func newWorld(t *testing.T, engine string) *world {
	t.Helper()
	w := &world{address: storetest.Ready(t, engine), at: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC), agents: map[int64]app.Agent{}}
	w.keyFile = filepath.Join(t.TempDir(), "key")
	_, err := masterkey.Create(w.keyFile)
	must(t, err)
	w.node = w.newNode(t, w.keyFile)
	ctx := t.Context()
	for _, o := range []*directory.Organization{&w.home, &w.away, &w.apart} {
		*o, err = w.directory.CreateOrganization(ctx, audit.ByOperator(), directory.NewOrganization{Name: "Organization"})
		must(t, err)
	}
	w.name(t, w.away, true)
	w.mustPerson(t, w.apart.ID, "sue", "reviewer", "author", "owner")
	for userid, roles := range map[string][]string{"ann": {"author", "reviewer"}, "amy": {"author", "reviewer"}, "aud": {"auditor"}, "emp": {"employee"}} {
		w.mustPerson(t, w.home.ID, userid, roles...)
	}
	for userid, roles := range map[string][]string{"rob": {"reviewer"}, "ray": {"reviewer", "author"}, "eve": {"employee", "owner"}} {
		w.mustPerson(t, w.away.ID, userid, roles...)
	}
	w.third, _, err = w.apps.CreateThirdParty(ctx, audit.ByOperator(), w.home.ID, app.NewApp{Name: "Third"}, true)
	must(t, err)
	for _, o := range []int64{w.home.ID, w.away.ID} {
		w.agents[o], err = w.apps.Install(ctx, audit.ByOperator(), w.home.ID, w.third.ID, o, app.Installation{Range: directory.Range{Everyone: true}})
		must(t, err)
	}
	w.internal, w.inner, _, err = w.apps.CreateInternal(ctx, audit.ByOperator(), w.home.ID, app.NewApp{Name: "Internal"})
	must(t, err)
	return w
}

func (w *world) newNode(t *testing.T, keyFile string) *node {
	t.Helper()
	n := &node{db: storetest.At(t, w.address, w.now)}
	keys, err := masterkey.Load(keyFile)
	must(t, err)
	must(t, keys.Bind(t.Context(), n.db.Apps()))
	n.directory = directory.New(directory.Deps{Store: n.db.Directory(), Now: w.now})
	must(t, n.directory.Load(t.Context()))
	n.apps = app.New(app.Deps{Store: n.db.Apps(), Organizations: n.directory, Keys: keys, Now: w.now})
	n.library = review.NewLibrary(n.db.Templates())
	n.sends = notify.New(notify.Deps{
		Store: n.db.Tasks(), Directory: n.directory, Media: noMedia{}, Versions: n,
		Hints: silence{}, Log: slog.New(slog.DiscardHandler), Now: w.now,
	})
	storetest.Run(t, n.sends.Run)
	n.reviews = n.asking(review.Deps{
		Store: n.db.Templates(), People: n.directory, Apps: n.apps, Sender: n.sends, Now: w.now,
	})
	return n
}

// asking is a service of some deps, as its edges call it.
func (n *node) asking(d review.Deps) asking { return asking{review.New(d), n.directory} }

// name lets the reviewers of an organization decide for others, or no longer.
func (w *world) name(t *testing.T, o directory.Organization, reviews bool) {
	t.Helper()
	_, err := w.directory.UpdateOrganization(t.Context(), audit.ByOperator(), o.ID, directory.OrganizationChange{ReviewsOthers: &reviews})
	must(t, err)
}

func (w *world) mustPerson(t *testing.T, organization int64, userid string, roles ...string) {
	t.Helper()
	_, err := w.directory.CreateUser(t.Context(), audit.ByOperator(), organization, directory.NewUser{Userid: userid, Name: "Name of " + userid, Roles: roles})
	must(t, err)
}

// as is a person of the first organization that has one of that name.
func (w *world) as(userid string) audit.By {
	for _, o := range []int64{w.home.ID, w.away.ID, w.apart.ID} {
		if ordinal, ok := w.directory.Ordinal(o, userid); ok {
			return audit.By{Actor: audit.Person(o, ordinal)}
		}
	}
	return audit.ByOperator()
}

// caller is the third-party app in the other organization, as its rows stand.
func (w *world) caller(t testing.TB, n *node, organization int64) app.Caller {
	t.Helper()
	a, g, err := n.apps.AppOfAgent(context.Background(), w.agents[organization].ID)
	must(t, err)
	l, err := policy.ForPreset(policy.Standard, true)
	must(t, err)
	l.MessagesPerDay = 0
	return app.Caller{
		Organization: organization, AppID: a.ID, AgentID: g.ID, ThirdParty: true, Provider: a.Organization,
		DirectSend: g.DirectSend, Range: g.Range, Limits: l,
	}
}

func (w *world) insider(l func(*policy.Limits)) app.Caller {
	limits, _ := policy.ForPreset(policy.Standard, false)
	if l != nil {
		l(&limits)
	}
	return app.Caller{
		Organization: w.home.ID, AppID: w.internal.ID, AgentID: w.inner.ID, Provider: w.home.ID, Range: w.inner.Range, Limits: limits,
	}
}

func bytemplate(c app.Caller, id string, v template.Values, userids ...string) notify.TemplateRequest {
	return notify.TemplateRequest{
		Envelope: notify.Envelope{
			Caller: c, AgentID: c.AgentID, Audience: directory.Audience{Userids: userids}, Endpoint: "sendbytemplate",
		},
		TemplateID: id, Values: v,
	}
}

// said returns what a task says, as its recipients read it.
func (n *node) said(t testing.TB, organization, taskID int64) string {
	t.Helper()
	contents, err := n.db.Inbox().Contents(context.Background(), organization, []int64{taskID}, 0)
	must(t, err)
	return string(contents[taskID].Message)
}

// form is a Markdown template of one parameter.
func form(text string) template.Form {
	return template.Form{
		Kind: template.KindMarkdown, Name: "Order", UseCase: "Tells of an order", Title: "Order",
		Content:    text + " ${n}",
		Parameters: []template.Parameter{{Name: "n", Description: "number", Sample: "7"}},
	}
}

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			fn(t, newWorld(t, engine))
		})
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t testing.TB, err error, code fault.Code) {
	t.Helper()
	if !fault.Is(err, code) {
		t.Errorf("%v, want %s", err, code)
	}
}

func line(e audit.Entry) string {
	delete(e.Details, "digest") // of a form that was submitted
	return fmt.Sprintf("%s %s %d %s", e.Action, e.By, e.Version, e.Note())
}
