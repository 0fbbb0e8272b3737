package store

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/setup"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// Setup stores the links by which the first organization is made.
func (d *DB) Setup() setup.Store { return &setupStore{d} }

type setupStore struct{ db *DB }

const (
	sqlInsertSetupLink      = `INSERT INTO setup (token_hash, expires_at) VALUES ($1, $2)`
	sqlSelectSetupLink      = `SELECT expires_at FROM setup WHERE token_hash = $1 AND expires_at > $2 AND used_at IS NULL`
	sqlUpdateSetupLinkUsed  = `UPDATE setup SET used_at = $2 WHERE token_hash = $1 AND expires_at > $2 AND used_at IS NULL`
	sqlDeleteSetupLinksOver = `DELETE FROM setup WHERE expires_at <= $1`

	sqlSelectAnyOrganization = `SELECT 1 FROM organization LIMIT 1`
	// sqlLockSetup has those who set up with different links do so one after the other:
	// who comes second sees the organization of the first.
	sqlLockSetup = `SELECT next_id FROM id_block WHERE name = 'organization'`
)

func (s *setupStore) AddSetupLink(ctx context.Context, l setup.StoredLink, now time.Time) error {
	return s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		if err := needNone(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, sqlDeleteSetupLinksOver, now.UnixMilli()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, sqlInsertSetupLink, l.Hash[:], l.ExpiresAt.UnixMilli())
		return err
	})
}

// SetupLink looks for an organization after it has looked for the link: of a link that was
// used meanwhile it says that there is one.
func (s *setupStore) SetupLink(ctx context.Context, token [sha256.Size]byte, now time.Time) (expires time.Time, err error) {
	found, err := readRow(ctx, s.db.read(), sqlSelectSetupLink, []any{(*millis)(&expires)}, token[:], now.UnixMilli())
	if err == nil {
		err = needNone(ctx, s.db.read())
	}
	if err == nil && !found {
		err = setup.Invalid()
	}
	return expires, s.db.toFault(err)
}

// needNone fails with setup.Done where there is one.
func needNone(ctx context.Context, q engine.Querier) error {
	found, err := readRow(ctx, q, sqlSelectAnyOrganization, []any{new(any)})
	if err == nil && found {
		return setup.Done()
	}
	return err
}

func (s *setupStore) NextOrganization(ctx context.Context) (int64, error) {
	ids, err := s.db.NextIDs(ctx, "organization", 1)
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

func (s *setupStore) SetUp(ctx context.Context, token [sha256.Size]byte, f directory.Founding, session account.StoredSession) error {
	return s.db.administer(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		if _, err := readRow(ctx, tx, sqlLockSetup+s.db.engine.RowLock(), []any{new(any)}); err != nil {
			return nil, err
		}
		if err := needNone(ctx, tx); err != nil {
			return nil, err
		}
		n, err := affected(tx.ExecContext(ctx, sqlUpdateSetupLinkUsed, token[:], session.CreatedAt.UnixMilli()))
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, setup.Invalid()
		}
		if err := insertFounding(ctx, tx, f); err != nil {
			return nil, err
		}
		return f.Entries, insertSession(ctx, tx, session)
	})
}

func insertFounding(ctx context.Context, tx engine.Querier, f directory.Founding) error {
	id := f.Organization.ID
	if err := insertOrganization(ctx, tx, f.Organization, f.Root); err != nil {
		return err
	}
	if err := sqlUpsertEmployees.rows(ctx, tx, employeeValues(id, 1, []directory.User{f.Owner})); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, sqlUpdateNextOrdinal, id, int64(f.Owner.Ordinal)+1)
	return err
}
