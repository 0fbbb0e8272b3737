package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
)

type whyCmd struct {
	Task    int64  `name:"task" placeholder:"ID" range:"1.." help:"Task id, as the send answered it."`
	Person  string `name:"person" placeholder:"USERID" help:"Userid of the person whom the task should have reached."`
	Message string `name:"message" placeholder:"MESSAGEID" help:"A message id of our own API, instead of --task and --person."`
}

// whyView is one person in one task.
type whyView struct {
	TaskID     int64      `json:"task_id"`
	AgentID    int64      `json:"agent_id"`
	Type       string     `json:"type"`
	AcceptedAt time.Time  `json:"accepted_at"`
	RecalledAt *time.Time `json:"recalled_at"`
	Userid     string     `json:"userid"`
	Ordinal    *uint32    `json:"ordinal"` // null where nobody has or had the userid
	State      string     `json:"state"`   // now: active, disabled, deleted or unknown
	Outcome    string     `json:"outcome"`
	Code       string     `json:"code,omitempty"`   // of the rule that held them back
	Count      int64      `json:"count,omitempty"`  // the limit that was hit
	Reason     string     `json:"reason,omitempty"` // of an invalid userid
	ByUserid   bool       `json:"by_userid"`
	Everyone   bool       `json:"everyone"`
	DeptIDs    []int64    `json:"dept_ids"`
	ReadAt     *time.Time `json:"read_at"`
	Receipts   bool       `json:"receipts_kept"`
	Text       string     `json:"text"`
}

func (c *whyCmd) Run(e *environment) error {
	if (c.Message == "") == (c.Task == 0) || (c.Task == 0) != (c.Person == "") {
		return usageError{errors.New("why takes --task and --person, or --message")}
	}
	return e.inOrganization(func(s *session, o directory.Organization) error {
		all, err := c.explain(s, o)
		if err != nil {
			return err
		}
		views := []whyView{}
		for _, x := range all {
			v, err := s.viewWhy(o, x, c.Person)
			if err != nil {
				return err
			}
			views = append(views, v)
		}
		return s.show(views, func() {
			for _, v := range views {
				fmt.Fprintln(s.out, v.Text)
			}
		})
	})
}

func (c *whyCmd) explain(s *session, o directory.Organization) ([]notify.Explanation, error) {
	if c.Message == "" {
		return s.rooms.Explainer.Userid(s.ctx, o.ID, c.Task, c.Person)
	}
	task, ordinal, ok := inbox.ParseMessageID(c.Message)
	if !ok {
		return nil, fault.New(fault.CodeParameterInvalid, "%q is no message id", c.Message).WithField("message")
	}
	x, err := s.rooms.Explainer.Ordinal(s.ctx, o.ID, task, ordinal)
	return []notify.Explanation{x}, err
}

func (s *session) viewWhy(o directory.Organization, x notify.Explanation, userid string) (whyView, error) {
	t := x.Task
	v := whyView{
		TaskID: t.ID, AgentID: t.AgentID, Type: t.Type, AcceptedAt: t.AcceptedAt, RecalledAt: timeOrNone(t.RecalledAt),
		Userid: userid, State: "unknown", Outcome: string(x.Outcome), Code: x.Code, Count: x.Count, Reason: string(x.Reason),
		ByUserid: x.ByUserid, Everyone: x.Everyone, DeptIDs: append([]int64{}, x.Depts...),
		ReadAt: timeOrNone(x.ReadAt), Receipts: x.Receipts,
	}
	if x.Person.Userid != "" {
		v.Userid, v.Ordinal, v.State = x.Person.Userid, &x.Ordinal, x.Person.State().String()
	}
	paths, err := s.deptPaths(o, x.Depts)
	v.Text = fmt.Sprintf("task %d of agent %d, %s, accepted %s\n%s (%s now): %s%s", t.ID, t.AgentID, t.Type, day(t.AcceptedAt),
		v.Userid, v.State, outcomeText(x), namedText(x, paths))
	if !t.RecalledAt.IsZero() {
		v.Text += "\nrecalled " + day(t.RecalledAt)
	}
	return v, err
}

func timeOrNone(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func outcomeText(x notify.Explanation) string {
	switch x.Outcome {
	case notify.OutcomeSent:
		switch {
		case !x.Receipts:
			return "sent; whether it was read is no longer kept"
		case x.ReadAt.IsZero():
			return "sent, not read yet"
		default:
			return "sent, read " + day(x.ReadAt)
		}
	case notify.OutcomeHeld:
		return "held back: " + heldText(x)
	case notify.OutcomeInvalid:
		return "named, but not an active user when the task was accepted: " + map[directory.Reason]string{
			directory.ReasonDisabled: "the person was disabled", directory.ReasonDeleted: "the person had been deleted",
			directory.ReasonUnknown: "nobody ever had the userid", "": "the reason was not stored then",
		}[x.Reason]
	default:
		return "never named" + neverText(x)
	}
}

// heldText says what the codes of the rules mean.
func heldText(x notify.Explanation) string {
	text, known := map[string]string{
		policy.OutsideRangeUser: "outside the app's range (%s)",
		policy.OutsideRangeDept: "reached through a department only, and outside the app's range (%s)",
		policy.MinuteInternal:   "the app had reached as many recipients in that minute as the limit allows (%s)",
		policy.MinuteThirdParty: "the app had reached as many recipients in that minute as the limit allows (%s)",
		policy.DailyInternal:    "had as many of the app's messages that day as the limit allows (%s)",
		policy.DailyThirdParty:  "had as many of the app's messages that day as the limit allows (%s)",
		policy.SameInternal:     "had the same content from the app that day already (%s)",
		policy.SameThirdParty:   "had the same content from the app that day already (%s)",
	}[x.Code]
	if !known {
		text = "code %s"
	}
	text = fmt.Sprintf(text, x.Code)
	if x.Count > 0 {
		text += fmt.Sprintf("; the limit is %d", x.Count)
	}
	return text
}

// neverText says why somebody is not among those whom the task meant.
func neverText(x notify.Explanation) string {
	p := x.Person
	switch {
	case p.Userid == "":
		return ", and nobody has or had this userid"
	case x.Everyone && p.CreatedAt.After(x.Task.AcceptedAt):
		return ": the task is for everyone, and the person came after it"
	case x.Everyone:
		return ": the task is for everyone who was active and in the app's range then, and the person was not"
	case len(x.Depts) > 0:
		return ": the task is for a department in which the person is now; they were not, or were disabled, when it was accepted"
	default:
		return ""
	}
}

func namedText(x notify.Explanation, paths []string) string {
	if x.Outcome == notify.OutcomeNeverNamed {
		return ""
	}
	var ways []string
	if x.ByUserid {
		ways = append(ways, "by userid")
	}
	if x.Everyone {
		ways = append(ways, "as one of everyone")
	}
	if len(paths) > 0 {
		ways = append(ways, "through the department "+strings.Join(paths, ", "))
	}
	if task := x.Task.Named.UnreadOf; task != 0 && len(ways) == 0 {
		ways = append(ways, fmt.Sprintf("as one of those who had not read task %d", task))
	}
	if len(ways) == 0 {
		way := "through a department the person is not in any more"
		if n := x.Task.Named; n.Userids > 0 && len(n.ByUserid) == 0 { // of before that was kept
			way += ", or by userid"
		}
		ways = append(ways, way)
	}
	return "\nnamed " + strings.Join(ways, " and ")
}
