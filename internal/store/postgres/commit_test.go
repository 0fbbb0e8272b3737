package postgres

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tidings-im/tidings/internal/store/engine"
)

// Only an error that leaves the session as it was says that nothing was
// committed.
func TestWhatACommitsFailureSays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err     *pgconn.PgError
		unknown bool
	}{
		"a constraint":              {&pgconn.PgError{Code: "23505", SeverityUnlocalized: "ERROR"}, false},
		"no room for a table":       {&pgconn.PgError{Code: "53100", SeverityUnlocalized: "ERROR"}, false},
		"no room for the log":       {&pgconn.PgError{Code: "53100", SeverityUnlocalized: "PANIC"}, true},
		"the session is ended":      {&pgconn.PgError{Code: "57P01", SeverityUnlocalized: "FATAL"}, true},
		"the session ends, no code": {&pgconn.PgError{Code: "XX000", SeverityUnlocalized: "FATAL"}, true},
	} {
		if got := errors.Is(commitError(c.err), engine.ErrCommitUnknown); got != c.unknown {
			t.Errorf("%s: unknown %v, want %v", name, got, c.unknown)
		}
	}
}
