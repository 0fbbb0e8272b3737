package signin

import (
	"context"
	"fmt"
	"slices"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

// Waiting returns those who wait to be linked, newest first: limit at most, those after
// before, the last one of the page before. The zero before is for the first page.
func (s *Service) Waiting(ctx context.Context, organization int64, before Waiting, limit int) ([]Waiting, error) {
	return s.deps.Store.Waiting(ctx, organization, s.at().Add(-WaitingKept), before, limit)
}

// Identities returns the accounts of elsewhere that a person is linked to.
func (s *Service) Identities(ctx context.Context, organization int64, ordinal uint32) ([]Linked, error) {
	return s.deps.Store.Identities(ctx, organization, ordinal)
}

func (s *Service) ordinal(organization int64, userid string) (uint32, error) {
	ordinal, ok := s.deps.People.Ordinal(organization, userid)
	if !ok {
		return 0, fault.New(fault.CodeUserUnknown, "there is no such user").WithField("userid")
	}
	return ordinal, nil
}

// Link makes the identity that waits with a code a person's. It fails with CodeNotFound for
// a code that nobody waits with, CodeUserUnknown, CodeConflict for a person who has an
// identity of that source already, and as policy.MayAdmit.
func (s *Service) Link(ctx context.Context, by policy.Asker, organization int64, ref, userid string) (Waiting, error) {
	ordinal, err := s.ordinal(organization, userid)
	if err != nil {
		return Waiting{}, err
	}
	at := s.at()
	var done Waiting
	err = s.deps.Store.Link(ctx, organization, ParseRef(ref), at.Add(-WaitingKept), ordinal, at, by.By, func(w Waiting, p Person) ([]audit.Entry, error) {
		if err := mayGive(by, organization, p); err != nil {
			return nil, err
		}
		done = w
		return []audit.Entry{s.linkEntry(by.By, organization, ordinal, w.SourceID, audit.IdentityLink)}, nil
	})
	if err != nil {
		return Waiting{}, fmt.Errorf("signin.Link: %w", err)
	}
	return done, nil
}

func (s *Service) linkEntry(by audit.By, organization int64, ordinal uint32, sourceID string, action audit.Action) audit.Entry {
	return audit.Entry{
		Organization: organization, At: s.at(), By: by, Action: action, Subject: audit.PersonSubject(ordinal),
		About: []string{audit.SourceSubject(sourceID)},
	}
}

// Unlink takes a person's identity of a source away, and ends the sessions that it has
// begun. It fails with CodeNotFound for a source or an identity that is not there,
// CodeUserUnknown, CodeLastWayIn for whoever is not the operator where no owner could
// sign in any more, and as policy.MayAdmit.
func (s *Service) Unlink(ctx context.Context, by policy.Asker, organization int64, name, userid string) error {
	src, err := s.deps.Store.SourceNamed(ctx, organization, name)
	if err != nil {
		return err
	}
	ordinal, err := s.ordinal(organization, userid)
	if err != nil {
		return err
	}
	ended, err := s.deps.Store.Unlink(ctx, organization, src.ID, ordinal, func(p Person, c Counts) ([]audit.Entry, error) {
		if err := mayGive(by, organization, p); err != nil {
			return nil, err
		}
		owner := slices.Contains(p.Roles, string(policy.Owner))
		if owner && p.Linked && !by.By.IsOperator() && src.State == On && c.Owners == 1 && c.OwnersElsewhere == 0 {
			return nil, lastWayIn()
		}
		return []audit.Entry{s.linkEntry(by.By, organization, ordinal, src.ID, audit.IdentityUnlink)}, nil
	})
	if ended || err != nil { // after a failure too: it may have been committed
		s.deps.Accounts.CredentialsEnded()
	}
	if err != nil {
		return fmt.Errorf("signin.Unlink: %w", err)
	}
	return nil
}
