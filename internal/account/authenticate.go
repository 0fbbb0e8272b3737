package account

import (
	"context"
	"errors"
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

// Ended returns those of the viewers whose credential is no longer good. It
// reads the rows anew, in one question for each organization and kind; being
// asked about counts as being used. With an error, viewers whose rows could
// not be read are not among the ended.
func (s *Service) Ended(ctx context.Context, viewers []Viewer) (ended []Viewer, err error) {
	type question struct {
		organization int64
		prefix       string
	}
	asked := map[question]map[string][]Viewer{}
	for _, v := range viewers {
		q := question{v.Organization, v.Credential.prefix()}
		if asked[q] == nil {
			asked[q] = map[string][]Viewer{}
		}
		asked[q][v.Credential.ID] = append(asked[q][v.Credential.ID], v)
	}
	var failed error
	for q, about := range asked {
		ids := make([]string, 0, len(about))
		for id := range about {
			ids = append(ids, id)
		}
		rows, err := s.rows(ctx, q.prefix, q.organization, ids)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("account.Ended: %w", err))
			continue
		}
		now := s.now()
		for i := range rows {
			if s.good(&rows[i], now) {
				delete(about, rows[i].ID)
				s.seen(&rows[i])
			}
		}
		for _, over := range about {
			ended = append(ended, over...)
		}
	}
	return ended, failed
}
