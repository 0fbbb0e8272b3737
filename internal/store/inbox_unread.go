package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// receiptsDropped says of a task t of organization $1 that receipts are no
// longer kept for it: then it counts as read by everybody. Most organizations
// keep them all, which the first condition tells for all tasks at once.
const receiptsDropped = `t.revision < (SELECT receipts_floor FROM org_revision WHERE organization = $1)
	AND EXISTS (SELECT 1 FROM agent g WHERE g.organization = $1 AND g.id = t.agent_id AND g.receipts_floor > t.revision)`

const (
	// sqlSelectBadge reads revision, floor and what was filed above it in
	// one statement.
	sqlSelectBadge = `
SELECT 0, revision, 0, 0, '' FROM org_revision WHERE organization = $1
UNION ALL
SELECT 1, floor, 0, 0, candidates FROM unread_by_app WHERE organization = $1 AND ordinal = $2
UNION ALL
SELECT 2, f.revision, f.task_id, f.agent_id, '' FROM (
	SELECT revision, task_id, agent_id FROM inbox
	WHERE organization = $1 AND ordinal = $2 AND revision < $3
		AND revision > COALESCE((SELECT floor FROM unread_by_app WHERE organization = $1 AND ordinal = $2), 0)
	ORDER BY revision DESC LIMIT $4) AS f`

	// A subquery in place of NOT EXISTS: PostgreSQL may turn that into a join, and
	// without statistics into one that reads all receipts of the organization. A
	// subquery it asks for each task, by the whole key.
	sqlSelectPending = `
SELECT t.revision, t.id, t.agent_id FROM task t
WHERE t.organization = $1 AND t.id IN (%s) AND t.recalled_at IS NULL
	AND (SELECT 1 FROM receipt r WHERE r.organization = $1 AND r.task_id = t.id AND r.ordinal = $2) IS NULL
	AND NOT (` + receiptsDropped + `)`

	// sqlSelectSettled is completed by how the engine takes a list. A subquery for
	// each of its tasks: see sqlSelectPending.
	sqlSelectSettled = `
SELECT 0, resume_floor, receipts_floor FROM org_revision WHERE organization = $1
UNION ALL
SELECT 1, list.id, 0 FROM %s
WHERE (SELECT 1 FROM receipt r WHERE r.organization = $1 AND r.task_id = list.id AND r.ordinal = $2) = 1
UNION ALL
SELECT 2, c.task_id, c.recalled FROM (
	SELECT task_id, CASE kind WHEN 'recall' THEN 1 ELSE 0 END AS recalled FROM change
	WHERE organization = $1 AND revision > $4 ORDER BY revision LIMIT $5) AS c`

	sqlSelectAddresses = `
SELECT t.revision, t.id, t.agent_id, 1 - t.filed,
	(SELECT COUNT(*) FROM inbox i WHERE i.organization = $1 AND i.ordinal = $2 AND i.revision = t.revision AND i.task_id = t.id),
	CASE WHEN ` + receiptsDropped + ` THEN 1
		ELSE (SELECT COUNT(*) FROM receipt r WHERE r.organization = $1 AND r.task_id = t.id AND r.ordinal = $2) END
FROM task t WHERE t.organization = $1 AND t.id IN (%s) AND t.revision IS NOT NULL`
)

func (s *inboxStore) Badge(ctx context.Context, v inbox.Viewer, before int64, limit int) (inbox.Badge, error) {
	b := inbox.Badge{Revision: -1}
	var kind int64
	var k inbox.Key
	var candidates string
	err := s.each(ctx, sqlSelectBadge, []any{&kind, &k.Revision, &k.TaskID, &k.AgentID, &candidates}, func() error {
		switch kind {
		case rowRevision:
			b.Revision = k.Revision
		case rowFloor:
			b.Floor = k.Revision
			return readCandidates(candidates, &b.Candidates)
		default:
			b.Filed = append(b.Filed, k)
		}
		return nil
	}, v.Organization, int64(v.Ordinal), before, limit)
	if err == nil && b.Revision < 0 {
		err = noOrganization()
	}
	return b, err
}

