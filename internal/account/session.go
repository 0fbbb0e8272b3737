package account

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
)

// When a session ends by itself: so long after it began, and so long after it
// was used last.
const (
	SessionLife = 180 * 24 * time.Hour
	IdleLife    = 30 * 24 * time.Hour
)

// MaxSessions is how many sessions a person has at the same time. Another one
// ends the one that was not used for the longest time.
const MaxSessions = 20

// Session is one place where a person is signed in.
type Session struct {
	ID        string
	Device    string // browser and system, as Device tells them; may be empty
	CreatedAt time.Time
	SeenAt    time.Time // when it was used last, up to SeenEvery late
}

// StoredSession is a session as it is stored, and of whom it is.
type StoredSession struct {
	Session
	Organization int64
	Ordinal      uint32
	Hash         [sha256.Size]byte
	ExpiresAt    time.Time
	SourceID     string // of the sign-in source that has begun it; "" for a link
}

// Proof is what a session's value shows of itself: its row's id and hash.
type Proof struct {
	ID   string
	Hash [sha256.Size]byte
}

// SignedIn is a session that has just begun.
type SignedIn struct {
	Value  string // for the browser's cookie, here and never again
	Viewer Viewer
}

// SignInRequest is a browser that signs in with a link.
type SignInRequest struct {
	Link   string
	Device string // as Device tells it
	Held   HeldList
	// Replace ends a session that the browser has of somebody else in the
	// link's organization. Without it such a session refuses the request.
	Replace bool
}

// Offer says whom a link signs in, and who is signed in with this browser.
type Offer struct {
	Link    Viewer // without a credential
	Current Viewer // in the link's organization; zero when nobody is
}

// Offer tells what SignIn would do with a link, which it does not use. It fails
// with CodeTokenInvalid for a link that SignIn refuses.
func (s *Service) Offer(ctx context.Context, link string, held HeldList) (Offer, error) {
	row, err := s.standing(ctx, LinkPrefix, link)
	if err != nil {
		return Offer{}, fmt.Errorf("account.Offer: %w", err)
	}
	current, err := s.Current(ctx, held.Of(row.Organization))
	if err != nil {
		return Offer{}, fmt.Errorf("account.Offer: %w", err)
	}
	return Offer{Link: row.viewer(Credential{}), Current: current}, nil
}

// Current returns whose the first good one of the sessions is; the zero Viewer where
// none is good.
func (s *Service) Current(ctx context.Context, held HeldList) (Viewer, error) {
	for _, h := range held {
		v, err := s.Session(ctx, h.Value)
		if err == nil {
			return v, nil
		}
		if fault.From(err).Kind != fault.Unauthenticated {
			return Viewer{}, err
		}
	}
	return Viewer{}, nil
}

// SignIn uses a link and begins a session; those that the browser has of the
// same organization end. It fails with CodeTokenInvalid for a link that is
// malformed, unknown, expired or used, or whose person is disabled or deleted,
// and with CodeSignedInAsOther, without using the link, when the browser has a
// session of somebody else in that organization and Replace is not set.
func (s *Service) SignIn(ctx context.Context, r SignInRequest) (SignedIn, error) {
	row, err := s.standing(ctx, LinkPrefix, r.Link)
	if err != nil {
		return SignedIn{}, fmt.Errorf("account.SignIn: %w", err)
	}
	held := r.Held.Of(row.Organization)
	if !r.Replace {
		current, err := s.Current(ctx, held)
		if err != nil {
			return SignedIn{}, fmt.Errorf("account.SignIn: %w", err)
		}
		if current != (Viewer{}) && current.Ordinal != row.Ordinal {
			return SignedIn{}, SignedInAsOther()
		}
	}
	session, value := NewSession(row.Organization, row.Ordinal, r.Device, s.at())
	done, ended, err := s.store.SignIn(ctx, session, row.ID, Proofs(held))
	if ended || err != nil { // after a failure too: it may have been committed
		s.CredentialsEnded()
	}
	if err != nil {
		return SignedIn{}, fmt.Errorf("account.SignIn: %w", err)
	}
	if !done { // somebody else was faster
		return SignedIn{}, tokenInvalid()
	}
	return SignedIn{Value: value, Viewer: row.viewer(Credential{Session: true, ID: session.ID})}, nil
}

// NewSession makes a person's session that begins at a time, and its value. Whoever
// stores it, in the transaction that shows who the person is, has signed them in.
func NewSession(organization int64, ordinal uint32, device string, at time.Time) (StoredSession, string) {
	named, value := newValue(SessionPrefix, organization)
	return StoredSession{
		Session:      Session{ID: named.id, Device: device, CreatedAt: at, SeenAt: at},
		Organization: organization, Ordinal: ordinal, Hash: sha256.Sum256([]byte(value)), ExpiresAt: at.Add(SessionLife),
	}, value
}

// SignedInAsOther is the refusal of whoever would replace somebody else's session
// without having said so.
func SignedInAsOther() error {
	return fault.New(fault.CodeSignedInAsOther, "this browser is signed in as somebody else: say whether to replace that session").WithField("replace")
}

// Proofs are what a browser's sessions show of themselves.
func Proofs(held HeldList) (all []Proof) {
	for _, h := range held {
		if n, ok := parse(SessionPrefix, h.Value); ok {
			all = append(all, Proof{n.id, sha256.Sum256([]byte(h.Value))})
		}
	}
	return all
}

// Sessions returns a person's sessions, newest first, without those that are
// over.
func (s *Service) Sessions(ctx context.Context, organization int64, ordinal uint32) ([]Session, error) {
	return s.store.Sessions(ctx, organization, ordinal, s.at())
}

// EndSession ends one session of a person: at once on this node, within a
// second on the others. It fails with CodeNotFound when the person has no such
// session.
func (s *Service) EndSession(ctx context.Context, by audit.By, organization int64, ordinal uint32, id string) error {
	found, err := s.store.EndSession(ctx, organization, ordinal, id, s.sessionsEnd(by, organization, ordinal))
	if found || err != nil { // after a failure too: it may have been committed
		s.CredentialsEnded()
	}
	if err != nil {
		return fmt.Errorf("account.EndSession: %w", err)
	}
	if !found {
		return fault.New(fault.CodeNotFound, "there is no such session")
	}
	return nil
}

// sessionsEnd tells the audit log of sessions that somebody else ends. Signing
// oneself out is nothing to answer for.
func (s *Service) sessionsEnd(by audit.By, organization int64, ordinal uint32) Told {
	return func(ended int) []audit.Entry {
		if by.Actor == audit.Person(organization, ordinal) && !by.FromCommandLine() {
			return nil
		}
		return []audit.Entry{s.entry(by, organization, ordinal, audit.SessionsEnd, audit.Details{"sessions": ended})}
	}
}

// EndSessions ends all sessions of a person, as EndSession ends one, and says
// how many there were.
func (s *Service) EndSessions(ctx context.Context, by audit.By, organization int64, ordinal uint32) (int, error) {
	n, err := s.store.EndSessions(ctx, organization, ordinal, s.sessionsEnd(by, organization, ordinal))
	s.CredentialsEnded()
	if err != nil {
		return 0, fmt.Errorf("account.EndSessions: %w", err)
	}
	return n, nil
}
