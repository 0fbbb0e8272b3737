package store

import (
	"context"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// Accounts stores people's credentials.
func (d *DB) Accounts() account.Store { return &accountStore{d} }

type accountStore struct{ db *DB }

const (
	sqlInsertAPIToken = `INSERT INTO api_token (organization, id, ordinal, secret_hash, name, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`
	sqlUpdateAPITokenRevoked = `UPDATE api_token SET revoked_at = $4
		WHERE organization = $1 AND ordinal = $2 AND id = $3 AND revoked_at IS NULL`
	sqlSelectAPITokenKnown = `SELECT 1 FROM api_token WHERE organization = $1 AND ordinal = $2 AND id = $3`
	sqlSelectAPITokensByID = `SELECT t.id, t.ordinal, t.secret_hash, t.expires_at, t.revoked_at, CAST(NULL AS BIGINT), e.userid, e.name
		FROM api_token t` + ofPerson
	sqlSelectAPITokensOfPerson = `SELECT id, name, created_at, expires_at, revoked_at FROM api_token
		WHERE organization = $1 AND ordinal = $2 ORDER BY created_at DESC, id`

	// Together with revocations, which changes of organizations move.
	sqlSelectEndings = `SELECT CAST(SUM(count) AS BIGINT) FROM node_state WHERE name IN ('revocations', 'endings')`
	sqlUpsertEndings = `INSERT INTO node_state (name, value, count) VALUES ('endings', '', 1)
		ON CONFLICT (name) DO UPDATE SET count = node_state.count + 1`

	// ofPerson leads from some credentials t to whose they are. A disabled
	// organization's are as if they were not there.
	ofPerson = `
		JOIN organization o ON o.id = t.organization AND o.disabled_at IS NULL
		JOIN employee e ON e.organization = t.organization AND e.ordinal = t.ordinal
		WHERE t.organization = $1 AND t.id IN (%s)`
)

func (s *accountStore) CreateAPIToken(ctx context.Context, t account.StoredToken, e audit.Entry) error {
	return s.db.administer(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		if err := s.db.lockPerson(ctx, tx, t.Organization, t.Ordinal); err != nil {
			return nil, err
		}
		_, err := tx.ExecContext(ctx, sqlInsertAPIToken, t.Organization, t.ID, int64(t.Ordinal), t.Hash[:], t.Name,
			t.CreatedAt.UnixMilli(), t.ExpiresAt.UnixMilli())
		return []audit.Entry{e}, err
	})
}

func (s *accountStore) APITokensByID(ctx context.Context, organization int64, ids []string) ([]account.Standing, error) {
	return s.standings(ctx, sqlSelectAPITokensByID, organization, ids)
}

// standings runs a query whose columns are those of sqlSelectAPITokensByID.
func (s *accountStore) standings(ctx context.Context, query string, organization int64, ids []string) ([]account.Standing, error) {
	all := make([]account.Standing, 0, len(ids))
	one := account.Standing{Organization: organization}
	into := []any{
		&one.ID, &one.Ordinal, (*hash)(&one.Hash), (*millis)(&one.EndsAt), (*millis)(&one.EndedAt), (*millis)(&one.SeenAt),
		&one.Userid, &one.PersonName,
	}
	err := readEachIn(ctx, s.db.read(), query, []any{organization}, ids, into, func() error {
		all = append(all, one)
		return nil
	})
	return all, s.db.toFault(err)
}

func (s *accountStore) APITokens(ctx context.Context, organization int64, ordinal uint32) ([]account.Token, error) {
	tokens, err := readRows(ctx, s.db.read(), sqlSelectAPITokensOfPerson, func(t *account.Token) []any {
		return []any{&t.ID, &t.Name, (*millis)(&t.CreatedAt), (*millis)(&t.ExpiresAt), (*millis)(&t.RevokedAt)}
	}, organization, int64(ordinal))
	return tokens, s.db.toFault(err)
}

func (s *accountStore) RevokeAPIToken(
	ctx context.Context, organization int64, ordinal uint32, id string, at time.Time, e audit.Entry,
) (bool, error) {
	tell := func(int) []audit.Entry { return []audit.Entry{e} }
	n, err := s.end(ctx, tell, sqlUpdateAPITokenRevoked, organization, int64(ordinal), id, at.UnixMilli())
	if err != nil || n > 0 {
		return n > 0, err
	}
	known, err := readRow(ctx, s.db.read(), sqlSelectAPITokenKnown, []any{new(any)}, organization, int64(ordinal), id)
	return known, s.db.toFault(err)
}

func (s *accountStore) Endings(ctx context.Context) (int64, error) {
	var n int64
	err := s.db.read().QueryRowContext(engine.Urgent(ctx), sqlSelectEndings).Scan(&n)
	return n, s.db.toFault(err)
}

// advanceEndings tells whoever watches credentials to look again. It comes
// last in its transaction, as advanceRevocations does.
func advanceEndings(ctx context.Context, tx engine.Querier) error {
	_, err := tx.ExecContext(ctx, sqlUpsertEndings)
	return err
}

// end runs a statement that ends credentials and says of how many. If there are any,
// the entries that tell of them go into the audit log.
func (s *accountStore) end(ctx context.Context, tell account.Told, statement string, args ...any) (n int64, err error) {
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
