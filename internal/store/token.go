package store

import (
	"context"
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
	sqlSelectSecretsByKey    = activeSecrets + ` AND a.app_key = $1`
	sqlSelectSecretsByCorpID = activeSecrets + ` AND a.organization = (SELECT id FROM organization WHERE corp_id = $1)`
)

func (s *appStore) SecretsByKey(ctx context.Context, appKey string, keyNumber int, now time.Time) ([]app.StoredSecret, error) {
	return s.secrets(ctx, sqlSelectSecretsByKey, appKey, keyNumber, now)
}

func (s *appStore) SecretsByCorpID(ctx context.Context, corpID string, keyNumber int, now time.Time) ([]app.StoredSecret, error) {
	return s.secrets(ctx, sqlSelectSecretsByCorpID, corpID, keyNumber, now)
}

func (s *appStore) secrets(ctx context.Context, query, by string, keyNumber int, now time.Time) ([]app.StoredSecret, error) {
	var list []app.StoredSecret
	var c app.StoredSecret
	var id *string // nil without a live token
	token := app.StoredToken{KeyNumber: keyNumber}
	into := []any{
		&c.Organization, &c.AppID, &c.AgentID, &c.ID, &c.KeyNumber, &c.Ciphertext, (*millis)(&c.CreatedAt),
		&id, (*millis)(&token.CreatedAt), (*millis)(&token.RenewedAt), (*millis)(&token.ExpiresAt),
	}
	err := readEach(ctx, s.db.read(), query, into, func() error {
		c.Token = nil
		if id != nil {
			token.ID = *id
			live := token
			c.Token = &live
		}
		list = append(list, c)
		return nil
	}, by, now.UnixMilli(), namesKey(keyNumber))
	return list, s.db.toFault(err)
}

const (
	// Read under the app's lock, so that neither a token nor the end of what it
	// belongs to can come in between.
	sqlSelectSecretStands = `SELECT s.id FROM app a
		JOIN agent g ON g.app_organization = a.organization AND g.app_id = a.id
			AND g.organization = a.organization AND g.id = $4 AND g.disabled_at IS NULL
		JOIN app_secret s ON s.organization = a.organization AND s.app_id = a.id AND s.id = $3 AND s.ended_at IS NULL
		WHERE a.organization = $1 AND a.id = $2 AND a.disabled_at IS NULL`
	sqlSelectLiveToken = `SELECT id, created_at, renewed_at, expires_at FROM access_token
		WHERE organization = $1 AND app_id = $2 AND secret_id = $3 AND expires_at > $4 AND revoked_at IS NULL AND id LIKE $5`
	sqlDeleteExpiredTokens = `DELETE FROM access_token
		WHERE organization = $1 AND app_id = $2 AND secret_id = $3 AND expires_at <= $4`
	sqlInsertToken = `INSERT INTO access_token
		(organization, id, app_id, agent_id, secret_id, created_at, renewed_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	sqlUpdateTokenRenewed = `UPDATE access_token SET renewed_at = $3, expires_at = $4
		WHERE organization = $1 AND id = $2 AND expires_at > $3 AND revoked_at IS NULL`
)

// errEnded rolls back a token for a secret that ended meanwhile.
var errEnded = errors.New("the secret has ended")

func (s *appStore) CreateToken(ctx context.Context, c app.StoredSecret, fresh app.StoredToken) (app.StoredToken, bool, error) {
	token := fresh
	err := s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		ended := func() error { return errEnded }
		if err := present(ctx, tx, ended, sqlLockApp+s.db.engine.RowLock(), c.Organization, c.AppID); err != nil {
			return err
		}
		if err := present(ctx, tx, ended, sqlSelectSecretStands, c.Organization, c.AppID, c.ID, c.AgentID); err != nil {
			return err
		}
		if err := s.db.holdKey(ctx, tx, fresh.KeyNumber); err != nil {
			return err
		}
		now := fresh.CreatedAt.UnixMilli()
		live := app.StoredToken{KeyNumber: fresh.KeyNumber}
		into := []any{&live.ID, (*millis)(&live.CreatedAt), (*millis)(&live.RenewedAt), (*millis)(&live.ExpiresAt)}
		found, err := readRow(ctx, tx, sqlSelectLiveToken, into, c.Organization, c.AppID, c.ID, now, namesKey(fresh.KeyNumber))
		if err != nil {
			return err
		}
		if found {
			token = live
			return nil
		}
		if _, err := tx.ExecContext(ctx, sqlDeleteExpiredTokens, c.Organization, c.AppID, c.ID, now); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, sqlInsertToken, c.Organization, fresh.ID, c.AppID, c.AgentID, c.ID,
			now, fresh.RenewedAt.UnixMilli(), fresh.ExpiresAt.UnixMilli())
		return err
	})
	if errors.Is(err, errEnded) {
		return app.StoredToken{}, false, nil
	}
	return token, err == nil, err
}

func (s *appStore) MarkTokenRenewed(ctx context.Context, organization int64, t app.StoredToken) (bool, error) {
	var n int64
	err := s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		if err := s.db.holdKey(ctx, tx, t.KeyNumber); err != nil {
			return err
		}
		var err error
		n, err = affected(tx.ExecContext(ctx, sqlUpdateTokenRenewed, organization, t.ID, t.RenewedAt.UnixMilli(), t.ExpiresAt.UnixMilli()))
		return err
	})
	return n > 0, err
}

const sqlUpsertCallCount = `INSERT INTO api_usage (organization, month, calls) VALUES ($1, $2, 1)
	ON CONFLICT (organization, month) DO UPDATE SET calls = api_usage.calls + 1 WHERE api_usage.calls < $3`

func (s *appStore) CountCall(ctx context.Context, organization int64, month, limit int) (bool, error) {
	var n int64
	err := s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) (err error) {
		n, err = affected(tx.ExecContext(ctx, sqlUpsertCallCount, organization, month, limit))
		return err
	})
	return n > 0, err
}
