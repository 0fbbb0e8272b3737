package account

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
)

// When a session ends by itself: so long after it began, and so long after it
// was used last.
const (
	SessionLife = 180 * 24 * time.Hour
	IdleLife    = 30 * 24 * time.Hour
)

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

// SignIn uses a link and begins a session on a device; held are the values of
// sessions that the browser has: those of the same organization end. It fails
// with CodeTokenInvalid for a link that is malformed, unknown, expired or used,
// or whose person is disabled or deleted.
func (s *Service) SignIn(ctx context.Context, link, device string, held []string) (SignedIn, error) {
	row, err := s.standing(ctx, LinkPrefix, link)
	if err != nil {
		return SignedIn{}, fmt.Errorf("account.SignIn: %w", err)
	}
	named, value := newValue(SessionPrefix, row.Organization)
	now := s.at()
	session := StoredSession{
		Session:      Session{ID: named.id, Device: device, CreatedAt: now, SeenAt: now},
		Organization: row.Organization, Ordinal: row.Ordinal, Hash: sha256.Sum256([]byte(value)), ExpiresAt: now.Add(SessionLife),
	}
	var replaces []Proof
	for _, old := range held {
		if n, ok := parse(SessionPrefix, old); ok && n.organization == row.Organization {
			replaces = append(replaces, Proof{n.id, sha256.Sum256([]byte(old))})
		}
	}
	done, err := s.store.SignIn(ctx, session, row.ID, replaces)
	if len(replaces) > 0 {
		s.ended()
	}
	if err != nil {
		return SignedIn{}, fmt.Errorf("account.SignIn: %w", err)
	}
	if !done { // somebody else was faster
		return SignedIn{}, tokenInvalid()
	}
	return SignedIn{Value: value, Viewer: row.viewer(Credential{Session: true, ID: named.id})}, nil
}

// Sessions returns a person's sessions, newest first, without those that are
// over.
func (s *Service) Sessions(ctx context.Context, organization int64, ordinal uint32) ([]Session, error) {
	return s.store.Sessions(ctx, organization, ordinal, s.at())
}

// EndSession ends one session of a person: at once on this node, within a
// second on the others. It fails with CodeNotFound when the person has no such
// session.
func (s *Service) EndSession(ctx context.Context, organization int64, ordinal uint32, id string) error {
	found, err := s.store.EndSession(ctx, organization, ordinal, id)
	if found || err != nil { // after a failure too: it may have been committed
		s.ended()
	}
	if err != nil {
		return fmt.Errorf("account.EndSession: %w", err)
	}
	if !found {
		return fault.New(fault.CodeNotFound, "there is no such session")
	}
	return nil
}

// EndSessions ends all sessions of a person, as EndSession ends one, and says
// how many there were.
func (s *Service) EndSessions(ctx context.Context, organization int64, ordinal uint32) (int, error) {
	n, err := s.store.EndSessions(ctx, organization, ordinal)
	s.ended()
	if err != nil {
		return 0, fmt.Errorf("account.EndSessions: %w", err)
	}
	return n, nil
}
