package chaos_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // holds a row as another node's session would

	"github.com/tidings-im/tidings/test/harness"
)

const (
	heldOrganizations = 5
	heldSenders       = 2 // of each organization
	heldFor           = 3 * time.Second
	heldMargin        = 500 * time.Millisecond // by which the others may be slower
)

// Somebody holds one organization's row for three seconds. Sends of the other
// organizations go on as before; those of the held one wait and succeed, or
// are answered that the server is busy; none is lost and none doubled. SQLite
// has no rows that could be held.
//
// Not parallel: it measures.
func TestChaosHeldOrganization(t *testing.T) { //nolint:paralleltest // it measures time
	home := harness.NewHome(t, "postgres")
	server := home.Demo(t)
	var crowds []crowd
	var drivers []*driver
	for i := range heldOrganizations {
		c := newCrowd(t, home, fmt.Sprintf("Organization %d", i), 50, 10)
		crowds = append(crowds, c)
		drivers = append(drivers, newDriver(t, c.description(server.BaseURL)))
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var runs []func()
	for i, d := range drivers {
		for _, s := range d.senders(heldSenders, seed(t)+uint64(i)) {
			runs = append(runs, func() {
				for ctx.Err() == nil {
					s.send(harness.Call{Audience: s.audience(), Message: text(s.text())})
				}
			})
		}
	}
	var from, to time.Time
	var failure atomic.Pointer[error]
	runs = append(runs, func() {
		defer cancel()
		after(2 * time.Second) // the usual
		from = time.Now()
		if err := holdRow(home.Database, crowds[0].CorpID); err != nil {
			failure.Store(&err)
		}
		to = time.Now()
		after(time.Second) // and what waited
	})
	together(runs...)
	if err := failure.Load(); err != nil {
		t.Fatal(*err)
	}
	for i, d := range drivers {
		usual, held := slowest(d.calls(t), from, to)
		t.Logf("organization %d: slowest send %s, while one row was held %s; %s", i, usual, held, tally(d.calls(t)))
		if i > 0 && held > usual+heldMargin {
			t.Errorf("organization %d: a send took %s while another organization's row was held, %s before", i, held, usual)
		}
	}
	server.Stop(t)
	for i, d := range drivers {
		c := takeCensus(t, home.Database, crowds[i].CorpID)
		calls := d.calls(t)
		made, complaints := checkExistence(calls, d.people, c.Tasks, nil)
		report(t, "existence", complaints)
		report(t, "refusals", checkRefusals(calls))
		report(t, "revisions", checkRevisions(c.Revision, c.Revisions))
		report(t, "rules", checkRules(made, rules{Daily: 500}))
	}
}

// after waits for a stretch of measuring to pass.
func after(d time.Duration) { <-time.After(d) }

// holdRow locks an organization's counters from a session of its own.
func holdRow(database, corpID string) error {
	ctx := context.Background()
	db, err := sql.Open("pgx", database)
	if err != nil {
		return err
	}
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // the lock ends with it
	var revision int64
	err = tx.QueryRowContext(ctx, `SELECT revision FROM org_revision
		WHERE organization = (SELECT id FROM organization WHERE corp_id = $1) FOR UPDATE`, corpID).Scan(&revision)
	if err != nil {
		return err
	}
	after(heldFor)
	return nil
}

// slowest returns the longest send before from, and of those that ran between
// from and to.
func slowest(calls []harness.Call, from, to time.Time) (before, between time.Duration) {
	const warmUp = 10
	for i, c := range calls {
		took := c.Answer.At.Sub(c.At)
		switch {
		case i < warmUp || c.Answer.At.IsZero():
		case c.Answer.At.Before(from):
			before = max(before, took)
		case c.At.Before(to):
			between = max(between, took)
		}
	}
	return before, between
}

// The measure itself: a call counts for the time it ran in.
func TestSlowest(t *testing.T) {
	t.Parallel()
	start := time.Now()
	call := func(at, took time.Duration) harness.Call {
		return harness.Call{At: start.Add(at), Answer: harness.Answer{At: start.Add(at + took)}}
	}
	calls := slices.Repeat([]harness.Call{call(0, time.Hour)}, 10)
	calls = append(calls, call(0, 3*time.Second), call(9*time.Second, 2*time.Second), call(30*time.Second, time.Hour))
	before, between := slowest(calls, start.Add(10*time.Second), start.Add(20*time.Second))
	if before != 3*time.Second || between != 2*time.Second {
		t.Errorf("slowest: %s and %s, want 3s and 2s", before, between)
	}
}
