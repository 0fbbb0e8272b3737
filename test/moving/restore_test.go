package moving_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/test/harness"
)

// step is how far a restore moves every counter.
const step = 1 << 32

// patience is for machines that do much else at the same time.
const patience = time.Minute

// A backup made while sends go on, restored on another engine: every task in it
// is whole, all that was acknowledged before it began is in it, and it ends
// between two commits. The restored server never names again what clients of
// the old one have seen.
func TestBackupUnderLoad(t *testing.T) {
	t.Parallel()
	for from, to := range map[string]string{"sqlite": "postgres", "postgres": "sqlite"} {
		t.Run(from+" to "+to, func(t *testing.T) {
			t.Parallel()
			old := harness.NewHome(t, from)
			server := old.Demo(t)
			org := server.Organizations[0]
			base := server.BaseURL
			address := func() string { return base }
			app := &harness.App{Credentials: org.Apps[0], Address: address, HTTP: harness.NewHTTP(16)}
			if err := app.Login(context.Background()); err != nil {
				t.Fatal(err)
			}
			reader := &harness.Reader{User: org.Users[0], Address: address, HTTP: app.HTTP}

			l := startLoad(app, org.Users)
			l.more(t, 60)
			before := l.known()
			backup := filepath.Join(t.TempDir(), "backup")
			old.Run(t, "backup", "--to", backup,
				"--with-key", "--key-file", filepath.Join(old.Dir, "key"))
			l.more(t, 60)
			all := l.end(t)
			seen := whatIsSeen(t, reader)
			server.Stop(t)

			restored := harness.NewHome(t, to)
			restored.Run(t, "restore", "--from", backup,
				"--key-file", filepath.Join(restored.Dir, "key"))
			kept, revision := checkPrefix(t, restored.Database, org.CorpID, before, all)
			if len(kept) == len(all) {
				t.Fatal("nothing was sent after the backup")
			}

			keepDemo(t, old.Dir, restored.Dir)
			server = restored.Demo(t)
			base = server.BaseURL
			checkTasks(t, app, kept, all)
			checkStreams(t, reader, app, seen, revision)
		})
	}
}

