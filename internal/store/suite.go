package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	suiteInsert = `INSERT INTO suite (organization, app_id, key_number, ticket, any_ticket, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6)`
	suiteTicket = `SELECT organization, app_id, key_number, ticket, any_ticket, changed_at FROM suite
		WHERE organization = $1 AND app_id = $2`
	suiteTicketChange = `UPDATE suite SET key_number = $3, ticket = $4, any_ticket = $5, changed_at = $6
		WHERE organization = $1 AND app_id = $2`
	suitesOf = `SELECT ` + appColumns + `, s.any_ticket FROM app a
		JOIN suite s ON s.organization = a.organization AND s.app_id = a.id
		WHERE a.organization = $1 AND a.kind = 'third_party' ORDER BY a.id`
	agentsOfProvider = `SELECT ` + agentColumns + ` FROM agent g
		WHERE g.app_organization = $1 ORDER BY g.app_organization, g.app_id, g.organization`
	agentOfApp = `SELECT ` + agentColumns + ` FROM agent g
		WHERE g.organization = $1 AND g.app_organization = $2 AND g.app_id = $3`
	appOfAgent = `SELECT ` + appColumns + `, ` + agentColumns + `, '' FROM agent g
		JOIN app a ON a.organization = g.app_organization AND a.id = g.app_id WHERE g.id = $1`
	thirdPartyApp   = `SELECT id FROM app WHERE organization = $1 AND id = $2 AND kind = 'third_party'`
	thirdPartyAgent = `SELECT g.id FROM agent g
		JOIN app a ON a.organization = g.app_organization AND a.id = g.app_id AND a.kind = 'third_party'
		WHERE g.organization = $1 AND g.id = $2`
	installedIn = `SELECT ` + appColumns + `, ` + agentColumns + `, o.name FROM agent g
		JOIN app a ON a.organization = g.app_organization AND a.id = g.app_id AND a.kind = 'third_party'
		JOIN organization o ON o.id = a.organization
		WHERE g.organization = $1 AND g.uninstalled_at IS NULL`
)

// CreateSuite stores a third-party app; see app.SuiteStore.
func (s *Apps) CreateSuite(ctx context.Context, a app.App, first app.StoredSecret, t app.StoredTicket, e audit.Entry) error {
	return s.change(ctx, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		if err := present(ctx, tx, unknownOrganization, `SELECT id FROM organization WHERE id = $1`, a.Organization); err != nil {
			return nil, err
		}
		if err := insertApp(ctx, tx, a); err != nil {
			return nil, err
		}
		if err := s.db.holdKey(ctx, tx, t.KeyNumber); err != nil {
			return nil, err
		}
		if _, err := tx.ExecContext(ctx, suiteInsert, t.Organization, t.AppID, t.KeyNumber, t.Ciphertext, flag(t.Any), t.ChangedAt.UnixMilli()); err != nil {
			return nil, err
		}
		return []audit.Entry{e}, s.insertSecret(ctx, tx, first)
	})
}

// TicketOf returns a third-party app's ticket; see app.SuiteStore.
func (s *Apps) TicketOf(ctx context.Context, provider, appID int64) (app.StoredTicket, error) {
	t, err := ticketOf(ctx, s.db.read(), provider, appID)
	return t, s.db.explain(err)
}

func ticketOf(ctx context.Context, q engine.Querier, provider, appID int64) (app.StoredTicket, error) {
	var t app.StoredTicket
	var anyTicket, changed int64
	err := q.QueryRowContext(ctx, suiteTicket, provider, appID).
		Scan(&t.Organization, &t.AppID, &t.KeyNumber, &t.Ciphertext, &anyTicket, &changed)
	if errors.Is(err, sql.ErrNoRows) {
		return t, appUnknown()
	}
	t.Any, t.ChangedAt = anyTicket != 0, fromMillis(changed)
	return t, err
}

// ChangeTicket replaces a ticket; see app.SuiteStore.
func (s *Apps) ChangeTicket(ctx context.Context, t app.StoredTicket, e audit.Entry) error {
	return s.change(ctx, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		if err := s.lockApp(ctx, tx, t.Organization, t.AppID); err != nil {
			return nil, err
		}
		if err := s.db.holdKey(ctx, tx, t.KeyNumber); err != nil {
			return nil, err
		}
		done, err := tx.ExecContext(ctx, suiteTicketChange, t.Organization, t.AppID, t.KeyNumber, t.Ciphertext, flag(t.Any), t.ChangedAt.UnixMilli())
		if err != nil {
			return nil, err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return nil, errors.Join(err, appUnknown())
		}
		return ofApp(ctx, tx, t.AppID, e)
	})
}

