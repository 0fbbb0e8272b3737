package storetest

import (
	"bytes"
	"context"
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	_ "modernc.org/sqlite" // the driver behind Sender's own connection
)

// Sender writes tasks, recalls and status bars as another process would: on a
// connection of its own, with the organization's row locked, each taking the
// next revision inside its commit. It decides nothing.
type Sender struct {
	tb     failer
	db     *sql.DB
	engine string
}

// failer is what testing.TB and property tests have in common.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// Sent is a task to write.
type Sent struct {
	ID, AgentID int64
	Type        string
	Message     string // canonical JSON
	Filed       bool   // a small send: one inbox row for each recipient
	Recipients  *roaring.Bitmap
	At          time.Time
	Sender      uint32 // the ordinal of who sent it by hand; 0 where the app did
}

// NewSender connects to the database at address.
func NewSender(tb testing.TB, address string) *Sender {
	tb.Helper()
	engine, db := Raw(tb, address)
	return &Sender{tb: tb, db: db, engine: engine}
}

// Raw connects to the database at address as another program would, and names
// its engine. A SQLite file is made when there is none.
func Raw(tb testing.TB, address string) (engine string, db *sql.DB) {
	tb.Helper()
	engine, driver, dsn := "postgres", "pgx", address
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		engine, driver = "sqlite", "sqlite"
		dsn = "file:" + path + "?_pragma=busy_timeout(20000)&_pragma=synchronous(NORMAL)&_txlock=immediate"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		tb.Fatalf("%s: %v", engine, err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Errorf("%s: %v", engine, err)
		}
	})
	return engine, db
}

// Engine names the engine of the database.
func (s *Sender) Engine() string { return s.engine }

// On returns a Sender that reports its failures to tb.
func (s *Sender) On(tb failer) *Sender { return &Sender{tb: tb, db: s.db, engine: s.engine} }

// Organization makes an organization of this id, at revision 0.
func (s *Sender) Organization(id int64, corpID string) {
	s.tb.Helper()
	s.commit(func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT INTO organization (id, corp_id, name, time_zone, limits, trusted_hosts, created_at)
			VALUES ($1, $2, 'Example', 'UTC', '{}', '', 0)`, id, corpID)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO org_revision (organization, revision, directory_revision, next_ordinal)
			VALUES ($1, 0, 0, 0)`, id)
		return err
	})
}

// Send writes tasks in one commit and returns the last one's revision.
func (s *Sender) Send(organization int64, tasks ...Sent) (revision int64) {
	s.tb.Helper()
	s.commit(func(tx *sql.Tx) (err error) {
		for _, t := range tasks {
			if revision, err = next(tx, organization); err != nil {
				return err
			}
			if err = insertTask(tx, organization, revision, t); err != nil {
				return err
			}
		}
		return nil
	})
	return revision
}

func insertTask(tx *sql.Tx, organization, revision int64, t Sent) error {
	var set bytes.Buffer
	if _, err := t.Recipients.WriteTo(&set); err != nil {
		return err
	}
	filed := 0
	if t.Filed {
		filed = 1
	}
	_, err := tx.Exec(`INSERT INTO task (organization, id, agent_id, revision, accepted_at, day, minute, dup_key, digest,
			type, filed, everyone, sent_count, status_value, status_bg, message, named, invalid, held, sent)
		VALUES ($1, $2, $3, $4, $5, 0, 0, $6, $7, $8, $9, 0, $10, '', '', $11, '{}', '{}', '[]', $12)`,
		organization, t.ID, t.AgentID, revision, t.At.UnixMilli(), t.ID, []byte{1}, t.Type, filed,
		int64(t.Recipients.GetCardinality()), t.Message, set.Bytes())
	if err == nil && t.Sender > 0 {
		_, err = tx.Exec(`INSERT INTO task_sender (organization, revision, ordinal) VALUES ($1, $2, $3)`, organization, revision, int64(t.Sender))
	}
	if err != nil || !t.Filed {
		return err
	}
	for _, ordinal := range t.Recipients.ToArray() {
		if _, err := tx.Exec(`INSERT INTO inbox (organization, ordinal, revision, task_id, agent_id) VALUES ($1, $2, $3, $4, $5)`,
			organization, int64(ordinal), revision, t.ID, t.AgentID); err != nil {
			return err
		}
	}
	return nil
}

