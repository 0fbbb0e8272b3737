package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/retry"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	auditHeadColumns   = `organization, n, at, mac, floor_n, floor_mac`
	sqlSelectAuditHead = `SELECT ` + auditHeadColumns + ` FROM audit_head WHERE organization = $1`
	sqlInsertAuditHead = `INSERT INTO audit_head (organization, n, at, mac, floor_n, floor_mac) VALUES ($1, 0, 0, $2, 0, $2)
		ON CONFLICT (organization) DO NOTHING`
	sqlUpdateAuditHead = `UPDATE audit_head SET n = $2, at = $3, mac = $4 WHERE organization = $1`

	sqlInsertAudit = `INSERT INTO audit_entry (organization, n, at, actor, credential, action, subject, version, details, sealed,
		key_number, mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
	sqlInsertAuditPrivate = `INSERT INTO audit_private (organization, n, person_organization, ordinal, salt, text)
		VALUES ($1, $2, $3, $4, $5, $6)`
	sqlInsertAuditAbout = `INSERT INTO audit_about (organization, subject, n) VALUES ($1, $2, $3)`
)

// SealAudit gives the store the keys that audit entries are chained with, as soon
// as they are known to be the database's. Without them no entry can be written,
// and so nothing changed that needs one.
func (d *DB) SealAudit(k audit.Keys) { d.auditKeys.Store(&k) }

// administered is a change that somebody may have to answer for. It locks and
// writes the things that it changes, and returns what is to be in the audit logs
// about it; nothing when it changed nothing.
type administered func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error)

// tries is how often an administrative change begins while others hold what it
// needs: for about six seconds.
const tries = 8

// administer runs a change and writes its audit entries in one transaction. Locks
// are taken in one order everywhere: things, the heads of the logs by ascending
// organization, and what last does: the counters that all nodes watch. A
// database that is busy is asked again for a while.
func (d *DB) administer(ctx context.Context, class engine.Class, change administered, last ...engine.Work) error {
	var again retry.Backoff
	followed := false
	for try := 1; ; try++ {
		err := d.write(ctx, class, func(ctx context.Context, tx engine.Querier) error {
			entries, err := change(ctx, tx)
			if err != nil {
				return err
			}
			if err := d.record(ctx, tx, entries...); err != nil {
				return err
			}
			for _, work := range last {
				if err := work(ctx, tx); err != nil {
					return err
				}
			}
			return nil
		})
		if errors.Is(err, masterkey.ErrMoved) && !followed {
			followed = true
			if err := d.followKeys(ctx); err != nil {
				return err
			}
			continue
		}
		if !fault.Is(err, fault.CodeBusy) || try == tries || !retry.Sleep(ctx, again.Next()) {
			return err
		}
	}
}

// when does work only where it turns out to be needed.
func when(needed *bool, work engine.Work) engine.Work {
	return func(ctx context.Context, tx engine.Querier) error {
		if !*needed {
			return nil
		}
		return work(ctx, tx)
	}
}

// followKeys has the keys take over what is on record of them.
func (d *DB) followKeys(ctx context.Context) error {
	if held := d.auditKeys.Load(); held != nil {
		if keys, ok := (*held).(interface {
			Follow(ctx context.Context, store masterkey.Store) error
		}); ok {
			return keys.Follow(ctx, d.Keys())
		}
	}
	return masterkey.ErrMoved
}

// record writes entries at the ends of their chains. It comes after everything
// that the transaction locks but the counters.
func (d *DB) record(ctx context.Context, tx engine.Querier, entries ...audit.Entry) error {
	keys := d.auditKeys.Load()
	if len(entries) > 0 && keys == nil {
		return errors.New("store: an audit entry before the keys are known")
	}
	if len(entries) == 0 {
		return nil
	}
	if err := d.holdKey(ctx, tx, (*keys).AuditKeyNumber()); err != nil {
		return err
	}
	return recordWith(ctx, tx, d.engine.RowLock(), *keys, entries)
}

// AppendAudit writes entries in a transaction that nobody else sees, such as that of
// a copy. The database must have the schema of this binary's audit log.
func AppendAudit(ctx context.Context, tx engine.Querier, keys audit.Keys, entries ...audit.Entry) error {
	return recordWith(ctx, tx, "", keys, entries)
}

// recordWith is record with what locks a row.
func recordWith(ctx context.Context, tx engine.Querier, rowLock string, keys audit.Keys, entries []audit.Entry) error {
	slices.SortStableFunc(entries, func(a, b audit.Entry) int { return cmp.Compare(a.Organization, b.Organization) })
	for i := range entries {
		if err := recordOne(ctx, tx, rowLock, &entries[i], keys); err != nil {
			return err
		}
	}
	return nil
}

func recordOne(ctx context.Context, tx engine.Querier, rowLock string, e *audit.Entry, keys audit.Keys) error {
	row, private, err := e.Row()
	if err != nil {
		return err
	}
	head, err := lockHead(ctx, tx, rowLock, e.Organization)
	if err != nil {
		return err
	}
	head, ok := head.Append(&row, keys)
	if !ok {
		return fmt.Errorf("store: the key file has no master key %d", row.Key)
	}
	if row.Sealed == nil {
		row.Sealed = []byte{}
	}
	if _, err := tx.ExecContext(ctx, sqlInsertAudit, row.Organization, row.N, row.At, row.Actor, row.Credential, row.Action, row.Subject,
		row.Version, row.Details, row.Sealed, row.Key, row.MAC); err != nil {
		return err
	}
	for _, subject := range e.Subjects() {
		if _, err := tx.ExecContext(ctx, sqlInsertAuditAbout, row.Organization, subject, row.N); err != nil {
			return err
		}
	}
	if private != nil {
		var of audit.Actor // nobody is erased with what the operator and apps have said
		if e.By.IsPerson() {
			of = e.By.Actor
		}
		if _, err := tx.ExecContext(ctx, sqlInsertAuditPrivate, row.Organization, row.N, of.Organization, int64(of.Ordinal),
			private.Salt, private.Text); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, sqlUpdateAuditHead, row.Organization, head.N, head.At, head.MAC)
	return err
}

// lockHead locks the end of an organization's chain, and begins one that there is
// not.
func lockHead(ctx context.Context, tx engine.Querier, rowLock string, organization int64) (audit.Head, error) {
	h, ok, err := auditHead(ctx, tx, sqlSelectAuditHead+rowLock, organization)
	if err != nil || ok {
		return h, err
	}
	if _, err := tx.ExecContext(ctx, sqlInsertAuditHead, organization, []byte{}); err != nil {
		return h, err
	}
	h, ok, err = auditHead(ctx, tx, sqlSelectAuditHead+rowLock, organization)
	if err == nil && !ok {
		err = fmt.Errorf("store: no audit head of organization %d", organization)
	}
	return h, err
}

// auditHead reads a head; false when there is none.
func auditHead(ctx context.Context, q engine.Querier, query string, organization int64) (h audit.Head, ok bool, err error) {
	ok, err = readRow(ctx, q, query, auditHeadInto(&organization, &h), organization)
	return h, ok, err
}

// auditHeadInto is where auditHeadColumns go.
func auditHeadInto(organization *int64, h *audit.Head) []any {
	return []any{organization, &h.N, &h.At, &h.MAC, &h.FloorN, &h.FloorMAC}
}

// stored is an actor as columns hold it: "operator", "3/17", or nothing for nobody.
func stored(a audit.Actor) string {
	text, _ := a.MarshalText() // never fails
	return string(text)
}
