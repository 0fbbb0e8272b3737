package store

import (
	"context"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// Apps stores apps, installations, secrets and access tokens.
func (d *DB) Apps() app.Store { return &appStore{keyStore{d}} }

type appStore struct{ keyStore }

func (s *appStore) NextIDs(ctx context.Context, sequence string, n int) ([]int64, error) {
	return s.db.NextIDs(ctx, sequence, n)
}

const (
	appColumns = `a.organization, a.id, a.kind, a.name, a.description, a.icon, a.app_key, a.scopes,
		a.trusted_hosts, a.page_url, a.send_to_everyone, a.created_at, a.disabled_at, a.edition`
	agentColumns = `g.organization, g.id, g.app_organization, g.app_id, g.range_everyone, g.range_dept_ids,
		g.range_userids, g.limits, g.scopes, g.direct_send, g.uninstalled_at, g.retention, g.composer_dept_ids, g.composer_ordinals,
		g.created_at, g.disabled_at, g.edition`

	sqlSelectInternalApps = `SELECT ` + appColumns + `, ` + agentColumns + ` FROM app a
		JOIN agent g ON g.app_organization = a.organization AND g.app_id = a.id AND g.organization = a.organization
		WHERE a.organization = $1 AND a.kind = 'internal' ORDER BY a.id`
	sqlSelectAppsOfFile = `SELECT ` + appColumns + ` FROM app a WHERE a.organization = $1 AND (a.id = $2 OR a.icon = $3)`
	sqlSelectComposers  = `SELECT g.id, g.app_id, g.composer_dept_ids, g.composer_ordinals FROM agent g
		WHERE g.organization = $1 AND (g.composer_dept_ids <> '[]' OR g.composer_ordinals <> '[]')`
	sqlSelectTrustedHosts = `SELECT trusted_hosts FROM organization WHERE id = $1
		UNION ALL
		SELECT a.trusted_hosts FROM agent g
		JOIN app a ON a.organization = g.app_organization AND a.id = g.app_id
		WHERE g.organization = $1`
	// Installations that have ended count: what they have sent is still there.
	sqlSelectIconsElsewhere = `SELECT a.organization, a.icon FROM agent g
		JOIN app a ON a.organization = g.app_organization AND a.id = g.app_id
		WHERE g.organization = $1 AND g.app_organization <> $1`
	secretColumns          = `id, created_at, created_by, last_used_at, ended_at`
	sqlSelectSecretsOfApps = `SELECT app_id, ` + secretColumns + ` FROM app_secret WHERE organization = $1 ORDER BY app_id, id`
	sqlSelectSecretsOfApp  = `SELECT ` + secretColumns + ` FROM app_secret WHERE organization = $1 AND app_id = $2 ORDER BY id`
	sqlUpdateSecretUsed    = `UPDATE app_secret SET last_used_at = $4
		WHERE organization = $1 AND app_id = $2 AND id = $3 AND (last_used_at IS NULL OR last_used_at < $4)`

	sqlSelectOrganizationKnown = `SELECT 1 FROM organization WHERE id = $1`

	sqlInsertApp = `INSERT INTO app (organization, id, kind, name, description, icon, app_key, scopes,
		trusted_hosts, page_url, send_to_everyone, created_at, disabled_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
	sqlUpdateApp = `UPDATE app SET name = $3, description = $4, icon = $5, scopes = $6, trusted_hosts = $7,
		page_url = $8, send_to_everyone = $9, disabled_at = $10, edition = edition + 1 WHERE organization = $1 AND id = $2`
	sqlInsertAgent = `INSERT INTO agent (organization, id, app_organization, app_id, range_everyone, range_dept_ids,
		range_userids, limits, scopes, direct_send, uninstalled_at, retention, created_at, disabled_at, composer_dept_ids, composer_ordinals)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`
	sqlUpdateAgent = `UPDATE agent SET range_everyone = $3, range_dept_ids = $4, range_userids = $5, limits = $6,
		scopes = $7, direct_send = $8, uninstalled_at = $9, disabled_at = $10, retention = $11, composer_dept_ids = $12, composer_ordinals = $13,
		edition = edition + 1 WHERE organization = $1 AND id = $2`
	sqlInsertSecret = `INSERT INTO app_secret (organization, app_id, id, key_number, ciphertext, created_at, created_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`
)

func (s *appStore) CreateApp(ctx context.Context, a app.App, g app.Agent, first app.StoredSecret, e audit.Entry) error {
	return s.change(ctx, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		if err := present(ctx, tx, unknownOrganization, sqlSelectOrganizationKnown, a.Organization); err != nil {
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

// change is a write that all nodes must hear of.
func (s *appStore) change(ctx context.Context, work administered) error {
	return s.db.administer(ctx, engine.Directory, work, advanceRevocations)
}

func insertApp(ctx context.Context, tx engine.Querier, a app.App) error {
	var to encoder
	values := []any{
		a.Organization, a.ID, string(a.Kind), a.Name, a.Description, a.Icon, a.Key, to.json(a.Scopes), to.json(a.TrustedHosts),
		a.PageURL, flag(a.SendToEveryone), a.CreatedAt.UnixMilli(), toNullMillis(a.DisabledAt),
	}
	return to.exec(ctx, tx, sqlInsertApp, values)
}

func updateApp(ctx context.Context, tx engine.Querier, a app.App) error {
	var to encoder
	values := []any{
		a.Organization, a.ID, a.Name, a.Description, a.Icon, to.json(a.Scopes), to.json(a.TrustedHosts),
		a.PageURL, flag(a.SendToEveryone), toNullMillis(a.DisabledAt),
	}
	return to.exec(ctx, tx, sqlUpdateApp, values)
}

func insertAgent(ctx context.Context, tx engine.Querier, g app.Agent) error {
	var to encoder
	values := []any{
		g.Organization, g.ID, g.AppOrganization, g.AppID, flag(g.Range.Everyone), to.json(g.Range.DeptIDs), to.json(g.Range.Userids),
		string(g.Overrides), to.agentScopes(g.Scopes), flag(g.DirectSend), toNullMillis(g.UninstalledAt), to.json(g.Retention),
		g.CreatedAt.UnixMilli(), toNullMillis(g.DisabledAt), to.json(filled(g.Composers.DeptIDs)), to.json(filled(g.Composers.Ordinals)),
	}
	return to.exec(ctx, tx, sqlInsertAgent, values)
}

func updateAgent(ctx context.Context, tx engine.Querier, g app.Agent) error {
	var to encoder
	values := []any{
		g.Organization, g.ID, flag(g.Range.Everyone), to.json(g.Range.DeptIDs), to.json(g.Range.Userids),
		string(g.Overrides), to.agentScopes(g.Scopes), flag(g.DirectSend), toNullMillis(g.UninstalledAt), toNullMillis(g.DisabledAt),
		to.json(g.Retention), to.json(filled(g.Composers.DeptIDs)), to.json(filled(g.Composers.Ordinals)),
	}
	return to.exec(ctx, tx, sqlUpdateAgent, values)
}

// filled is a list that is never nil: [] in JSON.
func filled[T any](list []T) []T { return append([]T{}, list...) }

// agentScopes is nothing for an installation with the scopes of its app.
func (e *encoder) agentScopes(scopes []string) string {
	if scopes == nil {
		return ""
	}
	return e.json(scopes)
}

func (s *appStore) insertSecret(ctx context.Context, tx engine.Querier, c app.StoredSecret) error {
	if err := s.db.holdKey(ctx, tx, c.KeyNumber); err != nil {
		return err
	}
	by, err := c.CreatedBy.MarshalText()
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, sqlInsertSecret, c.Organization, c.AppID, c.ID, c.KeyNumber, c.Ciphertext, c.CreatedAt.UnixMilli(), string(by))
	return err
}

func (s *appStore) Apps(ctx context.Context, organization int64) ([]app.Listing, error) {
	list, err := readRows(ctx, s.db.read(), sqlSelectInternalApps, func(l *app.Listing) []any {
		return append(appInto(&l.App), agentInto(&l.Agent)...)
	}, organization)
	if err != nil {
		return nil, s.db.toFault(err)
	}
	of := make(map[int64]*app.Listing, len(list))
	for i := range list {
		of[list[i].App.ID] = &list[i]
	}
	return list, s.eachSecret(ctx, organization, func(appID int64, secret app.Secret) {
		if l := of[appID]; l != nil {
			l.Secrets = append(l.Secrets, secret)
		}
	})
}

func (s *appStore) AppsOfFile(ctx context.Context, organization, appID int64, mediaID string) ([]app.App, error) {
	list, err := readRows(ctx, s.db.read(), sqlSelectAppsOfFile, appInto, organization, appID, mediaID)
	return list, s.db.toFault(err)
}

func (s *appStore) IconsElsewhere(ctx context.Context, organization int64) (map[string]int64, error) {
	icons := map[string]int64{}
	var owner int64
	var icon string
	err := readEach(ctx, s.db.read(), sqlSelectIconsElsewhere, []any{&owner, &icon}, func() error {
		icons[icon] = owner
		return nil
	}, organization)
	return icons, s.db.toFault(err)
}

func (s *appStore) TrustedHosts(ctx context.Context, organization int64) ([]string, error) {
	var all, hosts []string
	err := readEach(ctx, s.db.read(), sqlSelectTrustedHosts, []any{asJSON(&hosts)}, func() error {
		all = append(all, hosts...)
		return nil
	}, organization)
	return all, s.db.toFault(err)
}

func (s *appStore) Composers(ctx context.Context, organization int64) ([]app.Composing, error) {
	list, err := readRows(ctx, s.db.read(), sqlSelectComposers, func(c *app.Composing) []any {
		return []any{&c.AgentID, &c.AppID, asJSON(&c.Composers.DeptIDs), asJSON(&c.Composers.Ordinals)}
	}, organization)
	return list, s.db.toFault(err)
}

// eachSecret goes through the secrets of an organization's apps.
func (s *appStore) eachSecret(ctx context.Context, organization int64, each func(appID int64, secret app.Secret)) error {
	var appID int64
	var secret app.Secret
	into := append([]any{&appID}, secretInto(&secret)...)
	return s.db.toFault(readEach(ctx, s.db.read(), sqlSelectSecretsOfApps, into, func() error {
		each(appID, secret)
		return nil
	}, organization))
}

// secretInto is where secretColumns go.
func secretInto(c *app.Secret) []any {
	return []any{&c.ID, (*millis)(&c.CreatedAt), asText(&c.CreatedBy), (*millis)(&c.LastUsedAt), (*millis)(&c.EndedAt)}
}

func (s *appStore) SecretsOf(ctx context.Context, organization, appID int64) ([]app.Secret, error) {
	list, err := readRows(ctx, s.db.read(), sqlSelectSecretsOfApp, secretInto, organization, appID)
	return list, s.db.toFault(err)
}

func (s *appStore) MarkSecretsUsed(ctx context.Context, used []app.SecretUse) error {
	return s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		for _, u := range used {
			if _, err := tx.ExecContext(ctx, sqlUpdateSecretUsed, u.Organization, u.AppID, u.ID, u.At.UnixMilli()); err != nil {
				return err
			}
		}
		return nil
	})
}

// appInto is where appColumns go.
func appInto(a *app.App) []any {
	return []any{
		&a.Organization, &a.ID, &a.Kind, &a.Name, &a.Description, &a.Icon, &a.Key, asJSON(&a.Scopes), asJSON(&a.TrustedHosts),
		&a.PageURL, &a.SendToEveryone, (*millis)(&a.CreatedAt), (*millis)(&a.DisabledAt),
		&a.Edition,
	}
}

// agentInto is where agentColumns go.
func agentInto(g *app.Agent) []any {
	return []any{
		&g.Organization, &g.ID, &g.AppOrganization, &g.AppID, &g.Range.Everyone, asJSON(&g.Range.DeptIDs), asJSON(&g.Range.Userids),
		(*[]byte)(&g.Overrides), asJSON(&g.Scopes), &g.DirectSend, (*millis)(&g.UninstalledAt), asJSON(&g.Retention),
		asJSON(&g.Composers.DeptIDs), asJSON(&g.Composers.Ordinals), (*millis)(&g.CreatedAt), (*millis)(&g.DisabledAt), &g.Edition,
	}
}

func appUnknown() error { return fault.New(fault.CodeAppUnknown, "there is no such app") }

func agentUnknown() error { return fault.New(fault.CodeAgentUnknown, "there is no such agent") }
