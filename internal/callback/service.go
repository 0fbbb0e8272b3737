package callback

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/outbound"
)

// Caller posts to addresses that others name.
type Caller interface {
	Post(ctx context.Context, r outbound.Request) (outbound.Answer, error)
}

// Keys seal the secrets.
type Keys interface {
	Seal(row masterkey.Row, plain string) (masterkey.Sealed, error)
	Open(row masterkey.Row, s masterkey.Sealed) (string, error)
}

// Meter counts what becomes of events. Methods must not block.
type Meter interface {
	Attempted(delivered bool)
	GaveUp(events int)
}

// Deps is what a Service works with. All fields but Meter are required.
type Deps struct {
	Store  Store
	People People
	Suites Suites
	Keys   Keys
	Caller Caller
	Meter  Meter
	Log    *slog.Logger
	Now    func() time.Time
}

// Service sets callbacks and delivers events.
type Service struct {
	deps Deps
	node string // whose lease it is
}

// New returns a Service that delivers nothing before Run.
func New(d Deps) *Service {
	if d.Meter == nil {
		d.Meter = nobody{}
	}
	return &Service{deps: d, node: rand.Text()}
}

type nobody struct{}

func (nobody) Attempted(bool) {}
func (nobody) GaveUp(int)     {}

// Register gives an app that has none a callback, once its address has answered. Fails
// with CodeCallbackExists, and as Set does.
func (s *Service) Register(ctx context.Context, by audit.By, k Key, to Settings) error {
	if _, err := s.deps.Store.Target(ctx, k); !fault.Is(err, fault.CodeCallbackUnknown) {
		if err == nil {
			err = fault.New(fault.CodeCallbackExists, "the app has a callback already")
		}
		return err
	}
	return s.save(ctx, by, Callback{Key: k, KeyID: ByCorpID}, to, true)
}

// Update changes what an app has registered. What is empty stays. Fails with
// CodeCallbackUnknown, and as Set does.
func (s *Service) Update(ctx context.Context, by audit.By, k Key, to Settings) error {
	t, is, err := s.get(ctx, k)
	if err != nil {
		return err
	}
	for value, was := range map[*string]string{&to.URL: is.URL, &to.Token: is.Token, &to.AESKey: is.AESKey} {
		if *value == "" {
			*value = was
		}
	}
	if len(to.Tags) == 0 {
		to.Tags = is.Tags
	}
	// Only the operator's own words may lead inside: an app that changes the
	// address does not inherit that.
	byOperator := t.ByOperator && to.URL == is.URL
	return s.save(ctx, by, Callback{Key: k, KeyID: t.KeyID, ByOperator: byOperator}, to, false)
}

// Save gives an app a callback in the name of somebody who may change the app, or changes
// the one that there is. What is empty stays. A new one's key id is the app key. Fails
// with CodeCallbackExists where somebody else has just given it one, and as Set does.
func (s *Service) Save(ctx context.Context, by audit.By, k Key, to Settings) error {
	err := s.Update(ctx, by, k, to)
	if fault.Is(err, fault.CodeCallbackUnknown) {
		return s.save(ctx, by, Callback{Key: k, KeyID: ByAppKey}, to, true)
	}
	return err
}

// Set gives an app a callback in the operator's name, or another one: an internal app, or
// a third-party app of its provider. Its address may be private. Fails with
// CodeParameterInvalid, CodeParameterMissing, CodeCallbackTag, CodeCallbackURL, CodeCallbackUnreachable, CodeCallbackAnswer and CodeAppUnknown.
func (s *Service) Set(ctx context.Context, by audit.By, k Key, to Settings) error {
	return s.save(ctx, by, Callback{Key: k, KeyID: ByAppKey, ByOperator: true}, to, false)
}

