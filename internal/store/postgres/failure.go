package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tidings-im/tidings/internal/store/engine"
)

func commitError(err error) error {
	if err == nil {
		return nil
	}
	var pe *pgconn.PgError
	if errors.As(err, &pe) && !gone(pe.Code) && !ending(pe) {
		return fmt.Errorf("commit: %w", err)
	}
	if errors.Is(err, pgx.ErrTxCommitRollback) {
		return fmt.Errorf("commit: %w", err)
	}
	return fmt.Errorf("%w: %w", engine.ErrCommitUnknown, err)
}

// ending reports a server that ends the session with its answer, whatever the
// reason: one without room for its log may have written the commit before.
func ending(e *pgconn.PgError) bool {
	return e.SeverityUnlocalized == "FATAL" || e.SeverityUnlocalized == "PANIC"
}

// Classify tells what an error of this engine means.
func (e *Engine) Classify(err error) engine.Failure {
	var pe *pgconn.PgError
	if !errors.As(err, &pe) {
		if lost(err) {
			return engine.Lost
		}
		return engine.Other
	}
	switch {
	case pe.Code == "23505":
		return engine.Conflict
	case pe.Code == "53100":
		return engine.Full
	case pe.Code == "55P03", pe.Code == "57014", strings.HasPrefix(pe.Code, "40"), pe.Code == "53300":
		return engine.Busy // lock not available, cancelled, deadlock or serialization, too many connections
	case gone(pe.Code):
		return engine.Lost
	default:
		return engine.Other
	}
}

// gone reports the codes of a server that is ending the connection: a COMMIT
// answered by one of them may still have happened.
func gone(code string) bool {
	return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "57P") || code == "25P03"
}

// lost reports a failure of the connection, at whichever layer it showed. A
// deadline counts: it is far beyond what a database that is there needs.
func lost(err error) bool {
	var ce *pgconn.ConnectError
	var ne net.Error
	if errors.As(err, &ce) || errors.As(err, &ne) || pgconn.Timeout(err) || pgconn.SafeToRetry(err) {
		return true
	}
	for _, known := range []error{
		io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, driver.ErrBadConn, sql.ErrConnDone, context.DeadlineExceeded,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}
