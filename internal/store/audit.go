package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	auditInsert = `INSERT INTO audit (organization, id, at, actor, console, action, subject, version, note)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	auditOf = `SELECT organization, id, at, actor, console, action, subject, version, note FROM audit
		WHERE organization = $1 AND subject = $2 ORDER BY at, id`
)

// Record writes an entry; see review.Store.
func (s *Templates) Record(ctx context.Context, e audit.Entry) error {
	return s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error { return record(ctx, tx, e) })
}

func record(ctx context.Context, tx engine.Querier, e audit.Entry) error {
	if e.By.IsNobody() {
		return fmt.Errorf("store: %s of %q by nobody", e.Action, e.Subject)
	}
	_, err := tx.ExecContext(ctx, auditInsert, e.Organization, e.ID, e.At.UnixMilli(), stored(e.By.Actor), flag(e.By.FromCommandLine()),
		string(e.Action), e.Subject, e.Version, e.Note)
	return err
}

// stored is an actor as columns hold it: "operator", "3/17", or nothing for nobody.
func stored(a audit.Actor) string {
	text, _ := a.MarshalText() // never fails
	return string(text)
}

// recorded writes an entry unless what it is about has failed.
func recorded(ctx context.Context, tx engine.Querier, err error, e audit.Entry) error {
	if err != nil {
		return err
	}
	return record(ctx, tx, e)
}

// Log returns the entries about a subject; see review.Store.
func (s *Templates) Log(ctx context.Context, organization int64, subject string) ([]audit.Entry, error) {
	var list []audit.Entry
	err := eachRow(ctx, s.db.read(), auditOf, func(rows *sql.Rows) error {
		var e audit.Entry
		var at, console int64
		var actor string
		if err := rows.Scan(&e.Organization, &e.ID, &at, &actor, &console, &e.Action, &e.Subject, &e.Version, &e.Note); err != nil {
			return err
		}
		e.At = fromMillis(at)
		err := e.By.UnmarshalText([]byte(actor))
		if console != 0 || e.By.IsOperator() {
			e.By.Credential = audit.CommandLine
		}
		list = append(list, e)
		return err
	}, organization, subject)
	return list, s.db.explain(err)
}
