package store_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// eachAddress runs fn on an empty database of each engine.
func eachAddress(t *testing.T, fn func(t *testing.T, address string)) {
	t.Helper()
	for _, engine := range storetest.BothEngines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			fn(t, storetest.Address(t, engine))
		})
	}
}

func schemaOf(t *testing.T, address string) store.Schema {
	t.Helper()
	s, err := store.SchemaOf(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Looking at the schema changes nothing; bringing it up to date is told once.
func TestSchema(t *testing.T) {
	t.Parallel()
	eachAddress(t, func(t *testing.T, address string) {
		ctx := context.Background()
		for range 2 {
			s := schemaOf(t, address)
			if s.Version != 0 || s.Known < 3 || len(s.Pending) < 3 || s.Pending[len(s.Pending)-1].Version != s.Known || s.Pending[0].Name != "00001_first.sql" {
				t.Fatalf("an empty database: %+v", s)
			}
		}
		o := store.Options{Fatal: func(err error) { panic(err) }}
		applied, err := store.Migrate(ctx, address, o)
		if err != nil || len(applied) == 0 || applied[0].Version != 1 {
			t.Fatalf("the first time: %v, %v", applied, err)
		}
		if s := schemaOf(t, address); s.Version != s.Known || len(s.Pending) != 0 {
			t.Errorf("afterwards: %+v", s)
		}
		if again, err := store.Migrate(ctx, address, o); err != nil || len(again) != 0 {
			t.Errorf("the second time: %v, %v", again, err)
		}
	})
}

// Nodes that start at the same time on an empty database all come up.
func TestMigratingTogether(t *testing.T) {
	t.Parallel()
	eachAddress(t, func(t *testing.T, address string) {
		const nodes = 6
		var mu sync.Mutex
		applied, want := map[int64]int{}, schemaOf(t, address).Pending
		var starting sync.WaitGroup
		for range nodes {
			starting.Go(func() {
				steps, err := store.Migrate(context.Background(), address, store.Options{Fatal: func(err error) { panic(err) }})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				for _, m := range steps {
					applied[m.Version]++
				}
			})
		}
		starting.Wait()
		for _, m := range want {
			if applied[m.Version] != 1 {
				t.Errorf("migration %d was applied %d times", m.Version, applied[m.Version])
			}
		}
	})
}

// An upgrade that ended between two migrations is completed by the next start,
// with all that was there.
func TestInterruptedUpgrade(t *testing.T) {
	t.Parallel()
	eachAddress(t, func(t *testing.T, address string) {
		engine, raw := storetest.Raw(t, address)
		if err := store.MigrateTo(context.Background(), engine, raw, 1); err != nil {
			t.Fatal(err)
		}
		storetest.NewSender(t, address).Organization(1, "ding1")
		if s := schemaOf(t, address); s.Version != 1 || s.Pending[0].Version != 2 {
			t.Fatalf("after the first: %+v", s)
		}
		storetest.At(t, address, nil)
		if s := schemaOf(t, address); len(s.Pending) != 0 {
			t.Errorf("after the start: %+v", s)
		}
		var corpID string
		if err := raw.QueryRow(`SELECT corp_id FROM organization WHERE id = 1`).Scan(&corpID); err != nil || corpID != "ding1" {
			t.Errorf("the organization of before: %q, %v", corpID, err)
		}
	})
}

// What an organization of before allowed and refused, it does afterwards.
func TestLimitsOfBefore(t *testing.T) {
	t.Parallel()
	eachAddress(t, func(t *testing.T, address string) {
		engine, raw := storetest.Raw(t, address)
		if err := store.MigrateTo(context.Background(), engine, raw, 8); err != nil {
			t.Fatal(err)
		}
		storetest.NewSender(t, address).Organization(1, "ding1")
		storetest.NewSender(t, address).Organization(2, "ding2")
		for id, limits := range map[int]string{
			1: `{"preset":"standard","message_bytes":2048}`, 2: `{"preset":"dingtalk","message_bytes":4096}`,
		} {
			if _, err := raw.Exec(`UPDATE organization SET limits = $1 WHERE id = $2`, limits, id); err != nil {
				t.Fatal(err)
			}
		}
		storetest.At(t, address, nil)
		for id, want := range map[int]policy.Limits{
			1: {Preset: "standard", MessageBytes: 2048, UploadBytes: 100 << 30, UploadBytesPerApp: 50 << 30},
			2: {Preset: "dingtalk", MessageBytes: 4096, StrictOA: true, UploadBytes: 100 << 30, UploadBytesPerApp: 50 << 30},
		} {
			var limits string
			var got policy.Limits
			if err := raw.QueryRow(`SELECT limits FROM organization WHERE id = $1`, id).Scan(&limits); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(limits), &got); err != nil || got != want {
				t.Errorf("%s: %+v, %v; want %+v", limits, got, err, want)
			}
		}
	})
}

// Files of before count in the quotas, and are there as before.
func TestFilesOfBefore(t *testing.T) {
	t.Parallel()
	eachAddress(t, func(t *testing.T, address string) {
		engine, raw := storetest.Raw(t, address)
		if err := store.MigrateTo(context.Background(), engine, raw, 8); err != nil {
			t.Fatal(err)
		}
		for n, app := range []int{3, 3, 4} {
			_, err := raw.Exec(`INSERT INTO media (organization, id, app_id, kind, name, content_type, size, width, height, digest, created_at)
				VALUES (7, $1, $2, 'file', 'a.pdf', 'application/pdf', 10, 0, 0, 'd', 1)`, fmt.Sprint("@l", n), app)
			if err != nil {
				t.Fatal(err)
			}
		}
		files := storetest.At(t, address, nil).Media()
		if all, ofApp, err := files.Usage(t.Context(), 7, 3); err != nil || all != 30 || ofApp != 20 {
			t.Errorf("%d and %d bytes, %v", all, ofApp, err)
		}
		found, err := files.ByIDs(t.Context(), 7, []string{"@l0", "@l1", "@l2"})
		if err != nil || len(found) != 3 || found[0].Ending {
			t.Errorf("%+v, %v", found, err)
		}
	})
}

// A migration that fails, or is killed, leaves nothing behind, and the next
// start does it whole.
func TestFailingMigration(t *testing.T) {
	t.Parallel()
	eachAddress(t, func(t *testing.T, address string) {
		ctx := context.Background()
		engine, raw := storetest.Raw(t, address)
		files := fstest.MapFS{
			"00001_first.sql":  {Data: []byte("-- +goose Up\nCREATE TABLE one (a BIGINT NOT NULL);\n")},
			"00002_second.sql": {Data: []byte("-- +goose Up\nCREATE TABLE two (a BIGINT NOT NULL);\nINSERT INTO one (a) VALUES (NULL);\n")},
		}
		if err := store.Apply(ctx, engine, raw, files); err == nil {
			t.Fatal("a migration that cannot work succeeded")
		}
		if n, err := count(raw, "two"); err == nil {
			t.Errorf("half of it is there: %d rows", n)
		}
		files["00002_second.sql"].Data = []byte("-- +goose Up\nCREATE TABLE two (a BIGINT NOT NULL);\nINSERT INTO one (a) VALUES (1);\n")
		if err := store.Apply(ctx, engine, raw, files); err != nil {
			t.Fatal(err)
		}
		if n, err := count(raw, "one"); err != nil || n != 1 {
			t.Errorf("after the second start: %d rows, %v", n, err)
		}
	})
}

func count(db *sql.DB, table string) (n int, err error) {
	return n, db.QueryRow(`SELECT COUNT(*) FROM ` + table).Scan(&n)
}

// A schema that a newer binary wrote is left alone, with words that help.
func TestNewerSchema(t *testing.T) {
	t.Parallel()
	eachAddress(t, func(t *testing.T, address string) {
		ctx := context.Background()
		storetest.At(t, address, nil)
		_, raw := storetest.Raw(t, address)
		if _, err := raw.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES ($1, $2)`, 99, true); err != nil {
			t.Fatal(err)
		}
		o := store.Options{Fatal: func(err error) { panic(err) }}
		_, opened := store.Open(ctx, address, o)
		_, migrated := store.Migrate(ctx, address, o)
		_, looked := store.SchemaOf(ctx, address)
		for _, err := range []error{opened, migrated, looked} {
			if err == nil || !strings.Contains(err.Error(), "schema version 99, this binary knows up to") ||
				!strings.Contains(err.Error(), "use the binary that wrote it or a newer one") {
				t.Errorf("a newer schema: %v", err)
			}
		}
	})
}

// Who waits for another's migration stops waiting when told to.
func TestWaitingForASchemaEnds(t *testing.T) {
	t.Parallel()
	eachAddress(t, func(t *testing.T, address string) {
		storetest.At(t, address, nil)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := store.Migrate(ctx, address, store.Options{Fatal: func(err error) { panic(err) }}); !errors.Is(err, context.Canceled) {
			t.Errorf("a start that was called off: %v", err)
		}
	})
}

// Apps of before read contacts where they could do all that a new one could; apps with
// fewer scopes and third-party apps get nothing. Each organization has a salt of its own.
func TestContactsOfBefore(t *testing.T) {
	t.Parallel()
	eachAddress(t, func(t *testing.T, address string) {
		engine, raw := storetest.Raw(t, address)
		if err := store.MigrateTo(context.Background(), engine, raw, 30); err != nil {
			t.Fatal(err)
		}
		for id := range 2 {
			storetest.NewSender(t, address).Organization(int64(id+1), fmt.Sprint("ding", id))
		}
		const all, few = `["media.upload","work_notification.result","work_notification.send"]`, `["work_notification.send"]`
		for id, c := range [][2]string{{"internal", all}, {"internal", few}, {"third_party", all}, {"internal", `[]`}} {
			_, err := raw.Exec(`INSERT INTO app (organization, id, kind, name, description, icon, app_key, scopes, trusted_hosts, page_url, send_to_everyone, created_at)
				VALUES (1, $1, $2, 'a', '', '', $3, $4, '[]', '', 0, 1)`, id, c[0], fmt.Sprint("key", id), c[1])
			if err != nil {
				t.Fatal(err)
			}
		}
		storetest.At(t, address, nil)
		for id, want := range []string{`["contacts.read","media.upload","work_notification.result","work_notification.send"]`, few, all, `[]`} {
			var scopes string
			if err := raw.QueryRow(`SELECT scopes FROM app WHERE id = $1`, id).Scan(&scopes); err != nil || scopes != want {
				t.Errorf("app %d: %s, want %s (%v)", id, scopes, want, err)
			}
		}
		var salts [2]string
		for id := range salts {
			if err := raw.QueryRow(`SELECT union_salt FROM organization WHERE id = $1`, id+1).Scan(&salts[id]); err != nil || len(salts[id]) != 64 {
				t.Errorf("salt %q (%v)", salts[id], err)
			}
		}
		if salts[0] == salts[1] {
			t.Error("two organizations have one salt")
		}
	})
}

// Events that waited before third-party apps heard of any wait in their order, and are
// about the organization of their app.
func TestEventsOfBefore(t *testing.T) {
	t.Parallel()
	eachAddress(t, func(t *testing.T, address string) {
		engine, raw := storetest.Raw(t, address)
		if err := store.MigrateTo(context.Background(), engine, raw, 36); err != nil {
			t.Fatal(err)
		}
		for revision, given := range map[int]any{10: nil, 9: nil, 8: 5} {
			_, err := raw.Exec(`INSERT INTO callback_event (organization, app_id, revision, part, tag, ids, at, attempts, given_up_at)
				VALUES (3, 4, $1, 0, 'user_add_org', '[1]', 7, 2, $2)`, revision, given)
			if err != nil {
				t.Fatal(err)
			}
		}
		storetest.At(t, address, nil)
		rows, err := raw.Query(`SELECT revision, about, attempts, given_up_at IS NULL FROM callback_event WHERE organization = 3 AND app_id = 4 ORDER BY revision`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		var got []string
		for rows.Next() {
			var revision, about, attempts int
			var waits bool
			if err := rows.Scan(&revision, &about, &attempts, &waits); err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprint(revision, about, attempts, waits))
		}
		if want := []string{"8 3 2 false", "9 3 2 true", "10 3 2 true"}; !slices.Equal(got, want) || rows.Err() != nil {
			t.Errorf("%q, want %q (%v)", got, want, rows.Err())
		}
	})
}

// What waited before waits afterwards: in the queue of its app's kind, without those who
// took part in it.
func TestReviewsOfBefore(t *testing.T) {
	t.Parallel()
	eachAddress(t, func(t *testing.T, address string) {
		engine, raw := storetest.Raw(t, address)
		if err := store.MigrateTo(context.Background(), engine, raw, 36); err != nil {
			t.Fatal(err)
		}
		for id, kind := range []string{"internal", "third_party"} {
			for _, insert := range []string{
				`INSERT INTO app (organization, id, kind, name, description, icon, app_key, scopes, trusted_hosts, page_url, send_to_everyone, created_at)
					VALUES (1, $1, '` + kind + `', 'a', '', '', '` + kind + `', '[]', '[]', '', 0, 1)`,
				`INSERT INTO template (organization, id, app_id, newest, live, created_at) VALUES (1, '` + kind + `', $1, 2, 1, 1)`,
				`INSERT INTO template_version (organization, template_id, number, state, edition, authors, created_at, saved_at, submitted_at, submitted_by, decided_by, reason, form)
					VALUES (1, '` + kind + `', 1, 'approved', $1, '1/9', 1, 1, 5, '1/9', '1/8', '', '{}'), (1, '` + kind + `', 2, 'in_review', $1, 'operator,1/12,1/3', 1, 1, 7, '1/12', '', '', '{}')`,
			} {
				if _, err := raw.Exec(insert, id); err != nil {
					t.Fatal(err)
				}
			}
		}
		storetest.At(t, address, nil)
		for third, kind := range []string{"internal", "third_party"} {
			var versions, parts, apart int
			err := errors.Join(
				raw.QueryRow(`SELECT COUNT(*) FROM template_version WHERE template_id = $1 AND third_party = $2`, kind, third).Scan(&versions),
				raw.QueryRow(`SELECT COUNT(*) FROM template_part WHERE template_id = $1 AND third_party = $2 AND submitted_at = 7 AND actor IN ('operator', '1/12', '1/3')`, kind, third).Scan(&parts),
				raw.QueryRow(`SELECT COUNT(*) FROM template_part WHERE template_id = $1`, kind).Scan(&apart))
			if err != nil || versions != 2 || parts != 3 || apart != 3 {
				t.Errorf("%s: %d versions, %d of %d parts, %v", kind, versions, parts, apart, err)
			}
		}
	})
}

// When receipts were dropped before that was noted is not known, and not taken for when
// others are dropped afterwards.
func TestReceiptsDroppedBefore(t *testing.T) {
	t.Parallel()
	eachAddress(t, func(t *testing.T, address string) {
		engine, raw := storetest.Raw(t, address)
		if err := store.MigrateTo(context.Background(), engine, raw, 41); err != nil {
			t.Fatal(err)
		}
		for id, floor := range map[int]int{7: 100, 8: 0} {
			_, err := raw.Exec(`INSERT INTO agent (organization, id, app_organization, app_id, range_everyone, range_dept_ids, range_userids, limits, created_at,
				receipts_floor) VALUES (1, $1, 1, $1, 1, '[]', '[]', '{}', 0, $2)`, id, floor)
			if err != nil {
				t.Fatal(err)
			}
		}
		storetest.At(t, address, nil)
		var n, agent, floor, known int
		err := raw.QueryRow(`SELECT COUNT(*), MIN(agent_id), MIN(floor), COUNT(at) FROM receipt_drop WHERE organization = 1`).Scan(&n, &agent, &floor, &known)
		if err != nil || n != 1 || agent != 7 || floor != 100 || known != 0 {
			t.Errorf("%d rows, of agent %d below %d, %d with a time (%v)", n, agent, floor, known, err)
		}
	})
}
