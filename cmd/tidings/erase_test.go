package main

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/store/storetest"
)

// What could not be written anew is named with the cure, the person is erased all
// the same, and the exit code says that something is left to do.
func TestEraseNamesWhatIsLeft(t *testing.T) {
	t.Parallel()
	if !storetest.HasPostgres() {
		t.Skip("needs PostgreSQL")
	}
	address := storetest.Ready(t, "postgres")
	key := t.TempDir() + "/key"
	place := map[string]string{"TIDINGS_DATABASE": address, "TIDINGS_KEY_FILE": key}
	for _, args := range [][]string{
		{"admin", "key", "create", key},
		{"admin", "org", "create", "Example", "--corp-id", "dingexample", "--init"},
		{"admin", "users", "create", "ann", "Ann Personal"},
	} {
		if code, _, said := run(args, place); code != exitDone {
			t.Fatalf("%v: exit code %d: %s", args, code, said)
		}
	}
	_, raw := storetest.Raw(t, address)
	role := fmt.Sprintf("plain_%d", time.Now().UnixNano())
	exec := func(statement string) {
		if _, err := raw.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	exec(`CREATE ROLE ` + role + ` LOGIN PASSWORD 'plain'; GRANT ALL ON ALL TABLES IN SCHEMA public TO ` + role)
	t.Cleanup(func() { exec(`DROP OWNED BY ` + role + `; DROP ROLE ` + role) })
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(role, "plain")

	code, printed, said := run([]string{"admin", "users", "erase", "ann"}, map[string]string{"TIDINGS_DATABASE": u.String(), "TIDINGS_KEY_FILE": key})
	if code != exitFailed || !strings.Contains(printed, "erased; results name the user erased:0") {
		t.Errorf("exit code %d, printed %q", code, printed)
	}
	for _, part := range []string{
		"not rewritten: employee: the database's user of Tidings may not", "cure: as the owner of the table, or",
		"VACUUM (FULL, ANALYZE) task", "VACUUM (FULL) pg_catalog.pg_statistic",
		"the user is erased, but unused parts of agent, api_token, ", "employee, identity, session, task, waiting_identity, pg_catalog.pg_statistic may still hold copies",
		"tidings admin user erase --ordinal 0",
	} {
		if !strings.Contains(said, part) {
			t.Errorf("nothing of %q in %s", part, said)
		}
	}
	if code, _, said := run([]string{"admin", "users", "erase", "--ordinal", "0"}, place); code != exitDone {
		t.Errorf("as the owner: exit code %d: %s", code, said)
	}
}
