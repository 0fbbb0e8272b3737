package retention_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/oauth"
	"github.com/tidings-im/tidings/internal/retention"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// The canary's personal data. None of it is part of any other text here.
var canary = directory.NewUser{
	Userid: "canary-userid", Name: "Canary Surname", Mobile: "+86-13900-CANARY", Email: "canary@example.com",
	JobNumber: "J-CANARY-7", Title: "Canary of the mine", Roles: []string{"auditor", "owner"},
}

const canaryDevice = "CanaryBrowser/7"

// canaries are what must not be found any more, in any case of letters.
var canaries = []string{"canary"}

// After erasing, no byte of a person is in the database: not in any table, nor in
// the files. What they received counts as before.
func TestErasedPeopleLeaveNoTrace(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		for _, departed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s departed %v", engine, departed), func(t *testing.T) {
				t.Parallel()
				eraseOne(t, engine, departed)
			})
		}
	}
}

func eraseOne(t *testing.T, engine string, departed bool) {
	ctx := context.Background()
	address := storetest.Ready(t, engine)
	w := worldAt(t, address)
	other := directory.New(directory.Deps{Store: w.db.Directory(), Now: w.clock}) // another node
	f := w.firm(t, "ding1")
	u, err := w.directory.CreateUser(ctx, audit.ByOperator(), f.id, canary)
	must(t, err)
	must(t, other.Load(ctx))
	// More people after them: their row and userid are moved between pages.
	var file strings.Builder
	file.WriteString("userid,name\n")
	for i := range 1500 {
		fmt.Fprintf(&file, "c%d-%d,Somebody %d\n", i*7919%1500, i, i)
	}
	_, err = w.directory.Import(ctx, audit.ByOperator(), f.id, strings.NewReader(file.String()), directory.ImportOptions{})
	must(t, err)
	accounts := account.New(account.Deps{Store: w.db.Accounts(), People: w.directory, Now: w.clock})
	signInAsCanary(t, accounts, f.id)
	small, large := f.send(0, "small", u.Ordinal, 1), f.send(0, "large")
	f.read(u.Ordinal, small)
	must(t, w.db.Receipts().MarkFloors(ctx, []inbox.UnreadFloor{{Viewer: f.viewer(u.Ordinal), Floor: 1, Candidates: []inbox.Candidates{{AgentID: 1, Tasks: []int64{small}}}}}))
	must(t, w.db.Apps().ChangeAgent(ctx, f.id, f.apps[1].AgentID, time.Time{}, entry(f.id, audit.RangeSet), func(g *app.Agent) error {
		g.Range = directory.Range{Userids: []string{"u1", canary.Userid}}
		g.Composers.Ordinals = []uint32{1, u.Ordinal}
		return nil
	}))
	must(t, w.db.OAuth().Authorize(ctx, oauth.Code{
		ID: "a code", ExpiresAt: w.clock(), Kind: oauth.AuthCode,
		Client: oauth.Client{Program: oauth.Program{Provider: f.id, AppID: f.apps[1].AppID}, Organization: f.id},
		Grant:  oauth.Grant{Organization: f.id, Ordinal: u.Ordinal, AppID: f.apps[1].AppID, RedirectURI: "https://example.com/callback", CreatedAt: w.clock()},
	}, w.clock()))
	if departed {
		must(t, w.directory.DeleteUser(ctx, audit.ByOperator(), f.id, canary.Userid))
		a := directory.Audience{Userids: []string{"u3", canary.Userid, "unknown"}}
		vain := f.sendTo(0, "in vain", a)
		defer func() {
			r, err := f.result(0, vain)
			must(t, err)
			if want := []string{directory.Tombstone(u.Ordinal), "unknown"}; !slices.Equal(slices.Sorted(slices.Values(r.InvalidUserids)), want) {
				t.Errorf("named in vain: %v", r.InvalidUserids)
			}
		}()
	}
	// What they did in another organization is in that one's log, with where from.
	elsewhere := w.firm(t, "ding2")
	for _, log := range []int64{f.id, elsewhere.id} {
		must(t, w.db.AuditLog().Record(ctx, audit.Entry{
			Organization: log, At: w.clock(), Action: audit.TemplateReject, Subject: "a template", Reason: "the canary says so",
			By: audit.By{Actor: audit.Person(f.id, u.Ordinal), Credential: "session:1", Peer: "192.0.2.7 canary", Device: canaryDevice},
		}))
		must(t, w.db.AuditLog().Record(ctx, audit.Entry{
			Organization: log, At: w.clock(), Action: audit.TemplateReject, Subject: "a template", Reason: "a neighbour says so",
			By: audit.By{Actor: audit.Person(f.id, u.Ordinal+1), Credential: "session:2"},
		}))
	}
	if n := traces(t, address); n == 0 {
		t.Fatal("nothing was found before: the search does not work")
	}

	e := retention.Eraser{
		People: w.directory, Traces: w.db.Traces(), Log: w.db.AuditLog(), Tombstone: directory.Tombstone, Now: w.clock,
	}
	for range 2 { // the second time changes nothing
		must(t, e.Erase(ctx, audit.ByOperator(), f.id, u.Ordinal))
		must(t, e.Compact(ctx, retention.Compaction{Patience: time.Minute, Done: func(c retention.Compacted) {
			if c.Refused != "" {
				t.Errorf("%s: %s", c.Name, c.Refused)
			}
		}}))
		if n := traces(t, address); n != 0 {
			t.Errorf("%d traces are left", n)
		}
	}
	if _, err := w.db.OAuth().Code(ctx, f.id, "a code"); !fault.Is(err, fault.CodeAuthCodeInvalid) {
		t.Errorf("their code is there: %v", err)
	}
	if consents, err := w.db.OAuth().Grants(ctx, f.id, u.Ordinal); err != nil || len(consents) != 0 {
		t.Errorf("their consents: %v, %v", consents, err)
	}
	checkLogs(t, w, f.id, elsewhere.id, u.Ordinal)
	must(t, other.Load(ctx))
	for task, wantRead := range map[int64]bool{small: true, large: false} {
		r, err := f.result(0, task)
		must(t, err)
		read, unread := slices.Collect(r.Read), slices.Collect(r.Unread)
		list := unread
		if wantRead {
			list = read
		}
		if !slices.Contains(list, directory.Tombstone(u.Ordinal)) {
			t.Errorf("task %d: read by %d, unread by %d, without the tombstone where it belongs", task, len(read), len(unread))
		}
	}
	for _, node := range []*directory.Service{w.directory, other} {
		if name, ok := node.Userid(f.id, u.Ordinal); !ok || name != directory.Tombstone(u.Ordinal) {
			t.Errorf("a node calls them %q", name)
		}
		if _, ok := node.Ordinal(f.id, directory.Tombstone(u.Ordinal)); ok {
			t.Error("somebody is found by a tombstone")
		}
		if _, ok := node.Ordinal(f.id, canary.Userid); ok {
			t.Error("somebody is found by the old userid")
		}
	}
	checkRest(t, f, u.Ordinal)
}

