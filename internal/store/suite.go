package store

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/callback"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	sqlInsertSuite = `INSERT INTO suite (organization, app_id, key_number, ticket, any_ticket, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6)`
	sqlSelectTicket = `SELECT organization, app_id, key_number, ticket, any_ticket, changed_at FROM suite
		WHERE organization = $1 AND app_id = $2`
	sqlUpdateTicket = `UPDATE suite SET key_number = $3, ticket = $4, any_ticket = $5, changed_at = $6
		WHERE organization = $1 AND app_id = $2`
	sqlSelectSuites = `SELECT ` + appColumns + `, s.any_ticket FROM app a
		JOIN suite s ON s.organization = a.organization AND s.app_id = a.id
		WHERE a.organization = $1 AND a.kind = 'third_party' ORDER BY a.id`
	sqlSelectAgentsOfProvider = `SELECT ` + agentColumns + ` FROM agent g
		WHERE g.app_organization = $1 ORDER BY g.app_organization, g.app_id, g.organization`
	sqlSelectAgentOfApp = `SELECT ` + agentColumns + ` FROM agent g
		WHERE g.organization = $1 AND g.app_organization = $2 AND g.app_id = $3`
	sqlSelectAnyAgentOfApp = `SELECT g.id FROM agent g
		WHERE g.app_organization = $1 AND g.app_id = $2 ORDER BY g.organization LIMIT 1`
	sqlSelectAppOfAgent = `SELECT ` + appColumns + `, ` + agentColumns + ` FROM agent g
		JOIN app a ON a.organization = g.app_organization AND a.id = g.app_id WHERE g.id = $1`
	sqlSelectAppByKey = `SELECT ` + appColumns + ` FROM app a WHERE a.app_key = $1`
	sqlSelectAppByID  = `SELECT ` + appColumns + ` FROM app a WHERE a.organization = $1 AND a.id = $2`

	sqlSelectThirdPartyApp   = `SELECT id FROM app WHERE organization = $1 AND id = $2 AND kind = 'third_party'`
	sqlSelectThirdPartyAgent = `SELECT g.id FROM agent g
		JOIN app a ON a.organization = g.app_organization AND a.id = g.app_id AND a.kind = 'third_party'
		WHERE g.organization = $1 AND g.id = $2`
	sqlSelectInstalled = `SELECT ` + appColumns + `, ` + agentColumns + `, o.name FROM agent g
		JOIN app a ON a.organization = g.app_organization AND a.id = g.app_id AND a.kind = 'third_party'
		JOIN organization o ON o.id = a.organization
		WHERE g.organization = $1 AND g.uninstalled_at IS NULL`
)

func (s *appStore) CreateSuite(ctx context.Context, a app.App, first app.StoredSecret, t app.StoredTicket, e audit.Entry) error {
	return s.change(ctx, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		if err := present(ctx, tx, unknownOrganization, sqlSelectOrganizationKnown, a.Organization); err != nil {
			return nil, err
		}
		if err := insertApp(ctx, tx, a); err != nil {
			return nil, err
		}
		if err := s.db.holdKey(ctx, tx, t.KeyNumber); err != nil {
			return nil, err
		}
		if _, err := tx.ExecContext(ctx, sqlInsertSuite, t.Organization, t.AppID, t.KeyNumber, t.Ciphertext, flag(t.Any), t.ChangedAt.UnixMilli()); err != nil {
			return nil, err
		}
		return []audit.Entry{e}, s.insertSecret(ctx, tx, first)
	})
}

func (s *appStore) TicketOf(ctx context.Context, provider, appID int64) (t app.StoredTicket, err error) {
	into := []any{&t.Organization, &t.AppID, &t.KeyNumber, &t.Ciphertext, &t.Any, (*millis)(&t.ChangedAt)}
	err = needRow(ctx, s.db.read(), appUnknown, sqlSelectTicket, into, provider, appID)
	return t, s.db.toFault(err)
}

func (s *appStore) ChangeTicket(ctx context.Context, t app.StoredTicket, e audit.Entry) error {
	return s.change(ctx, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		if err := s.db.lockApp(ctx, tx, t.Organization, t.AppID); err != nil {
			return nil, err
		}
		if err := s.db.holdKey(ctx, tx, t.KeyNumber); err != nil {
			return nil, err
		}
		n, err := affected(tx.ExecContext(ctx, sqlUpdateTicket, t.Organization, t.AppID, t.KeyNumber, t.Ciphertext,
			flag(t.Any), t.ChangedAt.UnixMilli()))
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, appUnknown()
		}
		if err := s.db.fileTicket(ctx, tx, callback.Key{Organization: t.Organization, AppID: t.AppID}, t.ChangedAt); err != nil {
			return nil, err
		}
		return ofApp(ctx, tx, t.AppID, e)
	})
}

