package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/signin"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// SignIn stores where people have accounts of elsewhere, and whose these are.
func (d *DB) SignIn() signin.Store { return &signInStore{d} }

type signInStore struct{ db *DB }

const (
	sourceColumns = `s.organization, s.id, s.kind, s.name, s.state, s.settings, s.session_days, s.by_operator, s.edition,
		s.tested_at, s.created_at, s.key_number, s.secret`

	sqlSelectSources      = `SELECT ` + sourceColumns + ` FROM sign_in_source s WHERE s.organization = $1 ORDER BY s.id`
	sqlSelectSource       = `SELECT ` + sourceColumns + ` FROM sign_in_source s WHERE s.organization = $1 AND s.id = $2`
	sqlLockSource         = sqlSelectSource // or share it, and the source stays as it is
	sqlSelectSourceByName = `SELECT ` + sourceColumns + ` FROM sign_in_source s WHERE s.organization = $1 AND s.name = $2`
	sqlSelectSourceUsable = `SELECT ` + sourceColumns + ` FROM sign_in_source s JOIN organization o ON o.id = s.organization AND o.disabled_at IS NULL
		WHERE s.organization = $1 AND s.id = $2 AND s.state = 'on'`
	sqlInsertSource = `INSERT INTO sign_in_source (organization, id, kind, name, state, settings, session_days, by_operator, edition,
		tested_at, created_at, key_number, secret) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (organization, name) DO NOTHING`
	sqlUpdateSource = `UPDATE sign_in_source SET name = $3, state = $4, settings = $5, session_days = $6, by_operator = $7, edition = $8,
		tested_at = $9, key_number = $10, secret = $11 WHERE organization = $1 AND id = $2`
	sqlDeleteSessionsOfSource = `DELETE FROM session WHERE organization = $1 AND source_id = $2 AND source_id <> ''`

	// ownersBy are the owners in use who have an identity of the sources s.
	ownersBy = `(SELECT COUNT(DISTINCT e.ordinal) FROM employee e
		JOIN identity i ON i.organization = e.organization AND i.ordinal = e.ordinal
		JOIN sign_in_source s ON s.organization = i.organization AND s.id = i.source_id
		WHERE e.organization = $1 AND e.roles <> 'employee' AND e.roles LIKE '%owner%' AND e.disabled_at IS NULL AND e.deleted_at IS NULL`

	sqlSelectSourceCounts = `SELECT (SELECT COUNT(*) FROM identity WHERE organization = $1 AND source_id = $2),
		(SELECT COUNT(*) FROM waiting_identity WHERE organization = $1 AND source_id = $2),
		` + ownersBy + ` AND s.id = $2), ` + ownersBy + ` AND s.id <> $2 AND s.state = 'on')`
)

func sourceInto(s *signin.StoredSource) []any {
	settings := column(func(b []byte) error {
		s.Settings = json.RawMessage(slices.Clone(b))
		return nil
	})
	sealed := column(func(b []byte) error {
		s.Secret.Ciphertext = slices.Clone(b)
		return nil
	})
	return []any{
		&s.Organization, &s.ID, &s.Kind, &s.Name, &s.State, settings, &s.SessionDays, &s.ByOperator, &s.Edition,
		(*millis)(&s.TestedAt), (*millis)(&s.CreatedAt), &s.Secret.Number, sealed,
	}
}

func noSource() error { return fault.New(fault.CodeNotFound, "there is no such sign-in source") }

func (s *signInStore) Sources(ctx context.Context, organization int64) ([]signin.Source, error) {
	stored, err := readRows(ctx, s.db.read(), sqlSelectSources, sourceInto, organization)
	all := make([]signin.Source, len(stored))
	for i, one := range stored {
		all[i] = one.Source
	}
	slices.SortFunc(all, func(a, b signin.Source) int { return cmp.Compare(a.Name, b.Name) }) // alike on both engines
	return all, s.db.toFault(err)
}

