package bench_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	_ "modernc.org/sqlite" // the driver the store uses, for the baseline

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

const (
	million = 1_000_000
	// present is how many rows the tables of the baselines hold already.
	present = 5 * million
)

// BenchmarkEveryone sends to all 1,000,000 people of an organization, durable
// when it returns, without HTTP. The baselines write one row per recipient
// into a table that holds 5,000,000: with the store's own SQLite driver, in
// statements of 32 rows and one transaction, and with COPY on PostgreSQL.
func BenchmarkEveryone(b *testing.B) {
	for _, engine := range storetest.BothEngines() {
		b.Run(engine+"/set", func(b *testing.B) {
			i := mustInstall(b, engine, million)
			b.ResetTimer()
			for b.Loop() {
				i.mustSend(b, directory.Audience{Everyone: true})
			}
		})
	}
	b.Run("sqlite/rows", func(b *testing.B) {
		db := mustRowsSQLite(b)
		task := int64(1_000_000)
		for b.Loop() {
			task++
			mustInsertRows(b, db, task, million)
		}
	})
	b.Run("postgres/rows-copy", func(b *testing.B) {
		conn := mustRowsPostgres(b)
		task := int64(1_000_000)
		for b.Loop() {
			task++
			mustCopyRows(b, conn, task, million)
		}
	})
}

// BenchmarkThousandByThousand sends 1,000 messages to 1,000 people each, one
// after the other: an iteration is all thousand.
func BenchmarkThousandByThousand(b *testing.B) {
	for _, engine := range storetest.BothEngines() {
		b.Run(engine+"/set", func(b *testing.B) {
			i := mustInstall(b, engine, 100_000)
			audience := directory.Audience{}
			for n := range 1000 {
				audience.Userids = append(audience.Userids, userid(n*97))
			}
			b.ResetTimer()
			for b.Loop() {
				for range 1000 {
					i.mustSend(b, audience)
					i.caller.Limits.MessagesPerDay = 0 // the quota is not what is measured
				}
			}
		})
	}
	b.Run("sqlite/rows", func(b *testing.B) {
		db := mustRowsSQLite(b)
		task := int64(1_000_000)
		for b.Loop() {
			for range 1000 {
				task++
				mustInsertRows(b, db, task, 1000)
			}
		}
	})
	b.Run("postgres/rows-copy", func(b *testing.B) {
		conn := mustRowsPostgres(b)
		task := int64(1_000_000)
		for b.Loop() {
			for range 1000 {
				task++
				mustCopyRows(b, conn, task, 1000)
			}
		}
	})
}

const rowsTable = `CREATE TABLE inbox_row (user_id BIGINT NOT NULL, task_id BIGINT NOT NULL, state BIGINT NOT NULL, PRIMARY KEY (user_id, task_id))`

func mustRowsSQLite(b *testing.B) *sql.DB {
	b.Helper()
	path := filepath.Join(b.TempDir(), "rows.db")
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=cache_size(-65536)&_txlock=immediate")
	must(b, err)
	db.SetMaxOpenConns(1)
	b.Cleanup(func() { must(b, db.Close()) })
	_, err = db.ExecContext(context.Background(), rowsTable+" WITHOUT ROWID")
	must(b, err)
	for n := range present / million {
		mustInsertRows(b, db, int64(n), million)
	}
	b.ResetTimer()
	return db
}

func mustInsertRows(b *testing.B, db *sql.DB, task int64, people int) {
	b.Helper()
	ctx := context.Background()
	tx, err := db.BeginTx(ctx, nil)
	must(b, err)
	const size = 32
	values := make([]string, size)
	for i := range values {
		values[i] = fmt.Sprintf("($%d,$%d,0)", 2*i+1, 2*i+2)
	}
	insert := func(rows int) *sql.Stmt {
		s, err := tx.PrepareContext(ctx, "INSERT INTO inbox_row (user_id, task_id, state) VALUES "+strings.Join(values[:rows], ","))
		must(b, err)
		return s
	}
	many, one := insert(size), insert(1)
	args := make([]any, 2*size)
	user := int64(0)
	for left := people; left > 0; {
		stmt, rows := many, size
		if left < size {
			stmt, rows = one, 1
		}
		for i := range rows {
			args[2*i], args[2*i+1] = user, task
			user++
		}
		_, err := stmt.ExecContext(ctx, args[:2*rows]...)
		must(b, err)
		left -= rows
	}
	must(b, many.Close())
	must(b, one.Close())
	must(b, tx.Commit())
}

func mustRowsPostgres(b *testing.B) *pgx.Conn {
	b.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, storetest.Address(b, "postgres"))
	must(b, err)
	b.Cleanup(func() { must(b, conn.Close(ctx)) })
	_, err = conn.Exec(ctx, rowsTable)
	must(b, err)
	for n := range present / million {
		mustCopyRows(b, conn, int64(n), million)
	}
	b.ResetTimer()
	return conn
}

func mustCopyRows(b *testing.B, conn *pgx.Conn, task int64, people int) {
	b.Helper()
	_, err := conn.CopyFrom(context.Background(), pgx.Identifier{"inbox_row"}, []string{"user_id", "task_id", "state"},
		pgx.CopyFromSlice(people, func(i int) ([]any, error) { return []any{int64(i), task, int64(0)}, nil }))
	must(b, err)
}
