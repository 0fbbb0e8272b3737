package dingtalk

import (
	"net/http"
	"slices"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/policy"
)

// pageSignIns are the calls of an app's page: who has opened it, who came back from
// /connect, and what the page configures itself with.
func pageSignIns() []route {
	get, post := []string{http.MethodGet, http.MethodPost}, []string{http.MethodPost}
	return []route{
		{path: "/topapi/v2/user/getuserinfo", methods: get, maxBody: smallBody, token: true, serve: (*call).getUserInfo},
		{path: "/user/getuserinfo", methods: get, maxBody: smallBody, style: bare, token: true, serve: (*call).olderUserInfo},
		{path: "/sns/getuserinfo_bycode", methods: post, maxBody: smallBody, style: bare, serve: (*call).snsUserInfo},
		{path: "/get_jsapi_ticket", methods: get, maxBody: smallBody, style: bare, token: true, serve: (*call).olderPageTicket},
		{path: "/v1.0/oauth2/jsapiTickets", methods: post, maxBody: smallBody, style: modern, serve: (*call).pageTicket},
	}
}

// getUserInfo serves user/getuserinfo (docs/contract.md#page-codes).
func (c *call) getUserInfo() error {
	who, err := c.visitor()
	if err != nil {
		return err
	}
	return c.withResult(func(o *object) {
		o.text("userid", who.Userid)
		o.text("unionid", who.UnionID)
		o.bool("sys", isAdmin(who))
		o.int("sys_level", sysLevel(who))
		o.text("name", who.Name)
	})
}

// olderUserInfo serves /user/getuserinfo.
func (c *call) olderUserInfo() error {
	who, err := c.visitor()
	if err != nil {
		return err
	}
	return c.ok(func(o *object) {
		o.text("userid", who.Userid)
		o.bool("is_sys", isAdmin(who))
		o.int("sys_level", sysLevel(who))
	})
}

func (c *call) visitor() (directory.Contact, error) {
	code, err := c.args.required("code")
	if err != nil {
		return directory.Contact{}, err
	}
	return c.SignIns.Visitor(c.r.Context(), c.caller, code)
}

// sysLevel is what kind of administrator somebody is: 1 of everything, 2 another one, 0
// none.
func sysLevel(who directory.Contact) int64 {
	switch {
	case slices.Contains(who.Roles, string(policy.Owner)):
		return 1
	case isAdmin(who):
		return 2
	}
	return 0
}

// snsUserInfo serves /sns/getuserinfo_bycode (docs/contract.md#sns-codes).
func (c *call) snsUserInfo() error {
	p, err := c.signature()
	if err != nil {
		return err
	}
	code, err := c.args.required("tmp_auth_code")
	if err != nil {
		return err
	}
	who, err := c.SignIns.SNSPerson(c.r.Context(), p, code)
	if err != nil {
		return err
	}
	return c.ok(func(o *object) {
		o.object("user_info", func(o *object) {
			o.text("nick", who.Name)
			o.text("openid", who.OpenID)
			o.text("unionid", who.UnionID)
			o.bool("main_org_auth_high_level", false) // organizations are not certified here
		})
	})
}

// ticketLife is what clients are told, in seconds; the ticket does not change.
const ticketLife = 7200

// olderPageTicket serves /get_jsapi_ticket (docs/contract.md#page-tickets).
func (c *call) olderPageTicket() error {
	ticket, err := c.SignIns.PageTicket(c.r.Context(), c.caller)
	if err != nil {
		return err
	}
	return c.ok(func(o *object) {
		o.text("ticket", ticket)
		o.int("expires_in", ticketLife)
	})
}

// pageTicket serves /v1.0/oauth2/jsapiTickets.
func (c *call) pageTicket() error {
	if err := c.authenticateAs(c.headerToken()); err != nil {
		return err
	}
	ticket, err := c.SignIns.PageTicket(c.r.Context(), c.caller)
	if err != nil {
		return err
	}
	return c.ok(func(o *object) {
		o.text("jsapiTicket", ticket)
		o.int("expireIn", ticketLife)
	})
}
