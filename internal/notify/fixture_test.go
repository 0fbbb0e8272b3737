package notify_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// clock is the time of a test, moved by hand.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 3, 2, 1, 30, 0, 0, time.UTC)} }

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

// hints records what was announced.
type hints struct {
	mu        sync.Mutex
	committed map[int64]int64
	recalled  []int64
}

func (h *hints) Committed(organization, revision int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.committed == nil {
		h.committed = map[int64]int64{}
	}
	h.committed[organization] = max(revision, h.committed[organization])
}

func (h *hints) Recalled(_, taskID int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.recalled = append(h.recalled, taskID)
}

// noMedia knows no file.
type noMedia struct{}

func (noMedia) ByIDs(context.Context, int64, []string) (map[string]media.File, error) {
	return nil, nil
}

// fixture is a service with a real database under it.
type fixture struct {
	*notify.Service
	Close     func() // ends Run
	clock     *clock
	hints     *hints
	directory *directory.Service
	db        *store.DB
}

// wrap lets a test stand between the service and its database or directory.
type wrap struct {
	store     func(notify.Store) notify.Store
	directory func(*directory.Service) notify.Directory
	versions  notify.Versions
}

func mustFixture(t *testing.T, db *store.DB, w wrap) *fixture {
	t.Helper()
	f := &fixture{clock: newClock(), hints: &hints{}, db: db}
	f.directory = directory.New(directory.Deps{Store: db.Directory(), Now: f.clock.now})
	must(t, f.directory.Load(context.Background()))
	deps := notify.Deps{
		Store: db.Tasks(), Directory: f.directory, Media: noMedia{}, Versions: w.versions, Hints: f.hints,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: f.clock.now,
	}
	if w.store != nil {
		deps.Store = w.store(deps.Store)
	}
	if w.directory != nil {
		deps.Directory = w.directory(f.directory)
	}
	f.Service = notify.New(deps)
	f.Close = storetest.Run(t, f.Run)
	return f
}

// mustOrganization makes an organization of people u0 … u(n-1), the even ones
// in department D, the odd ones in its sub-department E, and returns a caller
// with one app's rights in it.
func (f *fixture) mustOrganization(t *testing.T, people int, limits func(*policy.Limits)) app.Caller {
	t.Helper()
	ctx := context.Background()
	org, err := f.directory.CreateOrganization(ctx, audit.ByOperator(), directory.NewOrganization{Name: "Test"})
	must(t, err)
	d, err := f.directory.CreateDepartment(ctx, audit.ByOperator(), org.ID, directory.NewDepartment{ParentID: 1, Name: "D"})
	must(t, err)
	e, err := f.directory.CreateDepartment(ctx, audit.ByOperator(), org.ID, directory.NewDepartment{ParentID: d.ID, Name: "E"})
	must(t, err)
	for half, dept := range []int64{d.ID, e.ID} {
		for i := half; i < people; i += 2 {
			_, err := f.directory.CreateUser(ctx, audit.ByOperator(), org.ID, directory.NewUser{
				Userid: fmt.Sprintf("u%d", i), Name: "User", DeptIDs: []int64{dept},
			})
			must(t, err)
		}
	}
	l, err := policy.ForPreset(policy.Standard, false)
	must(t, err)
	if limits != nil {
		limits(&l)
	}
	ids, err := f.db.NextIDs(ctx, "agent", 1)
	must(t, err)
	return app.Caller{
		Organization: org.ID, AppID: 1, AgentID: ids[0], AppName: "App",
		SendToEveryone: true, Range: directory.Range{Everyone: true}, Limits: l,
	}
}

func text(content string) []byte {
	return fmt.Appendf(nil, `{"msgtype":"text","text":{"content":%q}}`, content)
}

func to(users ...string) directory.Audience { return directory.Audience{Userids: users} }

func request(c app.Caller, content string, a directory.Audience) notify.SendRequest {
	return notify.SendRequest{
		Envelope: notify.Envelope{Caller: c, AgentID: c.AgentID, Audience: a, Endpoint: "asyncsend_v2"}, Message: text(content),
	}
}

// outcome is a result with its sequences walked.
type outcome struct {
	Invalid, Read, Unread []string
	Held                  map[string]string // userid → code
	InvalidDepts          []int64
}

func (f *fixture) mustOutcome(t testing.TB, c app.Caller, taskID int64) outcome {
	t.Helper()
	r, err := f.Result(context.Background(), c, c.AgentID, taskID)
	must(t, err)
	o := outcome{
		Invalid: slices.Sorted(slices.Values(r.InvalidUserids)), InvalidDepts: r.InvalidDeptIDs,
		Read: slices.Sorted(r.Read), Unread: slices.Sorted(r.Unread), Held: map[string]string{},
	}
	for _, h := range r.Held {
		for u := range h.Users {
			if o.Held[u] != "" {
				t.Fatalf("%s is held back twice", u)
			}
			o.Held[u] = h.Code
		}
	}
	return o
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
