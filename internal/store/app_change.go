package store

import (
	"context"
	"reflect"
	"strconv"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// Whoever changes an app, its installation, its secrets or its tokens locks
// the app's row first, and so sees what was committed before.

const (
	sqlLockAppToChange = `SELECT ` + appColumns + ` FROM app a WHERE a.organization = $1 AND a.id = $2`
	sqlLockApp         = `SELECT id FROM app WHERE organization = $1 AND id = $2`
	sqlSelectAgentByID = `SELECT ` + agentColumns + ` FROM agent g WHERE g.organization = $1 AND g.id = $2`

	// What the audit log calls an app of the organization: an internal one by
	// its agent id, a third-party one by its key.
	sqlSelectAuditSubject = `SELECT a.kind, a.app_key, COALESCE((SELECT g.id FROM agent g
		WHERE g.app_organization = a.organization AND g.app_id = a.id AND g.organization = a.organization), 0)
		FROM app a WHERE a.organization = $1 AND a.id = $2`

	sqlSelectSecretCount = `SELECT COUNT(*) FROM app_secret WHERE organization = $1 AND app_id = $2 AND ended_at IS NULL`
	sqlSelectSecretKnown = `SELECT id FROM app_secret WHERE organization = $1 AND app_id = $2 AND id = $3`
	sqlUpdateSecretEnded = `UPDATE app_secret SET ended_at = $4, ciphertext = $5
		WHERE organization = $1 AND app_id = $2 AND id = $3 AND ended_at IS NULL`

	sqlSelectOrganizationsOfApp = `SELECT organization FROM agent
		WHERE app_organization = $1 AND app_id = $2 AND organization <> $1`
	sqlUpdateTokensOfAppEnded = `UPDATE access_token SET revoked_at = $3
		WHERE organization = $1 AND app_id = $2 AND expires_at > $3 AND revoked_at IS NULL`
	sqlUpdateTokensOfAgentEnded = `UPDATE access_token SET revoked_at = $4
		WHERE organization = $1 AND app_id = $2 AND agent_id = $3 AND expires_at > $4 AND revoked_at IS NULL`
	sqlUpdateTokensOfSecretEnded = `UPDATE access_token SET revoked_at = $4
		WHERE organization = $1 AND app_id = $2 AND secret_id = $3 AND expires_at > $4 AND revoked_at IS NULL`
)

func (s *appStore) ChangeApp(
	ctx context.Context, organization, id int64, endTokens time.Time, e audit.Entry, change func(*app.App) (audit.Details, error),
) error {
	return s.change(ctx, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		var a app.App
		err := needRow(ctx, tx, appUnknown, sqlLockAppToChange+s.db.engine.RowLock(), appInto(&a), organization, id)
		if err != nil {
			return nil, err
		}
		if e.Details, err = change(&a); err != nil {
			return nil, err
		}
		if err := updateApp(ctx, tx, a); err != nil {
			return nil, err
		}
		if !endTokens.IsZero() {
			if err := endTokensOfApp(ctx, tx, organization, id, endTokens); err != nil {
				return nil, err
			}
		}
		return ofApp(ctx, tx, id, e)
	})
}

// endTokensOfApp ends an app's tokens wherever it is installed.
func endTokensOfApp(ctx context.Context, tx engine.Querier, provider, id int64, at time.Time) error {
	organizations, err := readRows(ctx, tx, sqlSelectOrganizationsOfApp, numberInto, provider, id)
	if err != nil {
		return err
	}
	organizations = append([]int64{provider}, organizations...) // the provider has those of a third-party app itself
	for _, organization := range organizations {
		if _, err := tx.ExecContext(ctx, sqlUpdateTokensOfAppEnded, organization, id, at.UnixMilli()); err != nil {
			return err
		}
		if err := endSignInsOfApp(ctx, tx, organization, id); err != nil {
			return err
		}
	}
	return nil
}

func (s *appStore) ChangeAgent(
	ctx context.Context, organization, id int64, endTokens time.Time, e audit.Entry, change func(*app.Agent) error,
) error {
	e.Subject = strconv.FormatInt(id, 10)
	return s.change(ctx, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		appID, err := s.changeAgent(ctx, tx, organization, id, change)
		if err == nil && !endTokens.IsZero() {
			_, err = tx.ExecContext(ctx, sqlUpdateTokensOfAgentEnded, organization, appID, id, endTokens.UnixMilli())
			if err == nil {
				err = endSignInsOfApp(ctx, tx, organization, appID)
			}
		}
		return []audit.Entry{e}, err
	})
}

