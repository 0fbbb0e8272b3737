package store

import (
	"context"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	sqlSelectAgentInstalled = `SELECT g.id FROM agent g
		WHERE g.organization = $1 AND g.app_organization = $2 AND g.app_id = $3 AND g.uninstalled_at IS NULL`
	sqlInsertSuiteCode         = `INSERT INTO suite_code (organization, app_id, about, hash, expires_at) VALUES ($1, $2, $3, $4, $5)`
	sqlDeleteExpiredSuiteCodes = `DELETE FROM suite_code WHERE organization = $1 AND app_id = $2 AND about = $3 AND expires_at <= $4`
	sqlDeleteTakenSuiteCodes   = `DELETE FROM suite_code WHERE organization = $1 AND app_id = $2 AND about = $3 AND expires_at IS NOT NULL`
	sqlDeleteSuiteCodes        = `DELETE FROM suite_code WHERE organization = $1 AND app_id = $2 AND about = $3`
	sqlSelectSuiteCode         = `SELECT s.about, o.corp_id, o.name FROM suite_code s
		JOIN organization o ON o.id = s.about AND o.disabled_at IS NULL
		JOIN agent g ON g.app_organization = s.organization AND g.app_id = s.app_id AND g.organization = s.about AND g.disabled_at IS NULL
		WHERE s.organization = $1 AND s.app_id = $2 AND s.hash = $3 AND s.expires_at > $4`
	sqlSelectPermanentCodes = `SELECT hash FROM suite_code WHERE organization = $1 AND app_id = $2 AND about = $3 AND expires_at IS NULL`
)

func (s *appStore) AddAuthCode(ctx context.Context, provider, appID, organization int64, hash app.CodeHash, now, until time.Time) (installed bool, err error) {
	err = s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		if err := s.db.lockApp(ctx, tx, provider, appID); err != nil {
			return err
		}
		installed, err = readRow(ctx, tx, sqlSelectAgentInstalled, []any{new(any)}, organization, provider, appID)
		if err != nil || !installed {
			return err
		}
		if _, err := tx.ExecContext(ctx, sqlDeleteExpiredSuiteCodes, provider, appID, organization, now.UnixMilli()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, sqlInsertSuiteCode, provider, appID, organization, hash[:], until.UnixMilli())
		return err
	})
	return installed, err
}

func (s *appStore) TakeAuthCode(ctx context.Context, provider, appID int64, code, permanent app.CodeHash, now time.Time) (a app.Authorization, good bool, err error) {
	err = s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		if err := s.db.lockApp(ctx, tx, provider, appID); err != nil {
			return err
		}
		var organization int64
		good, err = readRow(ctx, tx, sqlSelectSuiteCode, []any{&organization, &a.CorpID, &a.CorpName}, provider, appID, code[:], now.UnixMilli())
		if err != nil || !good {
			return err
		}
		if _, err := tx.ExecContext(ctx, sqlDeleteTakenSuiteCodes, provider, appID, organization); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, sqlInsertSuiteCode, provider, appID, organization, permanent[:], nil)
		return err
	})
	return a, good, err
}

func (s *appStore) PermanentCodes(ctx context.Context, provider, appID, organization int64) ([]app.CodeHash, error) {
	list, err := readRows(ctx, s.db.read(), sqlSelectPermanentCodes, func(h *app.CodeHash) []any { return []any{(*hash)(h)} },
		provider, appID, organization)
	return list, s.db.toFault(err)
}
