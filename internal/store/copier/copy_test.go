package copier_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/copier"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// A table that is new fails here until somebody has decided what becomes of it.
func TestEveryTableIsDecided(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.BothEngines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			address := storetest.Address(t, engine)
			storetest.At(t, address, nil)
			_, db := storetest.Raw(t, address)
			there := columns(t, engine, db)
			for name := range there {
				if !copier.Decided(name) {
					t.Errorf("table %s is new: say in tables.go whether a copy of the whole has it", name)
				}
			}
			for _, name := range copier.DecidedTables() {
				if there[name] == nil && !(engine == "sqlite" && name == "recent_read") {
					t.Errorf("there is no table %s", name)
				}
			}
		})
	}
}

// Everything arrives, on any two engines.
func TestCopy(t *testing.T) {
	t.Parallel()
	directions(t, func(t *testing.T, from, to string) {
		filled(t, from)
		want := digests(t, from)
		mustBeSame(t, "what Copy says", copyOf(t, from, to), want)
		mustBeSame(t, "what is there", digests(t, to), want)
		for _, table := range want {
			if table.Rows < 70 {
				t.Errorf("%s has %d rows only", table.Name, table.Rows)
			}
		}
		// It can be worked with: the schema is up to date and planned for.
		storetest.At(t, to, nil)
	})
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	first, between, last := storetest.Address(t, "sqlite"), storetest.Address(t, "postgres"), storetest.Address(t, "sqlite")
	filled(t, first)
	want := digests(t, first)
	copyOf(t, first, between)
	copyOf(t, between, last)
	mustBeSame(t, "after coming back", digests(t, last), want)
}

// A digest tells rows apart that differ in one value, a null, or where one
// value ends and the next begins.
func TestDigestsDiffer(t *testing.T) {
	t.Parallel()
	address := storetest.Address(t, "sqlite")
	db := filled(t, address)
	seen := map[string]string{}
	note := func(what string) {
		for _, table := range digests(t, address) {
			if table.Name == "organization" {
				if seen[table.Digest] != "" {
					t.Errorf("%s and %s have the same digest", what, seen[table.Digest])
				}
				seen[table.Digest] = what
			}
		}
	}
	note("at first")
	for _, change := range []string{
		`UPDATE organization SET name = 'ab', time_zone = 'c' WHERE id = 2`,
		`UPDATE organization SET name = 'a', time_zone = 'bc' WHERE id = 2`,
		`UPDATE organization SET disabled_at = 0 WHERE id = 2`,
		`UPDATE organization SET disabled_at = NULL WHERE id = 2`,
		`UPDATE organization SET name = 'z', time_zone = 'bc' WHERE id = 3`,
		`DELETE FROM organization WHERE id = 3`,
	} {
		mustExec(t, db, change)
		note(change)
	}
}

// What is written while a copy is made is not in it, neither whole nor half.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	directions(t, func(t *testing.T, from, to string) {
		ctx := context.Background()
		db := filled(t, from)
		want := digests(t, from)
		s := source(t, from)
		mustExec(t, db, `DELETE FROM task`)
		mustExec(t, db, `UPDATE organization SET name = 'later'`)
		into := target(t, to, s.Schema())
		tables, err := copier.Copy(ctx, s, into, quiet)
		if err != nil {
			t.Fatal(err)
		}
		if err := into.Commit(ctx); err != nil {
			t.Fatal(err)
		}
		mustBeSame(t, "the copy", tables, want)
	})
}