func (s *appStore) ChangeInstallation(
	ctx context.Context, organization, id int64, change func(*app.App, *app.Agent) ([]audit.Entry, error),
) error {
	return s.change(ctx, func(ctx context.Context, tx engine.Querier) (entries []audit.Entry, err error) {
		var before, a app.App
		_, err = s.changeAgent(ctx, tx, organization, id, func(g *app.Agent) error {
			err := needRow(ctx, tx, appUnknown, sqlLockAppToChange, appInto(&before), g.AppOrganization, g.AppID)
			if err == nil {
				a = before
				entries, err = change(&a, g)
			}
			return err
		})
		if err == nil && a.Organization == organization && !reflect.DeepEqual(before, a) {
			err = updateApp(ctx, tx, a)
		}
		return entries, err
	})
}

// changeAgent alters an installation and returns the app it is of.
func (s *appStore) changeAgent(ctx context.Context, tx engine.Querier, organization, id int64, change func(*app.Agent) error) (int64, error) {
	var g app.Agent
	if err := needRow(ctx, tx, agentUnknown, sqlSelectAgentByID, agentInto(&g), organization, id); err != nil {
		return 0, err
	}
	// Which app it belongs to never changes; what else was read may have
	// before the lock was had.
	if err := s.db.lockApp(ctx, tx, g.AppOrganization, g.AppID); err != nil {
		return 0, err
	}
	if err := needRow(ctx, tx, agentUnknown, sqlSelectAgentByID, agentInto(&g), organization, id); err != nil {
		return 0, err
	}
	before := g
	if err := change(&g); err != nil {
		return 0, err
	}
	if err := updateAgent(ctx, tx, g); err != nil {
		return 0, err
	}
	return g.AppID, s.db.fileChanged(ctx, tx, before, g)
}

// lockApp locks the row of an app that somebody changes.
func (d *DB) lockApp(ctx context.Context, tx engine.Querier, organization, id int64) error {
	return present(ctx, tx, appUnknown, sqlLockApp+d.engine.RowLock(), organization, id)
}

func (s *appStore) CreateSecret(ctx context.Context, secret app.StoredSecret, most int, e audit.Entry) error {
	return s.change(ctx, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		if err := s.db.lockApp(ctx, tx, secret.Organization, secret.AppID); err != nil {
			return nil, err
		}
		var n int64
		if err := tx.QueryRowContext(ctx, sqlSelectSecretCount, secret.Organization, secret.AppID).Scan(&n); err != nil {
			return nil, err
		}
		if n >= int64(most) {
			return nil, fault.New(fault.CodeConflict, "the app has %d active secrets, end one first", n).WithLimit(int64(most), n+1)
		}
		if err := s.insertSecret(ctx, tx, secret); err != nil {
			return nil, err
		}
		return ofApp(ctx, tx, secret.AppID, e)
	})
}

// ofApp makes an app of the entry's organization its subject.
func ofApp(ctx context.Context, tx engine.Querier, appID int64, e audit.Entry) ([]audit.Entry, error) {
	var kind, key string
	var agent int64
	if err := tx.QueryRowContext(ctx, sqlSelectAuditSubject, e.Organization, appID).Scan(&kind, &key, &agent); err != nil {
		return nil, err
	}
	e.Subject = key
	if kind == string(app.Internal) {
		e.Subject = strconv.FormatInt(agent, 10)
	}
	return []audit.Entry{e}, nil
}

func (s *appStore) EndSecret(ctx context.Context, organization, appID, id int64, at time.Time, e audit.Entry) error {
	missing := func() error { return fault.New(fault.CodeNotFound, "the app has no such secret") }
	return s.change(ctx, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		err := s.db.lockApp(ctx, tx, organization, appID)
		if fault.Is(err, fault.CodeAppUnknown) {
			return nil, missing()
		}
		if err != nil {
			return nil, err
		}
		if err := present(ctx, tx, missing, sqlSelectSecretKnown, organization, appID, id); err != nil {
			return nil, err
		}
		n, err := affected(tx.ExecContext(ctx, sqlUpdateSecretEnded, organization, appID, id, at.UnixMilli(), []byte{}))
		if err != nil || n == 0 { // it has ended before
			return nil, err
		}
		_, err = tx.ExecContext(ctx, sqlUpdateTokensOfSecretEnded, organization, appID, id, at.UnixMilli())
		if err != nil {
			return nil, err
		}
		return ofApp(ctx, tx, appID, e)
	})
}
