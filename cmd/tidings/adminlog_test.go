package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/store/storetest"
)

// logWorld is an installation on an engine, with a log of at least four entries.
type logWorld struct {
	*testing.T
	settings map[string]string
	raw      *sql.DB
}

func eachLogWorld(t *testing.T, visit func(w *logWorld)) {
	t.Helper()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			dir, address := t.TempDir(), storetest.Address(t, engine)
			w := &logWorld{T: t, settings: map[string]string{
				"TIDINGS_DATA": dir, "TIDINGS_DATABASE": address, "TIDINGS_KEY_FILE": filepath.Join(dir, "key"),
			}}
			w.must("admin key create " + w.settings["TIDINGS_KEY_FILE"])
			w.must("admin org create Example --corp-id dingexample --init")
			w.must("admin app create Notices")
			w.must("admin app create Orders")
			w.must("admin app create Holidays")
			w.must("admin app create Rooms")
			_, w.raw = storetest.Raw(t, address)
			visit(w)
		})
	}
}

func (w *logWorld) run(line string) (code int, out, problems string) {
	return run(strings.Fields(line), w.settings)
}

func (w *logWorld) must(line string) string {
	w.Helper()
	code, out, problems := w.run(line)
	if code != exitDone {
		w.Fatalf("%s: exit code %d, %s", line, code, problems)
	}
	return out
}

func (w *logWorld) exec(query string) {
	w.Helper()
	done, err := w.raw.Exec(query)
	if err != nil {
		w.Fatal(err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		w.Fatalf("%s: %d rows, %v", query, n, err)
	}
}

// verified is what log verify says about the organization.
func (w *logWorld) verified(line string) (code int, v verifiedView) {
	w.Helper()
	code, out, problems := w.run(line + " --json")
	var all verifiedLogsView
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		w.Fatalf("%s: %v, %s%s", line, err, out, problems)
	}
	for _, one := range all.Logs {
		if one.CorpID != "" {
			v = one
		}
	}
	if (code == exitDone) != all.Good {
		w.Errorf("%s: exit code %d, good %v", line, code, all.Good)
	}
	return code, v
}

// Whatever is done to the log behind the server's back, log verify says which
// entry is wrong, for people and for programs, and exits with 1.
func TestLogVerifyFindsWhatWasChanged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change string
		want   int64
	}{
		"changed":    {`UPDATE audit_entry SET subject = 'x' WHERE n = 3`, 3},
		"unreadable": {`UPDATE audit_entry SET actor = 'x', details = 'y' WHERE n = 3`, 3},
		"deleted":    {`DELETE FROM audit_entry WHERE n = 3`, 3},
		"put in behind the head": {`INSERT INTO audit_entry (organization, n, at, actor, credential, action, subject, version, details,
			sealed, key_number, mac) SELECT organization, n + 100, at, actor, credential, 'app.disable', subject, version, details,
			sealed, key_number, mac FROM audit_entry WHERE n = 3`, 103},
		"the head set back": {`UPDATE audit_head SET n = 3, mac = (SELECT e.mac FROM audit_entry e
			WHERE e.organization = audit_head.organization AND e.n = 3) WHERE n > 3`, 4},
		"the head deleted": {`DELETE FROM audit_head`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachLogWorld(t, func(w *logWorld) {
				if code, v := w.verified("admin log verify"); code != exitDone || v.Entries < 4 || v.To != v.Entries {
					w.Fatalf("before: exit code %d, %+v", code, v)
				}
				w.exec(c.change)
				for _, line := range []string{"admin log verify", "admin log verify --all"} {
					if code, v := w.verified(line); code != exitFailed || v.Wrong != c.want || v.Reason == "" {
						w.Errorf("%s: exit code %d, %+v", line, code, v)
					}
				}
				if code, out, _ := w.run("admin log verify"); code != exitFailed || !strings.Contains(out, "is wrong: ") {
					w.Errorf("exit code %d, %s", code, out)
				}
				if out := w.must("admin log list"); strings.Contains(out, "(damaged)") != (name == "unreadable") {
					w.Errorf("listed: %s", out)
				}
			})
		})
	}
}

