package store

import (
	"context"
	"time"

	"github.com/tidings-im/tidings/internal/node"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// What nodes say of themselves is told by the database's clock, in unix
// milliseconds, and does not hang on theirs.
const (
	sqlSelectClockSQLite   = `SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER)`
	sqlSelectClockPostgres = `SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)`

	sqlUpsertNode = `INSERT INTO node (id, name, keys, started_at, seen_at) VALUES ($1, $2, $3, $4, $4)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, keys = excluded.keys, seen_at = excluded.seen_at`
	sqlDeleteForgottenNodes = `DELETE FROM node WHERE seen_at < $1`
	sqlDeleteNode           = `DELETE FROM node WHERE id = $1`
	sqlUpdateNodeFollowed   = `UPDATE node SET followed = $2 WHERE id = $1`
	sqlSelectNodes          = `SELECT name, keys, started_at, seen_at, followed FROM node ORDER BY name, id`

	sqlUpsertMark = `INSERT INTO node_state (name, value, count) VALUES ('follow', '', 1)
		ON CONFLICT (name) DO UPDATE SET count = node_state.count + 1 RETURNING count`
	sqlSelectLastMark = `SELECT count FROM node_state WHERE name = 'follow'`
)

// nodeForgotten is how long the row of a node stays that did not take it away.
const nodeForgotten = 24 * time.Hour

// Nodes keeps which servers run and what they have followed.
func (d *DB) Nodes() node.Store { return &nodeStore{d} }

type nodeStore struct{ db *DB }

// clock asks the database for the time.
func (d *DB) clock(ctx context.Context, q engine.Querier) (int64, error) {
	query := sqlSelectClockPostgres
	if d.alone() {
		query = sqlSelectClockSQLite
	}
	var now int64
	err := q.QueryRowContext(ctx, query).Scan(&now)
	return now, err
}

func (s *keyStore) EnterNode(ctx context.Context, name string, keys map[int]string) error {
	var to encoder
	text := to.json(keys)
	return s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		now, err := s.db.clock(ctx, tx)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, sqlDeleteForgottenNodes, now-nodeForgotten.Milliseconds()); err != nil {
			return err
		}
		return to.exec(ctx, tx, sqlUpsertNode, []any{s.db.node, name, text, now})
	})
}

func (s *keyStore) LeaveNode(ctx context.Context) error {
	return s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		_, err := tx.ExecContext(ctx, sqlDeleteNode, s.db.node)
		return err
	})
}

func (s *keyStore) Nodes(ctx context.Context) ([]node.Node, error) { return s.db.Nodes().Nodes(ctx) }

func (s *nodeStore) Nodes(ctx context.Context) ([]node.Node, error) {
	nodes, err := s.db.nodes(ctx, s.db.read())
	return nodes, s.db.toFault(err)
}

func (d *DB) nodes(ctx context.Context, q engine.Querier) ([]node.Node, error) {
	now, err := d.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	var nodes []node.Node
	var n node.Node
	var seen int64
	into := []any{&n.Name, asJSON(&n.Keys), (*millis)(&n.StartedAt), &seen, &n.Followed}
	err = readEach(ctx, q, sqlSelectNodes, into, func() error {
		n.Silent = max(0, time.Duration(now-seen)*time.Millisecond)
		nodes = append(nodes, n)
		return nil
	})
	return nodes, err
}

func (s *nodeStore) Mark(ctx context.Context) (mark int64, err error) {
	err = s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		return tx.QueryRowContext(ctx, sqlUpsertMark).Scan(&mark)
	})
	return mark, err
}

func (s *nodeStore) LastMark(ctx context.Context) (mark int64, err error) {
	_, err = readRow(engine.Urgent(ctx), s.db.read(), sqlSelectLastMark, []any{&mark})
	return mark, s.db.toFault(err)
}

func (s *nodeStore) Follow(ctx context.Context, mark int64) (bool, error) {
	var rows int64
	err := s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) (err error) {
		rows, err = affected(tx.ExecContext(ctx, sqlUpdateNodeFollowed, s.db.node, mark))
		return err
	})
	return rows > 0, err
}
