package retention_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/retention"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// auditHalting fails in the middle of trimming audit logs, as a crash would: before a
// transaction, or after it.
type auditHalting struct {
	retention.Store
	left int
}

func (h *auditHalting) TrimAudit(ctx context.Context, organization int64, before, now time.Time) error {
	if h.left--; h.left < 0 {
		return errHalt
	}
	if err := h.Store.TrimAudit(ctx, organization, before, now); err != nil {
		return err
	}
	if h.left--; h.left < 0 {
		return errHalt
	}
	return nil
}

func (h *auditHalting) DeleteAudit(ctx context.Context, organization int64, before time.Time, _ int) (retention.Deleted, error) {
	if h.left--; h.left < 0 {
		return retention.Deleted{}, errHalt
	}
	return h.Store.DeleteAudit(ctx, organization, before, 9) // many pieces
}

// Whatever is written to an audit log and whenever its rule changes, and wherever
// trimming is interrupted: the log verifies at every moment, and a sweep that is
// not interrupted leaves exactly what the rule keeps.
func TestTrimmedLogsVerify(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			address := storetest.Ready(t, engine)
			w := worldAt(t, address)
			_, raw := storetest.Raw(t, address)
			var logs atomic.Int64
			seen := map[string]int{}
			history := func(t *rapid.T) {
				o, err := w.directory.CreateOrganization(context.Background(), audit.ByOperator(), directory.NewOrganization{
					Name: "Example", CorpID: fmt.Sprint("ding", logs.Add(1)), TimeZone: rapid.SampledFrom([]string{"UTC", "Asia/Shanghai"}).Draw(t, "zone"),
				})
				must(t, err)
				m := &logModel{world: w, raw: raw, id: o.ID, zone: w.directory.Location(o.ID), seen: seen, rule: policy.Forever}
				m.follow(t) // what making it wrote
				m.decide(t)
				m.write(t)
				t.Repeat(map[string]func(*rapid.T){
					"": m.check, "write": m.write, "write 2": m.write, "old": m.old, "pass": m.pass, "decide": m.decide,
					"sweep": m.sweep, "interrupted": m.interrupted, "pass 2": m.pass, "write 3": m.write,
				})
				m.sweep(t)
				m.check(t)
			}
			const rounds = 10 // a history is short
			for range rounds {
				rapid.Check(t, history)
			}
			t.Logf("seen: %v", seen)
		})
	}
}

// logModel is an audit log as lists.
type logModel struct {
	*world
	raw  *sql.DB
	id   int64
	zone *time.Location
	rule policy.Days
	seen map[string]int

	n, floor int64
	entries  []logged // of the chain, those that are kept
	unlinked []logged // from before it
}

type logged struct {
	n    int64
	at   time.Time
	trim bool
}

func (m *logModel) write(t *rapid.T) {
	for range rapid.IntRange(1, 4).Draw(t, "entries") {
		e := audit.Entry{
			Organization: m.id, At: m.clock(), By: audit.OnBehalfOf(m.id, 7), Action: audit.TemplateSave, Subject: "t",
			About: []string{audit.PersonSubject(9)}, Reason: "Too faint.",
		}
		must(t, m.db.AuditLog().Record(context.Background(), e))
	}
	m.follow(t)
}

// follow takes over what others wrote: settings, and trimming.
func (m *logModel) follow(t *rapid.T) {
	rows, err := m.raw.Query(fmt.Sprintf(`SELECT n, at, action FROM audit_entry WHERE organization = %d AND n > %d ORDER BY n`, m.id, m.n))
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var l logged
		var at int64
		var action audit.Action
		must(t, rows.Scan(&l.n, &at, &action))
		l.at, l.trim = time.UnixMilli(at), action == audit.LogTrimmed
		m.n = l.n
		m.entries = append(m.entries, l)
	}
	must(t, rows.Err())
}

