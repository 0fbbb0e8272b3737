package account

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

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
func (s *Service) CreateSignInLink(ctx context.Context, organization int64, userid string, life time.Duration, reusable bool) (string, error) {
	longest := MaxLinkLife
	if reusable {
		longest = MaxReusableLife
	}
	if life <= 0 || life > longest {
		return "", fault.New(fault.CodeParameterInvalid, "the life of a sign-in link is at most %d hours", longest/time.Hour).WithField("life")
	}
	ordinal, err := s.ordinal(organization, userid)
	if err != nil {
		return "", err
	}
	named, value := newValue(LinkPrefix, organization)
	now := s.at()
	err = s.store.CreateSignInLink(ctx, StoredLink{
		ID: named.id, Organization: organization, Ordinal: ordinal, Hash: sha256.Sum256([]byte(value)),
		Reusable: reusable, CreatedAt: now, ExpiresAt: now.Add(life),
	})
	if err != nil {
		return "", fmt.Errorf("account.CreateSignInLink: %w", err)
	}
	return value, nil
}

// SignInURL is the address that signs in with a link: where people reach the
// server, and the link in the fragment, which browsers send nowhere. It is the
// page that posts it, so neither a log nor a scanner of links gets to use it.
func SignInURL(base, link string) string { return base + "/#sign-in=" + link }
