package account

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
)

// Standing is what the row of a credential says, of whatever kind it is: whose
// it is and until when.
type Standing struct {
	ID           string
	Organization int64
	Ordinal      uint32
	Userid       string // read with the row, not stored in it
	PersonName   string // likewise
	Hash         [sha256.Size]byte
	EndsAt       time.Time // when it ends by itself
	EndedAt      time.Time // when it was revoked, or used the one time it may be; zero if not
	SeenAt       time.Time // when a session was used last; zero for everything else
}

// ended reports whether a credential is over, whoever holds it.
func (s *Standing) ended(now time.Time) bool {
	return !s.EndedAt.IsZero() || !now.Before(s.EndsAt) || !s.SeenAt.IsZero() && !now.Before(s.SeenAt.Add(IdleLife))
}

// good reports whether somebody may still use a credential. A userid may have
// gone to somebody else; the ordinal never does.
func (s *Service) good(row *Standing, now time.Time) bool {
	if row.ended(now) {
		return false
	}
	ordinal, ok := s.people.Ordinal(row.Organization, row.Userid)
	return ok && ordinal == row.Ordinal
}

// standing returns the row that a value stands for, or CodeTokenInvalid for a
// value that is malformed, unknown or no longer good.
func (s *Service) standing(ctx context.Context, prefix, value string) (*Standing, error) {
	named, ok := parse(prefix, value)
	if !ok {
		return nil, tokenInvalid()
	}
	now := s.now()
	row, known, epoch, err := s.known(ctx, named, now)
	if err != nil {
		return nil, err
	}
	if !known {
		rows, err := s.rows(ctx, prefix, named.organization, []string{named.id})
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			return nil, tokenInvalid()
		}
		row.standing, row.read = &rows[0], now
	}
	hash := sha256.Sum256([]byte(value))
	if subtle.ConstantTimeCompare(hash[:], row.standing.Hash[:]) != 1 {
		return nil, tokenInvalid()
	}
	// Only what was proven is remembered: nobody can fill memory with guesses.
	if !known {
		s.read.store(named, row, epoch)
	}
	if !s.good(row.standing, now) {
		return nil, tokenInvalid()
	}
	return row.standing, nil
}

// known returns the row of a credential from memory, as long as nothing has
// ended since it was read. Otherwise it returns what to remember with the row
// that is read next.
func (s *Service) known(ctx context.Context, n name, now time.Time) (row recentRow, known bool, epoch int, err error) {
	row, fresh, epoch := s.read.load(n, now)
	if fresh {
		return row, true, epoch, nil
	}
	endings, err := s.confirmed(ctx)
	if err != nil {
		return row, false, epoch, err
	}
	if row.standing != nil && row.endings == endings {
		return row, true, epoch, nil
	}
	return recentRow{endings: endings}, false, epoch, nil
}

// rows reads the rows of one organization's credentials of one kind.
func (s *Service) rows(ctx context.Context, prefix string, organization int64, ids []string) ([]Standing, error) {
	switch prefix {
	case LinkPrefix:
		return s.store.SignInLinksByID(ctx, organization, ids)
	case SessionPrefix:
		return s.store.SessionsByID(ctx, organization, ids)
	default:
		return s.store.APITokensByID(ctx, organization, ids)
	}
}

func tokenInvalid() error {
	return fault.New(fault.CodeTokenInvalid, "the token is not valid or has expired")
}
