package account

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

// People knows from memory who is in an organization.
type People interface {
	// Ordinal returns the ordinal of a person who is there and not disabled.
	Ordinal(organization int64, userid string) (uint32, bool)
	// Asker returns who somebody is to the table of rights, with the roles that
	// the database has.
	Asker(ctx context.Context, by audit.By) (policy.Asker, error)
}

// Store keeps people's credentials. Those of a disabled organization are not
// there.
type Store interface {
	// CreateAPIToken stores a token, and e in the audit log. It fails with
	// CodeUserUnknown when its person has been disabled or has left meanwhile.
	CreateAPIToken(ctx context.Context, t StoredToken, e audit.Entry) error
	// APITokensByID returns those of the tokens that there are, with their
	// people, whatever became of them, in no particular order.
	APITokensByID(ctx context.Context, organization int64, ids []string) ([]Standing, error)
	// APITokens returns a person's tokens, newest first.
	APITokens(ctx context.Context, organization int64, ordinal uint32) ([]Token, error)
	// RevokeAPIToken marks a person's token, and stores e in the audit log; one
	// revoked before stays as it is, and so does the log. False when the person has
	// no such token.
	RevokeAPIToken(ctx context.Context, organization int64, ordinal uint32, id string, at time.Time, e audit.Entry) (bool, error)

	// CreateSignInLink stores a link, and removes those of its person that are
	// over when it is made. It fails as CreateAPIToken does.
	CreateSignInLink(ctx context.Context, l StoredLink, e audit.Entry) error
	// CreateSignInLinks is CreateSignInLink for up to LinksAtOnce people of one
	// organization, behind whatever else wants to write. It returns who is not
	// there or disabled, and has no link. Entries go into the audit log if anybody
	// has one.
	CreateSignInLinks(ctx context.Context, links []StoredLink, entries []audit.Entry) (left []uint32, err error)
	// SignInLinksByID is as APITokensByID.
	SignInLinksByID(ctx context.Context, organization int64, ids []string) ([]Standing, error)

	// Endings counts what has ended before its time, tokens and sessions, and
	// changes of organizations: while it stands, no row read after it was is
	// any less good.
	Endings(ctx context.Context) (int64, error)

	SessionStore
}

// SessionStore keeps sessions.
type SessionStore interface {
	// SignIn uses the link, stores the session, ends the ones it replaces, and
	// removes those of its person that are over or were not used for the
	// longest time beyond MaxSessions, all or nothing. ended says whether
	// other sessions ended. Not done when the link cannot be used (any more),
	// or its person has left.
	SignIn(ctx context.Context, s StoredSession, link string, replaces []Proof) (done, ended bool, err error)
	// SessionsByID is as APITokensByID.
	SessionsByID(ctx context.Context, organization int64, ids []string) ([]Standing, error)
	// Sessions returns a person's sessions, newest first, those that are over
	// at the time left out.
	Sessions(ctx context.Context, organization int64, ordinal uint32, at time.Time) ([]Session, error)
	// EndSession removes a person's session. False when there is none. If there is,
	// the entries that tell of it go into the audit log.
	EndSession(ctx context.Context, organization int64, ordinal uint32, id string, tell Told) (bool, error)
	// EndSessions removes all of a person's and says how many there were.
	EndSessions(ctx context.Context, organization int64, ordinal uint32, tell Told) (int, error)
	// MarkSeen notes when sessions were used, unless that was noted within
	// SeenEvery before. Sessions that are gone are left alone.
	MarkSeen(ctx context.Context, seen []Seen) error
}

// Told are the entries of the audit log about so many sessions that have ended.
type Told func(ended int) []audit.Entry

// Viewer is the person who reads an inbox, and by what right.
type Viewer struct {
	Organization int64
	Ordinal      uint32
	Userid, Name string
	Credential   Credential
}

// By returns who asks, as the audit log has them.
func (v Viewer) By() audit.By {
	kind := "token:"
	if v.Credential.Session {
		kind = "session:"
	}
	return audit.By{Actor: audit.Person(v.Organization, v.Ordinal), Credential: kind + v.Credential.ID}
}

// Credential names what somebody presented, without its secret.
type Credential struct {
	Session bool // a session, else a personal API token
	ID      string
}

func (c Credential) prefix() string {
	if c.Session {
		return SessionPrefix
	}
	return Prefix
}

// Service answers for people's credentials. It is safe for concurrent use.
type Service struct {
	store  Store
	people People
	now    func() time.Time
	read   recent
	marks  *marks
	hints  Hints
	log    *slog.Logger

	composers Composers

	watched watched
}

// Composers knows who may send with apps by hand.
type Composers interface {
	// Composes returns the apps that somebody is a composer of.
	Composes(ctx context.Context, organization int64, ordinal uint32) (*policy.AppSet, error)
}

// Hints is told, after a commit, that credentials have ended before their
// time. It must not block.
type Hints interface{ CredentialsMoved() }

// Deps is what a Service works with. Store, People and Now are required.
type Deps struct {
	Store  Store
	People People
	// Composers knows who may send with apps by hand; nil: nobody may.
	Composers Composers
	Hints     Hints // nil: nobody is told
	Log       *slog.Logger
	Now       func() time.Time
}

// Look forgets what was read: somewhere else credentials have ended.
func (s *Service) Look() { s.read.forget() }

// CredentialsEnded forgets what was read and says that credentials have ended here. Other
// rooms call it after a commit in which they have ended some.
func (s *Service) CredentialsEnded() {
	s.read.forget()
	if s.hints != nil {
		s.hints.CredentialsMoved()
	}
}

// New returns a Service. Run notes when sessions are used.
func New(d Deps) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{store: d.Store, people: d.People, hints: d.Hints, log: d.Log, now: d.Now, composers: d.Composers, read: newRecent(), marks: newMarks()}
}

// Asker returns who a viewer is to the table of rights, with the roles that they have
// at this moment and the apps that they are a composer of. It costs a query.
func (s *Service) Asker(ctx context.Context, by audit.By) (policy.Asker, error) {
	a, err := s.people.Asker(ctx, by)
	if err != nil {
		return policy.Asker{}, fmt.Errorf("account.Asker: %w", err)
	}
	if s.composers == nil || !by.IsPerson() || a.Roles == 0 { // whoever is not active has no roles
		return a, nil
	}
	if a.Composes, err = s.composers.Composes(ctx, by.Organization, by.Ordinal); err != nil {
		return policy.Asker{}, fmt.Errorf("account.Asker: %w", err)
	}
	return a, nil
}

// at is the time as rows hold it.
func (s *Service) at() time.Time { return s.now().UTC().Truncate(time.Millisecond) }

// entry is the audit entry of what is done to a person's credentials.
func (s *Service) entry(by audit.By, organization int64, ordinal uint32, action audit.Action, details audit.Details) audit.Entry {
	return audit.Entry{
		Organization: organization, At: s.at(), By: by, Action: action, Subject: audit.PersonSubject(ordinal), Details: details,
	}
}

func (s *Service) ordinal(organization int64, userid string) (uint32, error) {
	ordinal, ok := s.people.Ordinal(organization, userid)
	if !ok {
		return 0, fault.New(fault.CodeUserUnknown, "there is no such user").WithField("userid")
	}
	return ordinal, nil
}
