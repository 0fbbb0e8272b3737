package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

// address is where people reach the server. A port that the server is to pick
// is not known here.
func (s *session) address() (string, error) {
	if s.cfg.PublicURL == "" && s.cfg.Port() == 0 {
		return "", usageError{errors.New("give --public-url, the address where people reach the server: its port is 0 in --listen and picked at its start")}
	}
	return s.cfg.Address(s.cfg.Port()), nil
}

// ordinal looks a person up, which accounts do in memory.
func (s *session) ordinal(o directory.Organization, userid string) (uint32, error) {
	if _, err := s.rooms.Directory.Organization(s.ctx, o.ID); err != nil {
		return 0, err
	}
	ordinal, ok := s.rooms.Directory.Ordinal(o.ID, userid)
	if ok {
		return ordinal, nil
	}
	if _, err := s.rooms.Directory.User(s.ctx, o.ID, userid); err == nil {
		return 0, fault.New(fault.CodeUserUnknown, "user %s is disabled; user enable %s enables them", userid, userid).WithField("userid")
	}
	return 0, fault.New(fault.CodeUserUnknown, "there is no user %s", userid).WithField("userid")
}

type sessionCmd struct {
	List sessionListCmd `cmd:"" help:"List where a user is signed in."`
	End  sessionEndCmd  `cmd:"" help:"End a user's sessions; open pages notice within a second."`
}

type sessionView struct {
	ID        string    `json:"session_id"`
	Device    string    `json:"device"`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at"`
}

type sessionListCmd struct {
	Userid string `arg:"" help:"Whose sessions."`
}

func (c *sessionListCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		ordinal, err := s.ordinal(o, c.Userid)
		if err != nil {
			return err
		}
		all, err := s.rooms.Accounts.Sessions(s.ctx, o.ID, ordinal)
		if err != nil {
			return err
		}
		views, rows := []sessionView{}, [][]string{}
		for _, one := range all {
			views = append(views, sessionView(one))
			rows = append(rows, []string{one.ID, one.CreatedAt.Format(time.DateTime), one.SeenAt.Format(time.DateTime), one.Device})
		}
		return s.show(views, func() { table(s.out, []string{"ID", "SIGNED IN (UTC)", "LAST SEEN (UTC)", "DEVICE"}, rows) })
	})
}

type sessionEndCmd struct {
	Userid string `arg:"" help:"Whose sessions."`
	ID     string `arg:"" optional:"" help:"Which one, as session list shows it."`
	All    bool   `name:"all" help:"All of them."`
}

type sessionsEndedView struct {
	Userid string `json:"userid"`
	Ended  int    `json:"ended"`
}

func (c *sessionEndCmd) Run(e *environment) error {
	if c.All == (c.ID != "") {
		return usageError{errors.New("name one session, or give --all")}
	}
	return e.inOrganization(func(s *session, o directory.Organization) error {
		ordinal, err := s.ordinal(o, c.Userid)
		if err != nil {
			return err
		}
		ended := 1
		if c.All {
			ended, err = s.rooms.Accounts.EndSessions(s.ctx, audit.ByOperator(), o.ID, ordinal)
		} else {
			err = s.rooms.Accounts.EndSession(s.ctx, audit.ByOperator(), o.ID, ordinal, c.ID)
		}
		if err != nil {
			return err
		}
		what := fmt.Sprintf("%d sessions", ended)
		if ended == 1 {
			what = "1 session"
		}
		return s.doneEverywhere(sessionsEndedView{c.Userid, ended}, "ended %s of %s", what, c.Userid)
	})
}
