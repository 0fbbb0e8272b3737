package server_test

import (
	"context"
	"database/sql"
	"fmt"
	"hash/fnv"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/server"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// unlogged are the methods that take who asks and write no entry of their own.
var unlogged = map[string]string{
	"Directory.Asker": "reads", "Accounts.Asker": "reads", "Apps.ByHand": "reads",
	"Directory.Depart":    "a step of Eraser.Erase, whose entry it writes",
	"Directory.Found":     "a step of Setup.SetUp, which writes its entries",
	"Templates.Templates": "reads", "Templates.Template": "reads", "Templates.Versions": "reads", "Templates.Version": "reads", "Templates.CountWaiting": "reads", "Templates.LastStep": "reads", "Templates.Moved": "reads",
	"Templates.Difference": "reads", "Templates.Facts": "reads", "Templates.All": "reads", "Templates.Of": "reads", "Templates.Waiting": "reads", "Templates.Sendable": "reads", "Templates.Log": "reads",
	"Templates.Test": "sends, which these rooms do not; internal/review tests its entry",
}

// changing are the methods of rooms by which somebody changes something: those that
// are told who asks.
func changing(rooms *server.Rooms) map[string]bool {
	told := []reflect.Type{reflect.TypeFor[audit.By](), reflect.TypeFor[policy.Grant](), reflect.TypeFor[audit.Entry](), reflect.TypeFor[policy.Asker]()}
	methods := map[string]bool{}
	fields := reflect.ValueOf(*rooms)
	for i := range fields.NumField() {
		field := fields.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		for m := range field.Type.NumMethod() {
			method := field.Type.Method(m)
			for in := range method.Type.NumIn() {
				if slices.Contains(told, method.Type.In(in)) {
					methods[field.Name+"."+method.Name] = true
				}
			}
		}
	}
	return methods
}

// Whatever somebody changes is in the log, once, in the transaction of the change:
// where the entry cannot be written nothing is changed, and what is refused is not
// logged. A method that has no row fails.
func TestEveryChangeIsLogged(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			c := settings(t, engine)
			c.OutboundAllow = loopback()
			o := options(nil)
			o.Init = true
			rooms, err := server.Open(t.Context(), c, o)
			must(t, err)
			defer rooms.Close()
			_, raw := storetest.Raw(t, c.Database)
			d := &deed{t: t, rooms: rooms, raw: raw, engine: engine}
			steps := d.life()
			methods := changing(rooms)
			for _, s := range steps {
				if s.method == "Keys.Drop" {
					d.verify()
				}
				d.take(s)
				if !methods[s.method] || unlogged[s.method] != "" {
					t.Errorf("%s is no method that changes something", s.method)
				}
			}
			for _, method := range slices.Sorted(maps.Keys(methods)) {
				is := func(s step) bool { return s.method == method }
				if !slices.ContainsFunc(steps, is) && unlogged[method] == "" {
					t.Errorf("%s: nobody has said what it writes into the log", method)
				}
			}
			d.verify()
		})
	}
}

// deed takes steps on one installation.
type deed struct {
	t      *testing.T
	rooms  *server.Rooms
	raw    *sql.DB
	engine string
}

// step is a call of a method; refused is one that must fail, nil where none does.
type step struct {
	method  string
	want    string // the actions that it writes
	do      func(ctx context.Context) error
	refused func(ctx context.Context) error
}

// take takes a step three times: refused, where no entry can be written, and as it
// is meant.
func (d *deed) take(s step) {
	d.t.Helper()
	ctx := d.t.Context()
	before := d.dump()
	if s.refused != nil {
		if err := s.refused(ctx); err == nil {
			d.t.Errorf("%s was not refused", s.method)
		}
		d.same(before, s.method+", refused")
	}
	d.refuseEntries()
	if err := s.do(ctx); err == nil {
		d.t.Errorf("%s succeeds without its entry", s.method)
	}
	d.acceptEntries()
	d.same(before, s.method+", without its entry")
	heads := d.heads()
	if err := s.do(ctx); err != nil {
		d.t.Fatalf("%s: %v", s.method, err)
	}
	var got []string
	for organization, head := range d.heads() {
		page, err := d.rooms.AuditLog.Page(ctx, organization, audit.Query{Limit: audit.MaxPage})
		must(d.t, err)
		for _, e := range slices.Backward(page.Entries) {
			if e.N > heads[organization].N && e.N <= head.N {
				said := string(e.Action)
				if name, ok := e.Details["step"]; ok {
					said += " " + fmt.Sprint(name)
				}
				got = append(got, said)
			}
		}
	}
	if strings.Join(got, ", ") != s.want {
		d.t.Errorf("%s wrote %q, want %q", s.method, got, s.want)
	}
}

// verify checks every log.
func (d *deed) verify() {
	d.t.Helper()
	for organization := range d.heads() {
		if r, err := d.rooms.AuditLog.Verify(d.t.Context(), organization); err != nil || r.Wrong != 0 {
			d.t.Errorf("the log of %d: %+v, %v", organization, r, err)
		}
	}
}

func (d *deed) heads() map[int64]audit.Head {
	heads, err := d.rooms.AuditLog.Store.AuditHeads(d.t.Context())
	must(d.t, err)
	return heads
}

// refuseEntries has the database refuse every entry.
func (d *deed) refuseEntries() {
	if d.engine == "sqlite" {
		d.exec(`CREATE TRIGGER refuse BEFORE INSERT ON audit_entry BEGIN SELECT RAISE(ABORT, 'no entries'); END`)
		return
	}
	d.exec(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no entries'; END $$`)
	d.exec(`CREATE TRIGGER refuse BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION refuse()`)
}

func (d *deed) acceptEntries() {
	if d.engine == "sqlite" {
		d.exec(`DROP TRIGGER refuse`)
		return
	}
	d.exec(`DROP TRIGGER refuse ON audit_entry`)
	d.exec(`DROP FUNCTION refuse()`)
}

func (d *deed) exec(text string) {
	d.t.Helper()
	if _, err := d.raw.ExecContext(d.t.Context(), text); err != nil {
		d.t.Fatalf("%s: %v", text, err)
	}
}

// dump returns a sum of each table's rows, but for those from which ids are taken
// in transactions of their own.
func (d *deed) dump() map[string]uint64 {
	d.t.Helper()
	names := `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`
	if d.engine == "sqlite" {
		names = `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	}
	sums := map[string]uint64{}
	for _, row := range d.rows(names) {
		table := strings.Trim(row, "[]")
		if table == "id_block" {
			continue
		}
		sums[table] = 0
		for _, row := range d.rows("SELECT * FROM " + table) {
			h := fnv.New64a()
			h.Write([]byte(row))
			sums[table] += h.Sum64()
		}
	}
	if len(sums) < 25 {
		d.t.Fatalf("%d tables", len(sums))
	}
	return sums
}

func (d *deed) rows(query string) (list []string) {
	d.t.Helper()
	rows, err := d.raw.QueryContext(d.t.Context(), query)
	must(d.t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	must(d.t, err)
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		must(d.t, rows.Scan(into...))
		list = append(list, fmt.Sprint(values))
	}
	must(d.t, rows.Err())
	return list
}

// same confirms that nothing has changed.
func (d *deed) same(before map[string]uint64, what string) {
	d.t.Helper()
	after := d.dump()
	for table, sum := range after {
		if sum != before[table] {
			d.t.Errorf("%s: changed %s", what, table)
		}
	}
}
