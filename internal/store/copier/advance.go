package copier

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/store"
)

const (
	// Step is how far Advance moves every counter: further than any of them can
	// have come since the copy was made.
	Step = 1 << 32
	// maxID is what every client can read: the largest whole number below 2^53.
	maxID = 1<<53 - 1
)

// Advance moves a filled target past everything that may have been named since
// its rows were read: every sequence of ids, every organization's revisions,
// and the counters by which nodes hear of what was ended. A change of kind
// "reset" in each organization tells whoever resumes across it to load anew.
// Sign-in links that had not been used go, since they may have been used
// since. It fails when a counter would leave what clients can read.
func (t *Target) Advance(ctx context.Context, now time.Time) error {
	for _, c := range []struct{ table, column, key string }{
		{"id_block", "next_id", "name"},
		{"org_revision", "revision", "CAST(organization AS TEXT)"},
		{"org_revision", "directory_revision", "CAST(organization AS TEXT)"},
	} {
		if err := t.advance(ctx, c.table, c.column, c.key); err != nil {
			return err
		}
	}
	steps := []string{
		`UPDATE node_state SET count = count + 4294967296 WHERE name IN ('revocations', 'endings')`,
	}
	if t.has("sign_in_link") {
		steps = append(steps, `DELETE FROM sign_in_link WHERE reusable = 0 AND used_at IS NULL`)
	}
	for _, step := range steps {
		if _, err := t.conn.ExecContext(ctx, step); err != nil {
			return fmt.Errorf("advance: %w", err)
		}
	}
	const reset = `INSERT INTO change (organization, revision, task_id, kind, at)
		SELECT organization, revision, 0, 'reset', CAST($1 AS BIGINT) FROM org_revision`
	if _, err := t.conn.ExecContext(ctx, reset, now.UnixMilli()); err != nil {
		return fmt.Errorf("advance: %w", err)
	}
	return nil
}

// advance moves one counter of every row, unless that leaves too little above
// it for another time.
func (t *Target) advance(ctx context.Context, table, column, key string) error {
	var high int64
	var whose string
	top := fmt.Sprintf(`SELECT %s, %s FROM %s ORDER BY %s DESC LIMIT 1`, column, key, table, column)
	rows, err := t.conn.QueryContext(ctx, top)
	if err != nil {
		return fmt.Errorf("advance: %w", err)
	}
	defer rows.Close()
	if rows.Next() {
		if err := rows.Scan(&high, &whose); err != nil {
			return fmt.Errorf("advance: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("advance: %w", err)
	}
	if err := rows.Close(); err != nil {
		return fmt.Errorf("advance: %w", err)
	}
	if high > maxID-2*Step {
		return fmt.Errorf("%s.%s of %s stands at %d: it has to be advanced by %d and would come too near to %d, beyond which clients cannot read it",
			table, column, whose, high, int64(Step), int64(maxID))
	}
	if _, err := t.conn.ExecContext(ctx, fmt.Sprintf(`UPDATE %s SET %s = %s + %d`, table, column, column, int64(Step))); err != nil {
		return fmt.Errorf("advance: %w", err)
	}
	return nil
}

// SignOut ends every session of a filled target, and every sign-in to a program. Codes
// that were used since would be good again, and consents that were withdrawn.
func (t *Target) SignOut(ctx context.Context) error {
	for _, name := range []string{"session", "oauth_token", "oauth_code", "oauth_grant"} {
		if !t.has(name) {
			continue
		}
		if _, err := t.conn.ExecContext(ctx, "DELETE FROM "+name); err != nil {
			return fmt.Errorf("sign out: %w", err)
		}
	}
	return nil
}

// Log writes audit entries into a filled target, where its schema has chains.
func (t *Target) Log(ctx context.Context, keys audit.Keys, entries ...audit.Entry) error {
	if !t.has("audit_head") {
		return nil
	}
	if err := store.AppendAudit(ctx, t.conn, keys, entries...); err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	return nil
}

func (t *Target) has(name string) bool {
	return slices.ContainsFunc(t.tables, func(one table) bool { return one.name == name })
}
