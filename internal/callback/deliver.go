package callback

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/outbound"
)

const (
	// answerWithin is how long an app may take to answer.
	answerWithin = 5 * time.Second
	// answerLimit is enough for an encrypted success, several times.
	answerLimit = 4 << 10

	// An event is given up after so many attempts, or when it is so old.
	maxAttempts = 30
	maxAge      = 24 * time.Hour
	// Given up, it is kept for whoever asks.
	keepGivenUp = 7 * 24 * time.Hour

	firstWait = time.Second
	maxWait   = 5 * time.Minute
)

// answerError says that an address answered, and not as it should.
type answerError struct {
	Failure
	what string
}

func (e *answerError) Error() string { return e.what }

// failureOf is what may be told of why an address did not take something.
func failureOf(err error) Failure {
	var answered *answerError
	if errors.As(err, &answered) {
		return answered.Failure
	}
	return Failure{Kind: Unreachable}
}

// success is how an app answers.
const success = "success"

// post encrypts a text, posts it, and checks that the answer is encrypted and one of
// those that are good.
func (s *Service) post(ctx context.Context, t Target, c *Cipher, text []byte, good ...string) error {
	timestamp, nonce := strconv.FormatInt(s.now().UnixMilli(), 10), rand.Text()
	sealed := c.Seal(string(text))
	body, err := json.Marshal(map[string]string{"encrypt": sealed})
	if err != nil {
		return err
	}
	a, err := s.deps.Caller.Post(ctx, outbound.Request{
		URL: withSignature(t.URL, c.Sign(timestamp, nonce, sealed), timestamp, nonce), ContentType: "application/json", Body: body,
		ByOperator: t.ByOperator, Within: answerWithin, AnswerLimit: answerLimit,
	})
	if err != nil {
		return err
	}
	if a.Status != 200 {
		return &answerError{Failure{WrongStatus, a.Status}, fmt.Sprintf("it answers with status %d", a.Status)}
	}
	var answer struct {
		Signature string          `json:"msg_signature"`
		TimeStamp json.RawMessage `json:"timeStamp"` // a text, or a number
		Nonce     string          `json:"nonce"`
		Encrypt   string          `json:"encrypt"`
	}
	if json.Unmarshal(a.Body, &answer) != nil {
		return &answerError{Failure{Kind: WrongForm}, "its answer is not the JSON object with encrypt, msg_signature, nonce and timeStamp"}
	}
	said, err := c.Open(answer.Signature, strings.Trim(string(answer.TimeStamp), `"`), answer.Nonce, answer.Encrypt)
	if err != nil {
		return &answerError{Failure{Kind: Unreadable}, "its answer cannot be read: " + err.Error()}
	}
	if !slices.Contains(good, said) {
		return &answerError{Failure{Kind: NotSuccess}, "its answer is encrypted, and is not success"}
	}
	return nil
}

// deliver posts what waits for an app, of each organization the oldest first, until
// something fails, nothing is left, or on says that it is enough. Each event is read with
// the callback as it then is: an address that was changed, or an app that was switched
// off, is told no more.
func (s *Service) deliver(ctx context.Context, k Key, on func() bool) error {
	last := int64(-1)
	for on() {
		e, found, err := s.deps.Store.Next(ctx, k, last)
		if err != nil || !found {
			return err
		}
		last = e.About
		t, in, err := s.get(ctx, k)
		if fault.Is(err, fault.CodeCallbackUnknown) {
			return nil // it was taken away meanwhile
		}
		if err != nil {
			return err
		}
		c, err := NewCipher(in.Token, in.AESKey, t.keyID())
		if err != nil {
			return err
		}
		if done, err := s.one(ctx, t, c, e); err != nil || !done {
			return err
		}
	}
	return nil
}

// one tries one event, and reports whether the next one may follow.
func (s *Service) one(ctx context.Context, t Target, c *Cipher, e Event) (bool, error) {
	text, err := s.text(ctx, t, e)
	if err != nil {
		return false, err
	}
	if text != nil { // nil: nobody is left whom it could name, or it is over
		err = s.post(ctx, t, c, text, success)
	}
	if ctx.Err() != nil {
		return false, nil // a stop is no failure of the app's; the event is sent again
	}
	now := s.now()
	if err == nil {
		if text != nil {
			s.deps.Meter.Attempted(true)
		}
		if t.Failures > 0 {
			s.deps.Log.Info("callback: an app answers again", "organization", t.Organization, "app", t.AppID, "failures", t.Failures)
		}
		return true, s.deps.Store.Delivered(ctx, e, now)
	}
	s.deps.Meter.Attempted(false)
	failures := t.Failures + 1
	state := State{Failures: failures, NextAt: now.Add(wait(failures)), FailedAt: now, Failure: failureOf(err), Reason: shortened(err.Error())}
	if failures == 1 {
		s.deps.Log.Warn("callback: an app does not take its events", "organization", t.Organization, "app", t.AppID, "reason", state.Reason)
	}
	n, err := s.deps.Store.Undelivered(ctx, e, state, e.Attempts+1 >= maxAttempts, now.Add(-maxAge))
	if n > 0 {
		s.deps.Meter.GaveUp(n)
		s.deps.Log.Error("callback: events were given up", "organization", t.Organization, "app", t.AppID, "events", n, "reason", state.Reason)
	}
	return false, err
}

// wait is the pause after some failures in a row.
func wait(failures int) time.Duration {
	w := firstWait
	for range failures - 1 {
		if w *= 2; w >= maxWait {
			return maxWait
		}
	}
	return w
}

func shortened(text string) string {
	const limit = 200
	if len(text) > limit {
		text = text[:limit]
	}
	return strings.ToValidUTF8(text, "")
}

// text is an event as it is told, or nil where nobody is left whom it names.
func (s *Service) text(ctx context.Context, t Target, e Event) ([]byte, error) {
	if len(e.IDs) == 0 {
		return s.ownText(ctx, t, e)
	}
	o, err := s.deps.People.Organization(ctx, e.About)
	if err != nil {
		return nil, err
	}
	said := map[string]any{"EventType": e.Tag, "TimeStamp": strconv.FormatInt(e.At.UnixMilli(), 10), "CorpId": o.CorpID}
	if !aboutUsers(e.Tag) {
		said["DeptId"] = e.IDs
		return json.Marshal(said)
	}
	userids, err := s.userids(ctx, e)
	if err != nil || len(userids) == 0 {
		return nil, err
	}
	said["UserId"] = userids
	return json.Marshal(said)
}

// userids are those of the people an event is about, but for people who were erased.
func (s *Service) userids(ctx context.Context, e Event) ([]string, error) {
	if !aboutUsers(e.Tag) {
		return nil, nil
	}
	ordinals := make([]uint32, len(e.IDs))
	for i, id := range e.IDs {
		ordinals[i] = uint32(id) //nolint:gosec // they were ordinals
	}
	people, err := s.deps.People.PeopleByOrdinal(ctx, e.About, ordinals)
	if err != nil {
		return nil, err
	}
	var userids []string
	for _, ordinal := range ordinals {
		if u, known := people[ordinal]; known && u.Userid != directory.Tombstone(ordinal) {
			userids = append(userids, u.Userid)
		}
	}
	return userids, nil
}