// old enters an entry from before the log was a chain.
func (m *logModel) old(t *rapid.T) {
	m.seen["old"]++
	l := logged{n: int64(m.seen["old"]), at: m.clock().Add(-time.Duration(rapid.IntRange(0, 9).Draw(t, "age")) * day)}
	_, err := m.raw.Exec(fmt.Sprintf(`INSERT INTO audit (organization, id, at, actor, console, action, subject, version, note)
		VALUES (%d, %d, %d, 'operator', 0, 'template.create', 't', 1, '')`, m.id, l.n, l.at.UnixMilli()))
	must(t, err)
	m.unlinked = append(m.unlinked, l)
}

func (m *logModel) pass(t *rapid.T) {
	m.world.pass(rapid.SampledFrom([]time.Duration{time.Minute, 9 * time.Hour, day, 3 * day}).Draw(t, "for"))
}

func (m *logModel) decide(t *rapid.T) {
	m.rule = rapid.SampledFrom([]policy.Days{policy.Forever, 1, 2, 4}).Draw(t, "days")
	_, err := m.directory.UpdateOrganization(context.Background(), audit.ByOperator(), m.id, directory.OrganizationChange{Retention: &policy.Retention{Audit: m.rule}})
	must(t, err)
	m.follow(t)
}

// interrupted begins a sweep that a crash ends.
func (m *logModel) interrupted(t *rapid.T) {
	h := &auditHalting{Store: ofOne{m.db.Retention(), m.id}, left: rapid.IntRange(0, 6).Draw(t, "transactions")}
	s := retention.New(retention.Deps{Store: h, Log: slog.New(slog.DiscardHandler), Now: m.clock})
	if err := s.Sweep(context.Background()); err != nil {
		m.seen["interrupted"]++
	}
	m.after(t, false)
}

func (m *logModel) sweep(t *rapid.T) {
	s := retention.New(retention.Deps{Store: ofOne{m.db.Retention(), m.id}, Log: slog.New(slog.DiscardHandler), Now: m.clock})
	must(t, s.Sweep(context.Background()))
	m.after(t, true)
}

// after brings the model up to a sweep. One that was interrupted may have raised
// the floor or not; whether it did is what the head says.
func (m *logModel) after(t *rapid.T, whole bool) {
	before := len(m.entries)
	m.follow(t)
	head, err := m.db.AuditLog().AuditHead(context.Background(), m.id)
	must(t, err)
	floor := m.floor
	if m.rule != policy.Forever {
		old := func(l logged) bool {
			return int(dayOf(m.clock().In(m.zone)).Sub(dayOf(l.at.In(m.zone)))/day) > int(m.rule)
		}
		other := false
		for _, l := range m.entries[:before] {
			if old(l) && l.n > m.floor {
				floor, other = l.n, other || !l.trim
			}
		}
		if !other {
			floor = m.floor
		}
		if whole {
			m.unlinked = slices.DeleteFunc(m.unlinked, old)
		} else {
			m.unlinked = m.left(t)
		}
	}
	if head.FloorN != floor && (whole || head.FloorN != m.floor) {
		t.Fatalf("floor %d, want %d", head.FloorN, floor)
	}
	m.floor = head.FloorN
	kept := slices.DeleteFunc(m.entries, func(l logged) bool { return l.n <= m.floor })
	m.seen["removed"] += before - len(kept)
	m.entries = kept
	if whole {
		m.compare(t)
	}
}

// left are the entries from before the chain that are there.
func (m *logModel) left(t *rapid.T) []logged {
	return slices.DeleteFunc(m.unlinked, func(l logged) bool {
		var n int
		must(t, m.raw.QueryRow(fmt.Sprintf(`SELECT COUNT(*) FROM audit WHERE organization = %d AND id = %d`, m.id, l.n)).Scan(&n))
		return n == 0
	})
}

// compare fails when there is anything but what is kept, with what is its own.
func (m *logModel) compare(t *rapid.T) {
	for query, want := range map[string]int{
		`SELECT COUNT(*) FROM audit_entry WHERE organization = %d`: len(m.entries),
		`SELECT COUNT(*) FROM audit WHERE organization = %d`:       len(m.unlinked),
		`SELECT COUNT(*) FROM audit_private p WHERE organization = %d AND NOT EXISTS (
			SELECT 1 FROM audit_entry e WHERE e.organization = p.organization AND e.n = p.n)`: 0,
		`SELECT COUNT(*) FROM audit_about a WHERE organization = %d AND NOT EXISTS (
			SELECT 1 FROM audit_entry e WHERE e.organization = a.organization AND e.n = a.n)`: 0,
	} {
		var got int
		must(t, m.raw.QueryRow(fmt.Sprintf(query, m.id)).Scan(&got))
		if got != want {
			t.Fatalf("%s: %d, want %d", query, got, want)
		}
	}
}

