package task_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/internal/task"
	"github.com/tidings-im/tidings/internal/template"
)

// clock is the time of a test, moved by hand.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// fixture is the room over a real database, with one organization of ten people
// and two apps.
type fixture struct {
	*testing.T
	*task.Service
	db      *store.DB
	raw     *sql.DB
	clock   *clock
	people  *directory.Service
	notify  *notify.Service
	org     directory.Organization
	dept    int64 // all are in it
	callers []app.Caller
	sent    int
}

func each(t *testing.T, fn func(f *fixture)) {
	t.Helper()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			fn(newFixture(t, engine))
		})
	}
}

func newFixture(t *testing.T, engine string) *fixture {
	t.Helper()
	f := &fixture{T: t, clock: &clock{at: time.Date(2026, 3, 2, 1, 30, 0, 0, time.UTC)}}
	address := storetest.Ready(t, engine)
	f.db = storetest.At(t, address, f.clock.now)
	_, f.raw = storetest.Raw(t, address)
	f.people = directory.New(directory.Deps{Store: f.db.Directory(), Now: f.clock.now})
	ctx, err := t.Context(), error(nil)
	f.org, err = f.people.CreateOrganization(ctx, audit.ByOperator(), directory.NewOrganization{Name: "Example"})
	f.must(err)
	dept, err := f.people.CreateDepartment(ctx, audit.ByOperator(), f.org.ID, directory.NewDepartment{Name: "All"})
	f.must(err)
	f.dept = dept.ID
	for i := range 10 {
		_, err := f.people.CreateUser(ctx, audit.ByOperator(), f.org.ID, directory.NewUser{
			Userid: fmt.Sprintf("u%d", i), Name: "User", DeptIDs: []int64{dept.ID},
		})
		f.must(err)
	}
	limits, err := policy.ForPreset(policy.Standard, false)
	f.must(err)
	for id := range int64(2) {
		f.callers = append(f.callers, app.Caller{
			Organization: f.org.ID, AppID: id + 1, AgentID: id + 1, Provider: f.org.ID,
			SendToEveryone: true, Range: directory.Range{Everyone: true}, Limits: limits,
		})
	}
	f.notify = notify.New(notify.Deps{
		Store: f.db.Tasks(), Directory: f.people, Media: noMedia{}, Hints: noHints{}, Log: slog.New(slog.DiscardHandler), Now: f.clock.now,
	})
	storetest.Run(t, f.notify.Run)
	f.restart()
	return f
}

// restart makes another room over the same database, as a start does, that has not
// begun to run.
func (f *fixture) restart() {
	f.Service = task.New(task.Deps{
		Store: f.db.TaskLists(), Apps: f, People: f.people, Sender: f.notify, AuditLog: f.db.AuditLog(), Log: slog.New(slog.DiscardHandler), Now: f.clock.now,
	})
}

// run runs the room until the returned function is called, or the test ends.
func (f *fixture) run() (stop func()) { return storetest.Run(f.T, f.Service.Run) }

func (f *fixture) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func (f *fixture) AppOfAgent(_ context.Context, agentID int64) (app.App, app.Agent, error) {
	c := f.callers[agentID-1]
	return app.App{Organization: c.Provider, ID: c.AppID, Key: fmt.Sprint("key", c.AppID), Kind: app.Internal}, app.Agent{Organization: c.Organization, ID: agentID}, nil
}

func (f *fixture) Acting(_ context.Context, _, agentID int64) (app.Caller, error) {
	return f.callers[agentID-1], nil
}

// asker is u0, with roles.
func (f *fixture) asker(roles ...policy.Role) policy.Asker {
	ordinal, _ := f.people.Ordinal(f.org.ID, "u0")
	return policy.Asker{By: audit.By{Actor: audit.Person(f.org.ID, ordinal), Credential: "token:test"}, Roles: policy.RoleSet(roles...)}
}

func (f *fixture) list(q task.Query, roles ...policy.Role) task.Page {
	f.Helper()
	if len(roles) == 0 {
		roles = []policy.Role{policy.Owner}
	}
	if q.Limit == 0 {
		q.Limit = task.MaxPage
	}
	g, err := policy.Check(f.asker(roles...), policy.TasksList, policy.Resource{Organization: f.org.ID}, task.Unknown(0))
	f.must(err)
	page, err := f.Service.List(f.Context(), g, q)
	f.must(err)
	return page
}

// ids are the tasks of a page, in its order.
func ids(p task.Page) []int64 {
	all := []int64{}
	for _, t := range p.Items {
		all = append(all, t.TaskID)
	}
	return all
}

// send sends a text of its own.
func (f *fixture) send(agent int, a directory.Audience, words string) int64 {
	f.Helper()
	f.sent++
	return f.sendMessage(agent, a, fmt.Sprintf(`{"msgtype":"text","text":{"content":"%s %d"}}`, words, f.sent))
}

func (f *fixture) sendMessage(agent int, a directory.Audience, message string) int64 {
	f.Helper()
	c := f.callers[agent]
	id, err := f.notify.Send(f.Context(), notify.SendRequest{
		Envelope: notify.Envelope{Caller: c, AgentID: c.AgentID, Audience: a, Endpoint: "asyncsend_v2"}, Message: []byte(message),
	})
	f.must(err)
	return id
}

// test sends a template to somebody who tests it.
func (f *fixture) test(userid string) int64 {
	f.Helper()
	ordinal, _ := f.people.Ordinal(f.org.ID, userid)
	id, err := f.notify.SendTest(f.Context(), notify.TestRequest{
		Organization: f.org.ID, AgentID: 1, By: audit.Person(f.org.ID, ordinal), Userid: userid,
		Use:      notify.TemplateUse{ID: "0123456789abcdef0123456789abcdef", Version: 2},
		Template: template.Approved(template.Form{Kind: template.KindMarkdown, Title: "A test", Content: "Hello"}),
	})
	f.must(err)
	return id
}

func to(userids ...string) directory.Audience { return directory.Audience{Userids: userids} }

// read writes receipts, as the inbox does, and says so.
func (f *fixture) read(taskID int64, userids ...string) {
	f.Helper()
	var all []inbox.Receipt
	for _, u := range userids {
		ordinal, _ := f.people.Ordinal(f.org.ID, u)
		all = append(all, inbox.Receipt{Organization: f.org.ID, TaskID: taskID, Ordinal: ordinal, ReadAt: f.clock.now()})
	}
	f.must(f.db.Receipts().Create(f.Context(), all))
	f.Service.Read(f.org.ID, []int64{taskID})
}

// exec changes the database as another version, or the passing of time, would.
func (f *fixture) exec(statement string, args ...any) {
	f.Helper()
	_, err := f.raw.ExecContext(f.Context(), statement, args...)
	f.must(err)
}

func reversed(all []int64) []int64 {
	all = slices.Clone(all)
	slices.Reverse(all)
	return all
}

type noMedia struct{}

func (noMedia) ByIDs(context.Context, int64, []string) (map[string]media.File, error) {
	return nil, nil
}

type noHints struct{}

func (noHints) Committed(int64, int64) {}
func (noHints) Recalled(int64, int64)  {}
