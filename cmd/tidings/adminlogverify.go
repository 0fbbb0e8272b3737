package main

import (
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/transfer"
)

type logVerifyCmd struct {
	installationFlag
	All     bool   `name:"all" help:"Verify the logs of all organizations, and the installation's."`
	Against string `name:"against" placeholder:"FILE" help:"A backup, or its manifest.json: each log must still have the entry that was its newest then. This finds that the newest entries were taken away together with the log's head."`
}

// verifiedView is what verifying one log found.
type verifiedView struct {
	CorpID     string `json:"corp_id,omitempty"` // "" for the installation's log
	Good       bool   `json:"good"`
	Entries    int64  `json:"entries"`           // verified
	From       int64  `json:"from"`              // the first that is kept
	To         int64  `json:"to"`                // the newest, which is the log's head
	Code       string `json:"code"`              // of the newest, in hexadecimal digits; "" of an empty log
	Erased     int64  `json:"erased"`            // entries that have lost what was private to somebody who was erased
	Unverified int64  `json:"unverified"`        // the first entries, when the master key they were made with was dropped
	Against    *int64 `json:"against,omitempty"` // the entry that was compared with --against
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
	anchors, err := c.anchors()
	if err != nil {
		return usageError{fmt.Errorf("--against: %w", err)}
	}
	all := verifiedLogsView{Good: true, Logs: []verifiedView{}}
	for _, o := range logs {
		r, err := s.rooms.AuditLog.Verify(s.ctx, o.ID)
		if err != nil {
			return err
		}
		anchor, compared := anchors[o.ID]
		if compared {
			if r, err = s.rooms.AuditLog.Compare(s.ctx, r, anchor); err != nil {
				return err
			}
		}
		v := viewVerified(o, r)
		if compared && anchor.N >= r.From { // else the entry was deleted by a retention rule
			v.Against = &anchor.N
		}
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

// anchors are where logs stood, by organization; none without --against.
func (c *logVerifyCmd) anchors() (map[int64]audit.Anchor, error) {
	if c.Against == "" {
		return nil, nil
	}
	all, err := transfer.AuditLogs(c.Against)
	by := make(map[int64]audit.Anchor, len(all))
	for _, a := range all {
		by[a.Organization] = a
	}
	return by, err
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
	case v.Unverified > 0:
		fmt.Fprintf(s.out, "%s: %d of %d entries cannot be checked, because the master key they were made with was dropped\n", name, v.Unverified, v.To-v.From+1)
	default:
		fmt.Fprintf(s.out, "%s: nothing was changed\n", name)
	}
	fmt.Fprintf(s.out, "  verified    %d entries of %d to %d%s\n", v.Entries, v.From, v.To, v.unchanged())
	fmt.Fprintf(s.out, "  head        %d, code %s\n", v.To, v.Code)
	if v.Against != nil {
		fmt.Fprintf(s.out, "  compared    entry %d with the backup\n", *v.Against)
	}
	if v.From > 1 {
		fmt.Fprintf(s.out, "  deleted     %d by the retention rule\n", v.From-1)
	}
	if v.Erased > 0 {
		fmt.Fprintf(s.out, "  erased      %d, without what was private to people who were erased\n", v.Erased)
	}
	if v.Unverified > 0 {
		fmt.Fprintf(s.out, "  unverified  %d, the oldest: one that is missing is found, one that was changed is not\n", v.Unverified)
	}
}

// unchanged says of the entries that were verified what the first line then does
// not say.
func (v verifiedView) unchanged() string {
	if v.Good && v.Unverified > 0 && v.Entries > 0 {
		return ": nothing in them was changed"
	}
	return ""
}
