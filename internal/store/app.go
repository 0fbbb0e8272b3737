package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// Apps stores apps, installations, secrets and access tokens. It implements
// app.Store and masterkey.Store.
type Apps struct{ db *DB }

// Apps returns the store of apps.
func (d *DB) Apps() *Apps { return &Apps{db: d} }

// NextIDs returns n fresh ids of a sequence; see DB.NextIDs.
func (s *Apps) NextIDs(ctx context.Context, sequence string, n int) ([]int64, error) {
	return s.db.NextIDs(ctx, sequence, n)
}

const (
	appColumns = `a.organization, a.id, a.kind, a.name, a.description, a.icon, a.app_key, a.scopes,
		a.trusted_hosts, a.page_url, a.send_to_everyone, a.created_at, a.disabled_at`
	agentColumns = `g.organization, g.id, g.app_organization, g.app_id, g.range_everyone, g.range_dept_ids,
		g.range_userids, g.limits, g.scopes, g.direct_send, g.uninstalled_at, g.retention, g.created_at, g.disabled_at`

	internalApps = `SELECT ` + appColumns + `, ` + agentColumns + ` FROM app a
		JOIN agent g ON g.app_organization = a.organization AND g.app_id = a.id AND g.organization = a.organization
		WHERE a.organization = $1 AND a.kind = 'internal' ORDER BY a.id`
	appsOfFile   = `SELECT ` + appColumns + ` FROM app a WHERE a.organization = $1 AND (a.id = $2 OR a.icon = $3)`
	trustedHosts = `SELECT trusted_hosts FROM organization WHERE id = $1
		UNION ALL
		SELECT a.trusted_hosts FROM agent g
		JOIN app a ON a.organization = g.app_organization AND a.id = g.app_id
		WHERE g.organization = $1`
	secretsOfApps = `SELECT app_id, id, created_at, ended_at FROM app_secret WHERE organization = $1 ORDER BY app_id, id`

	appInsert = `INSERT INTO app (organization, id, kind, name, description, icon, app_key, scopes,
		trusted_hosts, page_url, send_to_everyone, created_at, disabled_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
	appUpdate = `UPDATE app SET name = $3, description = $4, icon = $5, scopes = $6, trusted_hosts = $7,
		page_url = $8, send_to_everyone = $9, disabled_at = $10 WHERE organization = $1 AND id = $2`
	agentInsert = `INSERT INTO agent (organization, id, app_organization, app_id, range_everyone, range_dept_ids,
		range_userids, limits, scopes, direct_send, uninstalled_at, retention, created_at, disabled_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`
	agentUpdate = `UPDATE agent SET range_everyone = $3, range_dept_ids = $4, range_userids = $5, limits = $6,
		scopes = $7, direct_send = $8, uninstalled_at = $9, disabled_at = $10, retention = $11 WHERE organization = $1 AND id = $2`
	secretInsert = `INSERT INTO app_secret (organization, app_id, id, key_number, ciphertext, created_at)
		VALUES ($1, $2, $3, $4, $5, $6)`
)

// CreateApp stores an internal app whole; see app.AdminStore.
func (s *Apps) CreateApp(ctx context.Context, a app.App, g app.Agent, first app.StoredSecret, e audit.Entry) error {
	return s.change(ctx, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		if err := present(ctx, tx, unknownOrganization, `SELECT id FROM organization WHERE id = $1`, a.Organization); err != nil {
			return nil, err
		}
		if err := insertApp(ctx, tx, a); err != nil {
			return nil, err
		}
		if err := insertAgent(ctx, tx, g); err != nil {
			return nil, err
		}
		return []audit.Entry{e}, s.insertSecret(ctx, tx, first)
	})
}

func insertApp(ctx context.Context, tx engine.Querier, a app.App) error {
	scopes, hosts, err := appTexts(a)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, appInsert, a.Organization, a.ID, string(a.Kind), a.Name, a.Description, a.Icon, a.Key,
		scopes, hosts, a.PageURL, flag(a.SendToEveryone), a.CreatedAt.UnixMilli(), toNullMillis(a.DisabledAt))
	return err
}

func insertAgent(ctx context.Context, tx engine.Querier, g app.Agent) error {
	depts, users, scopes, retention, err := agentTexts(g)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, agentInsert, g.Organization, g.ID, g.AppOrganization, g.AppID,
		flag(g.Range.Everyone), depts, users, string(g.Overrides), scopes, flag(g.DirectSend), toNullMillis(g.UninstalledAt), retention,
		g.CreatedAt.UnixMilli(), toNullMillis(g.DisabledAt))
	return err
}

func updateAgent(ctx context.Context, tx engine.Querier, g app.Agent) error {
	depts, users, scopes, retention, err := agentTexts(g)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, agentUpdate, g.Organization, g.ID, flag(g.Range.Everyone), depts, users,
		string(g.Overrides), scopes, flag(g.DirectSend), toNullMillis(g.UninstalledAt), toNullMillis(g.DisabledAt), retention)
	return err
}

// change is a write that all nodes must hear of.
func (s *Apps) change(ctx context.Context, work administered) error {
	return s.db.administer(ctx, engine.Directory, work, advanceRevocations)
}

// present returns missing() unless the query finds a row.
func present(ctx context.Context, tx engine.Querier, missing func() error, query string, args ...any) error {
	var one int64
	err := tx.QueryRowContext(ctx, query, args...).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return missing()
	}
	return err
}

func (s *Apps) insertSecret(ctx context.Context, tx engine.Querier, c app.StoredSecret) error {
	if err := s.db.holdKey(ctx, tx, c.KeyNumber); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, secretInsert, c.Organization, c.AppID, c.ID, c.KeyNumber, c.Ciphertext, c.CreatedAt.UnixMilli())
	return err
}

// Apps returns an organization's internal apps; see app.AdminStore.
func (s *Apps) Apps(ctx context.Context, organization int64) ([]app.Listing, error) {
	var list []app.Listing
	err := eachRow(ctx, s.db.read(), internalApps, func(rows *sql.Rows) error {
		var l app.Listing
		a, g := newAppScan(&l.App), newAgentScan(&l.Agent)
		if err := rows.Scan(append(a.into, g.into...)...); err != nil {
			return err
		}
		if err := errors.Join(a.finish(), g.finish()); err != nil {
			return err
		}
		list = append(list, l)
		return nil
	}, organization)
	if err != nil {
		return nil, s.db.explain(err)
	}
	return list, s.addSecrets(ctx, organization, list)
}

// AppsOfFile returns the apps that have to do with a file; see app.AdminStore.
func (s *Apps) AppsOfFile(ctx context.Context, organization, appID int64, mediaID string) ([]app.App, error) {
	var list []app.App
	err := eachRow(ctx, s.db.read(), appsOfFile, func(rows *sql.Rows) error {
		var one app.App
		a := newAppScan(&one)
		if err := rows.Scan(a.into...); err != nil {
			return err
		}
		err := a.finish()
		list = append(list, one)
		return err
	}, organization, appID, mediaID)
	return list, s.db.explain(err)
}

// TrustedHosts returns whom an organization's cards may trust; see app.AdminStore.
func (s *Apps) TrustedHosts(ctx context.Context, organization int64) ([]string, error) {
	var all []string
	err := eachRow(ctx, s.db.read(), trustedHosts, func(rows *sql.Rows) error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		var hosts []string
		err := fromJSON("trusted hosts of organization", organization, text, &hosts)
		all = append(all, hosts...)
		return err
	}, organization)
	return all, s.db.explain(err)
}

// addSecrets fills in the secrets of listed apps.
func (s *Apps) addSecrets(ctx context.Context, organization int64, list []app.Listing) error {
	of := make(map[int64]*app.Listing, len(list))
	for i := range list {
		of[list[i].App.ID] = &list[i]
	}
	return s.eachSecret(ctx, organization, func(appID int64, secret app.Secret) {
		if l := of[appID]; l != nil {
			l.Secrets = append(l.Secrets, secret)
		}
	})
}

// eachSecret goes through the secrets of an organization's apps.
func (s *Apps) eachSecret(ctx context.Context, organization int64, each func(appID int64, secret app.Secret)) error {
	return s.db.explain(eachRow(ctx, s.db.read(), secretsOfApps, func(rows *sql.Rows) error {
		var appID, id, created int64
		var ended sql.NullInt64
		if err := rows.Scan(&appID, &id, &created, &ended); err != nil {
			return err
		}
		each(appID, app.Secret{ID: id, CreatedAt: fromMillis(created), EndedAt: fromNullMillis(ended)})
		return nil
	}, organization))
}

// pending is a row being read: where its columns go, and what is left to do
// with those that need more than a copy.
type pending struct {
	into   []any
	finish func() error
}

func newAppScan(a *app.App) pending {
	var scopes, hosts string
	var everyone, created int64
	var disabled sql.NullInt64
	return pending{
		into: []any{
			&a.Organization, &a.ID, &a.Kind, &a.Name, &a.Description, &a.Icon, &a.Key, &scopes,
			&hosts, &a.PageURL, &everyone, &created, &disabled,
		},
		finish: func() error {
			a.SendToEveryone, a.CreatedAt, a.DisabledAt = everyone != 0, fromMillis(created), fromNullMillis(disabled)
			return fromJSON("app", a.ID, scopes, &a.Scopes, hosts, &a.TrustedHosts)
		},
	}
}

func newAgentScan(g *app.Agent) pending {
	var depts, users, limits, scopes, retention string
	var everyone, direct, created int64
	var uninstalled, disabled sql.NullInt64
	return pending{
		into: []any{
			&g.Organization, &g.ID, &g.AppOrganization, &g.AppID, &everyone, &depts,
			&users, &limits, &scopes, &direct, &uninstalled, &retention, &created, &disabled,
		},
		finish: func() error {
			g.Range.Everyone, g.CreatedAt, g.DisabledAt = everyone != 0, fromMillis(created), fromNullMillis(disabled)
			g.Overrides, g.DirectSend, g.UninstalledAt = []byte(limits), direct != 0, fromNullMillis(uninstalled)
			if scopes != "" {
				if err := fromJSON("agent", g.ID, scopes, &g.Scopes); err != nil {
					return err
				}
			}
			return fromJSON("agent", g.ID, depts, &g.Range.DeptIDs, users, &g.Range.Userids, retention, &g.Retention)
		},
	}
}

// fromJSON reads pairs of a text and what it goes into.
func fromJSON(row string, id int64, pairs ...any) error {
	for i := 0; i+1 < len(pairs); i += 2 {
		text, _ := pairs[i].(string)
		if err := json.Unmarshal([]byte(text), pairs[i+1]); err != nil {
			return fmt.Errorf("store: %s %d: %w", row, id, err)
		}
	}
	return nil
}

func appTexts(a app.App) (scopes, hosts string, err error) {
	return twoTexts(a.Scopes, a.TrustedHosts)
}

func agentTexts(g app.Agent) (depts, users, scopes, retention string, err error) {
	if g.Scopes != nil {
		text, err := json.Marshal(g.Scopes)
		if err != nil {
			return "", "", "", "", err
		}
		scopes = string(text)
	}
	b, err := json.Marshal(g.Retention)
	if err != nil {
		return "", "", "", "", err
	}
	depts, users, err = twoTexts(g.Range.DeptIDs, g.Range.Userids)
	return depts, users, scopes, string(b), err
}

func twoTexts(a, b any) (string, string, error) {
	x, err := json.Marshal(a)
	if err != nil {
		return "", "", err
	}
	y, err := json.Marshal(b)
	return string(x), string(y), err
}

func appUnknown() error { return fault.New(fault.CodeAppUnknown, "there is no such app") }

func agentUnknown() error { return fault.New(fault.CodeAgentUnknown, "there is no such agent") }
