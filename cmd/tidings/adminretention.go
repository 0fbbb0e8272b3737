package main

import (
	"errors"
	"fmt"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/policy"
)

// retentionView says how long things are kept, and which of it was decided
// here; null stands for what was not.
type retentionView struct {
	CorpID  string `json:"corp_id"`
	AppKey  string `json:"app_key,omitempty"`
	AgentID int64  `json:"agent_id,omitempty"`
	policy.Retention
	Decided policy.Retention `json:"decided"`
}

// days sets a field to what was said on the command line, if anything was.
func days(field *policy.Days, name string, said *string) error {
	if said == nil {
		return nil
	}
	d, err := policy.ParseDays("--"+name, *said)
	if err != nil {
		return usageError{err}
	}
	*field = d
	return nil
}

type orgRetentionCmd struct {
	CorpID   string  `arg:"" help:"Corp id of the organization."`
	Messages *string `name:"messages" placeholder:"DAYS" help:"Days to keep messages after the day of sending: 1 to 36500, forever, or default, which is 730."`
	Receipts *string `name:"receipts" placeholder:"DAYS" help:"Days to keep who has read a message: 1 to 36500, forever, or default, which is forever: as long as the message. Afterwards the message counts as read by everybody."`
	Changes  *string `name:"changes" placeholder:"DAYS" help:"Days to keep recalls and status bars for browsers that were away: 1 to 36500, forever, or default, which is 30. A browser that was away longer loads everything again."`
	Audit    *string `name:"audit" placeholder:"DAYS" help:"Days to keep entries of the audit log: 1 to 36500, forever, or default, which is forever."`
}

func (c *orgRetentionCmd) Run(e *environment) error {
	return e.open(func(s *session) error {
		o, err := s.rooms.Directory.ByCorpID(s.ctx, c.CorpID)
		if err != nil {
			return err
		}
		decided := o.Retention
		if err := errors.Join(
			days(&decided.Messages, "messages", c.Messages),
			days(&decided.Receipts, "receipts", c.Receipts),
			days(&decided.Changes, "changes", c.Changes),
			days(&decided.Audit, "audit", c.Audit),
		); err != nil {
			return err
		}
		if decided != o.Retention {
			if o, err = s.rooms.Directory.UpdateOrganization(s.ctx, audit.ByOperator(), o.ID, directory.OrganizationChange{Retention: &decided}); err != nil {
				return err
			}
		}
		v := retentionView{CorpID: o.CorpID, Retention: o.Retention.Or(policy.UsualRetention()), Decided: o.Retention}
		return s.show(v, func() {
			s.showRetention([][2]policy.Days{
				{v.Messages, v.Decided.Messages},
				{v.Receipts, v.Decided.Receipts},
				{v.Changes, v.Decided.Changes},
				{v.Audit, v.Decided.Audit},
			})
		})
	})
}

// showRetention prints messages, receipts, changes and audit, as far as they are
// given: the days, and what was decided here.
func (s *session) showRetention(values [][2]policy.Days) {
	names := []string{"messages", "receipts", "changes", "audit"}
	var rows [][]string
	for i, v := range values {
		rows = append(rows, []string{names[i], v[0].String(), yesNo(v[1] != 0)})
	}
	table(s.out, []string{"KIND", "DAYS KEPT", "DECIDED HERE"}, rows)
}

type appRetentionCmd struct {
	appArg
	Messages *string `name:"messages" placeholder:"DAYS" help:"Days to keep messages after the day of sending: 1 to 36500, forever, or default, which is what the organization decided."`
	Receipts *string `name:"receipts" placeholder:"DAYS" help:"Days to keep who has read a message: 1 to 36500, forever, or default, which is what the organization decided. Afterwards the message counts as read by everybody."`
}

func (c *appRetentionCmd) Run(e *environment) error {
	return c.inApp(e, func(s *session, l app.Listing) error {
		decided := l.Agent.Retention
		if err := errors.Join(
			days(&decided.Messages, "messages", c.Messages),
			days(&decided.Receipts, "receipts", c.Receipts),
		); err != nil {
			return err
		}
		if decided != l.Agent.Retention {
			if err := s.rooms.Apps.SetRetention(s.ctx, audit.ByOperator(), l.Agent.Organization, l.Agent.ID, decided); err != nil {
				return err
			}
		}
		o, err := s.rooms.Directory.Organization(s.ctx, l.Agent.Organization)
		if err != nil {
			return fmt.Errorf("organization of the app: %w", err)
		}
		v := retentionView{
			CorpID: o.CorpID, AppKey: l.App.Key, AgentID: l.Agent.ID,
			Retention: decided.Or(o.Retention.Or(policy.UsualRetention())), Decided: decided,
		}
		return s.show(v, func() {
			s.showRetention([][2]policy.Days{{v.Messages, v.Decided.Messages}, {v.Receipts, v.Decided.Receipts}})
		})
	})
}
