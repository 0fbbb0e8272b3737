package account

import (
	"context"
	"fmt"

	"github.com/tidings-im/tidings/internal/fault"
)

// Authenticate returns whose an API token is. It fails with CodeTokenMissing
// for an empty one, and with CodeTokenInvalid for one that is malformed,
// unknown, expired or revoked, or whose person is disabled or deleted.
func (s *Service) Authenticate(ctx context.Context, bearer string) (Viewer, error) {
	row, err := s.present(ctx, Prefix, bearer)
	if err != nil {
		return Viewer{}, fmt.Errorf("account.Authenticate: %w", err)
	}
	return row.viewer(Credential{ID: row.ID}), nil
}

// Session returns whose a session is. It fails as Authenticate does, for a
// session that was ended or not used for IdleLife too.
func (s *Service) Session(ctx context.Context, value string) (Viewer, error) {
	row, err := s.present(ctx, SessionPrefix, value)
	if err != nil {
		return Viewer{}, fmt.Errorf("account.Session: %w", err)
	}
	s.seen(row)
	return row.viewer(Credential{Session: true, ID: row.ID}), nil
}

func (s *Service) present(ctx context.Context, prefix, value string) (*Standing, error) {
	if value == "" {
		return nil, fault.New(fault.CodeTokenMissing, "a token is required")
	}
	return s.standing(ctx, prefix, value)
}

func (s *Standing) viewer(c Credential) Viewer {
	return Viewer{Organization: s.Organization, Ordinal: s.Ordinal, Userid: s.Userid, Name: s.PersonName, Credential: c}
}