// save checks, has the address answer, and stores.
func (s *Service) save(ctx context.Context, by audit.By, c Callback, to Settings, fresh bool) error {
	names, err := s.deps.Store.Names(ctx, c.Key)
	if err != nil {
		return err
	}
	if names.ThirdParty {
		c.KeyID = BySuiteKey
	}
	if to, err = to.clean(names.ThirdParty); err != nil {
		return err
	}
	u, err := outbound.ParseURL(to.URL)
	if err != nil {
		return fault.New(fault.CodeCallbackURL, "the address %s", err).WithField("url")
	}
	c.URL, c.Tags, c.ChangedAt = to.URL, to.Tags, s.now()
	t := Target{Callback: c, Names: names}
	if err := s.check(ctx, t, to); err != nil {
		return err
	}
	e := audit.Entry{
		Organization: c.Organization, At: c.ChangedAt, By: by, Action: audit.CallbackSave,
		Details: audit.Details{"host": u.Hostname(), "events": c.Tags, "by_operator": c.ByOperator},
	}
	const tries = 3 // keys change once in a while
	for range tries {
		if err = s.seal(&c, secrets{to.Token, to.AESKey}); err != nil {
			break
		}
		if err = s.deps.Store.Save(ctx, c, fresh, e); !errors.Is(err, masterkey.ErrMoved) {
			break
		}
	}
	if errors.Is(err, masterkey.ErrMoved) {
		err = fault.New(fault.CodeBusy, "the master keys are being replaced, try again").Because(err)
	}
	if err != nil {
		return fmt.Errorf("callback.save: %w", err)
	}
	return nil
}

// check has an address answer before it is stored. Why it is not called, or does not
// answer, only the operator may know: it would tell others what is inside.
func (s *Service) check(ctx context.Context, t Target, to Settings) error {
	err := s.postCheck(ctx, t, to)
	var answered *answerError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	s.deps.Log.Info("callback: an address was not taken", "organization", t.Organization, "app", t.AppID, "reason", shortened(err.Error()))
	if errors.As(err, &answered) {
		return fault.New(fault.CodeCallbackAnswer, "the address does not answer with an encrypted success").WithField("url").Because(err)
	}
	return fault.New(fault.CodeCallbackUnreachable, "the address cannot be called").WithField("url").Because(err)
}

// postCheck posts what an app answers before its address is stored, and when it is tested.
func (s *Service) postCheck(ctx context.Context, t Target, with Settings) error {
	c, err := NewCipher(with.Token, with.AESKey, t.keyID())
	if err != nil {
		return err
	}
	if t.ThirdParty {
		var answered *answerError
		if err := s.checkSuite(ctx, t, c); !errors.As(err, &answered) {
			return err
		} // programs that know the newer check only
	}
	return s.post(ctx, t, c, []byte(`{"EventType":"`+checkURL+`"}`), success)
}

// checkSuite posts what third-party apps were checked with before check_url was: they
// answer with its random text, or as they answer everything.
func (s *Service) checkSuite(ctx context.Context, t Target, c *Cipher) error {
	event := checkNew
	if _, err := s.deps.Store.Target(ctx, t.Key); err == nil {
		event = checkChanged
	} else if !fault.Is(err, fault.CodeCallbackUnknown) {
		return err
	}
	random := rand.Text()
	text, err := json.Marshal(map[string]string{"EventType": event, "Random": random, "TestSuiteKey": t.AppKey})
	if err != nil {
		return err
	}
	return s.post(ctx, t, c, text, random, success)
}

// Test posts check_url to an app's callback and returns what is wrong; the zero Failure
// after an encrypted success. Then what waits is tried at once. Fails with
// CodeCallbackUnknown.
func (s *Service) Test(ctx context.Context, k Key) (Failure, error) {
	t, settings, err := s.get(ctx, k)
	if err != nil {
		return Failure{}, err
	}
	err = s.postCheck(ctx, t, settings)
	switch {
	case err == nil:
		return Failure{}, s.deps.Store.TryNow(ctx, k)
	case ctx.Err() != nil:
		return Failure{}, ctx.Err()
	}
	s.deps.Log.Info("callback: an address failed its test", "organization", k.Organization, "app", k.AppID, "reason", shortened(err.Error()))
	return failureOf(err), nil
}

