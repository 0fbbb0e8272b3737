package storetest

import (
	"context"
	"hash/fnv"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/store"
)

// BothEngines are all the engines there are: for what the store itself promises, and
// for benchmarks.
func BothEngines() []string { return []string{"sqlite", "postgres"} }

// Engines are those that this test runs on: both, but one with -short unless
// TIDINGS_TEST_ENGINES is "both". Which one it is follows from the test's name: every
// test runs, and each engine has half of a room's tests.
func Engines(tb testing.TB) []string {
	tb.Helper()
	both := BothEngines()
	if !testing.Short() || os.Getenv("TIDINGS_TEST_ENGINES") == "both" {
		return both
	}
	name := fnv.New32a()
	_, _ = name.Write([]byte(tb.Name())) // a hash takes everything
	one := (name.Sum32() >> 16) % 2
	return both[one : one+1]
}

// Each runs fn as a parallel subtest with a fresh database on each of the engines
// that the test runs on.
func Each(t *testing.T, fn func(t *testing.T, db *store.DB)) {
	t.Helper()
	each(t, Engines(t), fn)
}

// OnBoth is Each for a promise of the store: it runs on both engines always.
func OnBoth(t *testing.T, fn func(t *testing.T, db *store.DB)) {
	t.Helper()
	each(t, BothEngines(), fn)
}

func each(t *testing.T, engines []string, fn func(t *testing.T, db *store.DB)) {
	t.Helper()
	for _, engine := range engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			fn(t, Open(t, engine))
		})
	}
}

// Open returns a fresh database of the engine; it is closed with the test.
func Open(tb testing.TB, engine string) *store.DB {
	tb.Helper()
	return At(tb, Ready(tb, engine), nil)
}

// At opens the database at address, which may be one that another DB of the
// same test has open already. clock may be nil.
func At(tb testing.TB, address string, clock func() time.Time) *store.DB {
	tb.Helper()
	db, err := store.Open(context.Background(), address, store.Options{
		Schema: store.BringUpToDate,
		Fatal:  func(err error) { panic(err) },
		Clock:  clock,
	})
	if err != nil {
		tb.Fatalf("open %s: %v", strings.SplitN(address, ":", 2)[0], err)
	}
	db.SealAudit(auditKeys{})
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Errorf("close: %v", err)
		}
	})
	return db
}

// AuditKeys are what databases opened here seal their audit logs with.
func AuditKeys() audit.Keys { return auditKeys{} }

// auditKeys are an installation's that has one master key.
type auditKeys struct{}

func (auditKeys) AuditKeyNumber() int { return 1 }

func (auditKeys) AuditKey(number int) []byte {
	if number != 1 {
		return nil
	}
	return []byte("an audit key of 32 bytes for test")
}

// HasPostgres reports whether there is a PostgreSQL, or must be one: whoever
// cannot be skipped by Address asks this first.
func HasPostgres() bool {
	return serverURL() != "" || os.Getenv("TIDINGS_TEST_REQUIRE") != ""
}

// Address returns where a fresh, empty database of the engine can be opened.
// It is removed after the test.
func Address(tb testing.TB, engine string) string {
	tb.Helper()
	if engine == "sqlite" {
		return "sqlite:" + filepath.Join(tb.TempDir(), "tidings.db")
	}
	mustHavePostgres(tb)
	name := newName()
	mustAdmin(tb, "CREATE DATABASE "+name)
	tb.Cleanup(func() { mustAdmin(tb, "DROP DATABASE "+name+" WITH (FORCE)") })
	return addressOf(name)
}

// mustHavePostgres skips a test without a PostgreSQL, or fails it where there must
// be one.
func mustHavePostgres(tb testing.TB) {
	tb.Helper()
	if serverURL() != "" {
		return
	}
	if os.Getenv("TIDINGS_TEST_REQUIRE") != "" {
		tb.Fatal("TIDINGS_TEST_POSTGRES is not set, and PostgreSQL is required here")
	}
	tb.Skip("TIDINGS_TEST_POSTGRES is not set")
}

// serverURL is the address of a superuser of the test server; "" without one.
func serverURL() string { return os.Getenv("TIDINGS_TEST_POSTGRES") }
