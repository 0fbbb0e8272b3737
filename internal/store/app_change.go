package store

import (
	"context"
	"database/sql"
	"errors"
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
	appLocked = `SELECT ` + appColumns + ` FROM app a WHERE a.organization = $1 AND a.id = $2`
	appLock   = `SELECT id FROM app WHERE organization = $1 AND id = $2`
	agentByID = `SELECT ` + agentColumns + ` FROM agent g WHERE g.organization = $1 AND g.id = $2`

	// What the audit log calls an app of the organization: an internal one by
	// its agent id, a third-party one by its key.
	auditSubject = `SELECT a.kind, a.app_key, COALESCE((SELECT g.id FROM agent g
		WHERE g.app_organization = a.organization AND g.app_id = a.id AND g.organization = a.organization), 0)
		FROM app a WHERE a.organization = $1 AND a.id = $2`

	secretCount = `SELECT COUNT(*) FROM app_secret WHERE organization = $1 AND app_id = $2 AND ended_at IS NULL`
	secretKnown = `SELECT id FROM app_secret WHERE organization = $1 AND app_id = $2 AND id = $3`
	secretEnd   = `UPDATE app_secret SET ended_at = $4, ciphertext = $5
		WHERE organization = $1 AND app_id = $2 AND id = $3 AND ended_at IS NULL`

	organizationsOfApp = `SELECT organization FROM agent
		WHERE app_organization = $1 AND app_id = $2 AND organization <> $1`
	tokensOfAppEnd = `UPDATE access_token SET revoked_at = $3
		WHERE organization = $1 AND app_id = $2 AND expires_at > $3 AND revoked_at IS NULL`
	tokensOfAgentEnd = `UPDATE access_token SET revoked_at = $4
		WHERE organization = $1 AND app_id = $2 AND agent_id = $3 AND expires_at > $4 AND revoked_at IS NULL`
	tokensOfSecretEnd = `UPDATE access_token SET revoked_at = $4
		WHERE organization = $1 AND app_id = $2 AND secret_id = $3 AND expires_at > $4 AND revoked_at IS NULL`
)

// ChangeApp alters an app under its lock; see app.AdminStore.
func (s *Apps) ChangeApp(
	ctx context.Context, organization, id int64, endTokens time.Time, e audit.Entry, change func(*app.App) (audit.Details, error),
) error {
	return s.change(ctx, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		var a app.App
		row := newAppScan(&a)
		err := found(appUnknown, row, tx.QueryRowContext(ctx, appLocked+s.db.engine.RowLock(), organization, id))
		if err != nil {
			return nil, err
		}
		if e.Details, err = change(&a); err != nil {
			return nil, err
		}
		scopes, hosts, err := appTexts(a)
		if err != nil {
			return nil, err
		}
		if _, err := tx.ExecContext(ctx, appUpdate, organization, id, a.Name, a.Description, a.Icon, scopes, hosts,
			a.PageURL, flag(a.SendToEveryone), toNullMillis(a.DisabledAt)); err != nil {
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
	organizations := []int64{provider} // which has those of a third-party app itself
	err := eachRow(ctx, tx, organizationsOfApp, func(rows *sql.Rows) error {
		var organization int64
		err := rows.Scan(&organization)
		organizations = append(organizations, organization)
		return err
	}, provider, id)
	if err != nil {
		return err
	}
	for _, organization := range organizations {
		if _, err := tx.ExecContext(ctx, tokensOfAppEnd, organization, id, at.UnixMilli()); err != nil {
			return err
		}
	}
	return nil
}

// found reads a row, or returns missing().
func found(missing func() error, p pending, row *sql.Row) error {
	err := row.Scan(p.into...)
	if errors.Is(err, sql.ErrNoRows) {
		return missing()
	}
	if err != nil {
		return err
	}
	return p.finish()
}

// ChangeAgent alters an installation under its app's lock; see app.AdminStore.
func (s *Apps) ChangeAgent(
	ctx context.Context, organization, id int64, endTokens time.Time, e audit.Entry, change func(*app.Agent) error,
) error {
	e.Subject = strconv.FormatInt(id, 10)
	return s.change(ctx, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		appID, err := s.changeAgent(ctx, tx, organization, id, change)
		if err == nil && !endTokens.IsZero() {
			_, err = tx.ExecContext(ctx, tokensOfAgentEnd, organization, appID, id, endTokens.UnixMilli())
		}
		return []audit.Entry{e}, err
	})
}

// changeAgent alters an installation and returns the app it is of.
func (s *Apps) changeAgent(ctx context.Context, tx engine.Querier, organization, id int64, change func(*app.Agent) error) (int64, error) {
	var g app.Agent
	if err := found(agentUnknown, newAgentScan(&g), tx.QueryRowContext(ctx, agentByID, organization, id)); err != nil {
		return 0, err
	}
	// Which app it belongs to never changes; what else was read may have
	// before the lock was had.
	if err := s.lockApp(ctx, tx, g.AppOrganization, g.AppID); err != nil {
		return 0, err
	}
	if err := found(agentUnknown, newAgentScan(&g), tx.QueryRowContext(ctx, agentByID, organization, id)); err != nil {
		return 0, err
	}
	if err := change(&g); err != nil {
		return 0, err
	}
	return g.AppID, updateAgent(ctx, tx, g)
}

func (s *Apps) lockApp(ctx context.Context, tx engine.Querier, organization, id int64) error {
	return present(ctx, tx, appUnknown, appLock+s.db.engine.RowLock(), organization, id)
}

// CreateSecret stores one more secret; see app.AdminStore.
func (s *Apps) CreateSecret(ctx context.Context, secret app.StoredSecret, most int, e audit.Entry) error {
	return s.change(ctx, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		if err := s.lockApp(ctx, tx, secret.Organization, secret.AppID); err != nil {
			return nil, err
		}
		var n int64
		if err := tx.QueryRowContext(ctx, secretCount, secret.Organization, secret.AppID).Scan(&n); err != nil {
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
	if err := tx.QueryRowContext(ctx, auditSubject, e.Organization, appID).Scan(&kind, &key, &agent); err != nil {
		return nil, err
	}
	e.Subject = key
	if kind == string(app.Internal) {
		e.Subject = strconv.FormatInt(agent, 10)
	}
	return []audit.Entry{e}, nil
}

// EndSecret erases a secret and ends its tokens; see app.AdminStore.
func (s *Apps) EndSecret(ctx context.Context, organization, appID, id int64, at time.Time, e audit.Entry) error {
	missing := func() error { return fault.New(fault.CodeNotFound, "the app has no such secret") }
	return s.change(ctx, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		err := s.lockApp(ctx, tx, organization, appID)
		if fault.Is(err, fault.CodeAppUnknown) {
			return nil, missing()
		}
		if err != nil {
			return nil, err
		}
		if err := present(ctx, tx, missing, secretKnown, organization, appID, id); err != nil {
			return nil, err
		}
		n, err := affected(tx.ExecContext(ctx, secretEnd, organization, appID, id, at.UnixMilli(), []byte{}))
		if err != nil || n == 0 { // it has ended before
			return nil, err
		}
		_, err = tx.ExecContext(ctx, tokensOfSecretEnd, organization, appID, id, at.UnixMilli())
		if err != nil {
			return nil, err
		}
		return ofApp(ctx, tx, appID, e)
	})
}
