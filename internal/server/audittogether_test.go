package server_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/server"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// Changes of all kinds that happen at once never wait for each other in a circle,
// all of them are done, and the log holds together.
func TestChangesAtOnceAreAllLogged(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			c := settings(t, engine)
			o := options(nil)
			o.Init = true
			deadlocks := watchDeadlocks(t, c.Database)
			rooms, err := server.Open(t.Context(), c, o)
			must(t, err)
			w := newCrowd(t, rooms)
			rounds := 12
			if testing.Short() {
				rounds = 4
			}
			before, err := rooms.AuditLog.Store.AuditHead(t.Context(), w.org)
			must(t, err)
			var working sync.WaitGroup
			kinds := w.kinds()
			for name, change := range kinds {
				working.Go(func() {
					for n := range rounds {
						if err := change(n); err != nil {
							t.Errorf("%s: %v", name, err)
						}
					}
				})
			}
			working.Wait()
			r, err := rooms.AuditLog.Verify(t.Context(), w.org)
			if err != nil || r.Wrong != 0 || r.Head != before.N+int64(rounds*len(kinds)) {
				t.Errorf("%+v, %v; want %d entries more than %d", r, err, rounds*len(kinds), before.N)
			}
			must(t, rooms.Close())
			if n := deadlocks(); n != 0 {
				t.Errorf("%d deadlocks", n)
			}
		})
	}
}

// watchDeadlocks returns what tells, once everybody has left a PostgreSQL, how many
// deadlocks it has ended: one side of each is then tried again, and nobody notices.
// It has the database look for them before those who wait give up by themselves.
func watchDeadlocks(t *testing.T, address string) func() int {
	t.Helper()
	engine, raw := storetest.Raw(t, address)
	if engine != "postgres" {
		return func() int { return 0 }
	}
	ctx := t.Context()
	var name string
	must(t, raw.QueryRowContext(ctx, `SELECT current_database()`).Scan(&name))
	raw.SetMaxOpenConns(1)
	_, err := raw.ExecContext(ctx, fmt.Sprintf(`ALTER DATABASE %q SET deadlock_timeout = '20ms'`, name))
	must(t, err)
	return func() (n int) {
		// A session counts what it has met when it ends.
		for others := 1; others > 0; {
			must(t, raw.QueryRowContext(ctx, `SELECT COUNT(*) FROM pg_stat_activity
				WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`).Scan(&others))
		}
		must(t, raw.QueryRowContext(ctx, `SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`).Scan(&n))
		return n
	}
}

// crowd is one organization that many change at once.
type crowd struct {
	rooms     *server.Rooms
	org       int64
	app       app.App
	agent     int64
	people    []uint32
	link      string
	templates policy.Grant
}

func newCrowd(t *testing.T, rooms *server.Rooms) *crowd {
	t.Helper()
	ctx, by := context.Background(), audit.ByOperator()
	w := &crowd{rooms: rooms}
	o, err := rooms.Directory.CreateOrganization(ctx, by, directory.NewOrganization{Name: "Example"})
	must(t, err)
	w.org = o.ID
	for n := range 3 {
		u, err := rooms.Directory.CreateUser(ctx, by, w.org, directory.NewUser{Userid: fmt.Sprint("u", n), Name: "Somebody"})
		must(t, err)
		w.people = append(w.people, u.Ordinal)
	}
	a, g, _, err := rooms.Apps.CreateInternal(ctx, by, w.org, app.NewApp{Name: "Notices"})
	must(t, err)
	w.app, w.agent = a, g.ID
	w.link, err = rooms.Accounts.CreateSignInLink(ctx, by, w.org, "u0", account.LinkLife, true)
	must(t, err)
	asker, err := rooms.Directory.Asker(ctx, by)
	must(t, err)
	w.templates, err = policy.Check(asker, policy.TemplatesWrite, a.Resource(), review.Unknown())
	must(t, err)
	return w
}

// kinds are changes, each of which writes one entry whatever the round.
func (w *crowd) kinds() map[string]func(n int) error {
	ctx, by, r := context.Background(), audit.ByOperator(), w.rooms
	return map[string]func(n int) error{
		"app": func(n int) error {
			return r.Apps.SetProfile(ctx, by, w.org, w.app.ID, app.Profile{Name: fmt.Sprint("Notices ", n)})
		},
		"range": func(int) error {
			return r.Apps.SetRange(ctx, by, w.org, w.agent, directory.Range{Everyone: true})
		},
		"tokens": func(int) error { return r.Apps.EndTokens(ctx, by, w.org, w.app.ID) },
		"person": func(n int) error {
			if n%2 == 0 {
				return r.Directory.DisableUser(ctx, by, w.org, "u1")
			}
			return r.Directory.EnableUser(ctx, by, w.org, "u1")
		},
		"roles": func(n int) error {
			roles := []string{directoryRoles[n%2]}
			_, err := r.Directory.UpdateUser(ctx, by, w.org, "u2", directory.UserChange{Roles: &roles})
			return err
		},
		"sessions": func(int) error {
			if _, err := r.Accounts.SignIn(ctx, account.SignInRequest{Link: w.link}); err != nil {
				return err
			}
			_, err := r.Accounts.EndSessions(ctx, by, w.org, w.people[0])
			return err
		},
		"API token": func(int) error {
			_, err := r.Accounts.CreateToken(ctx, by, w.org, "u2", "laptop", account.TokenLife)
			return err
		},
		"retention": func(n int) error {
			_, err := r.Directory.UpdateOrganization(ctx, by, w.org, directory.OrganizationChange{Retention: &policy.Retention{Messages: policy.Days(30 + n)}})
			return err
		},
		"template": func(n int) error {
			_, err := r.Templates.Create(ctx, w.templates, orderForm(fmt.Sprint("text ", n)))
			return err
		},
	}
}

var directoryRoles = [2]string{"author", "reviewer"}
