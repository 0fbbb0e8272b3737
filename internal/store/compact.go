package store

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/retention"
	"github.com/tidings-im/tidings/internal/store/postgres"
	"github.com/tidings-im/tidings/internal/store/sqlite"
)

// holds is what rows of a table say about people.
type holds uint8

const (
	// names: userids, names, or what somebody called their own. Erasing changes
	// or deletes such rows, and the table is written anew afterwards.
	names holds = iota + 1
	// numbers: at most ordinals, which name nobody once the person is erased.
	numbers
	// content: what organizations and apps wrote, which goes by its retention.
	content
)

// about decides for every table; a test compares with the migrations.
var about = map[string]holds{
	"agent":     names, // range_userids
	"api_token": names, // name
	"employee":  names,
	"session":   names, // device
	"identity":  names, // subject
	"task":      names, // invalid

	"waiting_identity": names, // shown, subject

	"task_change": numbers, // people by ordinal
	"task_sender": numbers, // likewise

	"audit_private": names, // reasons, addresses, devices

	"access_token": numbers,
	"api_usage":    numbers,
	"app_secret":   numbers,
	"audit":        content, // note; people by ordinal
	"audit_about":  numbers,
	"audit_entry":  numbers, // ordinals, counts, digests
	"audit_head":   numbers,
	"day_fold":     numbers,
	"change":       numbers,

	"callback_event": numbers, // people by ordinal
	"template_part":  numbers, // likewise

	"department":   content,
	"id_block":     numbers,
	"inbox":        numbers,
	"master_key":   numbers,
	"media_scan":   numbers,
	"media_upload": numbers,
	"media_usage":  numbers,
	"media_use":    numbers,
	"node":         numbers,
	"node_state":   numbers,
	"org_revision": numbers,
	"receipt":      numbers,
	"receipt_drop": numbers,
	"recent_read":  numbers,
	"setup":        numbers,
	"sign_in_link": numbers,
	"sign_in_done": numbers,
	"oauth_code":   numbers, // people by ordinal
	"oauth_grant":  numbers,
	"oauth_token":  numbers,
	"suite":        numbers,
	"suite_code":   numbers,
	"template":     numbers,
	"unread_hint":  numbers,

	"unread_by_app": numbers,

	"sign_in_source":   content,
	"app":              content,
	"callback":         content,
	"oauth_redirect":   content,
	"idempotency":      content, // keys that senders chose
	"media":            content,
	"media_piece":      content,
	"organization":     content,
	"template_version": content, // people by ordinal

	"goose_db_version": numbers,
}

// naming are the tables to write anew, by name.
func naming() []string {
	var tables []string
	for _, table := range slices.Sorted(maps.Keys(about)) {
		if about[table] == names {
			tables = append(tables, table)
		}
	}
	return tables
}

func (s *traceStore) Compact(ctx context.Context, c retention.Compaction) error {
	if c.Begun == nil {
		c.Begun = func(string, int64) {}
	}
	if c.Done == nil {
		c.Done = func(retention.Compacted) {}
	}
	switch e := s.db.engine.(type) {
	case *sqlite.Engine:
		return s.db.toFault(compactFile(ctx, e, c))
	case *postgres.Engine:
		if !c.LogOnly {
			return s.db.toFault(compactTables(ctx, e, c))
		}
	}
	return nil
}

func compactFile(ctx context.Context, e *sqlite.Engine, c retention.Compaction) error {
	if c.LogOnly {
		return e.Compact(ctx, false)
	}
	done := retention.Compacted{Name: "the file", Before: e.Size()}
	c.Begun(done.Name, done.Before)
	began := time.Now()
	if err := e.Compact(ctx, true); err != nil {
		return err
	}
	done.Took, done.After = time.Since(began), e.Size()
	c.Done(done)
	return nil
}

// compactTables goes over all tables, whatever becomes of the others.
func compactTables(ctx context.Context, e *postgres.Engine, c retention.Compaction) error {
	r, err := e.Rewriter(ctx)
	if err != nil {
		return err
	}
	for _, table := range append(naming(), postgres.Statistics) {
		if err = compactTable(ctx, r, table, c); err != nil {
			break
		}
	}
	return errors.Join(err, r.Close())
}

func compactTable(ctx context.Context, r *postgres.Rewriter, table string, c retention.Compaction) error {
	done := retention.Compacted{Name: table}
	var err error
	if done.Before, err = r.Size(ctx, table); err != nil {
		return err
	}
	c.Begun(table, done.Before)
	began := time.Now()
	if table == postgres.Statistics {
		err = r.RewriteStatistics(ctx, c.Patience)
	} else {
		err = r.Rewrite(ctx, table, c.Patience)
	}
	var refusal *postgres.Refusal
	if err != nil && !errors.As(err, &refusal) {
		return err
	}
	if refusal != nil {
		done.Refused, done.Cure = refusal.Why, refusal.Cure
	}
	done.Took = time.Since(began)
	if done.After, err = r.Size(ctx, table); err != nil {
		return err
	}
	c.Done(done)
	return nil
}
