package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"maps"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/tidings-im/tidings/internal/store/engine"
)

// pool is a pool that whoever comes first is served from first. database/sql's
// own picks one of those who wait at random: with thousands of them, somebody
// waits until they give up.
type pool struct {
	*sql.DB
	fair *pgxpool.Pool
}

// openFair opens the pool that is read from. Nothing is connected yet.
func openFair(address string, parameters map[string]string) (*pool, error) {
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, errAddress()
	}
	maps.Copy(config.ConnConfig.RuntimeParams, parameters)
	within := config.ConnConfig.ConnectTimeout
	if within == 0 {
		config.ConnConfig.ConnectTimeout = connectWithin // of connections that the pool opens for nobody in particular
	}
	config.ConnConfig.DialFunc = dialImpatient
	config.AfterConnect = requireDurable
	config.MaxConns, config.MinConns = readers, 0
	fair, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	db := sql.OpenDB(newConnector(within, stdlib.GetPoolConnector(fair)))
	db.SetMaxIdleConns(0) // the pool keeps them
	return &pool{DB: db, fair: fair}, nil
}

func (p *pool) Close() error {
	err := p.DB.Close()
	p.fair.Close()
	return err
}

// reader runs queries: urgent ones on the connections of sending.
type reader struct{ e *Engine }

func (r reader) of(ctx context.Context) *sql.DB {
	if engine.IsUrgent(ctx) {
		return r.e.sending
	}
	return r.e.reading.DB
}

func (r reader) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return r.of(ctx).ExecContext(ctx, query, args...)
}

func (r reader) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return r.of(ctx).QueryContext(ctx, query, args...)
}

func (r reader) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return r.of(ctx).QueryRowContext(ctx, query, args...)
}

// Pools tells of the pools that requests wait for.
func (e *Engine) Pools() []engine.Pool {
	s := e.reading.fair.Stat()
	return []engine.Pool{
		{
			Name: "read", Max: int(s.MaxConns()), Open: int(s.TotalConns()), Used: int(s.AcquiredConns()),
			Waits: s.EmptyAcquireCount(), Waited: s.EmptyAcquireWaitTime(),
		},
		engine.PoolOf("send", e.sending), engine.PoolOf("direct", e.directing),
	}
}