// Recall writes a recall and returns its revision.
func (s *Sender) Recall(organization, task int64, at time.Time) int64 {
	s.tb.Helper()
	return s.change(organization, task, "recall", at,
		`UPDATE task SET recalled_at = $3 WHERE organization = $1 AND id = $2`, organization, task, at.UnixMilli())
}

// StatusBar writes a status bar and returns its revision.
func (s *Sender) StatusBar(organization, task int64, value, bg string) int64 {
	s.tb.Helper()
	return s.change(organization, task, "status_bar", time.Unix(0, 0),
		`UPDATE task SET status_value = $3, status_bg = $4 WHERE organization = $1 AND id = $2`, organization, task, value, bg)
}

// Reset writes what a restore of the database leaves behind: a reset far above
// every revision given before.
func (s *Sender) Reset(organization int64) int64 {
	s.tb.Helper()
	return s.change(organization, 0, "reset", time.Unix(0, 0),
		`UPDATE org_revision SET revision = revision + 4294967296 WHERE organization = $1`, organization)
}

func (s *Sender) change(organization, task int64, kind string, at time.Time, update string, args ...any) (revision int64) {
	s.tb.Helper()
	s.commit(func(tx *sql.Tx) (err error) {
		if _, err = tx.Exec(update, args...); err != nil {
			return err
		}
		if revision, err = next(tx, organization); err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO change (organization, revision, task_id, kind, at) VALUES ($1, $2, $3, $4, $5)`,
			organization, revision, task, kind, at.UnixMilli())
		return err
	})
	return revision
}

func next(tx *sql.Tx, organization int64) (revision int64, err error) {
	err = tx.QueryRow(`UPDATE org_revision SET revision = revision + 1 WHERE organization = $1 RETURNING revision`,
		organization).Scan(&revision)
	return revision, err
}

func (s *Sender) commit(work func(*sql.Tx) error) {
	s.tb.Helper()
	tx, err := s.db.BeginTx(context.Background(), nil)
	if err != nil {
		s.tb.Fatalf("sender: begin: %v", err)
	}
	if err := work(tx); err != nil {
		_ = tx.Rollback()
		s.tb.Fatalf("sender: %v", err)
	}
	if err := tx.Commit(); err != nil {
		s.tb.Fatalf("sender: commit: %v", err)
	}
}

// Analyze brings the planner's statistics up to date where the engine would
// soon do so by itself: on PostgreSQL, within a minute of large changes.
func (s *Sender) Analyze() {
	s.tb.Helper()
	if s.engine == "sqlite" {
		return
	}
	if _, err := s.db.Exec("ANALYZE"); err != nil {
		s.tb.Fatalf("sender: analyze: %v", err)
	}
}

// Plan returns how the engine would run a query, one step on each line. On
// PostgreSQL the ways that only pay for the few rows of a test (reading a whole
// table, sorting what an index gives in order) are closed.
func (s *Sender) Plan(query string, args ...any) string {
	s.tb.Helper()
	tx, err := s.db.BeginTx(context.Background(), nil)
	if err != nil {
		s.tb.Fatalf("sender: begin: %v", err)
	}
	defer tx.Rollback() // nothing was written
	explain, column := "EXPLAIN QUERY PLAN ", 3
	if s.engine == "postgres" {
		explain, column = "EXPLAIN ", 0
		if _, err := tx.Exec("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off"); err != nil {
			s.tb.Fatalf("sender: %v", err)
		}
	}
	rows, err := tx.Query(explain+query, args...)
	if err != nil {
		s.tb.Fatalf("sender: %s%s: %v", explain, query, err)
	}
	defer rows.Close()
	var plan strings.Builder
	values := make([]any, column+1)
	var step string
	for i := range values {
		values[i] = new(any)
	}
	values[column] = &step
	for rows.Next() {
		if err := rows.Scan(values...); err != nil {
			s.tb.Fatalf("sender: plan: %v", err)
		}
		plan.WriteString(step + "\n")
	}
	if err := rows.Err(); err != nil {
		s.tb.Fatalf("sender: plan: %v", err)
	}
	return plan.String()
}
