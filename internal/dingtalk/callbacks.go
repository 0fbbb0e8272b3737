package dingtalk

import (
	"context"
	"net/http"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/callback"
	"github.com/tidings-im/tidings/internal/fault"
)

// Callbacks is where an app says where it hears of events (docs/contract.md#callbacks).
type Callbacks interface {
	Register(ctx context.Context, by audit.By, k callback.Key, to callback.Settings) error
	Update(ctx context.Context, by audit.By, k callback.Key, to callback.Settings) error
	Get(ctx context.Context, k callback.Key) (callback.Settings, error)
	Delete(ctx context.Context, by audit.By, k callback.Key) error
	TakeGivenUp(ctx context.Context, k callback.Key) ([]callback.GivenUp, bool, error)
}

// callbackCalls are the calls about an app's own callback.
func callbackCalls() []route {
	const under = "/call_back/"
	get, post := []string{http.MethodGet, http.MethodPost}, []string{http.MethodPost}
	routes := []route{
		{path: under + "register_call_back", methods: post, serve: (*call).registerCallback},
		{path: under + "update_call_back", methods: post, serve: (*call).updateCallback},
		{path: under + "get_call_back", methods: get, serve: (*call).getCallback},
		{path: under + "delete_call_back", methods: get, serve: (*call).deleteCallback},
		{path: under + "get_call_back_failed_result", methods: get, serve: (*call).failedCallbacks},
	}
	for i := range routes {
		rt := &routes[i]
		rt.maxBody, rt.style, rt.token, rt.scope = smallBody, bare, true, app.ScopeContacts
	}
	return routes
}

// ownCallback names the caller's callback. A third-party app has none here: what it
// hears of is its suite's.
func (c *call) ownCallback() (callback.Key, error) {
	if c.caller.ThirdParty {
		return callback.Key{}, fault.New(fault.CodePermissionDenied, "callbacks are for internal apps").WithField("callback")
	}
	return callback.Key{Organization: c.caller.Organization, AppID: c.caller.AppID}, nil
}

// callbackSettings reads what a call says of a callback. All of it may be missing.
func (c *call) callbackSettings() (to callback.Settings, err error) {
	if to.URL, err = c.args.text("url"); err != nil {
		return to, err
	}
	if to.Token, err = c.args.text("token"); err != nil {
		return to, err
	}
	if to.AESKey, err = c.args.text("aes_key"); err != nil {
		return to, err
	}
	to.Tags, err = c.args.list("call_back_tag")
	return to, err
}

// registerCallback serves register_call_back.
func (c *call) registerCallback() error {
	k, err := c.ownCallback()
	if err != nil {
		return err
	}
	to, err := c.callbackSettings()
	if err != nil {
		return err
	}
	for _, needed := range []struct{ name, value string }{{"url", to.URL}, {"token", to.Token}, {"aes_key", to.AESKey}} {
		if needed.value == "" {
			return missing(needed.name)
		}
	}
	if err := c.Callbacks.Register(c.r.Context(), c.caller.By(), k, to); err != nil {
		return err
	}
	return c.ok(func(*object) {})
}

// updateCallback serves update_call_back, which changes what it names.
func (c *call) updateCallback() error {
	k, err := c.ownCallback()
	if err != nil {
		return err
	}
	to, err := c.callbackSettings()
	if err != nil {
		return err
	}
	if err := c.Callbacks.Update(c.r.Context(), c.caller.By(), k, to); err != nil {
		return err
	}
	return c.ok(func(*object) {})
}

// getCallback serves get_call_back.
func (c *call) getCallback() error {
	k, err := c.ownCallback()
	if err != nil {
		return err
	}
	is, err := c.Callbacks.Get(c.r.Context(), k)
	if err != nil {
		return err
	}
	return c.ok(func(o *object) {
		o.texts("call_back_tag", is.Tags)
		o.text("token", is.Token)
		o.text("aes_key", is.AESKey)
		o.text("url", is.URL)
	})
}

// deleteCallback serves delete_call_back.
func (c *call) deleteCallback() error {
	k, err := c.ownCallback()
	if err != nil {
		return err
	}
	if err := c.Callbacks.Delete(c.r.Context(), c.caller.By(), k); err != nil {
		return err
	}
	return c.ok(func(*object) {})
}

// failedCallbacks serves get_call_back_failed_result.
func (c *call) failedCallbacks() error {
	k, err := c.ownCallback()
	if err != nil {
		return err
	}
	list, more, err := c.Callbacks.TakeGivenUp(c.r.Context(), k)
	if err != nil {
		return err
	}
	return c.ok(func(o *object) {
		o.bool("has_more", more)
		o.list("failed_list", len(list), func(i int) {
			o.element(func(o *object) {
				o.int("event_time", list[i].At.UnixMilli())
				o.text("call_back_tag", list[i].Tag)
				o.text("corpid", list[i].CorpID)
				if list[i].DeptIDs != nil {
					o.ints("deptid", list[i].DeptIDs)
				} else {
					o.texts("userid", list[i].Userids)
				}
			})
		})
	})
}
