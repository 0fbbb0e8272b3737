package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	sqlSelectSuiteByKey = `SELECT ` + appColumns + ` FROM app a
		JOIN organization o ON o.id = a.organization AND o.disabled_at IS NULL
		WHERE a.app_key = $1 AND a.kind = 'third_party' AND a.disabled_at IS NULL`
	sqlSelectSuiteSecrets = `SELECT id, key_number, ciphertext, created_at FROM app_secret
		WHERE organization = $1 AND app_id = $2 AND ended_at IS NULL ORDER BY id`
	sqlSelectInstallation = `SELECT ` + appColumns + `, ` + agentColumns + `, o.name FROM organization o
		JOIN agent g ON g.organization = o.id AND g.app_organization = $1 AND g.app_id = $2 AND g.disabled_at IS NULL
		JOIN app a ON a.organization = g.app_organization AND a.id = g.app_id AND a.disabled_at IS NULL
		WHERE o.corp_id = $3 AND o.disabled_at IS NULL`
	// Read under the app's lock, as sqlSelectSecretStands.
	sqlSelectSuiteStands = `SELECT s.id FROM app a
		JOIN app_secret s ON s.organization = a.organization AND s.app_id = a.id AND s.id = $3 AND s.ended_at IS NULL
		WHERE a.organization = $1 AND a.id = $2 AND a.disabled_at IS NULL`
	sqlSelectAgentStands      = `SELECT id FROM agent WHERE organization = $1 AND id = $2 AND disabled_at IS NULL`
	sqlSelectLivingTokenCount = `SELECT COUNT(*) FROM access_token
		WHERE organization = $1 AND app_id = $2 AND secret_id = $3 AND expires_at > $4 AND revoked_at IS NULL`
	sqlSelectSuiteOfToken = `SELECT ` + appColumns + `, s.id FROM access_token t
		JOIN app a ON a.organization = t.organization AND a.id = t.app_id AND a.disabled_at IS NULL
		JOIN organization o ON o.id = a.organization AND o.disabled_at IS NULL
		JOIN app_secret s ON s.organization = a.organization AND s.app_id = a.id AND s.id = t.secret_id AND s.ended_at IS NULL
		WHERE t.organization = $1 AND t.id = $2 AND t.agent_id = 0 AND t.expires_at > $3 AND t.revoked_at IS NULL`
)

func (s *appStore) SuiteByKey(ctx context.Context, suiteKey string) (app.Suite, error) {
	var suite app.Suite
	found, err := readRow(ctx, s.db.read(), sqlSelectSuiteByKey, appInto(&suite.App), suiteKey)
	if err != nil || !found {
		return app.Suite{}, s.db.toFault(err)
	}
	provider, id := suite.App.Organization, suite.App.ID
	if suite.Ticket, err = s.TicketOf(ctx, provider, id); err != nil {
		return app.Suite{}, err
	}
	suite.Secrets, err = readRows(ctx, s.db.read(), sqlSelectSuiteSecrets, func(c *app.StoredSecret) []any {
		c.Organization, c.AppID = provider, id
		return []any{&c.ID, &c.KeyNumber, &c.Ciphertext, (*millis)(&c.CreatedAt)}
	}, provider, id)
	return suite, s.db.toFault(err)
}

func (s *appStore) InstallationOf(ctx context.Context, provider, appID int64, corpID string) (i app.Installed, found bool, err error) {
	into := slices.Concat(appInto(&i.App), agentInto(&i.Agent), []any{&i.CorpName})
	found, err = readRow(ctx, s.db.read(), sqlSelectInstallation, into, provider, appID, corpID)
	return i, found, s.db.toFault(err)
}

func (s *appStore) AddToken(ctx context.Context, organization, agentID int64, c app.StoredSecret, fresh app.StoredToken, most int) (bool, error) {
	err := s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		ended := func() error { return errEnded }
		if err := present(ctx, tx, ended, sqlLockApp+s.db.engine.RowLock(), c.Organization, c.AppID); err != nil {
			return err
		}
		if err := present(ctx, tx, ended, sqlSelectSuiteStands, c.Organization, c.AppID, c.ID); err != nil {
			return err
		}
		if agentID != 0 {
			if err := present(ctx, tx, ended, sqlSelectAgentStands, organization, agentID); err != nil {
				return err
			}
		}
		if err := s.db.holdKey(ctx, tx, fresh.KeyNumber); err != nil {
			return err
		}
		now := fresh.CreatedAt.UnixMilli()
		if _, err := tx.ExecContext(ctx, sqlDeleteExpiredTokens, organization, c.AppID, c.ID, now); err != nil {
			return err
		}
		var living int64
		if err := tx.QueryRowContext(ctx, sqlSelectLivingTokenCount, organization, c.AppID, c.ID, now).Scan(&living); err != nil {
			return err
		}
		if living >= int64(most) {
			return fault.New(fault.CodeThrottled, "%d tokens of this app live already, use one of them", living).
				WithLimit(int64(most), living+1).WithRetryAfter(time.Minute)
		}
		_, err := tx.ExecContext(ctx, sqlInsertToken, organization, fresh.ID, c.AppID, agentID, c.ID,
			now, fresh.RenewedAt.UnixMilli(), fresh.ExpiresAt.UnixMilli())
		return err
	})
	if errors.Is(err, errEnded) {
		return false, nil
	}
	return err == nil, err
}

func (s *appStore) SuiteOfToken(ctx context.Context, provider int64, id string, now time.Time) (app.Suite, bool, error) {
	var suite app.Suite
	var secret int64
	found, err := readRow(ctx, s.db.read(), sqlSelectSuiteOfToken, append(appInto(&suite.App), &secret), provider, id, now.UnixMilli())
	if err != nil || !found {
		return app.Suite{}, false, s.db.toFault(err)
	}
	suite.Secrets = []app.StoredSecret{{Organization: suite.App.Organization, AppID: suite.App.ID, ID: secret}}
	return suite, true, nil
}
