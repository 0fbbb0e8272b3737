package dingtalk

import (
	"strconv"
	"strings"

	"github.com/tidings-im/tidings/internal/fault"
)

// The gateway is the older way to the same calls (docs/contract.md#gateway):
// one path, with the method's name and the token among the parameters.

// Methods are named in two families. They differ in what is around an answer.
const (
	corpMethods = "dingtalk.corp.message.corpconversation."
	oapiMethods = "dingtalk.oapi.message.corpconversation."
)

// gatewayToken is what the access token is called there.
const gatewayToken = "session"

// throughGateway serves /router/rest. What it calls is authenticated, counted
// and limited as the route of its own path.
func (c *call) throughGateway() error {
	name, err := c.args.text("method")
	if err != nil {
		return err
	}
	called := c.gatewayRoute(name)
	switch {
	case name == "":
		return fault.New(fault.CodeAPIUnknown, "method is required; calls that have none go to paths of their own, such as %s",
			corpconversation+"asyncsend_v2").WithField("method")
	case called == nil:
		return fault.New(fault.CodeAPIUnknown, "method names none of the calls that are served here").WithField("method")
	}
	c.method, c.route, c.codes = name, called, called.codes
	if c.flat, err = c.args.flag("simplify"); err != nil {
		return err
	}
	format, err := c.args.text("format")
	if err != nil {
		return err
	}
	if format != "" && !strings.EqualFold(format, "json") {
		return invalid("format", "must be json")
	}
	if err := c.authenticate(gatewayToken); err != nil {
		return err
	}
	return called.serve(c)
}

// gatewayRoute returns the route of a method, nil if there is none.
func (c *call) gatewayRoute(method string) *route {
	verb, ok := strings.CutPrefix(method, corpMethods)
	if !ok {
		verb, ok = strings.CutPrefix(method, oapiMethods)
	}
	if !ok || strings.Contains(verb, "/") {
		return nil
	}
	return c.routes[corpconversation+strings.ReplaceAll(verb, ".", "/")]
}

func (c *call) ofCorp() bool { return strings.HasPrefix(c.method, corpMethods) }

// beginGateway and endGateway write what is around the fields of an answer:
// {"METHOD_response":{…}}, or only what is inside where the client asks for the
// short form.
func (c *call) beginGateway(o *object) {
	if !c.flat {
		o.name(strings.ReplaceAll(c.method, ".", "_") + "_response")
		o.b = append(o.b, '{')
	}
	if !c.ofCorp() {
		o.int("errcode", 0)
		o.text("errmsg", "ok")
		return
	}
	o.name("result")
	o.b = append(o.b, '{')
	o.int("ding_open_errcode", 0)
	o.text("error_msg", "ok")
	o.name("success")
	o.b = append(o.b, "true"...)
}

func (c *call) endGateway(o *object) {
	if c.ofCorp() {
		o.b = append(o.b, '}')
	}
	o.text("request_id", c.id)
	if !c.flat {
		o.b = append(o.b, '}')
	}
}

// answerGateway writes the envelope of a failure. Every failure has the same
// one, since some clients look at no other for it. What names no method is a
// call of another path that has come here: its client looks for errcode, and
// takes an answer without one for success.
func (c *call) answerGateway(f *fault.Fault) {
	e := c.entryOf(f)
	text, code, detail := errmsg(e.errcode, f), strconv.Itoa(e.errcode), detailOf(f)
	if f.Code == fault.CodeAPIUnknown {
		text, code = "Invalid method", "isv.invalid-method"
	}
	if detail == "" {
		detail = text
	}
	o := newObject()
	o.object("error_response", func(o *object) {
		o.int("code", int64(e.errcode))
		o.text("msg", text)
		o.text("sub_code", code)
		o.text("sub_msg", detail)
		o.text("request_id", c.id)
	})
	if !c.args.has("method") {
		o.int("errcode", int64(e.errcode))
		o.text("errmsg", text)
		o.text("sub_msg", detail)
		o.text("request_id", c.id)
	}
	c.finish(legacyStatus(f.Code), o)
}
