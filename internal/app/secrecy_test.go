package app_test

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // reads the tables behind the store's back
	_ "modernc.org/sqlite"

	"github.com/tidings-im/tidings/internal/fault"
)

// Neither the database nor an error holds a secret, a token's MAC or a key,
// in clear or in a usual encoding.
func TestNoSecretIsStoredOrSaid(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, n, o := t.Context(), w.mustNode(t), w.mustOrganization(t, "One")
		a := n.mustApp(t, o.ID, "A")
		second, value := n.mustSecondSecret(t, a)
		tokens := []string{n.mustToken(t, a), n.mustTokenWith(t, a.Key, value)}
		must(t, n.EndSecret(ctx, o.ID, a.ID, second.ID))
		file, err := os.ReadFile(w.keyFile)
		must(t, err)
		lines := strings.Fields(string(file))
		key, err := base64.StdEncoding.DecodeString(lines[len(lines)-1])
		must(t, err)

		hidden := []string{a.secret, value, string(key), base64.StdEncoding.EncodeToString(key), hex.EncodeToString(key)}
		for _, token := range tokens {
			_, mac, _ := strings.Cut(token, ".")
			raw, err := base64.RawURLEncoding.DecodeString(mac)
			must(t, err)
			hidden = append(hidden, mac, string(raw), hex.EncodeToString(raw))
		}
		for _, secret := range []string{a.secret, value} {
			raw, err := base64.RawURLEncoding.DecodeString(secret)
			must(t, err)
			hidden = append(hidden, string(raw), hex.EncodeToString(raw))
		}

		said := strings.Join(dump(t, w.address), "\n")
		if !strings.Contains(said, a.Key) || !strings.Contains(said, strings.Split(tokens[0], ".")[0]) {
			t.Fatal("the dump does not hold what it must")
		}
		for _, wrong := range []string{tokens[0] + "x", tokens[1]} {
			_, err := n.Authenticate(ctx, wrong)
			wantCode(t, err, fault.CodeTokenInvalid)
			said += err.Error()
		}
		_, err = n.TokenByKey(ctx, a.Key, value)
		wantCode(t, err, fault.CodeCredentialsInvalid)
		said += err.Error()
		for i, h := range hidden {
			if strings.Contains(said, h) {
				t.Errorf("hidden text %d of %d bytes is there in clear", i, len(h))
			}
		}
	})
}

// dump returns every value of every table, and on SQLite the files as well.
func dump(t *testing.T, address string) []string {
	t.Helper()
	driver, source, tables := "pgx", address, `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`
	var values []string
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		driver, source, tables = "sqlite", path, `SELECT name FROM sqlite_schema WHERE type = 'table'`
		for _, suffix := range []string{"", "-wal"} {
			if content, err := os.ReadFile(path + suffix); err == nil {
				values = append(values, string(content))
			}
		}
	}
	db, err := sql.Open(driver, source)
	must(t, err)
	defer db.Close()
	for _, name := range column(t, db, tables) {
		values = append(values, column(t, db, `SELECT * FROM "`+name+`"`)...)
	}
	return values
}

// column returns all values a query answers with.
func column(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), query)
	must(t, err)
	defer rows.Close()
	names, err := rows.Columns()
	must(t, err)
	var values []string
	for rows.Next() {
		row, into := make([]any, len(names)), make([]any, len(names))
		for i := range row {
			into[i] = &row[i]
		}
		must(t, rows.Scan(into...))
		for _, v := range row {
			if b, ok := v.([]byte); ok {
				v = string(b)
			}
			values = append(values, fmt.Sprint(v))
		}
	}
	must(t, rows.Err())
	return values
}

// A ciphertext moved to another row, or changed, is no secret there.
func TestCiphertextsAreBoundToTheirRows(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, n, o := t.Context(), w.mustNode(t), w.mustOrganization(t, "One")
		a, b := n.mustApp(t, o.ID, "A"), n.mustApp(t, o.ID, "B")
		driver, source := "pgx", w.address
		if path, ok := strings.CutPrefix(w.address, "sqlite:"); ok {
			driver, source = "sqlite", path
		}
		db, err := sql.Open(driver, source)
		must(t, err)
		defer db.Close()
		_, err = db.ExecContext(ctx, `UPDATE app_secret SET ciphertext =
			(SELECT s.ciphertext FROM app_secret s WHERE s.app_id = $1) WHERE app_id = $2`, a.ID, b.ID)
		must(t, err)
		for _, secret := range []string{a.secret, b.secret} {
			token, err := n.TokenByKey(ctx, b.Key, secret)
			wantCode(t, fault.From(err), fault.CodeInternal)
			if token.Value != "" || strings.Contains(err.Error(), secret) {
				t.Errorf("token %q, error %v", token.Value, err)
			}
		}
		n.mustToken(t, a)
	})
}
