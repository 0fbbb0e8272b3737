package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/callback"
	"github.com/tidings-im/tidings/internal/fault"
)

type appCallbackCmd struct {
	Set    callbackSetCmd    `cmd:"" help:"Have an app told of changes of people and departments. Its address must answer check_url first."`
	Show   callbackShowCmd   `cmd:"" help:"Show an app's callback, and how deliveries go."`
	Remove callbackRemoveCmd `cmd:"" help:"Take an app's callback away, with the events that wait."`
}

// callbackView is a callback as the operator sees it.
type callbackView struct {
	AppKey      string     `json:"app_key"`
	URL         string     `json:"url"`
	Events      []string   `json:"events"`
	KeyID       string     `json:"key_id"`
	ByOperator  bool       `json:"by_operator"`
	Waiting     int        `json:"waiting"`
	GivenUp     int        `json:"given_up"`
	Failures    int        `json:"failures"` // in a row
	SucceededAt *time.Time `json:"last_success_at,omitempty"`
	FailedAt    *time.Time `json:"last_failure_at,omitempty"`
	Reason      string     `json:"last_failure,omitempty"`
	NextAt      *time.Time `json:"next_attempt_at,omitempty"`
}

// callbackSecrets are what a file of --secret-file holds, and what is printed once.
type callbackSecrets struct {
	Token  string `json:"token"`
	AESKey string `json:"aes_key"`
}

func (a *appArg) callbackKey(l app.Listing) callback.Key {
	return callback.Key{Organization: l.App.Organization, AppID: l.App.ID}
}

type callbackSetCmd struct {
	appArg
	URL        string   `arg:"" help:"Address that events are posted to: http or https. It may be on this machine or in a private network."`
	Events     []string `name:"event" placeholder:"EVENT" help:"What the app is told of; repeat it for more. Default: everything that there is."`
	SecretFile string   `name:"secret-file" placeholder:"FILE" help:"JSON file with token and aes_key, - for standard input. Without it the app keeps those it has, or new ones are made and printed."`
}

func (c *callbackSetCmd) Run(e *environment) error {
	return c.inApp(e, func(s *session, l app.Listing) error {
		k := c.callbackKey(l)
		in, made, err := c.secrets(s, k)
		if err != nil {
			return err
		}
		to := callback.Settings{URL: c.URL, Tags: c.Events, Token: in.Token, AESKey: in.AESKey}
		if len(to.Tags) == 0 {
			to.Tags = callback.Tags()
		}
		err = s.rooms.Callbacks.Set(s.ctx, audit.ByOperator(), k, to)
		switch {
		case fault.Is(err, fault.CodeCallbackUnreachable), fault.Is(err, fault.CodeCallbackAnswer):
			if f := fault.From(err); f.Err != nil { // the operator may know why
				return fmt.Errorf("%s: %w", f.Text, f.Err)
			}
			return err
		case fault.Is(err, fault.CodeParameterInvalid), fault.Is(err, fault.CodeCallbackTag), fault.Is(err, fault.CodeCallbackURL):
			return usageError{err}
		case err != nil:
			return err
		}
		if !made {
			return s.done(map[string]any{"app_key": l.App.Key, "url": c.URL}, "%s is told of events at %s", l.App.Name, c.URL)
		}
		return s.done(in, "%s is told of events at %s\ntoken    %s\naes key  %s\nkey id   %s", l.App.Name, c.URL, in.Token, in.AESKey, l.App.Key)
	})
}

// secrets are those of the file, those that the app has, or new ones.
func (c *callbackSetCmd) secrets(s *session, k callback.Key) (in callbackSecrets, made bool, err error) {
	if c.SecretFile != "" {
		text, err := readSecretFile(c.SecretFile)
		if err == nil && json.Unmarshal(text, &in) != nil {
			err = errors.New("the secret file is no JSON object with token and aes_key")
		}
		return in, false, err
	}
	is, err := s.rooms.Callbacks.Get(s.ctx, k)
	if err == nil {
		return callbackSecrets{is.Token, is.AESKey}, false, nil
	}
	if !fault.Is(err, fault.CodeCallbackUnknown) {
		return in, false, err
	}
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	key := make([]byte, 43)
	for i := range key {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(letters))))
		if err != nil {
			return in, false, err
		}
		key[i] = letters[n.Int64()]
	}
	return callbackSecrets{rand.Text(), string(key)}, true, nil
}

// readSecretFile reads a file that holds little, or standard input.
func readSecretFile(name string) ([]byte, error) {
	const limit = 64 << 10
	if name == "-" {
		return io.ReadAll(io.LimitReader(os.Stdin, limit))
	}
	return os.ReadFile(name)
}

type callbackShowCmd struct{ appArg }

func (c *callbackShowCmd) Run(e *environment) error {
	return c.inApp(e, func(s *session, l app.Listing) error {
		is, state, err := s.rooms.Callbacks.Status(s.ctx, c.callbackKey(l))
		if err != nil {
			return err
		}
		v := callbackView{
			AppKey: l.App.Key, URL: withoutQuery(is.URL), Events: is.Tags, KeyID: string(is.KeyID), ByOperator: is.ByOperator,
			Waiting: state.Waiting, GivenUp: state.GivenUp, Failures: state.Failures, Reason: state.Reason,
			SucceededAt: some(state.SucceededAt), FailedAt: some(state.FailedAt),
		}
		if state.Failures > 0 {
			v.NextAt = some(state.NextAt)
		}
		rows := [][]string{
			{"address", withoutQuery(is.URL)},
			{"events", strings.Join(is.Tags, ", ")},
			{"key id", string(is.KeyID)},
			{"named by the operator", yesNo(is.ByOperator)},
			{"waiting", fmt.Sprint(state.Waiting)},
			{"given up", fmt.Sprint(state.GivenUp)},
			{"last success", instant(state.SucceededAt)},
			{"last failure", instant(state.FailedAt)},
			{"its reason", state.Reason},
			{"failures in a row", fmt.Sprint(state.Failures)},
		}
		return s.show(v, func() { table(s.out, []string{"CALLBACK", l.App.Name}, rows) })
	})
}

// withoutQuery is an address as it may be shown: what follows ? may be a token.
func withoutQuery(address string) string {
	if before, _, found := strings.Cut(address, "?"); found {
		return before + "?…"
	}
	return address
}

// some is a time that there is.
func some(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

type callbackRemoveCmd struct{ appArg }

func (c *callbackRemoveCmd) Run(e *environment) error {
	return c.inApp(e, func(s *session, l app.Listing) error {
		if err := s.rooms.Callbacks.Delete(s.ctx, audit.ByOperator(), c.callbackKey(l)); err != nil {
			return err
		}
		return s.done(map[string]any{"app_key": l.App.Key}, "%s is told of nothing any more", l.App.Name)
	})
}
