package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what sort of answer a failure deserves.
type Kind uint8

// The kinds, from "our own mistake" to "try again later".
const (
	Internal        Kind = iota // a bug or a broken machine; details are logged, never sent
	Invalid                     // the request cannot be understood or breaks a limit
	Unauthenticated             // no valid credential
	Forbidden                   // a valid credential that may not do this
	NotFound                    // does not exist, or is somebody else's
	Conflict                    // contradicts what is already there
	Exhausted                   // a quota or the disk is used up
	Unavailable                 // busy or unreachable; the same request may succeed later
)

// String returns the kind in lower case, as logs and metrics show it.
func (k Kind) String() string {
	names := [...]string{
		"internal", "invalid", "unauthenticated", "forbidden",
		"not_found", "conflict", "exhausted", "unavailable",
	}
	if int(k) < len(names) {
		return names[k]
	}
	return "unknown"
}

// Fault is a refusal with a stable code. Build one with New and the With
// methods; never compare texts.
type Fault struct {
	Kind  Kind
	Code  Code
	Text  string // English, one line, safe to send to the caller
	Field string // path of the offending parameter, "" when there is none

	// Limit and Actual are the limit that was broken and what was given, in
	// the unit Text names. Both 0 when the failure is not about a size.
	Limit, Actual int64

	// RetryAfter is how long a caller should wait; 0 when unknown.
	RetryAfter time.Duration

	// Err is the cause. It is logged at the edge and never sent.
	Err error
}

// New returns a Fault of the code's own kind. The formatted text must be safe
// to send to the caller: no secrets, no texts of foreign errors.
func New(code Code, format string, args ...any) *Fault {
	return &Fault{Kind: KindOf(code), Code: code, Text: fmt.Sprintf(format, args...)}
}

// WithField names the offending parameter, as a path ("msg.oa.head.bgcolor").
func (f *Fault) WithField(path string) *Fault {
	f.Field = path
	return f
}

// WithLimit records the limit that was broken and the actual value.
func (f *Fault) WithLimit(limit, actual int64) *Fault {
	f.Limit, f.Actual = limit, actual
	return f
}

// WithRetryAfter records how long the caller should wait before trying again.
func (f *Fault) WithRetryAfter(d time.Duration) *Fault {
	f.RetryAfter = d
	return f
}

// Because records the cause, for the log only.
func (f *Fault) Because(err error) *Fault {
	f.Err = err
	return f
}

// Error returns code, field, text and cause: for logs and tests, not for callers.
func (f *Fault) Error() string {
	s := string(f.Code)
	if f.Field != "" {
		s += " (" + f.Field + ")"
	}
	s += ": " + f.Text
	if f.Err != nil {
		s += ": " + f.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Err }

// From returns the Fault inside err. An error that holds none becomes an
// Internal one with err as its cause; nil stays nil.
func From(err error) *Fault {
	if err == nil {
		return nil
	}
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return New(CodeInternal, "internal error").Because(err)
}

// Is reports whether err holds a Fault with this code.
func Is(err error, code Code) bool {
	var f *Fault
	return errors.As(err, &f) && f.Code == code
}
