package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/store/postgres"
)

// Condition is what can be told of a PostgreSQL database without changing it.
type Condition struct {
	Version        int           // such as 150004
	Ahead          time.Duration // of the database's clock before this machine's, to about the time of a round trip
	MaxConnections int
	Connections    int // now, of everybody
	Autovacuum     bool
	// Unanalyzed are tables with many rows of which the planner knows nothing.
	Unanalyzed []string
}

// manyRows is from how many rows on the planner has to know about a table.
const manyRows = 10_000

const (
	sqlSelectCondition = `SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT),
		CAST(current_setting('server_version_num') AS INTEGER), CAST(current_setting('max_connections') AS INTEGER),
		current_setting('autovacuum') = 'on', (SELECT COUNT(*) FROM pg_stat_activity WHERE backend_type = 'client backend')`
	sqlSelectUnanalyzed = `SELECT relname FROM pg_stat_user_tables
		WHERE n_live_tup > $1 AND last_analyze IS NULL AND last_autoanalyze IS NULL ORDER BY relname`
)

// Examine looks at the PostgreSQL database at address. It fails where a server
// would refuse to start.
func Examine(ctx context.Context, address string) (c Condition, err error) {
	pool, err := postgres.Look(ctx, address)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	before := time.Now()
	var now int64
	err = pool.QueryRowContext(ctx, sqlSelectCondition).Scan(&now, &c.Version, &c.MaxConnections, &c.Autovacuum, &c.Connections)
	if err != nil {
		return c, fmt.Errorf("store: examine: %w", err)
	}
	took := time.Since(before)
	c.Ahead = time.UnixMilli(now).Sub(before.Add(took / 2))
	c.Unanalyzed, err = readRows(ctx, pool, sqlSelectUnanalyzed, func(name *string) []any { return []any{name} }, manyRows)
	return c, err
}
