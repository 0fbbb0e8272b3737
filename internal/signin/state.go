package signin

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
)

var zero time.Time

// Details is a source with what only those who look after it need.
type Details struct {
	Source
	Counts
	HasSecret bool
}

// Sources returns an organization's, by name.
func (s *Service) Sources(ctx context.Context, organization int64) ([]Source, error) {
	return s.deps.Store.Sources(ctx, organization)
}

// Offered returns those of an organization's sources that people sign in with, by name.
func (s *Service) Offered(ctx context.Context, organization int64) ([]Source, error) {
	all, err := s.deps.Store.Sources(ctx, organization)
	return slices.DeleteFunc(all, func(src Source) bool { return src.State != On }), err
}

// Named returns a source by its name. It fails with CodeNotFound.
func (s *Service) Named(ctx context.Context, organization int64, name string) (Details, error) {
	src, err := s.deps.Store.SourceNamed(ctx, organization, name)
	if err != nil {
		return Details{}, err
	}
	c, err := s.deps.Store.Counts(ctx, organization, src.ID)
	if err != nil {
		return Details{}, err
	}
	secret, err := s.open(src) // one that cannot be opened is none: another takes its place
	return Details{Source: src.Source, Counts: c, HasSecret: err == nil && secret != ""}, nil
}

// Usable returns a source to sign in with, and its secret. It fails with CodeNotFound for
// an id of none, for one that is not on, and where the organization is disabled.
func (s *Service) Usable(ctx context.Context, id string) (Source, string, error) {
	organization, ok := ParseID(id)
	if !ok {
		return Source{}, "", fault.New(fault.CodeNotFound, "there is no such sign-in source")
	}
	return s.opened(s.deps.Store.Usable(ctx, organization, id))
}

// ToTry returns a source of an organization for somebody who tries it, whatever its
// state, and its secret. It fails with CodeNotFound.
func (s *Service) ToTry(ctx context.Context, organization int64, id string) (Source, string, error) {
	return s.opened(s.deps.Store.Source(ctx, organization, id))
}

func (s *Service) opened(src StoredSource, err error) (Source, string, error) {
	if err != nil {
		return Source{}, "", err
	}
	secret, err := s.open(src)
	return src.Source, secret, err
}

// Test tries to reach what a source names, without signing anybody in. It fails with
// CodeNotFound.
func (s *Service) Test(ctx context.Context, organization int64, name string) ([]Step, error) {
	src, secret, err := s.opened(s.deps.Store.SourceNamed(ctx, organization, name))
	if err != nil {
		return nil, err
	}
	p, err := s.provider(src.Kind)
	if err != nil {
		return nil, err
	}
	return p.Test(ctx, src, secret), nil
}

// Trial is what a source says of whoever tries it.
type Trial struct {
	Claims     map[string]string
	WouldMatch *Person // who would be signed in; nil: they would wait
}

// Tried notes that somebody has signed in at a source by way of trying it: it may be
// turned on then. Nobody is linked or signed in. It fails with Expired when the
// settings have changed since src was read.
func (s *Service) Tried(ctx context.Context, by audit.By, src Source, i Identity) (Trial, error) {
	p, err := s.provider(src.Kind)
	if err != nil {
		return Trial{}, err
	}
	if i, err = i.clean(); err != nil {
		return Trial{}, err
	}
	linked, found, err := s.deps.Store.WouldFind(ctx, src.Organization, src.ID, i.Subject, lookup(p.Match(src.Settings), i))
	if err != nil {
		return Trial{}, fmt.Errorf("signin.Tried: %w", err)
	}
	would, _, err := admit(Contact{Source: src, Linked: linked, Found: found})
	if err != nil { // disabled
		would = nil
	}
	_, err = s.deps.Store.ChangeSource(ctx, src.Organization, src.ID, func(is StoredSource, _ Counts) (StoredSource, bool, []audit.Entry, error) {
		if !bytes.Equal(is.Settings, src.Settings) {
			return is, false, nil, Expired()
		}
		is.TestedAt = s.at()
		return is, false, []audit.Entry{s.entry(by, is.Source, audit.SourceTest, nil)}, nil
	})
	if err != nil {
		return Trial{}, fmt.Errorf("signin.Tried: %w", err)
	}
	return Trial{Claims: i.Claims, WouldMatch: would}, nil
}

// Enable lets people sign in with a source. One that nobody has tried with its present
// settings only the operator turns on, with untested. It fails with CodeNotFound and
// CodeConflict.
func (s *Service) Enable(ctx context.Context, by audit.By, organization int64, name string, untested bool) (Source, error) {
	return s.setState(ctx, by, organization, name, func(is *Source, _ Counts) (bool, error) {
		if is.TestedAt.IsZero() && (!untested || !by.IsOperator()) {
			return false, fault.New(fault.CodeConflict, "nobody has tried this sign-in source with its present settings: try it first").WithField("state")
		}
		is.State = On
		return false, nil
	}, audit.SourceEnable)
}

// Disable stops signing in with a source, and ends the sessions that it has begun unless
// keepSessions is set. It fails with CodeNotFound, and with CodeLastWayIn for whoever is not the operator
// where no owner could sign in any more.
func (s *Service) Disable(ctx context.Context, by audit.By, organization int64, name string, keepSessions bool) (Source, error) {
	return s.setState(ctx, by, organization, name, func(is *Source, c Counts) (bool, error) {
		if !by.IsOperator() && is.State == On && c.Owners > 0 && c.OwnersElsewhere == 0 {
			return false, lastWayIn()
		}
		is.State = Off
		return !keepSessions, nil
	}, audit.SourceDisable)
}

func lastWayIn() error {
	return fault.New(fault.CodeLastWayIn, "no owner could sign in any more: link an owner by another source first, or ask the operator")
}

// setState changes nothing where change leaves the state as it is.
func (s *Service) setState(
	ctx context.Context, by audit.By, organization int64, name string, change func(*Source, Counts) (endSessions bool, err error), action audit.Action,
) (Source, error) {
	src, err := s.deps.Store.SourceNamed(ctx, organization, name)
	if err != nil {
		return Source{}, err
	}
	var done Source
	ended, err := s.deps.Store.ChangeSource(ctx, organization, src.ID, func(is StoredSource, c Counts) (StoredSource, bool, []audit.Entry, error) {
		before := is.State
		end, err := change(&is.Source, c)
		done = is.Source
		if err != nil || before == is.State {
			return is, end, nil, err
		}
		return is, end, []audit.Entry{s.entry(by, is.Source, action, audit.Details{"sessions_end": end})}, nil
	})
	if ended || err != nil { // after a failure too: it may have been committed
		s.deps.Accounts.CredentialsEnded()
	}
	if err != nil {
		return Source{}, fmt.Errorf("signin.%s: %w", action, err)
	}
	return done, nil
}