// keepDemo takes over what the demo notes beside the installation, so that it
// goes on with the same people.
func keepDemo(t *testing.T, from, to string) {
	t.Helper()
	note, err := os.ReadFile(filepath.Join(from, "demo.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(to, "demo.json"), note, 0o600); err != nil {
		t.Fatal(err)
	}
}

// checkPrefix reads the restored rows, and returns which of the load's tasks
// are among them and the revision the backup ended at.
func checkPrefix(t *testing.T, address, corpID string, before, all map[int64]bool) (kept map[int64]bool, revision int64) {
	t.Helper()
	_, db := storetest.Raw(t, address)
	ask := func(question string, args ...any) (n int64) {
		t.Helper()
		if err := db.QueryRow(question, args...).Scan(&n); err != nil {
			t.Fatalf("%s: %v", question, err)
		}
		return n
	}
	org := ask(`SELECT id FROM organization WHERE corp_id = $1`, corpID)
	revision = ask(`SELECT revision FROM org_revision WHERE organization = $1`, org) - step
	if n := ask(`SELECT COUNT(*) FROM task WHERE organization = $1 AND revision BETWEEN 1 AND $2`, org, revision); n != revision {
		t.Errorf("%d tasks up to revision %d: it is not a prefix", n, revision)
	}
	if n := ask(`SELECT COUNT(*) FROM task WHERE revision > $1 AND organization = $2`, revision, org); n != 0 {
		t.Errorf("%d tasks above the revision", n)
	}
	torn := ask(`SELECT COUNT(*) FROM task t WHERE t.filed = 1 AND t.sent_count <> (SELECT COUNT(*) FROM inbox i
		WHERE i.organization = t.organization AND i.task_id = t.id AND i.revision = t.revision)`)
	stray := ask(`SELECT COUNT(*) FROM inbox i WHERE NOT EXISTS (SELECT 1 FROM task t WHERE t.organization = i.organization AND t.id = i.task_id)`)
	keys := ask(`SELECT COUNT(*) FROM idempotency k WHERE NOT EXISTS (SELECT 1 FROM task t WHERE t.organization = k.organization AND t.id = k.task_id)`)
	if torn != 0 || stray != 0 || keys != 0 {
		t.Errorf("%d torn tasks, %d inbox rows and %d idempotency keys without one", torn, stray, keys)
	}
	kept = map[int64]bool{}
	rows, err := db.Query(`SELECT id FROM task WHERE organization = $1`, org)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		if all[id] {
			kept[id] = true
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for id := range before {
		if !kept[id] {
			t.Errorf("task %d was acknowledged before the backup began and is not in it", id)
		}
	}
	return kept, revision
}

// checkTasks asks for every task of the load, with the token of before: those
// of the backup answer as ever, the others are unknown, and nothing new takes
// their place.
func checkTasks(t *testing.T, app *harness.App, kept, all map[int64]bool) {
	t.Helper()
	ctx := context.Background()
	var newest int64
	for id := range all {
		newest = max(newest, id)
	}
	task, err := app.Send(ctx, client.Audience{Everyone: true}, text("after the restore"), "")
	if err != nil {
		t.Fatal(err)
	}
	if task < newest+step/2 {
		t.Errorf("a new task got the id %d, and %d was given out before", task, newest)
	}
	for id := range all {
		p, err := app.Progress(ctx, id)
		var refused *harness.Refused
		if kept[id] && (err != nil || p.Percent != 100) || !kept[id] && !errors.As(err, &refused) {
			t.Errorf("task %d, in the backup: %v: %+v, %v", id, kept[id], p, err)
		}
	}
}

// seen is what a client of the old server knows.
type seen struct {
	revision int64
	messages map[string]bool
}

func whatIsSeen(t *testing.T, r *harness.Reader) seen {
	t.Helper()
	items, revision, err := r.Walk(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	s := seen{revision: revision, messages: map[string]bool{}}
	for _, i := range items {
		s.messages[i.MessageID] = true
	}
	return s
}

// checkStreams resumes with revisions of before, known and lost ones: each is
// told to load anew. Afterwards everything goes on from there.
func checkStreams(t *testing.T, r *harness.Reader, app *harness.App, old seen, backedUp int64) {
	t.Helper()
	for _, after := range []int64{1, backedUp, old.revision, old.revision + 1000} {
		if e := next(t, r, after, "message", "reload"); e.Name != "reload" {
			t.Errorf("resuming after %d: %s %d", after, e.Name, e.Revision)
		}
	}
	now := whatIsSeen(t, r)
	if now.revision < backedUp+step {
		t.Errorf("revision %d", now.revision)
	}
	task, err := app.Send(context.Background(), client.Audience{Userids: []string{r.Userid}}, text("and another"), "")
	if err != nil {
		t.Fatal(err)
	}
	e := next(t, r, now.revision, "message", "reload")
	item, err := e.Item()
	if e.Name != "message" || e.Revision != now.revision+1 || err != nil || item.Task() != task || old.messages[item.MessageID] || now.messages[item.MessageID] {
		t.Errorf("after loading anew: %s %d, task %d instead of %d, %v", e.Name, e.Revision, item.Task(), task, err)
	}
}

// next returns the first event of these names on a stream.
func next(t *testing.T, r *harness.Reader, after int64, names ...string) (found harness.Event) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := r.Stream(ctx, after, func(e harness.Event) {
		for _, name := range names {
			if e.Name == name && found.Name == "" {
				found = e
				cancel()
			}
		}
	})
	if found.Name == "" {
		t.Fatalf("resuming after %d: no event, %v", after, err)
	}
	return found
}
