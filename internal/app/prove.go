package app

import (
	"context"
	"fmt"

	"github.com/tidings-im/tidings/internal/fault"
)

// Prove returns the internal app whose key and secret somebody presents, and makes no
// token. It fails as TokenByKey does.
func (s *Service) Prove(ctx context.Context, appKey, appSecret string) (organization, appID int64, err error) {
	secrets, err := s.store.SecretsByKey(ctx, appKey, s.keys.InUse(), milli(s.now()))
	if err == nil {
		var match *StoredSecret
		match, err = s.match(secrets, appSecret)
		switch {
		case err != nil:
		case match == nil:
			err = credentialsInvalid()
		default:
			return match.Organization, match.AppID, nil
		}
	}
	if !fault.Is(err, fault.CodeCredentialsInvalid) {
		err = fmt.Errorf("app.Prove: %w", err)
	}
	return 0, 0, err
}