// A target that holds anything, or that somebody works with, is refused.
func TestTargetsInUse(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	version := latest(t)

	file := storetest.Address(t, "sqlite")
	filled(t, file)
	before := digests(t, file)
	if _, err := copier.Create(ctx, file, version); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("a file that is there: %v", err)
	}
	mustBeSame(t, "the file that was there", digests(t, file), before)

	full := storetest.Address(t, "postgres")
	storetest.NewSender(t, migrated(t, full)).Organization(1, "ding1")
	before = digests(t, full)
	if _, err := copier.Create(ctx, full, version); err == nil || !strings.Contains(err.Error(), "not empty: its table org") {
		t.Errorf("a database with an organization: %v", err)
	}
	mustBeSame(t, "the database that was there", digests(t, full), before)

	used := storetest.Address(t, "postgres")
	storetest.At(t, used, nil)
	if _, err := copier.Create(ctx, used, version); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a database with a node: %v", err)
	}

	newer := migrated(t, storetest.Address(t, "postgres"))
	if _, err := copier.Create(ctx, newer, 1); err == nil || !strings.Contains(err.Error(), "newer than the source's 1") {
		t.Errorf("a newer schema: %v", err)
	}
	// Migrated and bound to keys, but without content, is empty.
	if err := target(t, newer, version).Discard(); err != nil {
		t.Error(err)
	}
}

// A copy that fails leaves nothing, and says at what it failed.
func TestFailingCopy(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	from := storetest.Address(t, "sqlite")
	db := filled(t, from)
	mustExec(t, db, `UPDATE task SET day = 'monday' WHERE id = 3`)
	for _, engine := range storetest.BothEngines() {
		s, to := source(t, from), storetest.Address(t, engine)
		into := target(t, to, s.Schema())
		_, err := copier.Copy(ctx, s, into, quiet)
		if err == nil || !strings.Contains(err.Error(), "task holds a string in day") {
			t.Errorf("%s: %v", engine, err)
		}
		if err := into.Discard(); err != nil {
			t.Error(err)
		}
		mustBeUntouched(t, to)
	}
}

// Rows that do not arrive as they were are noticed.
func TestDifferenceIsFound(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	from, to := storetest.Address(t, "sqlite"), storetest.Address(t, "postgres")
	filled(t, from)
	s := source(t, from)
	into := target(t, to, s.Schema())
	for _, text := range []string{
		`CREATE FUNCTION change() RETURNS trigger AS 'BEGIN NEW.read_at := NEW.read_at + 1; RETURN NEW; END' LANGUAGE plpgsql`,
		`CREATE TRIGGER change BEFORE INSERT ON receipt FOR EACH ROW WHEN (NEW.ordinal = 7) EXECUTE FUNCTION change()`,
	} {
		if err := into.Execute(ctx, text); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := copier.Copy(ctx, s, into, quiet); err == nil || !strings.Contains(err.Error(), "table receipt differs after copying: 70 rows") {
		t.Errorf("a row that is another: %v", err)
	}
	if err := into.Discard(); err != nil {
		t.Error(err)
	}
	mustBeUntouched(t, to)
}

// Tables that are not ours stay behind and are named.
func TestOtherTables(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.BothEngines() {
		address := migrated(t, storetest.Address(t, engine))
		_, db := storetest.Raw(t, address)
		mustExec(t, db, `CREATE TABLE somebodys (a INTEGER)`)
		if others := source(t, address).Others(); len(others) != 1 || others[0] != "somebodys" {
			t.Errorf("%s: others %q", engine, others)
		}
	}
}

func latest(t *testing.T) int64 {
	t.Helper()
	return source(t, migrated(t, storetest.Address(t, "sqlite"))).Schema()
}

// migrated makes a database with nothing in it and returns its address.
func migrated(t *testing.T, address string) string {
	t.Helper()
	if _, err := store.Migrate(context.Background(), address, store.Options{Fatal: func(err error) { panic(err) }}); err != nil {
		t.Fatal(err)
	}
	return address
}

func mustExec(t *testing.T, db *sql.DB, text string, args ...any) {
	t.Helper()
	if _, err := db.Exec(text, args...); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// mustBeUntouched looks at what a failed copy leaves: no file, no row.
func mustBeUntouched(t *testing.T, address string) {
	t.Helper()
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		for _, name := range []string{path, path + ".partial"} {
			if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s is there: %v", name, err)
			}
		}
		return
	}
	for _, table := range digests(t, address) {
		if table.Rows > 6 || table.Rows > 0 && table.Name != "id_block" && table.Name != "node_state" {
			t.Errorf("%s has %d rows", table.Name, table.Rows)
		}
	}
}
