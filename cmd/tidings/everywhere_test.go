package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/store/storetest"
)

// installation is one on SQLite, for the commands of an operator.
type installation struct {
	t        *testing.T
	dir      string
	settings map[string]string
}

func newInstallation(t *testing.T) installation {
	dir := t.TempDir()
	i := installation{t, dir, map[string]string{"TIDINGS_DATA": dir}}
	i.must("org create Example --corp-id dingexample --init")
	return i
}

func (i installation) run(command string) (code int, out, problems string) {
	return run(append([]string{"admin"}, strings.Fields(command)...), i.settings)
}

// must runs a command, and returns what it says in JSON.
func (i installation) must(command string) map[string]any {
	i.t.Helper()
	code, out, problems := i.run(command + " --json")
	if code != exitDone {
		i.t.Fatalf("%s: exit code %d, %s", command, code, problems)
	}
	said := map[string]any{}
	if err := json.Unmarshal([]byte(out), &said); err != nil {
		i.t.Fatalf("%s said %s", command, out)
	}
	return said
}

// exec changes the database behind everybody's back.
func (i installation) exec(statement string, args ...any) {
	i.t.Helper()
	_, db := storetest.Raw(i.t, "sqlite:"+filepath.Join(i.dir, "tidings.db"))
	_, err := db.ExecContext(i.t.Context(), statement, args...)
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		i.t.Fatal(err)
	}
}

// Whatever takes something away waits for servers, and what does not goes on at once.
func TestCommandsThatWaitForServers(t *testing.T) {
	t.Parallel()
	i := newInstallation(t)
	for _, name := range []string{"ann", "bob", "cem"} {
		i.must("user create " + name + " " + name)
	}
	app, suite := i.must("app create Notices"), i.must("suite create Orders")
	appKey, suiteKey := app["app_key"].(string), suite["suite_key"].(string)
	second, suiteSecond := i.must("app secret add "+appKey), i.must("suite secret add "+suiteKey)
	agent := fmt.Sprintf("%.0f", i.must("suite install " + suiteKey + " --in dingexample --range-dept 1")["agent_id"])
	i.must("token create ann")
	list := filepath.Join(i.dir, "list.csv")
	if err := os.WriteFile(list, []byte("userid,name\nann,Ann\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	// A server that was killed long ago: a command that waits says so.
	i.exec(`INSERT INTO node (id, name, keys, started_at, seen_at) VALUES (1, 'killed', '{}', 0, $1)`, time.Now().Add(-time.Hour).UnixMilli())
	for _, command := range []struct {
		line  string
		waits bool
	}{
		{"user create dan dan", false},
		{"user update ann --name Anna", false},
		{"session end ann --all", true},
		{"token revoke ann --all", true},
		{"user disable cem", true},
		{"user enable cem", false},
		{"user import " + list, false},
		{"user import " + list + " --full --max-disabled 100 --dry-run", false},
		{"user import " + list + " --full --max-disabled 100", true},
		{"user delete bob", true},
		{"user erase ann --no-compact", true},
		{"app grant " + appKey + " --no-send-to-everyone", true},
		{"app range " + appKey, false},
		{"app range " + appKey + " --dept 1", true},
		{fmt.Sprintf("app secret end %s %.0f", appKey, second["secret_id"]), true},
		{fmt.Sprintf("suite secret end %s %.0f", suiteKey, suiteSecond["secret_id"]), true},
		{"suite install " + suiteKey + " --in dingexample --range-dept 1", true},
		{"suite direct-send " + agent + " disable", true},
		{"suite uninstall " + agent, true},
		{"app disable " + appKey, true},
		{"app enable " + appKey, false},
		{"org update dingexample --disable", true},
		{"key rotate --drop-old", true},
	} {
		code, _, problems := i.run(command.line)
		if code != exitDone {
			t.Fatalf("%s: exit code %d, %s", command.line, code, problems)
		}
		if waits := strings.Contains(problems, "warning: server killed was last heard of 1h0m"); waits != command.waits {
			t.Errorf("%s waits for servers: %v; it says %s", command.line, waits, problems)
		}
	}
}

// A server that does not follow is named, after what was done.
func TestServersThatDoNotFollow(t *testing.T) {
	t.Parallel()
	i := newInstallation(t)
	i.must("user create ann Ann")
	i.exec(`INSERT INTO node (id, name, keys, started_at, seen_at) VALUES (1, 'hangs', '{}', 0, $1)`, time.Now().UnixMilli())
	code, out, problems := i.run("user disable ann")
	if code != exitFailed || !strings.Contains(out, "disabled user ann") ||
		!strings.Contains(problems, "this is done, but after 10 seconds server hangs does not follow it") {
		t.Errorf("exit code %d, %s%s", code, out, problems)
	}
	if said := i.must("user show ann"); said["state"] != "disabled" {
		t.Errorf("they are %v", said)
	}
}
