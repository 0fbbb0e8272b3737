package store

import (
	"context"
	"slices"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	sqlSelectRevocations = `SELECT count FROM node_state WHERE name = 'revocations'`
	sqlUpdateRevocations = `UPDATE node_state SET count = count + 1 WHERE name = 'revocations'`

	sqlSelectTokenStands = `SELECT t.expires_at, o.limits, ` + appColumns + `, ` + agentColumns + ` FROM access_token t
		JOIN organization o ON o.id = t.organization AND o.disabled_at IS NULL
		JOIN agent g ON g.organization = t.organization AND g.id = t.agent_id AND g.disabled_at IS NULL
		JOIN app a ON a.organization = g.app_organization AND a.id = g.app_id AND a.disabled_at IS NULL
		JOIN app_secret s ON s.organization = a.organization AND s.app_id = a.id AND s.id = t.secret_id AND s.ended_at IS NULL
		WHERE t.organization = $1 AND t.id = $2 AND t.revoked_at IS NULL`
	sqlSelectActing = `SELECT o.limits, ` + appColumns + `, ` + agentColumns + ` FROM agent g
		JOIN organization o ON o.id = g.organization
		JOIN app a ON a.organization = g.app_organization AND a.id = g.app_id
		WHERE g.organization = $1 AND g.id = $2`
	sqlSelectAgentView = `SELECT g.id, a.id, a.name, a.icon, a.page_url, a.trusted_hosts, o.trusted_hosts FROM agent g
		JOIN organization o ON o.id = g.organization
		JOIN app a ON a.organization = g.app_organization AND a.id = g.app_id
		WHERE g.organization = $1 AND g.id = $2`
)

// advanceRevocations tells all nodes to read again what callers and cards are
// made of: apps, installations, secrets, tokens, and organizations' limits and
// trusted hosts. It comes last in its transaction: from here to the commit all
// such changes follow one another, so the counter moves in commit order.
func advanceRevocations(ctx context.Context, tx engine.Querier) error {
	_, err := tx.ExecContext(ctx, sqlUpdateRevocations)
	return err
}

func (s *appStore) Revocations(ctx context.Context) (int64, error) {
	var n int64
	err := s.db.read().QueryRowContext(engine.Urgent(ctx), sqlSelectRevocations).Scan(&n)
	return n, s.db.toFault(err)
}

func (s *appStore) TokenByID(ctx context.Context, organization int64, id string) (of app.Standing, found bool, err error) {
	into := slices.Concat([]any{(*millis)(&of.ExpiresAt), asLimits(&of.Limits)}, appInto(&of.App), agentInto(&of.Agent))
	found, err = readRow(engine.Urgent(ctx), s.db.read(), sqlSelectTokenStands, into, organization, id)
	return of, found, s.db.toFault(err)
}

func (s *appStore) AgentStanding(ctx context.Context, organization, id int64) (of app.Standing, err error) {
	into := slices.Concat([]any{asLimits(&of.Limits)}, appInto(&of.App), agentInto(&of.Agent))
	err = needRow(ctx, s.db.read(), agentUnknown, sqlSelectActing, into, organization, id)
	return of, s.db.toFault(err)
}

func (s *appStore) AgentByID(ctx context.Context, organization, id int64) (v app.AgentView, err error) {
	var more []string
	into := []any{&v.AgentID, &v.AppID, &v.Name, &v.Icon, &v.PageURL, asJSON(&v.TrustedHosts), asJSON(&more)}
	err = needRow(engine.Urgent(ctx), s.db.read(), agentUnknown, sqlSelectAgentView, into, organization, id)
	if err != nil {
		return v, s.db.toFault(err)
	}
	v.TrustedHosts = append(v.TrustedHosts, more...)
	slices.Sort(v.TrustedHosts)
	v.TrustedHosts = slices.Compact(v.TrustedHosts)
	return v, nil
}
