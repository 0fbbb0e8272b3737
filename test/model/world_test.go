package model_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/server"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/test/harness"
)

// world is a running server and its clock, shared by all histories of an
// engine. Each history has an organization of its own.
type world struct {
	*server.Server
	base      string
	http      *http.Client
	rows      *sql.DB
	milli     atomic.Int64 // the server's time
	ticks     atomic.Int64 // orders what several goroutines do
	firms     int
	seen      map[string]int // what was compared, to tell whether it was much
	neighbour neighbour
}

// now is the server's clock. It stands still until a step moves it.
func (w *world) now() time.Time { return time.UnixMilli(w.milli.Load()).UTC() }

// pass moves the clock and returns the new time.
func (w *world) pass(d time.Duration) time.Time {
	w.milli.Add(d.Milliseconds())
	return w.now()
}

func (w *world) tick() int64 { return w.ticks.Add(1) }

func (w *world) address() string { return w.base }

// newWorld starts a server on an empty database.
func newWorld(t *testing.T, engine string) *world {
	t.Helper()
	dir, database := t.TempDir(), storetest.Ready(t, engine)
	w := &world{http: harness.NewHTTP(64), seen: map[string]int{}}
	t.Cleanup(w.http.CloseIdleConnections)
	w.milli.Store(time.Date(2026, time.March, 2, 1, 0, 0, 0, time.UTC).UnixMilli())
	s, err := server.New(context.Background(), config.Config{
		Listen: "127.0.0.1:0", Data: dir, Database: database,
		KeyFile: filepath.Join(dir, "key"), MakeKey: true, Media: config.MediaDatabase, Preset: "standard",
	}, server.Options{Log: slog.New(slog.DiscardHandler), Fatal: func(err error) { panic(err) }, Now: w.now})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	w.Server, w.base = s, fmt.Sprintf("http://127.0.0.1:%d", s.Port())
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	w.rows = openRows(t, database)
	if w.neighbour, err = w.newNeighbour(); err != nil {
		t.Fatal(err)
	}
	return w
}

// The tree of every firm, and how many people are in each department first.
// Some departments are small enough to be filed one by one, some are not, and
// some are exactly at the border.
var tree = []struct {
	id, parent int64
	people     int
}{
	{2, 1, 3}, {3, 2, 64}, {4, 2, 30}, {5, 1, 20}, {6, 5, 18}, {7, 6, 4}, {8, 1, 9}, {9, 8, 0},
}

const inTwo = 10 // people who are in a second department as well

// newFirm makes an organization of about 150 people and returns its model.
func (w *world) newFirm() (int64, *model, error) {
	ctx := context.Background()
	w.firms++
	o, err := w.Directory().CreateOrganization(ctx, audit.ByOperator(), directory.NewOrganization{Name: fmt.Sprintf("Firm %d", w.firms)})
	if err != nil {
		return 0, nil, err
	}
	zone, err := time.LoadLocation(o.TimeZone)
	if err != nil {
		return 0, nil, err
	}
	m := newModel(zone)
	rows := []string{"userid,name,dept_id", "boss,Boss,1", "deputy,Deputy,1"}
	for _, d := range tree {
		_, err := w.Directory().CreateDepartment(ctx, audit.ByOperator(), o.ID, directory.NewDepartment{ID: d.id, ParentID: d.parent, Name: fmt.Sprintf("Department %d", d.id)})
		if err != nil {
			return 0, nil, err
		}
		m.parents[d.id] = d.parent
		for i := range d.people {
			depts := fmt.Sprint(d.id)
			if d.id == 4 && i < inTwo {
				depts = `"4,6"`
			}
			rows = append(rows, fmt.Sprintf("u%d_%d,User %d of %d,%s", d.id, i, i, d.id, depts))
		}
	}
	if _, err := w.Directory().Import(ctx, audit.ByOperator(), o.ID, strings.NewReader(strings.Join(rows, "\n")), directory.ImportOptions{}); err != nil {
		return 0, nil, err
	}
	users, err := w.Directory().Users(ctx, o.ID)
	if err != nil {
		return 0, nil, err
	}
	for i, u := range users {
		if u.Ordinal != uint32(i) {
			return 0, nil, fmt.Errorf("%s has ordinal %d, not %d", u.Userid, u.Ordinal, i)
		}
		m.people = append(m.people, &person{ordinal: u.Ordinal, userid: u.Userid, depts: u.DeptIDs})
	}
	return o.ID, m, nil
}

// sender is an app: as the rules see it, and as a client of the wire.
type sender struct {
	*agent
	*harness.App
}

// newSender installs an app, with the limits of its organization or its own.
func (w *world) newSender(organization int64, a *agent, own bool) (*sender, error) {
	ctx := context.Background()
	made, installed, secret, err := w.Apps().CreateInternal(ctx, audit.ByOperator(), organization, app.NewApp{Name: a.name, SendToEveryone: a.grant, Range: &a.reach})
	if err != nil {
		return nil, err
	}
	if own {
		limits, err := json.Marshal(map[string]int{"messages_per_day": a.perDay, "recipients_per_min": a.perMinute})
		if err != nil {
			return nil, err
		}
		if err := w.Apps().SetLimits(ctx, audit.ByOperator(), organization, installed.ID, limits); err != nil {
			return nil, err
		}
	}
	a.id = installed.ID
	s := &sender{agent: a, App: &harness.App{
		Credentials: harness.Credentials{Name: a.name, Key: made.Key, Secret: secret, AgentID: a.id}, Address: w.address, HTTP: w.http,
	}}
	return s, s.Login(ctx)
}

// reader returns somebody's client of the inbox.
func (w *world) reader(organization int64, p *person) (*harness.Reader, error) {
	if p.token == "" {
		var err error
		if p.token, err = w.Accounts().CreateToken(context.Background(), audit.ByOperator(), organization, p.userid, "test", account.MaxTokenLife); err != nil {
			return nil, err
		}
	}
	return &harness.Reader{User: harness.User{Userid: p.userid, APIToken: p.token}, Address: w.address, HTTP: w.http}, nil
}
