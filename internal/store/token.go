package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	// A disabled app answers as an unknown one does: with no row. A secret has one
	// live token of each master key at most.
	activeSecrets = `SELECT s.organization, s.app_id, g.id, s.id, s.key_number, s.ciphertext, s.created_at,
		t.id, t.created_at, t.renewed_at, t.expires_at
		FROM app a
		JOIN organization o ON o.id = a.organization AND o.disabled_at IS NULL
		JOIN agent g ON g.app_organization = a.organization AND g.app_id = a.id
			AND g.organization = a.organization AND g.disabled_at IS NULL
		JOIN app_secret s ON s.organization = a.organization AND s.app_id = a.id AND s.ended_at IS NULL
		LEFT JOIN access_token t ON t.organization = s.organization AND t.app_id = s.app_id AND t.secret_id = s.id
			AND t.expires_at > $2 AND t.revoked_at IS NULL AND t.id LIKE $3
		WHERE a.kind = 'internal' AND a.disabled_at IS NULL`
	secretsByKey    = activeSecrets + ` AND a.app_key = $1`
	secretsByCorpID = activeSecrets + ` AND a.organization = (SELECT id FROM organization WHERE corp_id = $1)`
)

// SecretsByKey returns an app's active secrets; see app.TokenStore.
func (s *Apps) SecretsByKey(ctx context.Context, appKey string, keyNumber int, now time.Time) ([]app.StoredSecret, error) {
	return s.secrets(ctx, secretsByKey, appKey, keyNumber, now)
}

// SecretsByCorpID returns the active secrets of an organization's apps; see
// app.TokenStore.
func (s *Apps) SecretsByCorpID(ctx context.Context, corpID string, keyNumber int, now time.Time) ([]app.StoredSecret, error) {
	return s.secrets(ctx, secretsByCorpID, corpID, keyNumber, now)
}

func (s *Apps) secrets(ctx context.Context, query, by string, keyNumber int, now time.Time) ([]app.StoredSecret, error) {
	var list []app.StoredSecret
	err := eachRow(ctx, s.db.read(), query, func(rows *sql.Rows) error {
		var c app.StoredSecret
		var created int64
		var token sql.NullString
		var tokenCreated, renewed, expires sql.NullInt64
		if err := rows.Scan(&c.Organization, &c.AppID, &c.AgentID, &c.ID, &c.KeyNumber, &c.Ciphertext, &created,
			&token, &tokenCreated, &renewed, &expires); err != nil {
			return err
		}
		c.CreatedAt = fromMillis(created)
		if token.Valid {
			c.Token = &app.StoredToken{
				ID: token.String, KeyNumber: keyNumber, CreatedAt: fromNullMillis(tokenCreated),
				RenewedAt: fromNullMillis(renewed), ExpiresAt: fromNullMillis(expires),
			}
		}
		list = append(list, c)
		return nil
	}, by, now.UnixMilli(), namesKey(keyNumber))
	return list, s.db.explain(err)
}

const (
	// Read under the app's lock, so that neither a token nor the end of what it
	// belongs to can come in between.
	secretStands = `SELECT s.id FROM app a
		JOIN agent g ON g.app_organization = a.organization AND g.app_id = a.id
			AND g.organization = a.organization AND g.id = $4 AND g.disabled_at IS NULL
		JOIN app_secret s ON s.organization = a.organization AND s.app_id = a.id AND s.id = $3 AND s.ended_at IS NULL
		WHERE a.organization = $1 AND a.id = $2 AND a.disabled_at IS NULL`
	liveToken = `SELECT id, created_at, renewed_at, expires_at FROM access_token
		WHERE organization = $1 AND app_id = $2 AND secret_id = $3 AND expires_at > $4 AND revoked_at IS NULL AND id LIKE $5`
	expiredDelete = `DELETE FROM access_token
		WHERE organization = $1 AND app_id = $2 AND secret_id = $3 AND expires_at <= $4`
	tokenInsert = `INSERT INTO access_token
		(organization, id, app_id, agent_id, secret_id, created_at, renewed_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	tokenRenew = `UPDATE access_token SET renewed_at = $3, expires_at = $4
		WHERE organization = $1 AND id = $2 AND expires_at > $3 AND revoked_at IS NULL`
)

// errEnded rolls back a token for a secret that ended meanwhile.
var errEnded = errors.New("the secret has ended")

// CreateToken stores a secret's token unless it has one; see app.TokenStore.
func (s *Apps) CreateToken(ctx context.Context, c app.StoredSecret, fresh app.StoredToken) (app.StoredToken, bool, error) {
	token := fresh
	err := s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		ended := func() error { return errEnded }
		if err := present(ctx, tx, ended, appLock+s.db.engine.RowLock(), c.Organization, c.AppID); err != nil {
			return err
		}
		if err := present(ctx, tx, ended, secretStands, c.Organization, c.AppID, c.ID, c.AgentID); err != nil {
			return err
		}
		if err := s.db.holdKey(ctx, tx, fresh.KeyNumber); err != nil {
			return err
		}
		now := fresh.CreatedAt.UnixMilli()
		t := app.StoredToken{KeyNumber: fresh.KeyNumber}
		var created, renewed, expires int64
		err := tx.QueryRowContext(ctx, liveToken, c.Organization, c.AppID, c.ID, now, namesKey(fresh.KeyNumber)).Scan(&t.ID, &created, &renewed, &expires)
		if err == nil {
			t.CreatedAt, t.RenewedAt, t.ExpiresAt = fromMillis(created), fromMillis(renewed), fromMillis(expires)
			token = t
			return nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if _, err := tx.ExecContext(ctx, expiredDelete, c.Organization, c.AppID, c.ID, now); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, tokenInsert, c.Organization, fresh.ID, c.AppID, c.AgentID, c.ID,
			now, fresh.RenewedAt.UnixMilli(), fresh.ExpiresAt.UnixMilli())
		return err
	})
	if errors.Is(err, errEnded) {
		return app.StoredToken{}, false, nil
	}
	return token, err == nil, err
}

// MarkTokenRenewed moves a live token's end; see app.TokenStore.
func (s *Apps) MarkTokenRenewed(ctx context.Context, organization int64, t app.StoredToken) (bool, error) {
	var renewed bool
	err := s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		if err := s.db.holdKey(ctx, tx, t.KeyNumber); err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, tokenRenew, organization, t.ID, t.RenewedAt.UnixMilli(), t.ExpiresAt.UnixMilli())
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		renewed = n > 0
		return err
	})
	return renewed, err
}

const callCount = `INSERT INTO api_usage (organization, month, calls) VALUES ($1, $2, 1)
	ON CONFLICT (organization, month) DO UPDATE SET calls = api_usage.calls + 1 WHERE api_usage.calls < $3`

// CountCall adds one to a month's calls below a limit; see app.Store.
func (s *Apps) CountCall(ctx context.Context, organization int64, month, limit int) (bool, error) {
	var counted bool
	err := s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		done, err := tx.ExecContext(ctx, callCount, organization, month, limit)
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		counted = n > 0
		return err
	})
	return counted, err
}
