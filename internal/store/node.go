package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// What nodes say of themselves is told by the database's clock, in unix
// milliseconds, and does not hang on theirs.
const (
	clockSQLite   = `SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER)`
	clockPostgres = `SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)`

	nodeEnter = `INSERT INTO node (id, name, keys, started_at, seen_at) VALUES ($1, $2, $3, $4, $4)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, keys = excluded.keys, seen_at = excluded.seen_at`
	nodesForget = `DELETE FROM node WHERE seen_at < $1`
	nodeLeave   = `DELETE FROM node WHERE id = $1`
	nodesAll    = `SELECT name, keys, started_at, seen_at FROM node ORDER BY name, id`
)

// nodeForgotten is how long the row of a node stays that did not take it away.
const nodeForgotten = 24 * time.Hour

var _ masterkey.NodeStore = (*Apps)(nil)

// clock asks the database for the time.
func (s *Apps) clock(ctx context.Context, q engine.Querier) (int64, error) {
	query := clockPostgres
	if s.db.alone() {
		query = clockSQLite
	}
	var now int64
	return now, q.QueryRowContext(ctx, query).Scan(&now)
}

// EnterNode writes this process's row; see masterkey.NodeStore.
func (s *Apps) EnterNode(ctx context.Context, name string, keys map[int]string) error {
	text, err := json.Marshal(keys)
	if err != nil {
		return err
	}
	return s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		now, err := s.clock(ctx, tx)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, nodesForget, now-nodeForgotten.Milliseconds()); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, nodeEnter, s.db.node, name, string(text), now)
		return err
	})
}

// LeaveNode removes this process's row; see masterkey.NodeStore.
func (s *Apps) LeaveNode(ctx context.Context) error {
	return s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		_, err := tx.ExecContext(ctx, nodeLeave, s.db.node)
		return err
	})
}

// Nodes returns the nodes that serve; see masterkey.RotationStore.
func (s *Apps) Nodes(ctx context.Context) ([]masterkey.Node, error) {
	nodes, err := s.nodes(ctx, s.db.read())
	return nodes, s.db.explain(err)
}

func (s *Apps) nodes(ctx context.Context, q engine.Querier) ([]masterkey.Node, error) {
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	var nodes []masterkey.Node
	err = eachRow(ctx, q, nodesAll, func(rows *sql.Rows) error {
		var n masterkey.Node
		var keys string
		var started, seen int64
		if err := rows.Scan(&n.Name, &keys, &started, &seen); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(keys), &n.Keys); err != nil {
			return fmt.Errorf("store: keys of node %s: %w", n.Name, err)
		}
		n.StartedAt, n.Silent = fromMillis(started), max(0, time.Duration(now-seen)*time.Millisecond)
		nodes = append(nodes, n)
		return nil
	})
	return nodes, err
}