// readCandidates reads what writeCandidates wrote: of each app its agent, where
// its rest begins, and its tasks with their revisions, "5:0:71,-9,68,-7;". Nodes
// of the version before write no revisions. They take one for a task, which is
// why it is negative: no task is.
func readCandidates(text string, into *[]inbox.Candidates) error {
	for text != "" {
		app, after, whole := strings.Cut(text, ";")
		parts := strings.Split(app, ":")
		if !whole || len(parts) != 3 {
			return errors.New("store: candidates of a floor: not agent:rest:tasks;")
		}
		var c inbox.Candidates
		var err error
		if c.AgentID, err = strconv.ParseInt(parts[0], 10, 64); err != nil {
			return fmt.Errorf("store: candidates of a floor: %w", err)
		}
		if c.Rest, err = strconv.ParseInt(parts[1], 10, 64); err != nil {
			return fmt.Errorf("store: candidates of a floor: %w", err)
		}
		for part := range strings.SplitSeq(parts[2], ",") {
			id, err := strconv.ParseInt(part, 10, 64)
			if err != nil {
				return fmt.Errorf("store: candidates of a floor: %w", err)
			}
			if id > 0 {
				c.Tasks, c.Revisions = append(c.Tasks, id), append(c.Revisions, 0)
			} else if n := len(c.Revisions); n > 0 {
				c.Revisions[n-1] = -id
			}
		}
		*into = append(*into, c)
		text = after
	}
	return nil
}

func writeCandidates(candidates []inbox.Candidates) string {
	var text []byte
	for _, c := range candidates {
		text = append(strconv.AppendInt(text, c.AgentID, 10), ':')
		text = append(strconv.AppendInt(text, c.Rest, 10), ':')
		for n, task := range c.Tasks {
			if n > 0 {
				text = append(text, ',')
			}
			text = strconv.AppendInt(text, task, 10)
			if n < len(c.Revisions) && c.Revisions[n] > 0 {
				text = strconv.AppendInt(append(text, ','), -c.Revisions[n], 10)
			}
		}
		text = append(text, ';')
	}
	return string(text)
}

func (s *inboxStore) Pending(ctx context.Context, v inbox.Viewer, taskIDs []int64) ([]inbox.Key, error) {
	keys := make([]inbox.Key, 0, len(taskIDs))
	var k inbox.Key
	viewer := []any{v.Organization, int64(v.Ordinal)}
	err := readEachIn(ctx, s.db.read(), sqlSelectPending, viewer, taskIDs, keyInto(&k), func() error {
		keys = append(keys, k)
		return nil
	})
	return keys, s.db.toFault(err)
}

func (s *inboxStore) Settled(ctx context.Context, v inbox.Viewer, taskIDs []int64, since int64, limit int) (inbox.Settled, error) {
	state := inbox.Settled{Over: map[int64]bool{}}
	changes := 0
	var kind, a, b int64
	err := s.each(ctx, fmt.Sprintf(sqlSelectSettled, s.db.engine.ListRows(3)), []any{&kind, &a, &b}, func() error {
		switch kind {
		case 0:
			state.Whole, state.ReceiptsFloor = since >= a, b
		case 1:
			state.Over[a] = true
		default:
			changes++
			if b != 0 {
				state.Over[a] = true
			}
		}
		return nil
	}, v.Organization, int64(v.Ordinal), s.db.engine.List(taskIDs), since, limit+1)
	state.Whole = state.Whole && changes <= limit
	return state, err
}

func (s *inboxStore) Addresses(ctx context.Context, v inbox.Viewer, taskIDs []int64) ([]inbox.Address, error) {
	ctx = engine.Urgent(ctx) // receipts wait for it
	var found []inbox.Address
	var a inbox.Address
	into := append(keyInto(&a.Key), &a.Large, &a.Filed, &a.Read)
	err := readEachIn(ctx, s.db.read(), sqlSelectAddresses, []any{v.Organization, int64(v.Ordinal)}, taskIDs, into, func() error {
		found = append(found, a)
		return nil
	})
	return found, s.db.toFault(err)
}
