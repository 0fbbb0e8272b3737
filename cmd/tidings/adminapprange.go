package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

type appShowCmd struct{ appArg }

func (c *appShowCmd) Run(e *environment) error {
	return c.inApp(e, func(s *session, l app.Listing) error {
		v := viewApp(l.App, l.Agent, "")
		v.Secrets = viewSecrets(l.Secrets)
		return s.show(v, func() {
			fmt.Fprintf(s.out, "name         %s\napp key      %s\nagent id     %d\nenabled      %s\nto everyone  %s\nscopes       %s\nrange        %s\npage         %s\nlimits       %s\n",
				v.Name, v.AppKey, v.AgentID, yesNo(!v.Disabled), yesNo(v.SendToEveryone), strings.Join(v.Scopes, ", "),
				describeRange(l.Agent.Range), dash(v.PageURL), limitsText(l.Agent))
			for _, secret := range v.Secrets {
				state := "active"
				if !secret.Active {
					state = "ended"
				}
				used := ""
				if secret.LastUsedAt != nil {
					used = ", last used " + day(*secret.LastUsedAt)
				}
				fmt.Fprintf(s.out, "secret       %d, of %s, %s%s\n", secret.ID, day(secret.CreatedAt), state, used)
			}
		})
	})
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func limitsText(g app.Agent) string {
	if len(g.Overrides) == 0 || string(g.Overrides) == "{}" {
		return "those of the organization"
	}
	return "those of the organization, except " + string(g.Overrides)
}

// rangeView is whom an app may reach.
type rangeView struct {
	Everyone bool     `json:"everyone"`
	DeptIDs  []int64  `json:"dept_ids"`
	Userids  []string `json:"userids"`
}

func viewRange(r directory.Range) rangeView {
	return rangeView{r.Everyone, append([]int64{}, r.DeptIDs...), append([]string{}, r.Userids...)}
}

func describeRange(r directory.Range) string {
	if r.Everyone {
		return "everyone"
	}
	var texts []string
	if len(r.DeptIDs) > 0 {
		texts = append(texts, "departments "+strings.Trim(strings.ReplaceAll(fmt.Sprint(r.DeptIDs), " ", ", "), "[]"))
	}
	if len(r.Userids) > 0 {
		texts = append(texts, "users "+someOf(r.Userids, len(r.Userids)))
	}
	if len(texts) == 0 {
		return "nobody"
	}
	return strings.Join(texts, " and ")
}

type appRangeCmd struct {
	App      string   `arg:"" help:"App key or agent id, also of an installed third-party app."`
	Everyone bool     `name:"everyone" help:"Let the app reach everyone from now on."`
	Depts    []string `name:"dept" placeholder:"DEPT" help:"A department the app may reach from now on, with all below it, by id, name or path; may be repeated. --dept and --user replace the range before."`
	Users    []string `name:"user" placeholder:"USERID" help:"A user the app may reach from now on; may be repeated."`
}

func (c *appRangeCmd) Run(e *environment) error {
	if c.Everyone && len(c.Depts)+len(c.Users) > 0 {
		return usageError{errors.New("--everyone excludes --dept and --user")}
	}
	return e.inOrganization(func(s *session, o directory.Organization) error {
		g, name, err := s.agent(o, c.App)
		if err != nil {
			return err
		}
		if !c.Everyone && len(c.Depts)+len(c.Users) == 0 {
			return s.done(viewRange(g.Range), "%s may reach %s", name, describeRange(g.Range))
		}
		r := directory.Range{Everyone: c.Everyone, Userids: c.Users}
		if r.DeptIDs, err = s.deptIDs(o, c.Depts); err != nil {
			return err
		}
		for _, userid := range c.Users {
			if _, err := s.rooms.Directory.User(s.ctx, o.ID, userid); err != nil {
				return fmt.Errorf("%s: %w", userid, err)
			}
		}
		if err := s.rooms.Apps.SetRange(s.ctx, audit.ByOperator(), o.ID, g.ID, r); err != nil {
			return err
		}
		return s.doneEverywhere(viewRange(r), "from now on %s may reach %s", name, describeRange(r))
	})
}

// agent finds an installation in the organization: of an internal app by its
// key or agent id, of a third-party app by its agent id.
func (s *session) agent(o directory.Organization, named string) (app.Agent, string, error) {
	internal, err := s.rooms.Apps.Apps(s.ctx, o.ID)
	if err != nil {
		return app.Agent{}, "", err
	}
	for _, l := range internal {
		if named == l.App.Key || named == fmt.Sprint(l.Agent.ID) {
			return l.Agent, l.App.Name, nil
		}
	}
	installed, err := s.rooms.Apps.Installed(s.ctx, o.ID)
	if err != nil {
		return app.Agent{}, "", err
	}
	for _, i := range installed {
		if named == i.App.Key || named == fmt.Sprint(i.Agent.ID) {
			return i.Agent, i.App.Name, nil
		}
	}
	return app.Agent{}, "", noApp(o, named)
}