// checkLogs confirms that the logs say who did what as before, that they verify, and
// that they tell of the erasing.
func checkLogs(t *testing.T, w *world, home, elsewhere int64, ordinal uint32) {
	t.Helper()
	ctx := context.Background()
	log := audit.Log{Store: w.db.AuditLog(), Keys: storetest.AuditKeys()}
	for _, organization := range []int64{home, elsewhere} {
		r, err := log.Verify(ctx, organization)
		if err != nil || r.Wrong != 0 || r.Erased != 1 {
			t.Errorf("the log of %d: %+v, %v", organization, r, err)
		}
		p, err := log.Page(ctx, organization, audit.Query{Action: audit.TemplateReject, Limit: 10})
		must(t, err)
		for _, e := range p.Entries {
			erased := e.By.Actor == audit.Person(home, ordinal)
			if e.Erased != erased || (e.Reason == "") != erased || e.By.Peer != "" || len(p.Entries) != 2 {
				t.Errorf("%+v", e)
			}
		}
	}
	p, err := log.Page(ctx, home, audit.Query{Action: audit.PersonErase, Limit: 10})
	must(t, err)
	var steps []string
	for _, e := range slices.Backward(p.Entries) {
		steps = append(steps, fmt.Sprint(e.Details["step"], e.Details["log_entries"]))
		if e.Subject != audit.PersonSubject(ordinal) || e.By != audit.ByOperator() {
			t.Errorf("%+v", e)
		}
	}
	if fmt.Sprint(steps) != "[begun<nil> done2 begun<nil> done0]" {
		t.Errorf("erasing: %v", steps)
	}
}