func (s *signInStore) one(ctx context.Context, q engine.Querier, query string, args ...any) (one signin.StoredSource, err error) {
	err = needRow(ctx, q, noSource, query, sourceInto(&one), args...)
	return one, err
}

func (s *signInStore) Source(ctx context.Context, organization int64, id string) (signin.StoredSource, error) {
	one, err := s.one(ctx, s.db.read(), sqlSelectSource, organization, id)
	return one, s.db.toFault(err)
}

func (s *signInStore) SourceNamed(ctx context.Context, organization int64, name string) (signin.StoredSource, error) {
	one, err := s.one(ctx, s.db.read(), sqlSelectSourceByName, organization, name)
	return one, s.db.toFault(err)
}

func (s *signInStore) Usable(ctx context.Context, organization int64, id string) (signin.StoredSource, error) {
	one, err := s.one(ctx, s.db.read(), sqlSelectSourceUsable, organization, id)
	return one, s.db.toFault(err)
}

func (s *signInStore) Counts(ctx context.Context, organization int64, id string) (signin.Counts, error) {
	c, err := s.counts(ctx, s.db.read(), organization, id)
	return c, s.db.toFault(err)
}

func (s *signInStore) counts(ctx context.Context, q engine.Querier, organization int64, id string) (c signin.Counts, err error) {
	_, err = readRow(ctx, q, sqlSelectSourceCounts, []any{&c.Identities, &c.Waiting, &c.Owners, &c.OwnersElsewhere}, organization, id)
	return c, err
}

func nameTaken() error {
	return fault.New(fault.CodeConflict, "there is a sign-in source of that name").WithField("name")
}

func (s *signInStore) CreateSource(ctx context.Context, one signin.StoredSource, e audit.Entry) error {
	return s.db.administer(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		if err := s.db.holdKey(ctx, tx, one.Secret.Number); err != nil {
			return nil, err
		}
		n, err := affected(tx.ExecContext(ctx, sqlInsertSource, one.Organization, one.ID, one.Kind, one.Name, string(one.State), string(one.Settings),
			one.SessionDays, flag(one.ByOperator), one.Edition, toNullMillis(one.TestedAt), one.CreatedAt.UnixMilli(),
			one.Secret.Number, one.Secret.Ciphertext))
		if err == nil && n == 0 {
			err = nameTaken()
		}
		return []audit.Entry{e}, err
	})
}

func (s *signInStore) ChangeSource(ctx context.Context, organization int64, id string, change signin.Change) (ended bool, err error) {
	err = s.db.administer(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		ended = false
		is, err := s.one(ctx, tx, sqlLockSource+s.db.engine.RowLock(), organization, id)
		if err != nil {
			return nil, err
		}
		c, err := s.counts(ctx, tx, organization, id)
		if err != nil {
			return nil, err
		}
		to, endSessions, entries, err := change(is, c)
		if err != nil {
			return nil, err
		}
		if err := s.update(ctx, tx, is, to); err != nil {
			return nil, err
		}
		if endSessions {
			n, err := affected(tx.ExecContext(ctx, sqlDeleteSessionsOfSource, organization, id))
			if err != nil {
				return nil, err
			}
			ended = n > 0
		}
		return entries, nil
	}, when(&ended, advanceEndings))
	return ended, err
}

func (s *signInStore) update(ctx context.Context, tx engine.Querier, is, to signin.StoredSource) error {
	if to.Name != is.Name {
		taken, err := readRow(ctx, tx, sqlSelectSourceByName, sourceInto(new(signin.StoredSource)), is.Organization, to.Name)
		if err != nil {
			return err
		}
		if taken {
			return nameTaken()
		}
	}
	if !bytes.Equal(to.Secret.Ciphertext, is.Secret.Ciphertext) { // else it is of whichever key it was
		if err := s.db.holdKey(ctx, tx, to.Secret.Number); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, sqlUpdateSource, is.Organization, is.ID, to.Name, string(to.State), string(to.Settings), to.SessionDays,
		flag(to.ByOperator), to.Edition, toNullMillis(to.TestedAt), to.Secret.Number, to.Secret.Ciphertext)
	return err
}
