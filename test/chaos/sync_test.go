package chaos_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/test/harness"
)

const (
	exitFatal = 70
	// failWithin is how long a server under load may take to meet the call that
	// fails and to end; more is a hang.
	failWithin = 30 * time.Second
)

const (
	syncs  = "fsync,fdatasync"
	writes = "pwrite64"
)

// failing are calls on SQLite's files that fail once, or all from one on: at
// COMMIT, and where a checkpoint moves the log into the database.
var failing = []struct {
	file, calls, then string
	first             int // at most, on each thread
	// pause ends the load before: a checkpoint syncs the database when it has
	// reached the end of the log.
	pause bool
}{
	{file: "-wal", calls: syncs, first: 40},
	{file: "", calls: syncs, first: 1, pause: true},
	{file: "-wal", calls: writes, first: 200},
	{file: "", calls: writes, first: 20},
	{file: "-wal", calls: syncs, first: 40, then: "+"},
}

// Syncs and writes fail under load. The server ends at the first that does,
// for after it another sync would succeed without the pages; and nothing that
// it had acknowledged is missing afterwards.
func TestChaosSyncErrors(t *testing.T) {
	t.Parallel()
	k := newKiller(t, harness.NewHome(t, "sqlite"))
	errors := setting(t, "TIDINGS_CHAOS_SYNCS", len(failing), 1)
	moments := random(k.seed, 2000)
	for n := range errors {
		f := failing[n%len(failing)]
		work := failWithin
		if f.pause {
			work = time.Duration(5+moments.IntN(496)) * time.Millisecond
		}
		k.untilFailing(work, f.file, fmt.Sprintf("%s:error=EIO:when=%d%s", f.calls, 1+moments.IntN(f.first), f.then))
		if t.Failed() {
			return
		}
		k.server = k.home.Demo(t)
		k.at(k.server.BaseURL)
		k.look()
		if t.Failed() {
			return
		}
	}
	k.settle()
	k.final(plural(errors, "end") + " at a sync or write that failed")
}

// untilFailing lets everybody work for so long on a server that meets a failing
// call on one of SQLite's files by and by, and waits until that has ended.
func (k *killer) untilFailing(work time.Duration, file, inject string) {
	k.t.Helper()
	path := strings.TrimPrefix(k.home.Database, "sqlite:") + file
	injection := k.server.Inject(k.t, path, inject)
	ctx, cancel := context.WithTimeout(context.Background(), work)
	defer cancel()
	k.workBeside(ctx, func() {
		defer cancel()
		code, err := k.server.Wait(failWithin)
		if err != nil || code != exitFatal {
			k.t.Errorf("%s on %s failed %d times: the server ended with code %d, %v; want %d",
				inject, filepath.Base(path), injection.Count(), code, err, exitFatal)
		}
	})
}

// What a new data directory is made in is synced as well: where that fails, so
// does the first start.
func TestChaosNewDirectory(t *testing.T) {
	t.Parallel()
	above := t.TempDir()
	made := filepath.Join(above, "new")
	for _, dir := range []string{above, made} {
		printed, err := harness.RunInjected(t, dir, "fsync:error=EIO", "admin", "--data", filepath.Join(made, "data"), "org", "create", "--init", "Example")
		if want := "sync " + dir + ": input/output error"; err == nil || !strings.Contains(printed, want) {
			t.Errorf("where %s cannot be synced: %v, %q, want %q", dir, err, printed, want)
		}
		if err := os.RemoveAll(made); err != nil {
			t.Fatal(err)
		}
	}
}
