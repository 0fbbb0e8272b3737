package dingtalk

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/notify"
)

// The ancestor of the asynchronous sends (docs/contract.md#message-send): lists
// are separated by bars, what otherwise is inside msg stands among the other
// parameters, and whoever the message does not reach is in the answer.

// everyoneNamed is who stands for everyone in touser.
const everyoneNamed = "@all"

// sendAndTell serves /message/send.
func (c *call) sendAndTell() error {
	request, kind, err := c.toldRequest()
	return c.sendTold(request, kind, err)
}

// sendTold sends what was read, unless that has failed.
func (c *call) sendTold(request notify.SendRequest, kind string, err error) error {
	if err == nil {
		if request.IdempotencyKey != "" {
			request.RequestDigest = digest(request)
		}
		var sent notify.Sent
		if sent, err = c.Notifications.SendAndTell(c.r.Context(), request); err == nil {
			return c.tell(sent)
		}
	}
	return atTopLevel(err, kind)
}

// toldRequest reads a request, and the type of its message as far as it is read.
func (c *call) toldRequest() (r notify.SendRequest, kind string, err error) {
	r.Caller, r.Endpoint = c.caller, c.route.path
	if r.AgentID, err = c.args.int64("agentid"); err != nil {
		return r, "", err
	}
	if r.Audience.Userids, err = c.args.listOf(bars, "touser"); err != nil {
		return r, "", err
	}
	if at := slices.Index(r.Audience.Userids, everyoneNamed); at >= 0 {
		r.Audience.Everyone, r.Audience.Userids = true, slices.Delete(r.Audience.Userids, at, at+1)
	}
	if r.Audience.DeptIDs, err = c.args.numbersOf(bars, "toparty"); err != nil {
		return r, "", err
	}
	if r.IdempotencyKey, err = c.idempotencyKey(); err != nil {
		return r, "", err
	}
	if kind, err = c.args.required(partsType); err != nil {
		return r, "", err
	}
	r.Message, err = c.topLevelMessage(kind)
	return r, kind, err
}

// topLevelMessage makes the message of the parameter that has its type's name.
// One that is not there is the message room's to refuse, as a type is that does
// not exist.
func (c *call) topLevelMessage(kind string) ([]byte, error) {
	if !c.args.has(kind) {
		return inside(kind, ""), nil
	}
	content, err := c.message(kind)
	return inside(kind, string(content)), err
}

// atTopLevel names a failure by the parameters of this call. The fault may be
// others' too, so it is copied.
func atTopLevel(err error, kind string) error {
	f := *fault.From(err)
	if f.Field == "" {
		return err
	}
	if f.Field == "msg" { // the whole is too large
		f.Field, f.Text = kind, "the message"+strings.TrimPrefix(f.Text, "msg")
		return &f
	}
	names := strings.NewReplacer("userid_list, dept_id_list, to_all_user", "touser, toparty",
		"userid_list", "touser", "dept_id_list", "toparty", "to_all_user", "touser", "agent_id", "agentid")
	if strings.HasPrefix(f.Field, "msg.") {
		names = strings.NewReplacer("msg.", "")
	}
	return withNames(err, names)
}

// withNames names a failure by the parameters of a call that calls them otherwise than
// sends do. The fault may be others' too, so it is copied.
func withNames(err error, names *strings.Replacer) error {
	f := *fault.From(err)
	f.Field, f.Text = names.Replace(f.Field), names.Replace(f.Text)
	return &f
}

// tell answers a send with whom it does not reach. They may be many: they are
// written as they come.
func (c *call) tell(sent notify.Sent) error {
	s := c.newStream()
	s.joined("invaliduser", slices.Values(sent.InvalidUserids))
	s.joined("invalidparty", func(yield func(string) bool) {
		for _, id := range sent.InvalidDeptIDs {
			if !yield(strconv.FormatInt(id, 10)) {
				return
			}
		}
	})
	s.joined("forbiddenUserId", heldUsers(sent.Held))
	s.object.text("messageId", strconv.FormatInt(sent.TaskID, 10))
	c.endStream(s)
	return nil
}

// messageStatus serves /message/list_message_status. A message's id is its
// task's; what is no id at all names no message either.
func (c *call) messageStatus() error {
	const name = "messageId"
	id, err := c.args.required(name)
	if err != nil {
		return err
	}
	taskID, ok := wholeNumber(id)
	if !ok {
		return fault.New(fault.CodeTaskUnknown, "%s names no message", name).WithField(name)
	}
	r, err := c.Notifications.Result(c.r.Context(), c.caller, c.caller.AgentID, taskID)
	if err != nil {
		f := *fault.From(err)
		if f.Field != "task_id" {
			return err
		}
		f.Field = name
		return &f
	}
	s := c.newStream()
	s.users("read", r.Read)
	s.users("unread", r.Unread)
	s.dropped(r)
	c.endStream(s)
	return nil
}
