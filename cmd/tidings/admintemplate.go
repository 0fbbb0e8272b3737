package main

import (
	"strconv"
	"strings"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/review"
)

type templateCmd struct {
	As string `name:"as" placeholder:"USERID" help:"Act as this user, who needs the right to it; CORPID:USERID for a user of another organization than the app's. Without --as you act as the operator, who may do everything but approve or reject a version that the operator wrote."`

	Create     templateCreateCmd     `cmd:"" help:"Create a template from a form; its first version is a draft."`
	List       templateListCmd       `cmd:"" help:"List an app's templates."`
	Show       templateShowCmd       `cmd:"" help:"Show a template and one of its versions."`
	Versions   templateVersionsCmd   `cmd:"" help:"List a template's versions, newest first."`
	Difference templateDifferenceCmd `cmd:"" help:"Show how a version differs from the live one, or from another."`
	Lint       templateLintCmd       `cmd:"" help:"Say what is wrong with a form; the exit code is 1 when it cannot be submitted."`
	Preview    templatePreviewCmd    `cmd:"" help:"Show the message that a form makes with its sample values, or with other values."`
	Save       templateSaveCmd       `cmd:"" help:"Replace the form of the draft, or begin a draft."`
	Submit     templateSubmitCmd     `cmd:"" help:"Submit the draft for review."`
	Discard    templateDiscardCmd    `cmd:"" help:"Discard the draft; the version before it is the newest again."`
	Withdraw   templateWithdrawCmd   `cmd:"" help:"Withdraw the version in review; the next version, a draft, has the same form."`
	Approve    templateApproveCmd    `cmd:"" help:"Approve the version in review: it is sent from now on."`
	Reject     templateRejectCmd     `cmd:"" help:"Reject the version in review, with a reason."`
	Enable     templateEnableCmd     `cmd:"" help:"Enable a disabled template again."`
	Disable    templateDisableCmd    `cmd:"" help:"Disable a template: sends by it are refused."`
	Clone      templateCloneCmd      `cmd:"" help:"Create a template from a version of another one."`
	Delete     templateDeleteCmd     `cmd:"" help:"Delete a template for good; what was sent with it stays."`
	Log        templateLogCmd        `cmd:"" help:"List what was done to a template, oldest first."`
	Waiting    templateWaitingCmd    `cmd:"" help:"List the versions that wait for a review, the oldest first."`
}

// desk is a command at work on the templates of one app, with the right to it.
type desk struct {
	*session
	grant policy.Grant
	app   app.App
}

type onApp struct {
	App string `arg:"" help:"Which app: its suite key, app key or agent id."`
}

// at runs work with the app that was named, for whoever has the right to it.
func (c *onApp) at(e *environment, right policy.Right, work func(*desk) error) error {
	return e.open(func(s *session) error {
		a, err := s.appNamed(c.App)
		if err != nil {
			return err
		}
		by, err := s.actor(func() (directory.Organization, error) { return s.rooms.Directory.Organization(s.ctx, a.Organization) })
		if err != nil {
			return err
		}
		grant, err := s.grant(by, right, a.Resource(), review.Unknown())
		if err != nil {
			return err
		}
		return work(&desk{session: s, grant: grant, app: a})
	})
}

type onTemplate struct {
	onApp
	Template string `arg:"" help:"Template id."`
}

// appNamed finds an app by its key or an agent id, which are unique over all
// organizations. --org leaves an organization's own apps, and the agent ids
// that it has given.
func (s *session) appNamed(name string) (app.App, error) {
	all, err := s.rooms.Directory.Organizations(s.ctx)
	if s.cmd.Org != "" && err == nil {
		all = make([]directory.Organization, 1)
		all[0], err = s.rooms.Directory.ByCorpID(s.ctx, s.cmd.Org)
	}
	if err != nil {
		return app.App{}, err
	}
	if id, err := strconv.ParseInt(name, 10, 64); err == nil {
		a, g, err := s.rooms.Apps.AppOfAgent(s.ctx, id)
		if err == nil && s.cmd.Org != "" && g.Organization != all[0].ID {
			err = fault.New(fault.CodeAgentUnknown, "organization %s has no app under agent id %d", s.cmd.Org, id)
		}
		return a, err
	}
	for _, o := range all {
		apps, err := s.appsOf(o.ID)
		if err != nil {
			return app.App{}, err
		}
		for _, a := range apps {
			if a.Key == name {
				return a, nil
			}
		}
	}
	return app.App{}, fault.New(fault.CodeAppUnknown, "there is no app with key or agent id %q", name)
}

// appsOf returns an organization's own apps, internal and third-party ones.
func (s *session) appsOf(organization int64) ([]app.App, error) {
	internal, err := s.rooms.Apps.Apps(s.ctx, organization)
	if err != nil {
		return nil, err
	}
	suites, err := s.rooms.Apps.Suites(s.ctx, organization)
	if err != nil {
		return nil, err
	}
	var all []app.App
	for _, l := range internal {
		all = append(all, l.App)
	}
	for _, l := range suites {
		all = append(all, l.App)
	}
	return all, nil
}

// actor is who does it: the person of --as, who is one of home when no other
// organization is named, or the operator.
func (s *session) actor(home func() (directory.Organization, error)) (audit.By, error) {
	as := s.cmd.Templates.As
	if as == "" {
		return audit.ByOperator(), nil
	}
	if corpID, userid, both := strings.Cut(as, ":"); both {
		o, err := s.rooms.Directory.ByCorpID(s.ctx, corpID)
		if err == nil {
			return s.inTheNameOf(o, userid)
		}
		if !fault.Is(err, fault.CodeOrganizationUnknown) { // else the colon belongs to a userid
			return audit.By{}, err
		}
	}
	o, err := home()
	if err != nil {
		return audit.By{}, err
	}
	return s.inTheNameOf(o, as)
}

// grant asks the table of rights, as our own API does.
func (s *session) grant(by audit.By, right policy.Right, of policy.Resource, unseen error) (policy.Grant, error) {
	asker, err := s.rooms.Directory.Asker(s.ctx, by)
	if err != nil {
		return policy.Grant{}, err
	}
	return policy.Check(asker, right, of, unseen)
}

func (s *session) inTheNameOf(o directory.Organization, userid string) (audit.By, error) {
	ordinal, err := s.ordinal(o, userid)
	return audit.OnBehalfOf(o.ID, ordinal), err
}
