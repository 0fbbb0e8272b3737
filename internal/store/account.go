package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// Accounts stores people's credentials. It implements account.Store.
type Accounts struct{ db *DB }

// Accounts returns the store of people's credentials.
func (d *DB) Accounts() *Accounts { return &Accounts{db: d} }

const (
	apiTokenInsert = `INSERT INTO api_token (organization, id, ordinal, secret_hash, name, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`
	apiTokenRevoke = `UPDATE api_token SET revoked_at = COALESCE(revoked_at, $4)
		WHERE organization = $1 AND ordinal = $2 AND id = $3`
	apiTokenByID = `SELECT t.ordinal, t.secret_hash, t.name, t.created_at, t.expires_at, t.revoked_at, e.userid, e.name
		FROM api_token t JOIN employee e ON e.organization = t.organization AND e.ordinal = t.ordinal
		WHERE t.organization = $1 AND t.id = $2`
	apiTokensOf = `SELECT id, name, created_at, expires_at, revoked_at FROM api_token
		WHERE organization = $1 AND ordinal = $2 ORDER BY created_at DESC, id`
)

// CreateAPIToken stores a personal API token; see account.Store.
func (s *Accounts) CreateAPIToken(ctx context.Context, t account.StoredToken) error {
	return s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		_, err := tx.ExecContext(ctx, apiTokenInsert, t.Organization, t.ID, int64(t.Ordinal), t.Hash[:], t.Name,
			t.CreatedAt.UnixMilli(), t.ExpiresAt.UnixMilli())
		return err
	})
}

// APITokenByID returns a token with its person; see account.Store.
func (s *Accounts) APITokenByID(ctx context.Context, organization int64, id string) (account.StoredToken, bool, error) {
	t := account.StoredToken{Token: account.Token{ID: id}, Organization: organization}
	var ordinal, created, expires int64
	var revoked sql.NullInt64
	var hash []byte
	err := s.db.read().QueryRowContext(ctx, apiTokenByID, organization, id).
		Scan(&ordinal, &hash, &t.Name, &created, &expires, &revoked, &t.Userid, &t.PersonName)
	if errors.Is(err, sql.ErrNoRows) {
		return account.StoredToken{}, false, nil
	}
	if err != nil {
		return account.StoredToken{}, false, s.db.explain(err)
	}
	if len(hash) != len(t.Hash) {
		return account.StoredToken{}, false, fmt.Errorf("store: API token %s: the hash has %d bytes", id, len(hash))
	}
	copy(t.Hash[:], hash)
	t.CreatedAt, t.ExpiresAt, t.RevokedAt = fromMillis(created), fromMillis(expires), fromNullMillis(revoked)
	t.Ordinal, err = toOrdinal(ordinal)
	return t, err == nil, err
}

// APITokens returns a person's tokens; see account.Store.
func (s *Accounts) APITokens(ctx context.Context, organization int64, ordinal uint32) ([]account.Token, error) {
	var tokens []account.Token
	err := eachRow(ctx, s.db.read(), apiTokensOf, func(rows *sql.Rows) error {
		var t account.Token
		var created, expires int64
		var revoked sql.NullInt64
		if err := rows.Scan(&t.ID, &t.Name, &created, &expires, &revoked); err != nil {
			return err
		}
		t.CreatedAt, t.ExpiresAt, t.RevokedAt = fromMillis(created), fromMillis(expires), fromNullMillis(revoked)
		tokens = append(tokens, t)
		return nil
	}, organization, int64(ordinal))
	return tokens, s.db.explain(err)
}

// RevokeAPIToken ends a person's token; see account.Store.
func (s *Accounts) RevokeAPIToken(ctx context.Context, organization int64, ordinal uint32, id string, at time.Time) (bool, error) {
	var found bool
	err := s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		done, err := tx.ExecContext(ctx, apiTokenRevoke, organization, int64(ordinal), id, at.UnixMilli())
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		found = n > 0
		return err
	})
	return found, err
}
