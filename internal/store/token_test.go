package store_test

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // reads the tables behind the store's back
	_ "modernc.org/sqlite"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// Neither secrets nor tokens nor the master key are in the database, in clear
// or in a usual encoding.
func TestNoSecretIsStored(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.BothEngines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			address := storetest.Ready(t, engine)
			hidden, known := mustSecrets(t, address)
			said := strings.Join(dump(t, address), "\n")
			for _, k := range known {
				if !strings.Contains(said, k) {
					t.Fatalf("the dump does not hold %q, so it proves nothing", k)
				}
			}
			for what, text := range hidden {
				if strings.Contains(said, text) {
					t.Errorf("%s is there in clear", what)
				}
			}
		})
	}
}

// mustSecrets makes one of each kind of credential. It returns what must not
// be found in the database, and what must.
func mustSecrets(t *testing.T, address string) (hidden map[string]string, known []string) {
	t.Helper()
	ctx, db, path := t.Context(), storetest.At(t, address, nil), filepath.Join(t.TempDir(), "key")
	keys, err := masterkey.Create(path)
	mustWork(t, err)
	mustWork(t, keys.Bind(ctx, db.Keys()))
	people := directory.New(directory.Deps{Store: db.Directory(), Now: time.Now})
	o, err := people.CreateOrganization(ctx, audit.ByOperator(), directory.NewOrganization{Name: "One"})
	mustWork(t, err)
	_, err = people.CreateUser(ctx, audit.ByOperator(), o.ID, directory.NewUser{Userid: "ann", Name: "Ann"})
	mustWork(t, err)

	apps := app.New(app.Deps{Store: db.Apps(), Organizations: people, Keys: keys, Now: time.Now})
	a, _, first, err := apps.CreateInternal(ctx, audit.ByOperator(), o.ID, app.NewApp{Name: "A"})
	mustWork(t, err)
	ended, second, err := apps.AddSecret(ctx, audit.ByOperator(), o.ID, a.ID)
	mustWork(t, err)
	token, err := apps.TokenByKey(ctx, a.Key, first)
	mustWork(t, err)
	mustWork(t, apps.EndSecret(ctx, audit.ByOperator(), o.ID, a.ID, ended.ID))
	accounts := account.New(account.Deps{Store: db.Accounts(), People: people, Now: time.Now})
	personal, err := accounts.CreateToken(ctx, audit.ByOperator(), o.ID, "ann", "laptop", time.Hour)
	mustWork(t, err)
	link, err := accounts.CreateSignInLink(ctx, audit.ByOperator(), o.ID, "ann", time.Hour, false)
	mustWork(t, err)
	in, err := accounts.SignIn(ctx, account.SignInRequest{Link: link, Device: "Firefox · Linux"})
	mustWork(t, err)

	id, mac, _ := strings.Cut(token.Value, ".")
	parts, linked, session := strings.Split(personal, "_"), strings.Split(link, "_"), strings.Split(in.Value, "_")
	file, err := os.ReadFile(path)
	mustWork(t, err)
	lines := strings.Fields(string(file))
	key, err := base64.StdEncoding.DecodeString(lines[len(lines)-1])
	mustWork(t, err)
	hidden = map[string]string{
		"the personal token's secret": parts[3], "the link's secret": linked[3], "the session's secret": session[3], "the master key": string(key),
		"the master key in base64": base64.StdEncoding.EncodeToString(key), "the master key in hex": hex.EncodeToString(key),
	}
	for what, text := range map[string]string{"a secret": first, "an ended secret": second, "a token's MAC": mac} {
		raw, err := base64.RawURLEncoding.DecodeString(text)
		mustWork(t, err)
		hidden[what], hidden[what+" as bytes"], hidden[what+" in hex"] = text, string(raw), hex.EncodeToString(raw)
	}
	return hidden, []string{a.Key, id, parts[2], linked[2], session[2]}
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
	mustWork(t, err)
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
	mustWork(t, err)
	defer rows.Close()
	names, err := rows.Columns()
	mustWork(t, err)
	var values []string
	for rows.Next() {
		row, into := make([]any, len(names)), make([]any, len(names))
		for i := range row {
			into[i] = &row[i]
		}
		mustWork(t, rows.Scan(into...))
		for _, v := range row {
			if b, ok := v.([]byte); ok {
				v = string(b)
			}
			values = append(values, fmt.Sprint(v))
		}
	}
	mustWork(t, rows.Err())
	return values
}

func mustWork(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
