package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// auditWorld is one database with its logs.
type auditWorld struct {
	*testing.T
	db  *store.DB
	raw *sql.DB
	log *audit.Log
}

func eachAuditWorld(t *testing.T, run func(w *auditWorld)) {
	t.Helper()
	for _, engine := range storetest.BothEngines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			address := storetest.Ready(t, engine)
			db := storetest.At(t, address, nil)
			_, raw := storetest.Raw(t, address)
			run(&auditWorld{t, db, raw, &audit.Log{Store: db.AuditLog(), Keys: storetest.AuditKeys()}})
		})
	}
}

func (w *auditWorld) write(organization int64, e audit.Entry) {
	w.Helper()
	e.Organization = organization
	if e.Action == "" {
		e.Action = audit.TemplateSave
	}
	if e.By.IsNobody() {
		e.By = audit.ByOperator()
	}
	if err := w.db.AuditLog().Record(context.Background(), e); err != nil {
		w.Fatal(err)
	}
}

func (w *auditWorld) exec(query string, args ...any) {
	w.Helper()
	done, err := w.raw.Exec(query, args...)
	if err != nil {
		w.Fatal(err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		w.Fatalf("%s: %d rows, %v", query, n, err)
	}
}

func (w *auditWorld) verify(organization int64) audit.Report {
	w.Helper()
	r, err := w.log.Verify(context.Background(), organization)
	if err != nil {
		w.Fatal(err)
	}
	return r
}

// Many writers at once leave one chain without gaps, in each organization's log.
func TestOneChainOfManyWriters(t *testing.T) {
	t.Parallel()
	eachAuditWorld(t, func(w *auditWorld) {
		var writers sync.WaitGroup
		for i := range 6 {
			writers.Go(func() {
				for n := range 15 {
					e := audit.Entry{Organization: int64(3 + i%2), By: audit.OnBehalfOf(3, 7), Action: audit.TemplateSave, Reason: fmt.Sprint(n)}
					if err := w.db.AuditLog().Record(context.Background(), e); err != nil {
						w.Error(err)
					}
				}
			})
		}
		writers.Wait()
		for _, organization := range []int64{3, 4} {
			if r := w.verify(organization); r.Wrong != 0 || r.Entries != 45 || r.Head != 45 {
				w.Errorf("log of %d: %+v", organization, r)
			}
		}
		heads, err := w.db.AuditLog().AuditHeads(context.Background())
		if err != nil || len(heads) != 2 || heads[3].N != 45 {
			w.Errorf("heads %+v, %v", heads, err)
		}
	})
}

// Whoever writes to the database behind the server's back is found out.
func TestVerifyFindsWhatWasChanged(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(w *auditWorld){
		"changed": func(w *auditWorld) { w.exec(`UPDATE audit_entry SET actor = '3/8' WHERE organization = 3 AND n = 4`) },
		"deleted": func(w *auditWorld) { w.exec(`DELETE FROM audit_entry WHERE organization = 3 AND n = 4`) },
		"swapped": func(w *auditWorld) {
			w.exec(`UPDATE audit_entry SET n = -1 WHERE organization = 3 AND n = 4`)
			w.exec(`UPDATE audit_entry SET n = 4 WHERE organization = 3 AND n = 5`)
			w.exec(`UPDATE audit_entry SET n = 5 WHERE organization = 3 AND n = -1`)
		},
		"moved from another log": func(w *auditWorld) {
			w.exec(`DELETE FROM audit_entry WHERE organization = 3 AND n = 4`)
			w.exec(`UPDATE audit_entry SET organization = 3 WHERE organization = 5 AND n = 4`)
		},
		"reason changed": func(w *auditWorld) {
			w.exec(`UPDATE audit_private SET text = '{"reason":"x"}' WHERE organization = 3 AND n = 4`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachAuditWorld(t, func(w *auditWorld) {
				for i := range 8 {
					for _, organization := range []int64{3, 5} {
						w.write(organization, audit.Entry{Subject: fmt.Sprint("t", i), Reason: "Too faint."})
					}
				}
				if r := w.verify(3); r.Wrong != 0 || r.Entries != 8 {
					w.Fatalf("before: %+v", r)
				}
				change(w)
				if r := w.verify(3); r.Wrong != 4 {
					w.Errorf("%+v", r)
				}
			})
		})
	}
}

// An erased person's reasons go, and the chain holds.
func TestVerifyAfterErasing(t *testing.T) {
	t.Parallel()
	eachAuditWorld(t, func(w *auditWorld) {
		for i := range 4 {
			w.write(3, audit.Entry{By: audit.OnBehalfOf(int64(3+i%2), 7), Reason: "Too faint."})
		}
		w.exec(`DELETE FROM audit_private WHERE person_organization = 4 AND ordinal = 7`)
		if r := w.verify(3); r.Wrong != 0 || r.Entries != 4 || r.Erased != 2 {
			w.Errorf("%+v", r)
		}
	})
}

// Pages go back through the chain and then through what was written before there
// was one, each entry once, whatever is asked for.
func TestPagesOfTheLog(t *testing.T) {
	t.Parallel()
	eachAuditWorld(t, func(w *auditWorld) {
		day := func(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }
		for n := 1; n <= 9; n++ {
			w.exec(fmt.Sprintf(`INSERT INTO audit (organization, id, at, actor, console, action, subject, version, note)
				VALUES (3, %d, %d, '3/%d', 0, 'template.create', 't%d', 1, 'old')`, n, day(n).UnixMilli(), n%3, n%2))
		}
		for n := 10; n < 25; n++ {
			action := audit.TemplateSave
			if n%5 == 0 {
				action = audit.TemplateSubmit
			}
			w.write(3, audit.Entry{
				At: day(n), By: audit.By{Actor: audit.Person(3, uint32(n%3))}, Action: action, Subject: fmt.Sprint("t", n%2), //nolint:gosec // small
				About: []string{audit.PersonSubject(9)}[:n%2],
			})
			w.write(4, audit.Entry{At: day(n), Subject: "t0"})
		}
		person := func(n uint32) *uint32 { return &n }
		for name, c := range map[string]struct {
			q    audit.Query
			want func(n int) bool
		}{
			"everything":          {audit.Query{}, func(int) bool { return true }},
			"subject":             {audit.Query{Subject: "t1"}, func(n int) bool { return n%2 == 1 }},
			"person who did it":   {audit.Query{Person: person(2)}, func(n int) bool { return n%3 == 2 }},
			"person it is about":  {audit.Query{Person: person(9)}, func(n int) bool { return n >= 10 && n%2 == 1 }},
			"subject and person":  {audit.Query{Subject: "t0", Person: person(1)}, func(n int) bool { return n%2 == 0 && n%3 == 1 }},
			"action":              {audit.Query{Action: audit.TemplateSubmit}, func(n int) bool { return n >= 10 && n%5 == 0 }},
			"old action":          {audit.Query{Action: audit.TemplateCreate}, func(n int) bool { return n < 10 }},
			"from":                {audit.Query{From: day(7)}, func(n int) bool { return n >= 7 }},
			"to":                  {audit.Query{To: day(20)}, func(n int) bool { return n < 20 }},
			"period":              {audit.Query{From: day(5), To: day(13)}, func(n int) bool { return n >= 5 && n < 13 }},
			"period before chain": {audit.Query{From: day(2), To: day(4)}, func(n int) bool { return n >= 2 && n < 4 }},
			"nothing":             {audit.Query{Subject: "t7"}, func(int) bool { return false }},
		} {
			for _, limit := range []int{1, 4, 200} {
				var got, want []int
				q := c.q
				q.Limit = limit
				for pages := 0; ; pages++ {
					p, err := w.log.Page(context.Background(), 3, q)
					if err != nil || len(p.Entries) > limit || pages > 40 {
						w.Fatalf("%s: %d entries, %v, page %d", name, len(p.Entries), err, pages)
					}
					for _, e := range p.Entries {
						got = append(got, e.At.Day())
					}
					if q.Before = p.Next; p.Next == (audit.Cursor{}) {
						break
					}
				}
				for n := 24; n >= 1; n-- {
					if c.want(n) {
						want = append(want, n)
					}
				}
				if !slices.Equal(got, want) {
					w.Errorf("%s, %d a page: %v, want %v", name, limit, got, want)
				}
			}
		}
	})
}

// Before the keys are known nothing is written, and so nothing changed.
func TestNoEntryWithoutKeys(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, err := store.Open(ctx, storetest.Ready(t, "sqlite"), store.Options{Fatal: func(err error) { panic(err) }})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.AuditLog().Record(ctx, audit.Entry{By: audit.ByOperator(), Action: audit.AppCreate})
	if err == nil || !strings.Contains(err.Error(), "keys") {
		t.Errorf("%v", err)
	}
}