// Suites returns a provider's third-party apps; see app.SuiteStore.
func (s *Apps) Suites(ctx context.Context, provider int64) ([]app.SuiteListing, error) {
	var list []app.SuiteListing
	err := eachRow(ctx, s.db.read(), suitesOf, func(rows *sql.Rows) error {
		var l app.SuiteListing
		var anyTicket int64
		a := newAppScan(&l.App)
		if err := rows.Scan(append(a.into, &anyTicket)...); err != nil {
			return err
		}
		if err := a.finish(); err != nil {
			return err
		}
		l.AnyTicket = anyTicket != 0
		list = append(list, l)
		return nil
	}, provider)
	if err != nil {
		return nil, s.db.explain(err)
	}
	of := make(map[int64]*app.SuiteListing, len(list))
	for i := range list {
		of[list[i].App.ID] = &list[i]
	}
	err = s.eachSecret(ctx, provider, func(appID int64, secret app.Secret) {
		if l := of[appID]; l != nil {
			l.Secrets = append(l.Secrets, secret)
		}
	})
	if err != nil {
		return nil, err
	}
	err = eachRow(ctx, s.db.read(), agentsOfProvider, func(rows *sql.Rows) error {
		var g app.Agent
		row := newAgentScan(&g)
		if err := rows.Scan(row.into...); err != nil {
			return err
		}
		if l := of[g.AppID]; l != nil {
			l.Agents = append(l.Agents, g)
		}
		return row.finish()
	}, provider)
	return list, s.db.explain(err)
}

// Install installs an app or changes its installation; see app.SuiteStore.
func (s *Apps) Install(ctx context.Context, g app.Agent, e audit.Entry) (app.Agent, error) {
	err := s.change(ctx, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		if err := s.lockApp(ctx, tx, g.AppOrganization, g.AppID); err != nil {
			return nil, err
		}
		if err := present(ctx, tx, appUnknown, thirdPartyApp, g.AppOrganization, g.AppID); err != nil {
			return nil, err
		}
		if err := present(ctx, tx, unknownOrganization, `SELECT id FROM organization WHERE id = $1`, g.Organization); err != nil {
			return nil, err
		}
		var before app.Agent
		row := newAgentScan(&before)
		err := tx.QueryRowContext(ctx, agentOfApp, g.Organization, g.AppOrganization, g.AppID).Scan(row.into...)
		if errors.Is(err, sql.ErrNoRows) {
			e.Subject = strconv.FormatInt(g.ID, 10)
			return []audit.Entry{e}, insertAgent(ctx, tx, g)
		}
		if err = errors.Join(err, row.finish()); err != nil {
			return nil, err
		}
		e.Subject = strconv.FormatInt(before.ID, 10)
		g = before.Reinstalled(g)
		return []audit.Entry{e}, updateAgent(ctx, tx, g)
	})
	return g, err
}

// Uninstall ends an installation; see app.SuiteStore.
func (s *Apps) Uninstall(ctx context.Context, organization, agentID int64, at time.Time, e audit.Entry) error {
	// Which app it is of never changes.
	if err := present(ctx, s.db.read(), agentUnknown, thirdPartyAgent, organization, agentID); err != nil {
		return s.db.explain(err)
	}
	return s.change(ctx, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		appID, err := s.changeAgent(ctx, tx, organization, agentID, func(g *app.Agent) error {
			if g.DisabledAt.IsZero() {
				g.DisabledAt = at
			}
			if g.UninstalledAt.IsZero() {
				g.UninstalledAt = at
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		_, err = tx.ExecContext(ctx, tokensOfAgentEnd, organization, appID, agentID, at.UnixMilli())
		return []audit.Entry{e}, err
	})
}

// AgentOf returns an app's installation; see app.SuiteStore.
func (s *Apps) AgentOf(ctx context.Context, provider, appID, organization int64) (app.Agent, bool, error) {
	var g app.Agent
	row := newAgentScan(&g)
	err := s.db.read().QueryRowContext(ctx, agentOfApp, organization, provider, appID).Scan(row.into...)
	if errors.Is(err, sql.ErrNoRows) {
		return app.Agent{}, false, nil
	}
	err = errors.Join(err, row.finish())
	return g, err == nil, s.db.explain(err)
}

// AppOfAgent returns an installation and its app; see app.SuiteStore.
func (s *Apps) AppOfAgent(ctx context.Context, agentID int64) (app.App, app.Agent, error) {
	i, _, err := scanInstalled(s.db.read().QueryRowContext(ctx, appOfAgent, agentID))
	if errors.Is(err, sql.ErrNoRows) {
		return app.App{}, app.Agent{}, agentUnknown()
	}
	return i.App, i.Agent, s.db.explain(err)
}

// Installed returns the third-party apps of an organization; see app.SuiteStore.
func (s *Apps) Installed(ctx context.Context, organization int64) ([]app.Installed, error) {
	var list []app.Installed
	err := eachRow(ctx, s.db.read(), installedIn, func(rows *sql.Rows) error {
		i, name, err := scanInstalled(rows)
		i.Provider = name
		list = append(list, i)
		return err
	}, organization)
	slices.SortFunc(list, func(a, b app.Installed) int { return cmp.Compare(a.Agent.ID, b.Agent.ID) })
	return list, s.db.explain(err)
}

// scanInstalled reads an app, its installation, and the name of an organization.
func scanInstalled(row interface{ Scan(dest ...any) error }) (i app.Installed, name string, err error) {
	a, g := newAppScan(&i.App), newAgentScan(&i.Agent)
	if err := row.Scan(slices.Concat(a.into, g.into, []any{&name})...); err != nil {
		return i, "", err
	}
	return i, name, errors.Join(a.finish(), g.finish())
}