func (s *appStore) Suites(ctx context.Context, provider int64) ([]app.SuiteListing, error) {
	list, err := readRows(ctx, s.db.read(), sqlSelectSuites, func(l *app.SuiteListing) []any {
		return append(appInto(&l.App), &l.AnyTicket)
	}, provider)
	if err != nil {
		return nil, s.db.toFault(err)
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
	var g app.Agent
	err = readEach(ctx, s.db.read(), sqlSelectAgentsOfProvider, agentInto(&g), func() error {
		if l := of[g.AppID]; l != nil {
			l.Agents = append(l.Agents, g)
		}
		return nil
	}, provider)
	return list, s.db.toFault(err)
}

func (s *appStore) Install(ctx context.Context, g app.Agent, once bool, e audit.Entry) (app.Agent, error) {
	err := s.change(ctx, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		if err := s.db.lockApp(ctx, tx, g.AppOrganization, g.AppID); err != nil {
			return nil, err
		}
		if err := present(ctx, tx, appUnknown, sqlSelectThirdPartyApp, g.AppOrganization, g.AppID); err != nil {
			return nil, err
		}
		if err := present(ctx, tx, unknownOrganization, sqlSelectOrganizationKnown, g.Organization); err != nil {
			return nil, err
		}
		var before app.Agent
		known, err := readRow(ctx, tx, sqlSelectAgentOfApp, agentInto(&before), g.Organization, g.AppOrganization, g.AppID)
		if err != nil {
			return nil, err
		}
		if !known {
			e.Subject = strconv.FormatInt(g.ID, 10)
			if err := insertAgent(ctx, tx, g); err != nil {
				return nil, err
			}
			return []audit.Entry{e}, s.db.fileOwnEvent(ctx, tx, keyOf(g), callback.SuiteAuth, g.Organization, e.At)
		}
		if once && before.UninstalledAt.IsZero() {
			return nil, fault.New(fault.CodeConflict, "the app is installed already, as agent %d", before.ID)
		}
		e.Subject = strconv.FormatInt(before.ID, 10)
		g = before.Reinstalled(g)
		if err := updateAgent(ctx, tx, g); err != nil {
			return nil, err
		}
		if before.UninstalledAt.IsZero() {
			return []audit.Entry{e}, s.db.fileChanged(ctx, tx, before, g)
		}
		return []audit.Entry{e}, s.db.fileOwnEvent(ctx, tx, keyOf(g), callback.SuiteAuth, g.Organization, e.At)
	})
	return g, err
}

func (s *appStore) Uninstall(ctx context.Context, organization, agentID int64, at time.Time, e audit.Entry) error {
	// Which app it is of never changes.
	if err := present(ctx, s.db.read(), agentUnknown, sqlSelectThirdPartyAgent, organization, agentID); err != nil {
		return s.db.toFault(err)
	}
	return s.change(ctx, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		var before app.Agent
		appID, err := s.changeAgent(ctx, tx, organization, agentID, func(g *app.Agent) error {
			before = *g
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
		if before.UninstalledAt.IsZero() {
			if err := s.db.endInstallation(ctx, tx, before, at); err != nil {
				return nil, err
			}
		}
		if _, err = tx.ExecContext(ctx, sqlUpdateTokensOfAgentEnded, organization, appID, agentID, at.UnixMilli()); err == nil {
			err = endSignInsOfApp(ctx, tx, organization, appID)
		}
		return []audit.Entry{e}, err
	})
}

func (s *appStore) AnyAgentOf(ctx context.Context, provider, appID int64) (id int64, found bool, err error) {
	found, err = readRow(ctx, s.db.read(), sqlSelectAnyAgentOfApp, []any{&id}, provider, appID)
	return id, found, s.db.toFault(err)
}

func (s *appStore) AgentsOf(ctx context.Context, provider, appID int64) ([]app.Agent, error) {
	list, err := readRows(ctx, s.db.read(), sqlSelectAgentsOfProvider, agentInto, provider)
	return slices.DeleteFunc(list, func(g app.Agent) bool { return g.AppID != appID }), s.db.toFault(err)
}

func (s *appStore) AgentOf(ctx context.Context, provider, appID, organization int64) (g app.Agent, found bool, err error) {
	found, err = readRow(ctx, s.db.read(), sqlSelectAgentOfApp, agentInto(&g), organization, provider, appID)
	return g, found, s.db.toFault(err)
}

func (s *appStore) AppOfAgent(ctx context.Context, agentID int64) (a app.App, g app.Agent, err error) {
	into := append(appInto(&a), agentInto(&g)...)
	err = needRow(ctx, s.db.read(), agentUnknown, sqlSelectAppOfAgent, into, agentID)
	return a, g, s.db.toFault(err)
}

func (s *appStore) AppByKey(ctx context.Context, key string) (a app.App, err error) {
	err = needRow(ctx, s.db.read(), appUnknown, sqlSelectAppByKey, appInto(&a), key)
	return a, s.db.toFault(err)
}

func (s *appStore) AppByID(ctx context.Context, organization, id int64) (a app.App, err error) {
	err = needRow(ctx, s.db.read(), appUnknown, sqlSelectAppByID, appInto(&a), organization, id)
	return a, s.db.toFault(err)
}

func (s *appStore) Installed(ctx context.Context, organization int64) ([]app.Installed, error) {
	list, err := readRows(ctx, s.db.read(), sqlSelectInstalled, func(i *app.Installed) []any {
		return slices.Concat(appInto(&i.App), agentInto(&i.Agent), []any{&i.Provider})
	}, organization)
	slices.SortFunc(list, func(a, b app.Installed) int { return cmp.Compare(a.Agent.ID, b.Agent.ID) })
	return list, s.db.toFault(err)
}
