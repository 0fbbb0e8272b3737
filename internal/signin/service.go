package signin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/policy"
)

// Accounts has people's sessions.
type Accounts interface {
	// Current returns whose the first good one of some sessions is.
	Current(ctx context.Context, held account.HeldList) (account.Viewer, error)
	// CredentialsEnded says that sessions have ended here.
	CredentialsEnded()
}

// People knows from memory who is in an organization.
type People interface {
	// Ordinal returns the ordinal of a person who is there and not disabled.
	Ordinal(organization int64, userid string) (uint32, bool)
}

// Keys seal the secrets of sources.
type Keys interface {
	Seal(row masterkey.Row, plain string) (masterkey.Sealed, error)
	Open(row masterkey.Row, s masterkey.Sealed) (string, error)
}

// Deps is what a Service works with; all are required.
type Deps struct {
	Store     Store
	Accounts  Accounts
	People    People
	Keys      Keys
	Providers map[string]Provider // by the kind of source
	Now       func() time.Time
}

// Service answers for sign-in sources. It is safe for concurrent use.
type Service struct{ deps Deps }

// New returns a Service.
func New(d Deps) *Service { return &Service{d} }

// at is the time as rows hold it.
func (s *Service) at() time.Time { return s.deps.Now().UTC().Truncate(time.Millisecond) }

// WaitingKept is how long somebody waits to be linked.
const WaitingKept = 30 * 24 * time.Hour

// Expired is the refusal of a sign-in that took too long, was finished already or was
// never begun: whoever comes with one learns no more.
func Expired() error {
	return fault.New(fault.CodeSignInExpired, "that took longer than 10 minutes, or was finished already: start again")
}

// WaitingError says that nobody is linked to an identity. It holds a fault of
// CodeSignInWaiting.
type WaitingError struct {
	Shown  string // by what they recognize their account
	Source string // its name
	Ref    string // what they tell their administrator
}

// Error is for logs.
func (e *WaitingError) Error() string { return e.Unwrap().Error() }

// Unwrap returns the fault.
func (e *WaitingError) Unwrap() error {
	return fault.New(fault.CodeSignInWaiting, "you are %s at %s, but nobody here is linked to that account: give your administrator this code: %s",
		e.Shown, e.Source, e.Ref)
}

// provider returns who knows a kind. It fails with CodeParameterInvalid.
func (s *Service) provider(kind string) (Provider, error) {
	p, ok := s.deps.Providers[kind]
	if !ok {
		return nil, fault.New(fault.CodeParameterInvalid, "there is no kind of sign-in source %.32q", kind).WithField("kind")
	}
	return p, nil
}

// entry is the audit entry of what is done to a source.
func (s *Service) entry(by audit.By, src Source, action audit.Action, d audit.Details) audit.Entry {
	return audit.Entry{
		Organization: src.Organization, At: s.at(), By: by, Action: action, Subject: audit.SourceSubject(src.ID), Details: d,
	}
}

// sealed runs work with a secret, sealed with the master key in use; keys change once in
// a while, and then it is sealed again. It fails with CodeBusy.
func (s *Service) sealed(row masterkey.Row, secret string, work func(masterkey.Sealed) error) error {
	const tries = 3
	for range tries {
		sealed, err := s.deps.Keys.Seal(row, secret)
		if err != nil {
			return err
		}
		if err = work(sealed); !errors.Is(err, masterkey.ErrMoved) {
			return err
		}
	}
	return fault.New(fault.CodeBusy, "the master keys are being replaced, try again")
}

// open returns a source's secret.
func (s *Service) open(src StoredSource) (string, error) {
	secret, err := s.deps.Keys.Open(src.Row(), src.Secret)
	if err != nil {
		return "", fmt.Errorf("signin: the secret of %s: %w", src.ID, err)
	}
	return secret, nil
}

// mayGive says whether somebody may link a person, or take a link away.
func mayGive(by policy.Asker, organization int64, p Person) error {
	return policy.MayAdmit(by, audit.Person(organization, p.Ordinal), policy.RoleSet(p.Roles...))
}
