package copier

import (
	"context"
	"errors"
	"strings"

	"github.com/tidings-im/tidings/internal/store/sqlite"
)

// Save writes the database at address, which may be written to meanwhile, into
// a new SQLite file, as it was at one moment. It returns the engine it came
// from and the tables that are not Tidings' own, which only a file taken over
// from SQLite holds too.
func Save(ctx context.Context, address, path string, told Progress) (engine string, others []string, err error) {
	from, err := Open(ctx, address)
	if err != nil {
		return "", nil, err
	}
	engine, others = from.engine, from.others
	if file, ok := strings.CutPrefix(address, "sqlite:"); ok {
		// SQLite's own way is quicker, and takes one moment of its own.
		if err := from.Close(); err != nil {
			return engine, nil, err
		}
		told("copying", "the database", 1)
		return engine, nil, sqlite.Save(ctx, file, path)
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := Create(ctx, "sqlite:"+path, from.Schema())
	if err != nil {
		return engine, nil, err
	}
	if _, err := Copy(ctx, from, to, told); err != nil {
		return engine, nil, errors.Join(err, to.Discard())
	}
	return engine, others, to.Commit(ctx)
}
