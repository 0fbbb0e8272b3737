package chaos_test

import (
	"context"
	"database/sql"
	"fmt"
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
	long(t)
	home := harness.NewHome(t, "postgres")
	server := home.Demo(t)
	var crowds []crowd
	var drivers []*driver
	for i := range heldOrganizations {
		c := newCrowd(t, home, fmt.Sprintf("Organization %d", i), 50, 10)
		crowds = append(crowds, c)
		drivers = append(drivers, newDriver(t, c.description(server.BaseURL)))
	}
	// A machine that is busy with other things is slow now and then; a sender
	// that waits for somebody else's row is slow every time.
	const attempts = 3
	for attempt := 1; ; attempt++ {
		excess := holdAndMeasure(t, home.Database, crowds[0].CorpID, drivers, seed(t))
		if excess <= heldMargin {
			break
		}
		if attempt == attempts {
			t.Errorf("while another organization's row was held a send took longer than usual by %s at last, in each of %d attempts", excess, attempts)
			break
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

// holdAndMeasure lets all organizations send, holds the row of the first for a
// while, and returns by how much a send of another was slower than usual.
func holdAndMeasure(t *testing.T, database, corpID string, drivers []*driver, seed uint64) (excess time.Duration) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var runs []func()
	for i, d := range drivers {
		for _, s := range d.senders(heldSenders, seed+uint64(i)) {
			runs = append(runs, func() {
				for ctx.Err() == nil {
					s.send(harness.Call{Audience: s.audience(), Message: text(s.text())})
				}
			})
		}
	}
	begin := time.Now()
	var from, to time.Time
	var failure error
	runs = append(runs, func() {
		defer cancel()
		after(2 * time.Second) // the usual
		from = time.Now()
		failure = holdRow(database, corpID)
		to = time.Now()
		after(time.Second) // and what waited
	})
	together(runs...)
	if failure != nil {
		t.Fatal(failure)
	}
	for i, d := range drivers {
		usual, held := slowest(d.calls(t), begin, from, to)
		t.Logf("organization %d: slowest send %s, while one row was held %s; %s", i, usual, held, tally(d.calls(t)))
		if i > 0 {
			excess = max(excess, held-usual)
		}
	}
	return excess
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

// slowest returns the longest send between begin and from, and of those that
// ran between from and to.
func slowest(calls []harness.Call, begin, from, to time.Time) (before, between time.Duration) {
	for _, c := range calls {
		took := c.Answer.At.Sub(c.At)
		switch {
		case c.At.Before(begin) || c.Answer.At.IsZero():
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
	calls := []harness.Call{
		call(-time.Second, time.Minute), call(0, 3*time.Second), call(9*time.Second, 2*time.Second),
		call(30*time.Second, time.Hour),
		{At: start},
	}
	before, between := slowest(calls, start, start.Add(10*time.Second), start.Add(20*time.Second))
	if before != 3*time.Second || between != 2*time.Second {
		t.Errorf("slowest: %s and %s, want 3s and 2s", before, between)
	}
}
