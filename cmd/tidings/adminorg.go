package main

import (
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

type orgCmd struct {
	Create orgCreateCmd `cmd:"" help:"Create an organization; --preset chooses its limits."`
	List   orgListCmd   `cmd:"" help:"List organizations."`
	Update orgUpdateCmd `cmd:"" help:"Change an organization."`

	Retention orgRetentionCmd `cmd:"" help:"Show or change how long an organization keeps messages, receipts, changes and its audit log."`
}

// orgView is an organization as --json shows it.
type orgView struct {
	CorpID       string        `json:"corp_id"`
	Name         string        `json:"name"`
	TimeZone     string        `json:"time_zone"`
	TrustedHosts []string      `json:"trusted_hosts"`
	Limits       policy.Limits `json:"limits"`
	Contact      string        `json:"contact"`
	Disabled     bool          `json:"disabled"`

	ReviewsOthers bool `json:"reviews_others"`

	CreatedAt time.Time `json:"created_at"`
}

func viewOrg(o directory.Organization) orgView {
	return orgView{
		CorpID: o.CorpID, Name: o.Name, TimeZone: o.TimeZone, TrustedHosts: append([]string{}, o.TrustedHosts...),
		Limits: o.Limits, Contact: o.Contact, Disabled: !o.DisabledAt.IsZero(), ReviewsOthers: o.ReviewsOthers, CreatedAt: o.CreatedAt,
	}
}

type orgCreateCmd struct {
	Name     string `arg:"" help:"Name of the organization."`
	CorpID   string `name:"corp-id" placeholder:"ID" help:"Its corp_id, by which apps name it; a random one when not given."`
	TimeZone string `name:"time-zone" placeholder:"ZONE" default:"Asia/Shanghai" help:"Time zone in which the organization's days begin."`
	Init     bool   `name:"init" help:"Make the installation where there is none yet: the data directory, the tables and, on SQLite, the key file."`
}

func (c *orgCreateCmd) Run(e *environment) error {
	return e.openOr(c.Init, func(s *session) error {
		o, err := s.rooms.Directory.CreateOrganization(s.ctx, audit.ByOperator(), directory.NewOrganization{
			CorpID: c.CorpID, Name: c.Name, TimeZone: c.TimeZone, Preset: s.cfg.Preset,
		})
		if err != nil {
			return err
		}
		return s.done(viewOrg(o), "created organization %s, corp id %s", o.Name, o.CorpID)
	})
}

type orgListCmd struct{}

func (c *orgListCmd) Run(e *environment) error {
	return e.open(func(s *session) error {
		all, err := s.rooms.Directory.Organizations(s.ctx)
		if err != nil {
			return err
		}
		views, rows := []orgView{}, [][]string{}
		for _, o := range all {
			v := viewOrg(o)
			views = append(views, v)
			rows = append(rows, []string{v.CorpID, v.Name, v.TimeZone, v.Limits.Preset, yesNo(!v.Disabled)})
		}
		return s.show(views, func() { table(s.out, []string{"CORP ID", "NAME", "TIME ZONE", "PRESET", "ENABLED"}, rows) })
	})
}

type orgUpdateCmd struct {
	CorpID       string    `arg:"" help:"Corp id of the organization."`
	Name         *string   `name:"name" help:"New name."`
	TimeZone     *string   `name:"time-zone" placeholder:"ZONE" help:"New time zone; counts from the next send."`
	TrustedHosts *[]string `name:"trusted-hosts" placeholder:"HOST,…" help:"Hosts whose links open without a warning and whose pictures load at once, such as example.com, *.example.com, example.com:8443 or http://example.com; replaces the list."`
	Limits       string    `name:"limits" placeholder:"JSON" help:"Limits to change, such as '{\"messages_per_day\":100}'; null sets one back to the value of the preset."`
	UsePreset    string    `name:"use-preset" placeholder:"NAME" help:"Set all limits to those of this preset, before --limits."`
	Contact      *string   `name:"contact" placeholder:"TEXT" help:"Whom people who cannot sign in should ask, such as 'IT help desk, extension 5555'; empty for nobody. The limit is 200 characters. Anyone who opens the page may read it."`
	Disable      bool      `name:"disable" xor:"state" help:"Disable the organization: its tokens stop working."`
	Enable       bool      `name:"enable" xor:"state" help:"Enable it again."`

	ReviewsOthers *bool `name:"reviews-others" negatable:"" help:"Whether its reviewers may approve and reject templates of other organizations' third-party apps."`
}

func (c *orgUpdateCmd) Run(e *environment) error {
	return e.open(func(s *session) error {
		o, err := s.rooms.Directory.ByCorpID(s.ctx, c.CorpID)
		if err != nil {
			return err
		}
		change := directory.OrganizationChange{
			Name: c.Name, TimeZone: c.TimeZone, TrustedHosts: c.TrustedHosts, Contact: c.Contact, ReviewsOthers: c.ReviewsOthers,
		}
		if c.Disable || c.Enable {
			change.Disabled = &c.Disable
		}
		if c.UsePreset != "" || c.Limits != "" {
			limits, err := c.limits(o.Limits)
			if err != nil {
				return usageError{err}
			}
			change.Limits = &limits
		}
		if o, err = s.rooms.Directory.UpdateOrganization(s.ctx, audit.ByOperator(), o.ID, change); err != nil {
			return err
		}
		return s.doneEverywhere(viewOrg(o), "updated organization %s", o.CorpID)
	})
}

func (c *orgUpdateCmd) limits(l policy.Limits) (policy.Limits, error) {
	if c.UsePreset != "" {
		var err error
		if l, err = policy.ForPreset(c.UsePreset, false); err != nil {
			return l, err
		}
	}
	if c.Limits == "" {
		return l, nil
	}
	l, err := l.Changed([]byte(c.Limits))
	if err != nil {
		return l, fmt.Errorf("--limits: %s", fault.From(err).Text)
	}
	return l, nil
}
