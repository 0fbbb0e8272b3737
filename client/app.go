package client

import (
	"context"
	"net/url"
	"time"
)

// App is an app in one organization. Safe for concurrent use.
type App struct {
	client *Client
	agent  int64
	by     Credentials

	turn  chan struct{} // whoever has it looks at, and takes, the token
	token string
	until time.Time // zero where the server alone knows
}

// App returns an app that works with agentID, its installation in an organization.
// It asks the server nothing yet.
func (c *Client) App(agentID int64, by Credentials) *App {
	return &App{client: c, agent: agentID, by: by, turn: make(chan struct{}, 1)}
}

// Token returns an access token that is good now, for calls that this package does
// not have. It asks the server only when there is none. The errors are 40096 and
// others for credentials that are not good.
func (a *App) Token(ctx context.Context) (string, error) { return a.tokenBut(ctx, "") }

// tokenBut returns a token other than one that the server does not know any more.
// Whoever comes while one is taken waits for that.
func (a *App) tokenBut(ctx context.Context, spent string) (string, error) {
	select {
	case a.turn <- struct{}{}:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	defer func() { <-a.turn }()
	now := a.client.now()
	if a.token != "" && a.token != spent && (a.until.IsZero() || now.Before(a.until)) {
		return a.token, nil
	}
	g, err := a.by.take(ctx, a.client)
	if err != nil {
		return "", err
	}
	a.token, a.until = g.token, time.Time{}
	if g.life > 0 {
		a.until = now.Add(g.life - g.life/10) // before it ends, or calls would fail that are on their way
	}
	return a.token, nil
}

// call makes a call of the wire with the app's token, and with another one if the
// server does not know the first.
func (a *App) call(ctx context.Context, r request, into any) error {
	token, err := a.Token(ctx)
	if err != nil {
		return err
	}
	for renewed := false; ; renewed = true {
		query := url.Values{"access_token": {token}}
		for name, values := range r.query {
			query[name] = values
		}
		with := r
		with.query = query
		err := a.client.do(ctx, with, readWire, into)
		if renewed || !IsCode(err, CodeTokenInvalid) {
			return err
		}
		next, failed := a.tokenBut(ctx, token)
		if failed != nil {
			return failed
		}
		if next == token {
			return err
		}
		token = next
	}
}

// post makes a call with a JSON object.
func (a *App) post(ctx context.Context, path string, body, into any) error {
	r, err := jsonRequest(path, body)
	if err != nil {
		return err
	}
	r.again = true
	return a.call(ctx, r, into)
}
