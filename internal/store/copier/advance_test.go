package copier_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/store/copier"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// After Advance nothing that was named before can be named again, and those who
// resume are told.
func TestAdvance(t *testing.T) {
	t.Parallel()
	directions(t, func(t *testing.T, from, to string) {
		ctx := context.Background()
		source := storetest.NewSender(t, migrated(t, from))
		source.Organization(1, "ding1")
		source.Organization(2, "ding2")
		_, db := storetest.Raw(t, from)
		mustExec(t, db, `UPDATE org_revision SET revision = 40, directory_revision = 6, next_ordinal = 9 WHERE organization = 2`)
		mustExec(t, db, `INSERT INTO node_state (name, value, count) VALUES ('endings', '', 3), ('keys', '{}', 0)`)
		link := `INSERT INTO sign_in_link (organization, id, ordinal, secret_hash, reusable, created_at, expires_at, used_at) VALUES ($1, $2, 1, $3, $4, 0, 99, $5)`
		mustExec(t, db, link, 1, "open", []byte{1}, 0, nil)
		mustExec(t, db, link, 1, "used", []byte{1}, 0, 5)
		mustExec(t, db, link, 1, "reusable", []byte{1}, 1, nil)

		into := copied(t, from, to)
		at := time.UnixMilli(1_700_000_000_000)
		if err := into.Advance(ctx, at); err != nil {
			t.Fatal(err)
		}
		for question, want := range map[string]int64{
			`SELECT next_id FROM id_block WHERE name = 'task'`:                                      100_000_000_001 + 1<<32,
			`SELECT next_id FROM id_block WHERE name = 'organization'`:                              1 + 1<<32,
			`SELECT revision FROM org_revision WHERE organization = 1`:                              1 << 32,
			`SELECT revision FROM org_revision WHERE organization = 2`:                              40 + 1<<32,
			`SELECT directory_revision FROM org_revision WHERE organization = 2`:                    6 + 1<<32,
			`SELECT next_ordinal FROM org_revision WHERE organization = 2`:                          9,
			`SELECT count FROM node_state WHERE name = 'endings'`:                                   3 + 1<<32,
			`SELECT count FROM node_state WHERE name = 'revocations'`:                               1 << 32,
			`SELECT count FROM node_state WHERE name = 'keys'`:                                      0,
			`SELECT revision FROM change WHERE organization = 2 AND kind = 'reset' AND task_id = 0`: 40 + 1<<32,
			`SELECT at FROM change WHERE organization = 1 AND kind = 'reset'`:                       at.UnixMilli(),
			`SELECT COUNT(*) FROM change`:                                                           2,
			`SELECT COUNT(*) FROM sign_in_link WHERE id = 'open'`:                                   0,
			`SELECT COUNT(*) FROM sign_in_link`:                                                     2,
		} {
			var got int64
			if err := into.Ask(ctx, question).Scan(&got); err != nil || got != want {
				t.Errorf("%s: %d instead of %d, %v", question, got, want, err)
			}
		}
		if err := into.Discard(); err != nil {
			t.Error(err)
		}
	})
}

// A counter that would leave what clients can read is refused by name, and
// there is room for a million restores before that.
func TestAdvanceTooFar(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for counter, update := range map[string]string{
		"id_block.next_id of task stands at 9007190664806400":      `UPDATE id_block SET next_id = 9007190664806400 WHERE name = 'task'`,
		"org_revision.revision of 1 stands at 9007190664806400":    `UPDATE org_revision SET revision = 9007190664806400`,
		"org_revision.directory_revision of 1 stands at 900719066": `UPDATE org_revision SET directory_revision = 9007190664806400`,
	} {
		for _, engine := range storetest.BothEngines() {
			from := storetest.Address(t, "sqlite")
			storetest.NewSender(t, migrated(t, from)).Organization(1, "ding1")
			_, db := storetest.Raw(t, from)
			mustExec(t, db, update)
			into := copied(t, from, storetest.Address(t, engine))
			if err := into.Advance(ctx, time.Now()); err == nil || !strings.Contains(err.Error(), counter) {
				t.Errorf("%s: %v", counter, err)
			}
			if err := into.Discard(); err != nil {
				t.Error(err)
			}
		}
	}
	from := storetest.Address(t, "sqlite")
	storetest.NewSender(t, migrated(t, from)).Organization(1, "ding1")
	into := copied(t, from, storetest.Address(t, "sqlite"))
	if err := into.Execute(ctx, `UPDATE id_block SET next_id = next_id + 1000000 * 4294967296`); err != nil {
		t.Fatal(err)
	}
	if err := into.Advance(ctx, time.Now()); err != nil {
		t.Errorf("after a million times: %v", err)
	}
	if err := into.Discard(); err != nil {
		t.Error(err)
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	from := storetest.Address(t, "sqlite")
	filled(t, from)
	into := copied(t, from, storetest.Address(t, "postgres"))
	if err := into.SignOut(ctx); err != nil {
		t.Fatal(err)
	}
	var sessions, tokens int
	if err := into.Ask(ctx, `SELECT (SELECT COUNT(*) FROM session), (SELECT COUNT(*) FROM api_token)`).Scan(&sessions, &tokens); err != nil || sessions != 0 || tokens == 0 {
		t.Errorf("%d sessions and %d tokens, %v", sessions, tokens, err)
	}
	if err := into.Discard(); err != nil {
		t.Error(err)
	}
}

// copied fills a target and leaves it open.
func copied(t *testing.T, from, to string) *copier.Target {
	t.Helper()
	s := source(t, from)
	into := target(t, to, s.Schema())
	if _, err := copier.Copy(context.Background(), s, into, quiet); err != nil {
		t.Fatal(err)
	}
	return into
}
