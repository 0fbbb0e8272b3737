package client

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Credentials are what an app gets its access token with: AppKey, Suite,
// ClientCredentials or AccessToken.
type Credentials interface {
	take(ctx context.Context, c *Client) (grant, error)
}

// grant is an access token and how long it is good; 0 is for as long as the server
// says so.
type grant struct {
	token string
	life  time.Duration
}

// AppKey is an internal app's (docs/contract.md#gettoken).
type AppKey struct {
	Key, Secret string
}

func (k AppKey) take(ctx context.Context, c *Client) (grant, error) {
	return c.grant(ctx, request{
		method: http.MethodGet, path: "/gettoken", again: true,
		query: url.Values{"appkey": {k.Key}, "appsecret": {k.Secret}},
	}, readWire)
}

// Suite is a third-party app's, in the organization CorpID
// (docs/contract.md#third-party-apps).
type Suite struct {
	Key, Secret string
	CorpID      string
	// Ticket returns the newest suite ticket: the server takes no other one, except
	// for apps of which the operator decided so.
	Ticket func(context.Context) (string, error)
}

func (s Suite) take(ctx context.Context, c *Client) (grant, error) {
	ticket, err := s.Ticket(ctx)
	if err != nil {
		return grant{}, err
	}
	r, err := jsonRequest("/service/get_corp_token", map[string]string{"auth_corpid": s.CorpID})
	if err != nil {
		return grant{}, err
	}
	timestamp := strconv.FormatInt(c.now().UnixMilli(), 10)
	r.again, r.query = true, url.Values{
		"accessKey": {s.Key}, "timestamp": {timestamp}, "suiteTicket": {ticket},
		"signature": {sign(s.Secret, timestamp+"\n"+ticket)},
	}
	return c.grant(ctx, r, readWire)
}

// sign is docs/contract.md#suite-signature.
func sign(secret, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// ClientCredentials are an app's of either kind, in the organization CorpID. They
// need no suite ticket.
type ClientCredentials struct {
	Key, Secret string
	CorpID      string
}

func (k ClientCredentials) take(ctx context.Context, c *Client) (grant, error) {
	r, err := jsonRequest("/v1.0/oauth2/"+url.PathEscape(k.CorpID)+"/token", map[string]string{
		"client_id": k.Key, "client_secret": k.Secret, "grant_type": "client_credentials",
	})
	if err != nil {
		return grant{}, err
	}
	r.again = true
	return c.grant(ctx, r, readNewer)
}

// AccessToken is a token that something else takes and keeps. Once it has ended,
// calls answer CodeTokenInvalid.
type AccessToken string

func (t AccessToken) take(context.Context, *Client) (grant, error) {
	return grant{token: string(t)}, nil
}

// grant asks for a token. Asking again gives the same one, or one more.
func (c *Client) grant(ctx context.Context, r request, read reader) (grant, error) {
	var answer struct {
		Token   string `json:"access_token"`
		Seconds int64  `json:"expires_in"`
	}
	err := c.do(ctx, r, read, &answer)
	return grant{token: answer.Token, life: time.Duration(answer.Seconds) * time.Second}, err
}
