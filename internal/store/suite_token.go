package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	suiteByKey = `SELECT ` + appColumns + ` FROM app a
		JOIN organization o ON o.id = a.organization AND o.disabled_at IS NULL
		WHERE a.app_key = $1 AND a.kind = 'third_party' AND a.disabled_at IS NULL`
	suiteSecrets = `SELECT id, key_number, ciphertext, created_at FROM app_secret
		WHERE organization = $1 AND app_id = $2 AND ended_at IS NULL ORDER BY id`
	installationOf = `SELECT ` + appColumns + `, ` + agentColumns + `, o.name FROM organization o
		JOIN agent g ON g.organization = o.id AND g.app_organization = $1 AND g.app_id = $2 AND g.disabled_at IS NULL
		JOIN app a ON a.organization = g.app_organization AND a.id = g.app_id AND a.disabled_at IS NULL
		WHERE o.corp_id = $3 AND o.disabled_at IS NULL`
	// Read under the app's lock, as secretStands.
	suiteStands = `SELECT s.id FROM app a
		JOIN app_secret s ON s.organization = a.organization AND s.app_id = a.id AND s.id = $3 AND s.ended_at IS NULL
		WHERE a.organization = $1 AND a.id = $2 AND a.disabled_at IS NULL`
	agentStands  = `SELECT id FROM agent WHERE organization = $1 AND id = $2 AND disabled_at IS NULL`
	tokensLiving = `SELECT COUNT(*) FROM access_token
		WHERE organization = $1 AND app_id = $2 AND secret_id = $3 AND expires_at > $4 AND revoked_at IS NULL`
	suiteOfToken = `SELECT ` + appColumns + `, s.id FROM access_token t
		JOIN app a ON a.organization = t.organization AND a.id = t.app_id AND a.disabled_at IS NULL
		JOIN organization o ON o.id = a.organization AND o.disabled_at IS NULL
		JOIN app_secret s ON s.organization = a.organization AND s.app_id = a.id AND s.id = t.secret_id AND s.ended_at IS NULL
		WHERE t.organization = $1 AND t.id = $2 AND t.agent_id = 0 AND t.expires_at > $3 AND t.revoked_at IS NULL`
)

// SuiteByKey returns what a proof is checked against; see app.SuiteTokenStore.
func (s *Apps) SuiteByKey(ctx context.Context, suiteKey string) (app.Suite, error) {
	var suite app.Suite
	a := newAppScan(&suite.App)
	err := s.db.read().QueryRowContext(ctx, suiteByKey, suiteKey).Scan(a.into...)
	if errors.Is(err, sql.ErrNoRows) {
		return app.Suite{}, nil
	}
	if err = errors.Join(err, a.finish()); err != nil {
		return app.Suite{}, s.db.explain(err)
	}
	provider, id := suite.App.Organization, suite.App.ID
	if suite.Ticket, err = s.TicketOf(ctx, provider, id); err != nil {
		return app.Suite{}, err
	}
	err = eachRow(ctx, s.db.read(), suiteSecrets, func(rows *sql.Rows) error {
		c := app.StoredSecret{Organization: provider, AppID: id}
		var created int64
		err := rows.Scan(&c.ID, &c.KeyNumber, &c.Ciphertext, &created)
		c.CreatedAt = fromMillis(created)
		suite.Secrets = append(suite.Secrets, c)
		return err
	}, provider, id)
	return suite, s.db.explain(err)
}

// InstallationOf returns where an app is installed; see app.SuiteTokenStore.
func (s *Apps) InstallationOf(ctx context.Context, provider, appID int64, corpID string) (app.Installed, bool, error) {
	i, name, err := scanInstalled(s.db.read().QueryRowContext(ctx, installationOf, provider, appID, corpID))
	i.CorpName = name
	if errors.Is(err, sql.ErrNoRows) {
		return app.Installed{}, false, nil
	}
	return i, err == nil, s.db.explain(err)
}

// AddToken stores one more token; see app.SuiteTokenStore.
func (s *Apps) AddToken(ctx context.Context, organization, agentID int64, c app.StoredSecret, fresh app.StoredToken, most int) (bool, error) {
	err := s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		ended := func() error { return errEnded }
		if err := present(ctx, tx, ended, appLock+s.db.engine.RowLock(), c.Organization, c.AppID); err != nil {
			return err
		}
		if err := present(ctx, tx, ended, suiteStands, c.Organization, c.AppID, c.ID); err != nil {
			return err
		}
		if agentID != 0 {
			if err := present(ctx, tx, ended, agentStands, organization, agentID); err != nil {
				return err
			}
		}
		if err := s.db.holdKey(ctx, tx, fresh.KeyNumber); err != nil {
			return err
		}
		now := fresh.CreatedAt.UnixMilli()
		if _, err := tx.ExecContext(ctx, expiredDelete, organization, c.AppID, c.ID, now); err != nil {
			return err
		}
		var living int64
		if err := tx.QueryRowContext(ctx, tokensLiving, organization, c.AppID, c.ID, now).Scan(&living); err != nil {
			return err
		}
		if living >= int64(most) {
			return fault.New(fault.CodeThrottled, "%d tokens of this app live already, use one of them", living).
				WithLimit(int64(most), living+1).WithRetryAfter(time.Minute)
		}
		_, err := tx.ExecContext(ctx, tokenInsert, organization, fresh.ID, c.AppID, agentID, c.ID,
			now, fresh.RenewedAt.UnixMilli(), fresh.ExpiresAt.UnixMilli())
		return err
	})
	if errors.Is(err, errEnded) {
		return false, nil
	}
	return err == nil, err
}

// SuiteOfToken returns whose a token is; see app.SuiteTokenStore.
func (s *Apps) SuiteOfToken(ctx context.Context, provider int64, id string, now time.Time) (app.Suite, bool, error) {
	var suite app.Suite
	var secret int64
	row := newAppScan(&suite.App)
	err := s.db.read().QueryRowContext(ctx, suiteOfToken, provider, id, now.UnixMilli()).Scan(append(row.into, &secret)...)
	if errors.Is(err, sql.ErrNoRows) {
		return app.Suite{}, false, nil
	}
	err = errors.Join(err, row.finish())
	suite.Secrets = []app.StoredSecret{{Organization: suite.App.Organization, AppID: suite.App.ID, ID: secret}}
	return suite, err == nil, s.db.explain(err)
}