// Entries of a master key that was dropped cannot be checked: log verify says so
// instead of calling them unchanged. It exits with 0, since it would never again
// do so otherwise, and with 1 when one of them is missing.
func TestLogVerifyTellsWhatItCannotCheck(t *testing.T) {
	t.Parallel()
	eachLogWorld(t, func(w *logWorld) {
		w.must("admin key rotate --add")
		w.must("admin key rotate")
		w.must("admin key rotate --drop-old")
		code, v := w.verified("admin log verify")
		if code != exitDone || v.Entries != 0 || v.Unverified != v.To || v.To < 4 {
			w.Fatalf("exit code %d, %+v", code, v)
		}
		cannot := func(n, of int64) string {
			return fmt.Sprintf("dingexample: %d of %d entries cannot be checked, because the master key they were made with was dropped\n", n, of)
		}
		if out := w.must("admin log verify"); !strings.Contains(out, cannot(v.To, v.To)) || strings.Contains(out, "nothing") {
			w.Errorf("of old entries alone: %s", out)
		}
		w.must("admin app create Later")
		if out := w.must("admin log verify --all"); !strings.Contains(out, cannot(v.To, v.To+1)) ||
			!strings.Contains(out, fmt.Sprintf("verified    1 entries of 1 to %d: nothing in them was changed\n", v.To+1)) {
			w.Errorf("of old and new entries: %s", out)
		}
		w.exec(`DELETE FROM audit_entry WHERE n = 3`)
		if code, v := w.verified("admin log verify"); code != exitFailed || v.Wrong != 3 {
			w.Errorf("one is missing: exit code %d, %+v", code, v)
		}
	})
}

// A day that a list goes to is in it as a whole.
func TestLogListHasTheWholeDay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := &logWorld{T: t, settings: map[string]string{"TIDINGS_DATA": dir}}
	w.must("admin org create Example --init")
	w.must("admin app create Notices")
	if out := w.must("admin log list --to " + time.Now().UTC().Format(time.DateOnly)); !strings.Contains(out, "app.create") {
		t.Errorf("of today: %s", out)
	}
}

// A log whose newest entries went together with its head looks whole by itself; a
// backup's manifest says that it was longer. A restored log goes on from the
// backup's, says so, and takes no change either.
func TestLogVerifyAgainstABackup(t *testing.T) {
	t.Parallel()
	eachLogWorld(t, func(w *logWorld) {
		backup := filepath.Join(w.TempDir(), "backup")
		w.must("backup --with-key --to " + backup)
		against := "admin log verify --all --against "
		if _, v := w.verified(against + backup); !v.Good || v.Against == nil || *v.Against != v.To {
			w.Fatalf("at once: %+v", v)
		}
		w.restored(backup)

		w.must("admin app create Later")
		_, before := w.verified(against + backup)
		w.exec(`DELETE FROM audit_entry WHERE n > 3`)
		w.exec(`UPDATE audit_head SET n = 3, mac = (SELECT e.mac FROM audit_entry e
			WHERE e.organization = audit_head.organization AND e.n = 3) WHERE n > 3`)
		if _, v := w.verified("admin log verify"); !before.Good || !v.Good || v.To != 3 {
			w.Errorf("by itself: before %+v, after %+v", before, v)
		}
		if code, v := w.verified(against + filepath.Join(backup, "manifest.json")); code != exitFailed || v.Wrong != 4 {
			w.Errorf("shortened: exit code %d, %+v", code, v)
		}
		for range 6 { // longer than it was, with other entries
			w.must("admin app create Other")
		}
		if code, v := w.verified("admin log verify --against " + backup); code != exitFailed || v.Wrong != *v.Against {
			w.Errorf("other entries: exit code %d, %+v", code, v)
		}
		if code, _, problems := w.run("admin log verify --against " + w.settings["TIDINGS_KEY_FILE"]); code != exitUsage || !strings.Contains(problems, "--against") {
			w.Errorf("against what is no manifest: exit code %d, %s", code, problems)
		}
	})
}

// restored restores a backup elsewhere, and moves it on: both are in every log,
// which verifies and is that of the backup as far as that goes.
func (w *logWorld) restored(backup string) {
	w.Helper()
	dir := w.TempDir()
	there := &logWorld{T: w.T, settings: map[string]string{"TIDINGS_DATA": filepath.Join(dir, "restored")}}
	there.must("restore --from " + backup)
	there.must("move --from sqlite:" + filepath.Join(dir, "restored/tidings.db") + " --to sqlite:" + filepath.Join(dir, "moved/tidings.db"))
	moved := &logWorld{T: w.T, settings: map[string]string{
		"TIDINGS_DATA": filepath.Join(dir, "moved"), "TIDINGS_KEY_FILE": filepath.Join(dir, "restored/key"),
	}}
	for at, want := range map[*logWorld][]string{there: {"installation.restore"}, moved: {"installation.move", "installation.restore"}} {
		if code, v := at.verified("admin log verify --all --against " + backup); code != exitDone || v.Against == nil || v.To != *v.Against+int64(len(want)) {
			w.Errorf("exit code %d, %+v", code, v)
		}
		for _, log := range []string{"", " --installation"} {
			out := at.must("admin log list --limit 2" + log)
			for _, action := range want {
				if !strings.Contains(out, action) {
					w.Errorf("log%s without %s:\n%s", log, action, out)
				}
			}
		}
	}
}
