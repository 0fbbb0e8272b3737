package main

import (
	"errors"
	"fmt"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

// composersView is who may send with an app by hand.
type composersView struct {
	DeptIDs []int64  `json:"dept_ids"`
	Userids []string `json:"userids"`
}

type appComposersCmd struct {
	App   string   `arg:"" help:"App key or agent id, also of an installed third-party app."`
	Depts []string `name:"dept" placeholder:"DEPT" help:"A department whose people may send from now on, with all below it, by id, name or path; may be repeated. --dept and --user replace the list before."`
	Users []string `name:"user" placeholder:"USERID" help:"A user who may send from now on; may be repeated."`
	None  bool     `name:"none" help:"Let nobody but administrators and owners send from now on."`
}

func (c *appComposersCmd) Run(e *environment) error {
	if c.None && len(c.Depts)+len(c.Users) > 0 {
		return usageError{errors.New("--none excludes --dept and --user")}
	}
	return e.inOrganization(func(s *session, o directory.Organization) error {
		g, name, err := s.agent(o, c.App)
		if err != nil {
			return err
		}
		if !c.None && len(c.Depts)+len(c.Users) == 0 {
			v, err := s.viewComposers(o, g.Composers)
			if err != nil {
				return err
			}
			return s.done(v, "beside administrators and owners %s may send with %s by hand", v, name)
		}
		var list app.Composers
		if list.DeptIDs, err = s.deptIDs(o, c.Depts); err != nil {
			return err
		}
		for _, userid := range c.Users {
			u, err := s.rooms.Directory.User(s.ctx, o.ID, userid)
			if err != nil {
				return fmt.Errorf("%s: %w", userid, err)
			}
			list.Ordinals = append(list.Ordinals, u.Ordinal)
		}
		if err := s.rooms.Apps.SetComposers(s.ctx, audit.ByOperator(), o.ID, g.ID, list); err != nil {
			return err
		}
		v, err := s.viewComposers(o, list)
		if err != nil {
			return err
		}
		return s.doneEverywhere(v, "from now on %s may send with %s by hand, beside administrators and owners", v, name)
	})
}

// viewComposers names those who are there.
func (s *session) viewComposers(o directory.Organization, c app.Composers) (composersView, error) {
	v := composersView{append([]int64{}, c.DeptIDs...), []string{}}
	people, err := s.rooms.Directory.PeopleByOrdinal(s.ctx, o.ID, c.Ordinals)
	for _, ordinal := range c.Ordinals {
		if u, ok := people[ordinal]; ok && u.DeletedAt.IsZero() {
			v.Userids = append(v.Userids, u.Userid)
		}
	}
	return v, err
}

func (v composersView) String() string {
	return describeRange(directory.Range{DeptIDs: v.DeptIDs, Userids: v.Userids})
}
