package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	revocations        = `SELECT count FROM node_state WHERE name = 'revocations'`
	revocationsAdvance = `UPDATE node_state SET count = count + 1 WHERE name = 'revocations'`

	tokenStands = `SELECT t.expires_at, o.limits, ` + appColumns + `, ` + agentColumns + ` FROM access_token t
		JOIN organization o ON o.id = t.organization AND o.disabled_at IS NULL
		JOIN agent g ON g.organization = t.organization AND g.id = t.agent_id AND g.disabled_at IS NULL
		JOIN app a ON a.organization = g.app_organization AND a.id = g.app_id AND a.disabled_at IS NULL
		JOIN app_secret s ON s.organization = a.organization AND s.app_id = a.id AND s.id = t.secret_id AND s.ended_at IS NULL
		WHERE t.organization = $1 AND t.id = $2 AND t.revoked_at IS NULL`
	agentView = `SELECT g.id, a.id, a.name, a.icon, a.page_url, a.trusted_hosts, o.trusted_hosts FROM agent g
		JOIN organization o ON o.id = g.organization
		JOIN app a ON a.organization = g.app_organization AND a.id = g.app_id
		WHERE g.organization = $1 AND g.id = $2`
)

// advanceRevocations tells all nodes to read again what callers and cards are
// made of: apps, installations, secrets, tokens, and organizations' limits and
// trusted hosts. It comes last in its transaction: from here to the commit all
// such changes follow one another, so the counter moves in commit order.
func advanceRevocations(ctx context.Context, tx engine.Querier) error {
	_, err := tx.ExecContext(ctx, revocationsAdvance)
	return err
}

// Revocations returns the revocation counter.
func (s *Apps) Revocations(ctx context.Context) (int64, error) {
	var n int64
	err := s.db.read().QueryRowContext(engine.Urgent(ctx), revocations).Scan(&n)
	return n, s.db.explain(err)
}

// TokenByID returns what a token stands for; see app.CallerStore.
func (s *Apps) TokenByID(ctx context.Context, organization int64, id string) (app.Standing, bool, error) {
	var expires sql.NullInt64
	var limits string
	var a app.App
	var g app.Agent
	into, agent := newAppScan(&a), newAgentScan(&g)
	err := s.db.read().QueryRowContext(engine.Urgent(ctx), tokenStands, organization, id).
		Scan(slices.Concat([]any{&expires, &limits}, into.into, agent.into)...)
	if errors.Is(err, sql.ErrNoRows) {
		return app.Standing{}, false, nil
	}
	if err == nil {
		err = errors.Join(into.finish(), agent.finish())
	}
	if err != nil {
		return app.Standing{}, false, s.db.explain(err)
	}
	stands := app.Standing{App: a, Agent: g, ExpiresAt: fromNullMillis(expires)}
	if stands.Limits, err = policy.ReadLimits([]byte(limits)); err != nil {
		return app.Standing{}, false, fmt.Errorf("store: limits of organization %d: %w", g.Organization, err)
	}
	return stands, true, nil
}

// AgentByID returns what cards show of an installation; see app.CallerStore.
func (s *Apps) AgentByID(ctx context.Context, organization, id int64) (app.AgentView, error) {
	var v app.AgentView
	var apps, organizations string
	err := s.db.read().QueryRowContext(engine.Urgent(ctx), agentView, organization, id).
		Scan(&v.AgentID, &v.AppID, &v.Name, &v.Icon, &v.PageURL, &apps, &organizations)
	if errors.Is(err, sql.ErrNoRows) {
		return v, agentUnknown()
	}
	if err != nil {
		return v, s.db.explain(err)
	}
	var more []string
	if err := fromJSON("trusted hosts of agent", id, apps, &v.TrustedHosts, organizations, &more); err != nil {
		return v, err
	}
	v.TrustedHosts = append(v.TrustedHosts, more...)
	slices.Sort(v.TrustedHosts)
	v.TrustedHosts = slices.Compact(v.TrustedHosts)
	return v, nil
}
