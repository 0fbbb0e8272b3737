package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/node"
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
	nodeFollow  = `UPDATE node SET followed = $2 WHERE id = $1`
	nodesAll    = `SELECT name, keys, started_at, seen_at, followed FROM node ORDER BY name, id`

	markMake = `INSERT INTO node_state (name, value, count) VALUES ('follow', '', 1)
		ON CONFLICT (name) DO UPDATE SET count = node_state.count + 1 RETURNING count`
	markLast = `SELECT count FROM node_state WHERE name = 'follow'`
)

// nodeForgotten is how long the row of a node stays that did not take it away.
const nodeForgotten = 24 * time.Hour

// Nodes stores which servers run and what they have followed. It implements
// node.Store.
type Nodes struct{ db *DB }

// Nodes returns the store of nodes.
func (d *DB) Nodes() *Nodes { return &Nodes{d} }

var (
	_ node.Store          = (*Nodes)(nil)
	_ masterkey.NodeStore = (*Apps)(nil)
)

// clock asks the database for the time.
func (n *Nodes) clock(ctx context.Context, q engine.Querier) (int64, error) {
	query := clockPostgres
	if n.db.alone() {
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
		now, err := s.db.Nodes().clock(ctx, tx)
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

// Nodes returns the nodes that serve; see node.Store.
func (n *Nodes) Nodes(ctx context.Context) ([]node.Node, error) {
	nodes, err := n.read(ctx, n.db.read())
	return nodes, n.db.explain(err)
}

// Nodes returns the nodes that serve; see masterkey.RotationStore.
func (s *Apps) Nodes(ctx context.Context) ([]node.Node, error) { return s.db.Nodes().Nodes(ctx) }

func (n *Nodes) read(ctx context.Context, q engine.Querier) ([]node.Node, error) {
	now, err := n.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	var nodes []node.Node
	err = eachRow(ctx, q, nodesAll, func(rows *sql.Rows) error {
		var one node.Node
		var keys string
		var started, seen int64
		if err := rows.Scan(&one.Name, &keys, &started, &seen, &one.Followed); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(keys), &one.Keys); err != nil {
			return fmt.Errorf("store: keys of node %s: %w", one.Name, err)
		}
		one.StartedAt, one.Silent = fromMillis(started), max(0, time.Duration(now-seen)*time.Millisecond)
		nodes = append(nodes, one)
		return nil
	})
	return nodes, err
}

// Mark makes a mark; see node.Store.
func (n *Nodes) Mark(ctx context.Context) (mark int64, err error) {
	err = n.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		return tx.QueryRowContext(ctx, markMake).Scan(&mark)
	})
	return mark, err
}

// LastMark returns the highest mark; see node.Store.
func (n *Nodes) LastMark(ctx context.Context) (mark int64, err error) {
	err = n.db.read().QueryRowContext(engine.Urgent(ctx), markLast).Scan(&mark)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return mark, n.db.explain(err)
}

// Follow notes a mark in this process's row; see node.Store.
func (n *Nodes) Follow(ctx context.Context, mark int64) (bool, error) {
	var rows int64
	err := n.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) (err error) {
		rows, err = affected(tx.ExecContext(ctx, nodeFollow, n.db.node, mark))
		return err
	})
	return rows > 0, err
}
