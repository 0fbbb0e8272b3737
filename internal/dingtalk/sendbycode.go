package dingtalk

import (
	"strings"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/oauth"
)

// The sends on the strength of what somebody has just done on an app's page, which got a
// code for that (docs/contract.md#send-by-code). They are the older sends, and take
// the code beside what these take.

// maxByCode is how many entries the lists of asyncsendbycode have.
const maxByCode = 20

// sendByCode serves asyncsendbycode.
func (c *call) sendByCode() error {
	err := c.sendInParts(c.codeEnvelope)
	if err == nil || !c.args.has("user_id_list") {
		return err
	}
	return withNames(err, strings.NewReplacer("userid_list", "user_id_list"))
}

// codeEnvelope is the envelope of asyncsendbycode. Some clients name its userids as the
// other sends do.
func (c *call) codeEnvelope() (e notify.Envelope, err error) {
	if c.args.has("user_id_list") {
		e, err = c.envelopeTo("user_id_list")
	} else {
		e, err = c.envelopeTo("userid_list")
	}
	if err != nil {
		return e, err
	}
	switch users, depts := len(e.Audience.Userids), len(e.Audience.DeptIDs); {
	case users > maxByCode:
		return e, fault.New(fault.CodeUseridsTooMany, "userid_list holds %d users; the limit is %d", users, maxByCode).
			WithField("userid_list").WithLimit(maxByCode, int64(users))
	case depts > maxByCode:
		return e, fault.New(fault.CodeDeptsTooMany, "dept_id_list holds %d departments; the limit is %d", depts, maxByCode).
			WithField("dept_id_list").WithLimit(maxByCode, int64(depts))
	}
	e.Operation, err = c.operation()
	return e, err
}

// sendAndTellByCode serves /message/sendByCode.
func (c *call) sendAndTellByCode() error {
	request, kind, err := c.toldRequest()
	if err == nil {
		request.Operation, err = c.operation()
	}
	return c.sendTold(request, kind, err)
}

// operation reads the code of what somebody has done.
func (c *call) operation() (o notify.Operation, err error) {
	code, err := c.args.required("code")
	if err != nil {
		return o, err
	}
	o.ID, o.Hash, err = oauth.ParseOperateCode(c.caller.Organization, code)
	return o, err
}
