package signin

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
)

// Redirecting is a Provider to which a browser goes and from which it comes back.
type Redirecting interface {
	Provider
	// Address returns where the browser goes.
	Address(ctx context.Context, s Source, a Ask) (string, error)
	// Identify returns who the provider says it is. What it brings back is used up. Both
	// fail with an *UnreachableError for a provider that does not answer; what else
	// Identify fails with says why the answer is worth nothing.
	Identify(ctx context.Context, s Source, secret string, b Back) (Identity, error)
}

// Ask is what a browser takes along to a provider.
type Ask struct {
	RedirectURI string // where the browser comes back
	State       string // comes back with it
	Nonce       string // comes back in what the provider signs
	Verifier    string // of PKCE; the provider gets its digest
}

// Back is what a browser brings back.
type Back struct {
	RedirectURI, Nonce, Verifier string // as in Ask

	Code      string
	Issuer    string // who says to have sent the browser back
	HasIssuer bool
	Refused   string // the error that the provider answers instead of a code, for the log
}

// UnreachableError says that a provider did not answer, or not as one does. Its text is
// for the log: it may hold the provider's words.
type UnreachableError struct{ Err error }

// Error returns the cause.
func (e *UnreachableError) Error() string { return "the provider does not answer: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *UnreachableError) Unwrap() error { return e.Err }

// Sources are the sources of all organizations, and what becomes of those whom they know.
type Sources interface {
	// Usable returns a source that people sign in with, and its secret. It fails with
	// CodeNotFound for one that is not there or not on.
	Usable(ctx context.Context, id string) (Source, string, error)
	// ToTry is Usable for a source of any state.
	ToTry(ctx context.Context, organization int64, id string) (Source, string, error)
	Finish(ctx context.Context, by audit.By, f Finish) (account.SignedIn, error)
	Tried(ctx context.Context, by audit.By, src Source, i Identity) (Trial, error)
}

// FlowDeps is what a Flow works with; all are required.
type FlowDeps struct {
	Sources   Sources
	Providers map[string]Provider // by kind
	Keys      Sealer
	// Address returns where people reach the server, such as https://tidings.example.com.
	Address func() string
	Now     func() time.Time
}

// Flow signs people in who go to a provider with their browser and come back. What it
// knows of them meanwhile the browser keeps, sealed: beginning writes nothing, and any
// server of the installation can finish. It is safe for concurrent use.
type Flow struct{ deps FlowDeps }

// NewFlow returns a Flow.
func NewFlow(d FlowDeps) *Flow { return &Flow{d} }

// RedirectURI is where the browser comes back from the provider of a source. Each source
// has its own, so that no provider's answer is taken for another's.
func (f *Flow) RedirectURI(source string) string {
	return f.deps.Address() + CallbackPath(source)
}

// Begin is somebody who wants to sign in.
type Begin struct {
	Source   string // its id
	ReturnTo string // as ReturnTo takes it
	Tries    []Kept // what the browser keeps already
}

// Begun is what the browser does next.
type Begun struct {
	URL  string   // goes there
	Keep Kept     // for KeepFor
	Drop []string // the names of what it need not keep any more
}

// KeepFor is how long a browser keeps a try: longer than it can be finished, so that who
// comes too late hears that, and not that they began elsewhere.
const KeepFor = time.Hour

// Begin sends a browser to a provider. It fails with CodeNotFound for a source that
// nobody can sign in with, and with CodeSignInSourceDown.
func (f *Flow) Begin(ctx context.Context, b Begin) (Begun, error) {
	s, _, err := f.deps.Sources.Usable(ctx, b.Source)
	if err != nil {
		return Begun{}, fmt.Errorf("signin.Begin: %w", err)
	}
	return f.begin(ctx, s, b, 0)
}

// BeginTrial is Begin for somebody who tries a source of their organization, which may be
// in any state. Nobody is signed in by it: what the provider says is for Tried.
func (f *Flow) BeginTrial(ctx context.Context, organization int64, tester uint32, b Begin) (Begun, error) {
	s, _, err := f.deps.Sources.ToTry(ctx, organization, b.Source)
	if err != nil {
		return Begun{}, fmt.Errorf("signin.BeginTrial: %w", err)
	}
	return f.begin(ctx, s, b, tester)
}

func (f *Flow) begin(ctx context.Context, s Source, b Begin, tester uint32) (Begun, error) {
	p, err := f.redirecting(s)
	if err != nil {
		return Begun{}, err
	}
	now := f.deps.Now()
	t := newTry(s.ID, f.RedirectURI(s.ID), ReturnTo(b.ReturnTo), tester, now)
	to, err := p.Address(ctx, s, Ask{RedirectURI: t.RedirectURI, State: t.State, Nonce: t.Nonce, Verifier: t.Verifier})
	if err != nil {
		return Begun{}, explain(s, err)
	}
	kept, err := t.seal(f.deps.Keys)
	if err != nil {
		return Begun{}, fmt.Errorf("signin: %w", err)
	}
	return Begun{URL: to, Keep: kept, Drop: superfluous(f.deps.Keys, b.Tries, kept, now)}, nil
}

func (f *Flow) redirecting(s Source) (Redirecting, error) {
	p, ok := f.deps.Providers[s.Kind].(Redirecting)
	if !ok {
		return nil, fault.New(fault.CodeNotFound, "there is no such source to begin with")
	}
	return p, nil
}

// explain says what went wrong at a provider, without its words.
func explain(s Source, err error) error {
	var down *UnreachableError
	var refused *fault.Fault
	switch {
	case errors.As(err, &refused):
		return err
	case errors.As(err, &down):
		return fault.New(fault.CodeSignInSourceDown, "%s does not answer: try again, or use another way", s.Name).Because(brief(err))
	}
	return fault.New(fault.CodeSignInRefused, "%s did not confirm who you are: start again, or use another way", s.Name).Because(brief(err))
}

// maxCause is how many bytes of an error about a provider are kept: some hold all that it
// answered.
const maxCause = 500

type briefError struct {
	error
	text string
}

func (e *briefError) Error() string { return e.text }
func (e *briefError) Unwrap() error { return e.error }

func brief(err error) error {
	text := err.Error()
	if len(text) > maxCause {
		text = text[:maxCause] + " …"
	}
	return &briefError{err, strings.ToValidUTF8(text, "?")}
}
