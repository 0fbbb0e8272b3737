package main

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

type appLimitsCmd struct {
	App string `arg:"" help:"App key or agent id, also of an installed third-party app."`
	Set string `name:"set" placeholder:"JSON" help:"Limits to change for this app, such as '{\"messages_per_day\":100}'; null sets one back to the organization's."`
}

// limitsView is what is in force for an app, and where it comes from.
type limitsView struct {
	AgentID      int64           `json:"agent_id"`
	Values       policy.Limits   `json:"values"`
	Own          json.RawMessage `json:"own"`
	Organization policy.Limits   `json:"organization"`
	Preset       policy.Limits   `json:"preset"`
}

func (c *appLimitsCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		g, name, err := s.agent(o, c.App)
		if err != nil {
			return err
		}
		if c.Set != "" {
			own, err := g.ChangedLimits(json.RawMessage(c.Set))
			if err == nil {
				err = s.rooms.Apps.SaveLimits(s.ctx, audit.ByOperator(), o.ID, g.ID, g.Edition, own)
			}
			if fault.Is(err, fault.CodeParameterInvalid) {
				return usageError{err}
			}
			if err != nil {
				return err
			}
		}
		v, err := s.viewLimits(g.ID)
		if err != nil {
			return err
		}
		if c.Set != "" {
			return s.doneEverywhere(v, "from now on the limits of %s are those of the organization, except %s", name, v.Own)
		}
		return s.show(v, func() { s.showLimits(v) })
	})
}

func (s *session) viewLimits(agentID int64) (limitsView, error) {
	a, g, err := s.rooms.Apps.AppOfAgent(s.ctx, agentID)
	if err != nil {
		return limitsView{}, err
	}
	var l app.AgentLimits
	if l, err = s.rooms.Apps.Limits(s.ctx, a, g); err != nil {
		return limitsView{}, err
	}
	if len(l.Own) == 0 {
		l.Own = json.RawMessage("{}")
	}
	return limitsView{g.ID, l.Values, l.Own, l.Organization, l.Preset}, nil
}

// showLimits prints each limit: what is in force, and what would be without the app's
// own.
func (s *session) showLimits(v limitsView) {
	values, organization, own := byName(v.Values), byName(v.Organization), byName(v.Own)
	var rows [][]string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		_, decided := own[name]
		rows = append(rows, []string{name, string(values[name]), string(organization[name]), yesNo(decided)})
	}
	table(s.out, []string{"LIMIT", "VALUE", "ORGANIZATION", "DECIDED HERE"}, rows)
}

// byName are the members of what JSON says of a value.
func byName(v any) (members map[string]json.RawMessage) {
	text, _ := json.Marshal(v) // limits, which can be written
	_ = json.Unmarshal(text, &members)
	return members
}
