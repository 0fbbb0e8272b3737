package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver of Raw and of the pool
)

// A test server keeps the databases that tests have done with: emptying one takes
// a third of the time of making and dropping one. The table `pool` of the server's
// own database says which are free, to the tests of all rooms.

// admin is the connection on which databases are made, taken and given back, one
// after the other. It stays open as long as the process, and runs nothing beside
// it: tests look for goroutines that stay.
var admin = &connection{}

type connection struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

// use has work use the connection, opened if that is needed.
func (c *connection) use(work func(context.Context, *pgx.Conn) error) error {
	ctx := context.Background()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == nil || c.conn.IsClosed() {
		conn, err := pgx.Connect(ctx, serverURL())
		if err != nil {
			return err
		}
		c.conn = conn
		_, err = conn.Exec(ctx, "CREATE TABLE IF NOT EXISTS pool (name TEXT PRIMARY KEY, schema TEXT NOT NULL, free BOOLEAN NOT NULL)")
		if e := new(pgconn.PgError); errors.As(err, &e) && (e.Code == "23505" || e.Code == "42P07") {
			err = nil // another process makes it at this moment
		}
		if err != nil {
			return err
		}
	}
	return work(ctx, c.conn)
}

// pooled returns the address of a database with the schema and nothing else: one that
// another test has done with, or a new one.
func pooled(tb testing.TB) string {
	tb.Helper()
	m, err := theModel()
	if err != nil {
		tb.Fatalf("postgres: the model: %v", err)
	}
	name := mustTake(tb, m)
	// Emptied here, not when it was given back: PostgreSQL may have analyzed it since.
	if name != "" && m.empty(addressOf(name)) != nil {
		mustAdmin(tb, "DELETE FROM pool WHERE name = $1", name)
		mustAdmin(tb, "DROP DATABASE "+name+" WITH (FORCE)")
		name = ""
	}
	if name == "" {
		name = newName()
		mustAdmin(tb, "CREATE DATABASE "+name+" TEMPLATE "+m.name)
		mustAdmin(tb, "INSERT INTO pool VALUES ($1, $2, FALSE)", name, m.name)
	}
	tb.Cleanup(func() { mustAdmin(tb, "UPDATE pool SET free = TRUE WHERE name = $1", name) })
	return addressOf(name)
}

// mustTake takes a free database out of the pool, and returns its name; "" where none
// is free.
func mustTake(tb testing.TB, m *model) (name string) {
	tb.Helper()
	err := admin.use(func(ctx context.Context, conn *pgx.Conn) error {
		return conn.QueryRow(ctx, `UPDATE pool SET free = FALSE WHERE name = (
			SELECT name FROM pool WHERE free AND schema = $1 LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING name`, m.name).Scan(&name)
	})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		tb.Fatalf("postgres: %v", err)
	}
	return name
}

// empty brings a database back to what the model is. It fails where somebody is still
// connected, and where a test has changed more than rows.
func (m *model) empty(address string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if err := alone(ctx, conn); err != nil {
		return err
	}
	var shape string
	var filled []string
	if err := conn.QueryRow(ctx, shapeQuery).Scan(&shape, &filled); err != nil {
		return err
	}
	if shape != m.shape {
		return errors.New("the schema is another one")
	}
	if len(filled) == 0 {
		return nil
	}
	tx, err := conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx)
	if _, err := tx.Exec(ctx, "TRUNCATE "+strings.Join(filled, ", ")); err != nil {
		return err
	}
	for table, rows := range m.rows {
		insert := fmt.Sprintf("INSERT INTO %s SELECT * FROM json_populate_recordset(NULL::%s, $1)", table, table)
		if _, err := tx.Exec(ctx, insert, rows); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, "DELETE FROM pg_statistic WHERE starelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)"); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// alone waits until nobody else is connected: a session ends a moment after its
// client has gone.
func alone(ctx context.Context, conn *pgx.Conn) error {
	var others int
	for range 50 {
		err := conn.QueryRow(ctx, `SELECT COUNT(*) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid()`).Scan(&others)
		if err != nil || others == 0 {
			return err
		}
		if _, err := conn.Exec(ctx, "SELECT pg_sleep(0.01)"); err != nil {
			return err
		}
	}
	return fmt.Errorf("%d sessions are still open", others)
}

// shapeQuery returns what there is in a database beside rows, as a digest, and the
// tables that have rows, had some, or were analyzed: PostgreSQL plans otherwise for a
// table that it knows to be empty.
const shapeQuery = `SELECT
	md5(string_agg(concat_ws(',', oid, relname, relkind, relnatts, relchecks, relhastriggers, relhasrules, relpersistence, reloptions), ';' ORDER BY oid)
		|| (SELECT COUNT(*) FROM pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()))),
	array_agg(quote_ident(relname)) FILTER (WHERE relkind = 'r' AND (pg_relation_size(oid) > 0 OR reltuples >= 0))
	FROM pg_class WHERE relnamespace = 'public'::regnamespace`

// newName returns the name of a database that nobody has.
func newName() string { return "t_" + strings.ToLower(rand.Text()) }

// addressOf is a database's of the test server.
func addressOf(name string) string {
	u, err := url.Parse(serverURL())
	if err != nil {
		panic(fmt.Sprintf("TIDINGS_TEST_POSTGRES: %v", err))
	}
	u.Path = "/" + name
	return u.String()
}

func mustAdmin(tb testing.TB, statement string, args ...any) {
	tb.Helper()
	err := admin.use(func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, statement, args...)
		return err
	})
	if err != nil {
		tb.Fatalf("%s: %v", statement, err)
	}
}
