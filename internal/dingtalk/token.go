package dingtalk

import (
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/fault"
)

// getToken serves /gettoken, for an app's key and secret or the pair of older
// clients, corpid and corpsecret (docs/contract.md#gettoken).
func (c *call) getToken() error {
	key, err := c.args.text("appkey")
	if err != nil {
		return err
	}
	names := [2]string{"appkey", "appsecret"}
	by := c.Tokens.TokenByKey
	if key == "" {
		if key, err = c.args.text("corpid"); err != nil {
			return err
		}
		names, by = [2]string{"corpid", "corpsecret"}, c.Tokens.TokenByCorp
		c.codes = map[fault.Code]int{fault.CodeCredentialsInvalid: 40089}
	}
	if key == "" {
		return missing("corpid or appkey")
	}
	secret, err := c.args.required(names[1])
	if err != nil {
		return err
	}
	token, err := by(c.r.Context(), key, secret)
	if err != nil {
		return err
	}
	return c.ok(func(o *object) {
		o.text("access_token", token.Value)
		o.int("expires_in", seconds(token))
	})
}

// accessToken serves /v1.0/oauth2/accessToken (docs/contract.md#access-token).
func (c *call) accessToken() error {
	key, err := c.args.required("appKey")
	if err != nil {
		return err
	}
	secret, err := c.args.required("appSecret")
	if err != nil {
		return err
	}
	token, err := c.Tokens.TokenByKey(c.r.Context(), key, secret)
	if err != nil {
		return err
	}
	return c.ok(func(o *object) {
		o.text("accessToken", token.Value)
		o.int("expireIn", seconds(token))
	})
}

func seconds(t app.Token) int64 { return int64(t.ExpiresIn / time.Second) }
