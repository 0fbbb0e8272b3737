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
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

type appCallbackCmd struct {
	Set    callbackSetCmd    `cmd:"" help:"Have an app told of changes of people and departments, and a third-party app of its ticket and of who installs it. Its address must answer a check first."`
	Show   callbackShowCmd   `cmd:"" help:"Show an app's callback, and how deliveries go."`
	Remove callbackRemoveCmd `cmd:"" help:"Take an app's callback away, with the events that wait."`

	Secrets callbackSecretsCmd `cmd:"" help:"Print a new token and aes_key as JSON, for the app's program and for set --secret-file. Nothing is stored."`
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

// callbackSecrets are what a file of --secret-file holds, and what secrets prints.
type callbackSecrets struct {
	Token  string `json:"token"`
	AESKey string `json:"aes_key"`
}

// callbackArg names an app of the organization: an internal one, or a third-party one
// whose provider it is.
type callbackArg struct {
	App string `arg:"" help:"App key or agent id of an internal app, or suite key."`
}

// inApp runs work with the app that was named.
func (c *callbackArg) inApp(e *environment, work func(*session, app.App) error) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		internal, err := s.rooms.Apps.Apps(s.ctx, o.ID)
		if err != nil {
			return err
		}
		for _, l := range internal {
			if c.App == l.App.Key || c.App == fmt.Sprint(l.Agent.ID) {
				return work(s, l.App)
			}
		}
		suites, err := s.rooms.Apps.Suites(s.ctx, o.ID)
		if err != nil {
			return err
		}
		for _, l := range suites {
			if c.App == l.App.Key {
				return work(s, l.App)
			}
		}
		return noApp(o, c.App)
	})
}

func callbackKey(a app.App) callback.Key {
	return callback.Key{Organization: a.Organization, AppID: a.ID}
}

// everyEvent is what an app hears of where nothing else is said.
func everyEvent(a app.App) []string {
	if a.Kind == app.ThirdParty {
		return callback.SuiteTags()
	}
	return callback.Tags()
}

type callbackSetCmd struct {
	callbackArg
	URL        string   `arg:"" help:"Address that events are posted to: http or https. It may be on this machine or in a private network."`
	Events     []string `name:"event" placeholder:"EVENT" help:"What the app is told of; repeat it for more. Default: everything that there is."`
	SecretFile string   `name:"secret-file" placeholder:"FILE" help:"JSON file with token and aes_key, - for standard input, as tidings admin app callback secrets makes one. Without it the app keeps those it has."`
}

func (c *callbackSetCmd) Run(e *environment) error {
	return c.inApp(e, func(s *session, a app.App) error {
		k := callbackKey(a)
		in, err := c.secrets(s, k)
		if err != nil {
			return err
		}
		to := callback.Settings{URL: c.URL, Tags: c.Events, Token: in.Token, AESKey: in.AESKey}
		if len(to.Tags) == 0 {
			to.Tags = everyEvent(a)
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
		return s.done(map[string]any{"app_key": a.Key, "url": c.URL}, "%s is told of events at %s", a.Name, c.URL)
	})
}

// secrets are those of the file, or those that the app has. New ones cannot be made here:
// the address has to answer with them before it is stored.
func (c *callbackSetCmd) secrets(s *session, k callback.Key) (in callbackSecrets, err error) {
	if c.SecretFile != "" {
		text, err := readSecretFile(c.SecretFile)
		if err == nil && json.Unmarshal(text, &in) != nil {
			err = errors.New("the secret file is no JSON object with token and aes_key")
		}
		return in, err
	}
	is, err := s.rooms.Callbacks.Get(s.ctx, k)
	if fault.Is(err, fault.CodeCallbackUnknown) {
		err = usageError{errors.New("the app has no token and no aes_key yet: make them with tidings admin app callback secrets, put them into the app's program, and name their file with --secret-file")}
	}
	return callbackSecrets{is.Token, is.AESKey}, err
}

type callbackSecretsCmd struct{}

// Run needs no installation. It prints JSON in any case: that is what set reads.
func (c *callbackSecretsCmd) Run(e *environment) error {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	key := make([]byte, 43)
	for i := range key {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(letters))))
		if err != nil {
			return err
		}
		key[i] = letters[n.Int64()]
	}
	return e.show(true, callbackSecrets{rand.Text(), string(key)}, nil)
}

// readSecretFile reads a file that holds little, or standard input.
func readSecretFile(name string) ([]byte, error) {
	const limit = 64 << 10
	if name == "-" {
		return io.ReadAll(io.LimitReader(os.Stdin, limit))
	}
	return os.ReadFile(name)
}

type callbackShowCmd struct{ callbackArg }

func (c *callbackShowCmd) Run(e *environment) error {
	return c.inApp(e, func(s *session, a app.App) error {
		is, state, err := s.rooms.Callbacks.Status(s.ctx, callbackKey(a))
		if err != nil {
			return err
		}
		v := callbackView{
			AppKey: a.Key, URL: shownAddress(is), Events: is.Tags, KeyID: string(is.KeyID), ByOperator: is.ByOperator,
			Waiting: state.Waiting, GivenUp: state.GivenUp, Failures: state.Failures, Reason: state.Reason,
			SucceededAt: some(state.SucceededAt), FailedAt: some(state.FailedAt),
		}
		if state.Failures > 0 {
			v.NextAt = some(state.NextAt)
		}
		rows := [][]string{
			{"address", shownAddress(is)},
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
		return s.show(v, func() { table(s.out, []string{"CALLBACK", a.Name}, rows) })
	})
}

// shownAddress is an address as it may be shown: what follows ? may be a token.
func shownAddress(c callback.Callback) string {
	address, hasQuery := c.Address()
	if hasQuery {
		address += "?…"
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

type callbackRemoveCmd struct{ callbackArg }

func (c *callbackRemoveCmd) Run(e *environment) error {
	return c.inApp(e, func(s *session, a app.App) error {
		if err := s.rooms.Callbacks.Delete(s.ctx, audit.ByOperator(), callbackKey(a)); err != nil {
			return err
		}
		return s.done(map[string]any{"app_key": a.Key}, "%s is told of nothing any more", a.Name)
	})
}