// row is what the secrets of a callback are bound to.
func (k Key) row() masterkey.Row {
	return masterkey.Row{Organization: k.Organization, App: k.AppID, ID: masterkey.CallbackID}
}

func (s *Service) seal(c *Callback, in secrets) error {
	text, err := json.Marshal(in)
	if err != nil {
		return err
	}
	sealed, err := s.deps.Keys.Seal(c.row(), string(text))
	c.KeyNumber, c.Sealed = sealed.Number, sealed.Ciphertext
	return err
}

func (s *Service) open(c Callback) (in secrets, err error) {
	text, err := s.deps.Keys.Open(c.row(), masterkey.Sealed{Number: c.KeyNumber, Ciphertext: c.Sealed})
	if err == nil {
		err = json.Unmarshal([]byte(text), &in)
	}
	return in, err
}

func (s *Service) get(ctx context.Context, k Key) (Target, Settings, error) {
	t, err := s.deps.Store.Target(ctx, k)
	if err != nil {
		return Target{}, Settings{}, err
	}
	in, err := s.open(t.Callback)
	return t, Settings{URL: t.URL, Tags: t.Tags, Token: in.Token, AESKey: in.AESKey}, err
}

// Get returns what an app has set, with the secrets: they are its own. Fails with
// CodeCallbackUnknown.
func (s *Service) Get(ctx context.Context, k Key) (Settings, error) {
	_, settings, err := s.get(ctx, k)
	return settings, err
}

// Status returns an app's callback without its secrets, and how deliveries go. Fails
// with CodeCallbackUnknown.
func (s *Service) Status(ctx context.Context, k Key) (Callback, State, error) {
	t, err := s.deps.Store.Target(ctx, k)
	if err != nil {
		return Callback{}, State{}, err
	}
	state, err := s.deps.Store.State(ctx, k)
	t.Sealed = nil
	return t.Callback, state, err
}

// Delete takes an app's callback away, with all its events. Fails with
// CodeCallbackUnknown.
func (s *Service) Delete(ctx context.Context, by audit.By, k Key) error {
	return s.deps.Store.Delete(ctx, k, audit.Entry{Organization: k.Organization, At: s.now(), By: by, Action: audit.CallbackEnd})
}

// maxGivenUp is the most events of one answer.
const maxGivenUp = 200

// GivenUp is an event that could not be delivered, as it would have been told.
type GivenUp struct {
	At      time.Time
	Tag     string
	CorpID  string
	Userids []string
	DeptIDs []int64
}

// TakeGivenUp returns the oldest events that were given up, and whether there are more.
// They are removed with that: the wire says so. Fails with CodeCallbackUnknown.
func (s *Service) TakeGivenUp(ctx context.Context, k Key) ([]GivenUp, bool, error) {
	t, err := s.deps.Store.Target(ctx, k)
	if err != nil {
		return nil, false, err
	}
	events, more, err := s.deps.Store.TakeGivenUp(ctx, k, maxGivenUp)
	if err != nil {
		return nil, false, err
	}
	all := make([]GivenUp, 0, len(events))
	for _, e := range events {
		userids, err := s.userids(ctx, e)
		if err != nil {
			return nil, false, err
		}
		g := GivenUp{At: e.At, Tag: e.Tag, CorpID: t.CorpID, Userids: userids}
		if !aboutUsers(e.Tag) {
			g.DeptIDs = e.IDs
		} else if len(userids) == 0 {
			continue
		}
		all = append(all, g)
	}
	return all, more, nil
}

// now is the time as the store keeps it.
func (s *Service) now() time.Time { return s.deps.Now().UTC().Truncate(time.Millisecond) }

// withSignature adds what a call is signed with to an address.
func withSignature(address, signature, timestamp, nonce string) string {
	u, err := url.Parse(address)
	if err != nil { // it was read before
		return address
	}
	q := url.Values{"signature": {signature}, "msg_signature": {signature}, "timestamp": {timestamp}, "nonce": {nonce}}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += q.Encode()
	return u.String()
}
