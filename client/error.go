package client

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Errcodes that this package acts upon; docs/errors.md explains all.
const (
	CodeBusy         = -1    // the server did nothing and will do nothing
	CodeUnknown      = 500   // nobody knows what became of the call
	CodeTokenInvalid = 40014 // the access token is not known, or not any more
	CodeThrottled    = 90018 // too many calls; Error.RetryAfter says when the next may come
)

// Error is an answer that says no. What was refused has not happened, unless
// Unknown says otherwise.
type Error struct {
	Path       string        // of the call
	Status     int           // the HTTP status; on DingTalk's wire mostly 200
	Code       int           // the errcode; 0 where the answer has none
	SubCode    string        // inside errcode 88, the failure's own code
	Name       string        // the code of the newer wire and of our own API, such as busy
	Message    string        // in the wire's own words
	Detail     string        // in English: the parameter, the limit, the actual value
	Field      string        // of our own API: the parameter it is about
	RequestID  string        // names the call in the server's log
	RetryAfter time.Duration // when to call again; 0 if the answer does not say
}

// Error tells path, code and text; never a token.
func (e *Error) Error() string {
	var s strings.Builder
	s.WriteString(e.Path + ": ")
	switch {
	case e.Code != 0:
		fmt.Fprintf(&s, "errcode %d", e.Cause())
	case e.Name != "":
		fmt.Fprintf(&s, "HTTP status %d, %s", e.Status, e.Name)
	default:
		fmt.Fprintf(&s, "HTTP status %d", e.Status)
	}
	if e.Message != "" {
		s.WriteString(": " + e.Message)
	}
	if e.Detail != "" && !strings.Contains(e.Message, e.Detail) {
		s.WriteString(" (" + e.Detail + ")")
	}
	if e.RequestID != "" {
		s.WriteString(", request " + e.RequestID)
	}
	return s.String()
}

// Cause is the errcode, or what stands inside errcode 88.
func (e *Error) Cause() int {
	if n, err := strconv.Atoi(e.SubCode); err == nil {
		return n
	}
	return e.Code
}

// Unknown reports whether nobody knows if what was asked has happened: no whole
// answer came back, or one that says so. After such an error a send may be repeated
// with the key that it had, and only with that.
func Unknown(err error) bool {
	var said *Error
	if errors.As(err, &said) {
		return said.Code == CodeUnknown || said.Code == 0 && said.Status >= http.StatusInternalServerError && said.Status != http.StatusServiceUnavailable
	}
	var none *unanswered
	return errors.As(err, &none) && none.sent
}

// IsCode reports whether err is an answer with this errcode, alone or inside 88.
func IsCode(err error, code int) bool {
	var said *Error
	return errors.As(err, &said) && said.Code != 0 && said.Cause() == code
}

// unanswered is a call to which no whole answer came back.
type unanswered struct {
	path string
	err  error
	sent bool // it may have reached the server
}

func (u *unanswered) Error() string { return u.path + ": " + u.err.Error() }
func (u *unanswered) Unwrap() error { return u.err }

// dialing reports whether a request failed before there was a connection for it.
func dialing(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// withoutQuery takes the address out of an error of net/http: it holds the token.
func withoutQuery(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// refused completes an error with what every answer has.
func (a answer) refused(e Error) error {
	e.Path, e.Status = a.path, a.status
	if seconds, err := strconv.Atoi(a.header.Get("Retry-After")); err == nil && seconds > 0 {
		e.RetryAfter = time.Duration(seconds) * time.Second
	}
	return &e
}

// unreadable is an answer that is not the server's: of a proxy, or cut off.
func (a answer) unreadable() error {
	if a.status != http.StatusOK {
		return a.refused(Error{Message: fmt.Sprintf("%.200s", a.text)})
	}
	return &unanswered{path: a.path, err: fmt.Errorf("no answer of Tidings: %.200s", a.text), sent: true}
}

const (
	// firstPause doubles with each attempt.
	firstPause = 500 * time.Millisecond
	// longestPause is how long a call waits for its next attempt. A server that says
	// more, as for a month's calls, is not waited for.
	longestPause = 30 * time.Second
)

// pauseAfter tells whether a call that failed is made again, and how long to wait.
func pauseAfter(err error, made int, again bool) (time.Duration, bool) {
	pause := firstPause << (made - 1)
	pause = pause/2 + rand.N(pause/2) // callers that were refused together do not come back together
	var said *Error
	switch {
	case errors.As(err, &said):
		busy := said.Code == CodeBusy || said.Cause() == CodeThrottled ||
			said.Code == 0 && (said.Status == http.StatusServiceUnavailable || said.Status == http.StatusTooManyRequests)
		pause = max(pause, said.RetryAfter)
		return pause, pause <= longestPause && (busy || again && Unknown(err))
	case Unknown(err):
		return pause, again
	}
	var none *unanswered
	return pause, errors.As(err, &none) && dialing(none.err)
}

// wait waits, unless ctx ends before. A pause that is longer than ctx is not begun.
func wait(ctx context.Context, pause time.Duration) bool {
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= pause {
		return false
	}
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