func (m *logModel) check(t *rapid.T) {
	l := &audit.Log{Store: m.db.AuditLog(), Keys: storetest.AuditKeys()}
	r, err := l.Verify(context.Background(), m.id)
	must(t, err)
	if r.Wrong != 0 || r.From != m.floor+1 || r.Head != m.n {
		t.Fatalf("%+v; floor %d, head %d", r, m.floor, m.n)
	}
}

// ofOne sweeps one organization: others of the same database are in other
// histories.
type ofOne struct {
	retention.Store
	id int64
}

func (s ofOne) Organizations(ctx context.Context) ([]retention.Organization, error) {
	all, err := s.Store.Organizations(ctx)
	return slices.DeleteFunc(all, func(o retention.Organization) bool { return o.ID != s.id }), err
}

// A log without a rule stays whole, and one with a rule is not trimmed for the
// sake of the entries that say that it was.
func TestTrimmingEnds(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		f := w.firm(t, "ding1")
		heads := func() int64 {
			h, err := w.db.AuditLog().AuditHead(context.Background(), f.id)
			must(t, err)
			return h.N
		}
		written := heads()
		w.pass(400 * day)
		f.sweep()
		if n := heads(); n != written {
			t.Errorf("without a rule: %d entries, %d before", n, written)
		}
		f.keep(policy.Retention{Audit: 1})
		written = heads()
		for range 10 {
			w.pass(day)
			f.sweep()
		}
		if n := heads(); n > written+2 {
			t.Errorf("with a rule: %d entries, %d before", n, written)
		}
	})
}

// What an interrupted sweep has said to be removed goes, though the rule was taken
// back since.
func TestTrimmingIsCompleted(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		f := w.firm(t, "ding1")
		f.keep(policy.Retention{Audit: 1})
		w.pass(3 * day)
		if err := w.sweeper(&auditHalting{w.db.Retention(), 1}).Sweep(ctx); !errors.Is(err, errHalt) {
			t.Fatalf("the crash: %v", err)
		}
		first := func() (n int64) {
			must(t, w.db.AuditLog().AuditRows(ctx, f.id, 0, 1, func(r *audit.Row, _ *audit.Private) bool {
				n = r.N
				return false
			}))
			return n
		}
		head, err := w.db.AuditLog().AuditHead(ctx, f.id)
		must(t, err)
		if head.FloorN == 0 || first() != 1 {
			t.Fatalf("floor %d, first entry %d", head.FloorN, first())
		}
		f.keep(policy.Retention{Audit: policy.Forever})
		f.sweep()
		if n := first(); n != head.FloorN+1 {
			t.Errorf("the first entry is %d, the floor %d", n, head.FloorN)
		}
	})
}

// An app decides nothing about the log of its organization.
func TestAppsDoNotTrimLogs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	f := w.firm(t, "ding1")
	keys, err := masterkey.Create(filepath.Join(t.TempDir(), "key"))
	must(t, err)
	s := app.New(app.Deps{Store: w.db.Apps(), Organizations: w.directory, Keys: keys, Now: w.clock})
	err = s.SetRetention(context.Background(), audit.ByOperator(), f.id, f.apps[0].AgentID, policy.Retention{Audit: 30})
	if !fault.Is(err, fault.CodeParameterInvalid) || fault.From(err).Field != "audit_days" {
		t.Errorf("an app with a rule for the log: %v", err)
	}
	if err := (policy.Retention{Audit: policy.MaxDays + 1}).Check(); !fault.Is(err, fault.CodeParameterInvalid) {
		t.Errorf("too many days: %v", err)
	}
}
