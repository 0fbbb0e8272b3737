package store

import (
	"context"
	"database/sql"
	"io/fs"
)

// Apply applies other migrations than those embedded.
func Apply(ctx context.Context, engine string, pool *sql.DB, files fs.FS) error {
	m := &migrator{engine: engine, pool: pool, files: files}
	_, err := m.up(ctx, latest)
	return err
}
