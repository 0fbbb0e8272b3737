package main

import (
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

type logVerifyCmd struct {
	installationFlag
	All bool `name:"all" help:"The logs of all organizations, and the installation's."`
}

// verifiedView is what verifying one log found.
type verifiedView struct {
	CorpID     string `json:"corp_id,omitempty"` // "" for the installation's log
	Good       bool   `json:"good"`
	Entries    int64  `json:"entries"`    // verified
	From       int64  `json:"from"`       // the first that is kept
	To         int64  `json:"to"`         // the newest, which is the log's head
	Code       string `json:"code"`       // of the newest, in hexadecimal digits; "" of an empty log
	Erased     int64  `json:"erased"`     // entries that have lost what was private to somebody who was erased
	Unverified int64  `json:"unverified"` // the first entries, when their master key is no longer in the key file
	Wrong      int64  `json:"wrong,omitempty"`
	Reason     string `json:"reason,omitempty"`
}

type verifiedLogsView struct {
	Good bool           `json:"good"`
	Logs []verifiedView `json:"logs"`
}

func (c *logVerifyCmd) Run(e *environment) error {
	if !c.All {
		return c.in(e, func(s *session, o directory.Organization) error { return c.verify(s, o) })
	}
	if c.Installation || e.admin.Org != "" {
		return usageError{errors.New("--all excludes --org and --installation")}
	}
	return e.open(func(s *session) error {
		all, err := s.rooms.Directory.Organizations(s.ctx)
		if err != nil {
			return err
		}
		return c.verify(s, append([]directory.Organization{{}}, all...)...)
	})
}

func (c *logVerifyCmd) verify(s *session, logs ...directory.Organization) error {
	all := verifiedLogsView{Good: true, Logs: []verifiedView{}}
	for _, o := range logs {
		r, err := s.rooms.AuditLog.Verify(s.ctx, o.ID)
		if err != nil {
			return err
		}
		v := viewVerified(o, r)
		all.Good = all.Good && v.Good
		all.Logs = append(all.Logs, v)
	}
	if err := s.show(all, func() {
		for _, v := range all.Logs {
			v.tell(s)
		}
	}); err != nil {
		return err
	}
	if !all.Good {
		return exitCode(exitFailed)
	}
	return nil
}

func viewVerified(o directory.Organization, r audit.Report) verifiedView {
	return verifiedView{
		CorpID: o.CorpID, Good: r.Wrong == 0, Entries: r.Entries, From: r.From, To: r.Head, Code: hex.EncodeToString(r.HeadMAC),
		Erased: r.Erased, Unverified: r.Unverified, Wrong: r.Wrong, Reason: r.Why,
	}
}

// tell says for people what was found.
func (v verifiedView) tell(s *session) {
	name := v.CorpID
	if name == "" {
		name = "installation"
	}
	switch {
	case !v.Good:
		fmt.Fprintf(s.out, "%s: entry %d is wrong: %s\n", name, v.Wrong, v.Reason)
	case v.To == 0:
		fmt.Fprintf(s.out, "%s: the log is empty\n", name)
		return
	default:
		fmt.Fprintf(s.out, "%s: nothing was changed\n", name)
	}
	fmt.Fprintf(s.out, "  verified    %d entries of %d to %d\n", v.Entries, v.From, v.To)
	fmt.Fprintf(s.out, "  head        %d, code %s\n", v.To, v.Code)
	if v.From > 1 {
		fmt.Fprintf(s.out, "  deleted     %d by the retention rule\n", v.From-1)
	}
	if v.Erased > 0 {
		fmt.Fprintf(s.out, "  erased      %d have lost what was private to people who were erased\n", v.Erased)
	}
	if v.Unverified > 0 {
		fmt.Fprintf(s.out, "  unverified  %d, the oldest: their master key is not in the key file\n", v.Unverified)
	}
}
