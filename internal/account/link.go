package account

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
)

// How long sign-in links live: one that nobody said anything about, at most,
// and at most where it is reusable.
const (
	LinkLife        = 24 * time.Hour
	MaxLinkLife     = 7 * 24 * time.Hour
	MaxReusableLife = 10 * 366 * 24 * time.Hour
)

// StoredLink is a sign-in link as it is stored.
type StoredLink struct {
	ID           string
	Organization int64
	Ordinal      uint32
	Hash         [sha256.Size]byte
	Reusable     bool
	CreatedAt    time.Time
	ExpiresAt    time.Time
}

// CreateSignInLink makes a link that signs a person in and returns its value,
// here and never again. A reusable link may be used until it expires, which
// suits a demo and nothing else; any other works once. It fails with
// CodeUserUnknown when nobody active has the userid, and with
// CodeParameterInvalid for a life that is not positive and at most
// MaxLinkLife, or MaxReusableLife for a reusable link.
func (s *Service) CreateSignInLink(
	ctx context.Context, by audit.By, organization int64, userid string, life time.Duration, reusable bool,
) (string, error) {
	if err := checkLinkLife(life, reusable); err != nil {
		return "", err
	}
	ordinal, err := s.ordinal(organization, userid)
	if err != nil {
		return "", err
	}
	link, value := s.newLink(organization, ordinal, life)
	link.Reusable = reusable
	if err := s.store.CreateSignInLink(ctx, link, s.entry(by, organization, ordinal, audit.SignInLinkNew, linkDetails(life, reusable))); err != nil {
		return "", fmt.Errorf("account.CreateSignInLink: %w", err)
	}
	return value, nil
}

func linkDetails(life time.Duration, reusable bool) audit.Details {
	return audit.Details{"life": life.String(), "reusable": reusable}
}

func checkLinkLife(life time.Duration, reusable bool) error {
	longest := MaxLinkLife
	if reusable {
		longest = MaxReusableLife
	}
	if life <= 0 || life > longest {
		return fault.New(fault.CodeParameterInvalid, "the life of a sign-in link must be more than 0, the limit is %d hours", longest/time.Hour).WithField("life")
	}
	return nil
}

func (s *Service) newLink(organization int64, ordinal uint32, life time.Duration) (StoredLink, string) {
	named, value := newValue(LinkPrefix, organization)
	now := s.at()
	return StoredLink{
		ID: named.id, Organization: organization, Ordinal: ordinal, Hash: sha256.Sum256([]byte(value)),
		CreatedAt: now, ExpiresAt: now.Add(life),
	}, value
}

// LinksAtOnce is how many links one transaction makes.
const LinksAtOnce = 200

// CreateSignInLinks makes a link that works once for each of many people, and
// hands over each with its value, after the transaction that stores it. Links
// of earlier pieces stay good when a later one fails. It returns the ordinals
// of those who are not there or disabled, who get none. The audit log has one
// entry, in the first transaction that makes a link: for how many it was asked. It
// fails with CodeParameterInvalid as CreateSignInLink does, and with what each returns.
func (s *Service) CreateSignInLinks(
	ctx context.Context, by audit.By, organization int64, people []uint32, life time.Duration, each func(ordinal uint32, value string) error,
) (left []uint32, err error) {
	if err := checkLinkLife(life, false); err != nil {
		return nil, err
	}
	// In the order of keys: two who do this never wait for each other.
	people = slices.Compact(slices.Sorted(slices.Values(people)))
	entries := s.linksEntry(by, organization, people, life)
	for piece := range slices.Chunk(people, LinksAtOnce) {
		links, values := make([]StoredLink, len(piece)), make([]string, len(piece))
		for i, ordinal := range piece {
			links[i], values[i] = s.newLink(organization, ordinal, life)
		}
		gone, err := s.store.CreateSignInLinks(ctx, links, entries)
		if err != nil {
			return left, fmt.Errorf("account.CreateSignInLinks: %w", err)
		}
		if left = append(left, gone...); len(gone) < len(piece) {
			entries = nil
		}
		for i, ordinal := range piece {
			if slices.Contains(gone, ordinal) {
				continue
			}
			if err := each(ordinal, values[i]); err != nil {
				return left, err
			}
		}
	}
	return left, nil
}

func (s *Service) linksEntry(by audit.By, organization int64, people []uint32, life time.Duration) []audit.Entry {
	details := linkDetails(life, false)
	details["people"] = len(people)
	e := s.entry(by, organization, 0, audit.SignInLinkNew, details)
	e.Subject = audit.OrganizationSubject
	for _, ordinal := range people[:min(len(people), LinksAtOnce)] {
		e.About = append(e.About, audit.PersonSubject(ordinal))
	}
	return []audit.Entry{e}
}

// SignInURL is the address that signs in with a link: where people reach the
// server, and the link in the fragment, which browsers send nowhere. It is the
// page that posts it, so neither a log nor a scanner of links gets to use it.
func SignInURL(base, link string) string { return base + "/#sign-in=" + link }
