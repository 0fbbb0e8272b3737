package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// Accounts stores people's credentials. It implements account.Store.
type Accounts struct{ db *DB }

// Accounts returns the store of people's credentials.
func (d *DB) Accounts() *Accounts { return &Accounts{db: d} }

var _ account.Store = (*Accounts)(nil)

const (
	apiTokenInsert = `INSERT INTO api_token (organization, id, ordinal, secret_hash, name, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`
	apiTokenRevoke = `UPDATE api_token SET revoked_at = $4
		WHERE organization = $1 AND ordinal = $2 AND id = $3 AND revoked_at IS NULL`
	apiTokenKnown = `SELECT 1 FROM api_token WHERE organization = $1 AND ordinal = $2 AND id = $3`
	apiTokensByID = `SELECT t.id, t.ordinal, t.secret_hash, t.expires_at, t.revoked_at, CAST(NULL AS BIGINT), e.userid, e.name
		FROM api_token t` + ofPerson
	apiTokensOf = `SELECT id, name, created_at, expires_at, revoked_at FROM api_token
		WHERE organization = $1 AND ordinal = $2 ORDER BY created_at DESC, id`

	// Together with revocations, which changes of organizations move.
	endings        = `SELECT CAST(SUM(count) AS BIGINT) FROM node_state WHERE name IN ('revocations', 'endings')`
	endingsAdvance = `INSERT INTO node_state (name, value, count) VALUES ('endings', '', 1)
		ON CONFLICT (name) DO UPDATE SET count = node_state.count + 1`

	// ofPerson leads from some credentials t to whose they are. A disabled
	// organization's are as if they were not there.
	ofPerson = `
		JOIN organization o ON o.id = t.organization AND o.disabled_at IS NULL
		JOIN employee e ON e.organization = t.organization AND e.ordinal = t.ordinal
		WHERE t.organization = $1 AND t.id IN (%s)`
)

// CreateAPIToken stores a personal API token; see account.Store.
func (s *Accounts) CreateAPIToken(ctx context.Context, t account.StoredToken, e audit.Entry) error {
	return s.db.administer(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		if err := s.db.lockPerson(ctx, tx, t.Organization, t.Ordinal); err != nil {
			return nil, err
		}
		_, err := tx.ExecContext(ctx, apiTokenInsert, t.Organization, t.ID, int64(t.Ordinal), t.Hash[:], t.Name,
			t.CreatedAt.UnixMilli(), t.ExpiresAt.UnixMilli())
		return []audit.Entry{e}, err
	})
}

// APITokensByID returns tokens with their people; see account.Store.
func (s *Accounts) APITokensByID(ctx context.Context, organization int64, ids []string) ([]account.Standing, error) {
	return s.standings(ctx, apiTokensByID, organization, ids)
}

// standings runs a query whose columns are those of apiTokensByID.
func (s *Accounts) standings(ctx context.Context, query string, organization int64, ids []string) ([]account.Standing, error) {
	all := make([]account.Standing, 0, len(ids))
	err := eachIn(ids, 2, func(list string, args []any) error {
		return eachRow(ctx, s.db.read(), fmt.Sprintf(query, list), func(rows *sql.Rows) error {
			one, err := standing(rows)
			one.Organization = organization
			all = append(all, one)
			return err
		}, append([]any{organization}, args...)...)
	})
	return all, s.db.explain(err)
}

func standing(rows *sql.Rows) (account.Standing, error) {
	var one account.Standing
	var ordinal, ends int64
	var ended, seen sql.NullInt64
	var hash []byte
	if err := rows.Scan(&one.ID, &ordinal, &hash, &ends, &ended, &seen, &one.Userid, &one.PersonName); err != nil {
		return one, err
	}
	if len(hash) != len(one.Hash) {
		return one, fmt.Errorf("store: credential %s: the hash has %d bytes", one.ID, len(hash))
	}
	copy(one.Hash[:], hash)
	one.EndsAt, one.EndedAt, one.SeenAt = fromMillis(ends), fromNullMillis(ended), fromNullMillis(seen)
	var err error
	one.Ordinal, err = toOrdinal(ordinal)
	return one, err
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
func (s *Accounts) RevokeAPIToken(
	ctx context.Context, organization int64, ordinal uint32, id string, at time.Time, e audit.Entry,
) (bool, error) {
	tell := func(int) []audit.Entry { return []audit.Entry{e} }
	n, err := s.end(ctx, tell, apiTokenRevoke, organization, int64(ordinal), id, at.UnixMilli())
	if err != nil || n > 0 {
		return n > 0, err
	}
	err = present(ctx, s.db.read(), func() error { return errNothing }, apiTokenKnown, organization, int64(ordinal), id)
	if errors.Is(err, errNothing) {
		return false, nil
	}
	return err == nil, s.db.explain(err)
}

// Endings counts what has ended; see account.Store.
func (s *Accounts) Endings(ctx context.Context) (int64, error) {
	var n int64
	err := s.db.read().QueryRowContext(engine.Urgent(ctx), endings).Scan(&n)
	return n, s.db.explain(err)
}

// advanceEndings tells whoever watches credentials to look again. It comes
// last in its transaction, as advanceRevocations does.
func advanceEndings(ctx context.Context, tx engine.Querier) error {
	_, err := tx.ExecContext(ctx, endingsAdvance)
	return err
}

// end runs a statement that ends credentials and says of how many. If there are any,
// the entries that tell of them go into the audit log.
func (s *Accounts) end(ctx context.Context, tell account.Told, statement string, args ...any) (n int64, err error) {
	var ended bool
	err = s.db.administer(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		n, err = affected(tx.ExecContext(ctx, statement, args...))
		if ended = n > 0; err != nil || !ended {
			return nil, err
		}
		return tell(int(n)), nil
	}, when(&ended, advanceEndings))
	return n, err
}

func affected(done sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}
