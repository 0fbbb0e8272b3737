package harness

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/tidings-im/tidings/client"
)

// Object is a JSON object of the wire.
type Object = map[string]any

// Address says where the server is now: it has another port after each start.
type Address func() string

// App sends in the name of one app. It keeps the token it has, also over a
// restart of the server, takes no other one by itself and makes no call twice.
// Safe for concurrent use once it has a token. Its errors are Refused and Unknown.
type App struct {
	Credentials
	Address Address
	HTTP    *http.Client
	Token   string
}

// Refused is an answer that says no. What was refused has not happened.
type Refused struct {
	Code int // the errcode; of our own API the HTTP status
	Text string
}

func (r *Refused) Error() string { return fmt.Sprintf("refused with %d: %s", r.Code, r.Text) }

// Unknown is a call of which nobody knows what became: no whole answer came
// back, or one that says so.
type Unknown struct{ Err error }

func (u *Unknown) Error() string { return "unknown: " + u.Err.Error() }
func (u *Unknown) Unwrap() error { return u.Err }

// Proven says what the error of a call proves: Refused, or else Unknown.
func Proven(err error) error {
	var said *client.Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &said) || client.Unknown(err):
		return &Unknown{err}
	case said.Code != 0:
		return &Refused{Code: said.Code, Text: err.Error()}
	}
	return &Refused{Code: said.Status, Text: err.Error()}
}

// NewHTTP returns a client with a pool for many connections at once, and no
// keep-alive that survives its server.
func NewHTTP(connections int) *http.Client {
	return &http.Client{
		Timeout: 30 * time.Second,
		Transport: &http.Transport{
			MaxIdleConnsPerHost: connections,
			DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		},
	}
}

// once is a server of which each call is made once.
func once(address Address, by *http.Client) *client.Client {
	return client.New(address(), client.Options{HTTP: by, Attempts: 1})
}

func (a *App) app() *client.App {
	return once(a.Address, a.HTTP).App(a.AgentID, client.AccessToken(a.Token))
}

// Login takes an access token.
func (a *App) Login(ctx context.Context) error {
	token, err := once(a.Address, a.HTTP).App(a.AgentID, client.AppKey{Key: a.Key, Secret: a.Secret}).Token(ctx)
	if err == nil {
		a.Token = token
	}
	return Proven(err)
}

// Send posts a message; key may be empty.
func (a *App) Send(ctx context.Context, to client.Audience, msg any, key string) (task int64, err error) {
	task, err = a.app().Send(ctx, to, client.Raw(msg), key)
	return task, Proven(err)
}

// Progress asks how far a task is.
func (a *App) Progress(ctx context.Context, task int64) (client.Progress, error) {
	p, err := a.app().Progress(ctx, task)
	return p, Proven(err)
}

// Result asks what became of everyone.
func (a *App) Result(ctx context.Context, task int64) (client.Result, error) {
	r, err := a.app().Result(ctx, task)
	return r, Proven(err)
}

// Recall takes a message back.
func (a *App) Recall(ctx context.Context, task int64) error {
	return Proven(a.app().Recall(ctx, task))
}

// SetStatusBar changes an oa message's status bar.
func (a *App) SetStatusBar(ctx context.Context, task int64, value, background string) error {
	return Proven(a.app().SetStatusBar(ctx, task, client.StatusBar{Value: value, Background: background}))
}

// Upload stores a file (kind image, voice or file) and returns its media id.
func (a *App) Upload(ctx context.Context, kind, name string, content []byte) (string, error) {
	id, err := a.app().Upload(ctx, kind, name, content)
	return id, Proven(err)
}
