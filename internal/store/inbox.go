package store

import (
	"bytes"
	"context"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
)

// Inbox reads what belongs to recipients.
func (d *DB) Inbox() inbox.Store { return &inboxStore{d} }

type inboxStore struct{ db *DB }

// The rows of a statement that reads several things of one moment.
const (
	rowRevision = iota
	rowFloor
	rowKey
)

const (
	sqlSelectRevision = `SELECT revision FROM org_revision WHERE organization = $1`

	// sqlSelectFiled reads the revision and the rows in one statement: they are of
	// one moment, and it is one round trip.
	sqlSelectFiled = `
SELECT 0, revision, 0, 0 FROM org_revision WHERE organization = $1
UNION ALL
SELECT 2, f.revision, f.task_id, f.agent_id FROM (
	SELECT revision, task_id, agent_id FROM inbox
	WHERE organization = $1 AND ordinal = $2 AND revision > $3 AND revision < $4
	ORDER BY revision DESC LIMIT $5) AS f`

	sqlSelectLarge = `
SELECT revision, id, agent_id FROM task
WHERE organization = $1 AND filed = 0 AND revision > $2 AND revision < $3
ORDER BY revision LIMIT $4`

	sqlSelectSets = `SELECT id, sent FROM task WHERE organization = $1 AND id IN (%s)`
)

func (s *inboxStore) Revision(ctx context.Context, organization int64) (int64, error) {
	var revision int64
	err := needRow(ctx, s.db.read(), noOrganization, sqlSelectRevision, []any{&revision}, organization)
	return revision, s.db.toFault(err)
}

func noOrganization() error {
	return fault.New(fault.CodeOrganizationUnknown, "no such organization")
}

func (s *inboxStore) Filed(ctx context.Context, v inbox.Viewer, between inbox.Span, limit int) (int64, []inbox.Key, error) {
	revision, keys := int64(-1), make([]inbox.Key, 0, min(limit, 128))
	var kind int64
	var k inbox.Key
	err := s.each(ctx, sqlSelectFiled, []any{&kind, &k.Revision, &k.TaskID, &k.AgentID}, func() error {
		if kind == rowRevision {
			revision = k.Revision
			return nil
		}
		keys = append(keys, k)
		return nil
	}, v.Organization, int64(v.Ordinal), between.After, between.Before, limit)
	if err == nil && revision < 0 {
		err = noOrganization()
	}
	return revision, keys, err
}

func (s *inboxStore) Large(ctx context.Context, organization int64, between inbox.Span, limit int) ([]inbox.Key, error) {
	keys, err := readRows(ctx, s.db.read(), sqlSelectLarge, keyInto, organization, between.After, between.Before, limit)
	return keys, s.db.toFault(err)
}

func keyInto(k *inbox.Key) []any { return []any{&k.Revision, &k.TaskID, &k.AgentID} }

func (s *inboxStore) Sets(ctx context.Context, organization int64, taskIDs []int64) (map[int64]*roaring.Bitmap, error) {
	sets := make(map[int64]*roaring.Bitmap, len(taskIDs))
	var id int64
	var set *roaring.Bitmap
	// A copy of its own: sets that share a buffer write their copy-on-write marks
	// while they are read.
	own := column(func(b []byte) error {
		set = roaring.New()
		_, err := set.ReadFrom(bytes.NewReader(b))
		return err
	})
	err := readEachIn(ctx, s.db.read(), sqlSelectSets, []any{organization}, taskIDs, []any{&id, own}, func() error {
		sets[id] = set
		return nil
	})
	return sets, s.db.toFault(err)
}

// each is readEach outside transactions.
func (s *inboxStore) each(ctx context.Context, query string, into []any, each func() error, args ...any) error {
	return s.db.toFault(readEach(ctx, s.db.read(), query, into, each, args...))
}