// checkRest looks at what must be gone, and at what must not.
func checkRest(t *testing.T, f *firm, ordinal uint32) {
	t.Helper()
	ctx := context.Background()
	if _, filed, err := f.db.Inbox().Filed(ctx, f.viewer(ordinal), inbox.Span{Before: 1000}, 10); err != nil || len(filed) != 0 {
		t.Errorf("inbox rows: %v, %v", filed, err)
	}
	if b, err := f.db.Inbox().Badge(ctx, f.viewer(ordinal), 1000, 10); err != nil || b.Floor != 0 || b.Candidates != nil {
		t.Errorf("hint: %+v, %v", b, err)
	}
	if _, g, err := f.db.Apps().AppOfAgent(ctx, f.apps[1].AgentID); err != nil || !slices.Equal(g.Composers.Ordinals, []uint32{1}) {
		t.Errorf("composers: %+v, %v", g.Composers, err)
	}
	if items := walk(t, f.inbox, f.viewer(1), inbox.Query{}); len(items) != 2 {
		t.Errorf("the neighbour sees %d messages", len(items))
	}
	again, err := f.directory.CreateUser(ctx, audit.ByOperator(), f.id, directory.NewUser{Userid: canary.Userid, Name: "New"})
	if err != nil || again.Ordinal == ordinal {
		t.Errorf("the userid given again: %+v, %v", again, err)
	}
}

func signInAsCanary(t *testing.T, accounts *account.Service, organization int64) {
	t.Helper()
	ctx := context.Background()
	_, err := accounts.CreateToken(ctx, audit.ByOperator(), organization, canary.Userid, "token of the canary", day)
	must(t, err)
	link, err := accounts.CreateSignInLink(ctx, audit.ByOperator(), organization, canary.Userid, day, false)
	must(t, err)
	_, err = accounts.SignIn(ctx, account.SignInRequest{Link: link, Device: canaryDevice})
	must(t, err)
	_, err = accounts.CreateSignInLink(ctx, audit.ByOperator(), organization, canary.Userid, day, false)
	must(t, err)
}

// traces counts where a canary is found: bytes of the database's files, and on
// PostgreSQL, where they may not be read, rows of its tables.
func traces(t *testing.T, address string) (n int) {
	t.Helper()
	for _, c := range canaries {
		found, ok := storetest.Traces(t, address, c)
		if !ok {
			return tracesInTables(t, address)
		}
		for name, some := range found {
			t.Logf("%s is in %s, %d times", c, name, some)
			n += some
		}
	}
	return n
}

func tracesInTables(t *testing.T, address string) (n int) {
	t.Helper()
	ctx := context.Background()
	db, err := sql.Open("pgx", address)
	must(t, err)
	defer db.Close()
	var tables []string
	rows, err := db.QueryContext(ctx, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`)
	must(t, err)
	for rows.Next() {
		var table string
		must(t, rows.Scan(&table))
		tables = append(tables, table)
	}
	must(t, rows.Err())
	must(t, rows.Close())
	if len(tables) < 15 {
		t.Fatalf("tables %v", tables)
	}
	for _, table := range tables {
		for _, c := range canaries {
			var some int
			// Bytes are written in hexadecimal.
			q := fmt.Sprintf(`SELECT COUNT(*) FROM %q AS t WHERE t::text ILIKE '%%%s%%' OR t::text ILIKE '%%%x%%'`, table, c, c)
			must(t, db.QueryRowContext(ctx, q).Scan(&some))
			n += some
		}
	}
	return n
}
