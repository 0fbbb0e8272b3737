package store

import (
	"context"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// A token's id names the master key that signed it: ORGANIZATION-KEY-RANDOM.
// These go through the rows of everybody, when an operator replaces a master key
// or looks at how far that is.
const (
	sqlSelectSecretsByMasterKey   = `SELECT key_number, COUNT(*) FROM app_secret WHERE ended_at IS NULL GROUP BY key_number`
	sqlSelectTicketsByMasterKey   = `SELECT key_number, COUNT(*) FROM suite GROUP BY key_number`
	sqlSelectCallbacksByMasterKey = `SELECT key_number, COUNT(*) FROM callback GROUP BY key_number`
	sqlSelectSourcesByMasterKey   = `SELECT key_number, COUNT(*) FROM sign_in_source GROUP BY key_number`
	sqlSelectTokensOfMasterKey    = `SELECT COUNT(*), COALESCE(MAX(expires_at), 0) FROM access_token
		WHERE id LIKE $1 AND expires_at > $2 AND revoked_at IS NULL`
	sqlSelectTokensNotOfMasterKey = `SELECT organization, id FROM access_token
		WHERE id NOT LIKE $1 AND expires_at > $2 AND revoked_at IS NULL LIMIT $3`
	sqlUpdateTokenEnded = `UPDATE access_token SET revoked_at = $3 WHERE organization = $1 AND id = $2 AND revoked_at IS NULL`

	sqlSelectSealedSecrets = `SELECT organization, app_id, id, '', key_number, ciphertext FROM app_secret
		WHERE (organization, app_id, id) > ($1, $2, $3) AND key_number <> $4 AND ended_at IS NULL
		ORDER BY organization, app_id, id LIMIT $5`
	sqlSelectSealedTickets = `SELECT organization, app_id, 0, '', key_number, ticket FROM suite
		WHERE (organization, app_id) > ($1, $2) AND key_number <> $3
		ORDER BY organization, app_id LIMIT $4`
	sqlSelectSealedCallbacks = `SELECT organization, app_id, -1, '', key_number, sealed FROM callback
		WHERE (organization, app_id) > ($1, $2) AND key_number <> $3
		ORDER BY organization, app_id LIMIT $4`
	sqlSelectSealedSources = `SELECT organization, 0, 0, id, key_number, secret FROM sign_in_source
		WHERE (organization, id) > ($1, $2) AND key_number <> $3
		ORDER BY organization, id LIMIT $4`
	// A row that was changed since it was read stays as it is: it was ended, or it
	// is of the key in use by now.
	sqlUpdateSealedSecret = `UPDATE app_secret SET key_number = $5, ciphertext = $6
		WHERE organization = $1 AND app_id = $2 AND id = $3 AND key_number = $4 AND ended_at IS NULL`
	sqlUpdateSealedTicket = `UPDATE suite SET key_number = $4, ticket = $5
		WHERE organization = $1 AND app_id = $2 AND key_number = $3`
	sqlUpdateSealedCallback = `UPDATE callback SET key_number = $4, sealed = $5
		WHERE organization = $1 AND app_id = $2 AND key_number = $3`
	sqlUpdateSealedSource = `UPDATE sign_in_source SET key_number = $4, secret = $5
		WHERE organization = $1 AND id = $2 AND key_number = $3`
)

// namesKey is the pattern of the tokens of a master key.
func namesKey(number int) string { return fmt.Sprintf("%%-%d-%%", number) }

func (s *keyStore) KeyUses(ctx context.Context, numbers []int, now time.Time) (map[int]masterkey.Use, error) {
	uses := map[int]masterkey.Use{}
	count := func(query string, of func(u *masterkey.Use) *int64) error {
		var number int
		var n int64
		return readEach(ctx, s.db.read(), query, []any{&number, &n}, func() error {
			u := uses[number]
			*of(&u) += n
			uses[number] = u
			return nil
		})
	}
	if err := count(sqlSelectSecretsByMasterKey, func(u *masterkey.Use) *int64 { return &u.Secrets }); err != nil {
		return nil, s.db.toFault(err)
	}
	if err := count(sqlSelectCallbacksByMasterKey, func(u *masterkey.Use) *int64 { return &u.Secrets }); err != nil {
		return nil, s.db.toFault(err)
	}
	if err := count(sqlSelectSourcesByMasterKey, func(u *masterkey.Use) *int64 { return &u.Secrets }); err != nil {
		return nil, s.db.toFault(err)
	}
	if err := count(sqlSelectTicketsByMasterKey, func(u *masterkey.Use) *int64 { return &u.Tickets }); err != nil {
		return nil, s.db.toFault(err)
	}
	for _, number := range numbers {
		u := uses[number]
		var until int64
		err := s.db.read().QueryRowContext(ctx, sqlSelectTokensOfMasterKey, namesKey(number), now.UnixMilli()).Scan(&u.Tokens, &until)
		if err != nil {
			return nil, s.db.toFault(err)
		}
		u.TokensUntil = fromRecorded(until)
		uses[number] = u
	}
	return uses, nil
}

func (s *keyStore) SealedSecrets(ctx context.Context, notWith int, after masterkey.SealedRow, limit int) ([]masterkey.SealedRow, error) {
	return s.sealed(ctx, sqlSelectSealedSecrets, after.Organization, after.AppID, after.ID, notWith, limit)
}

func (s *keyStore) SealedTickets(ctx context.Context, notWith int, after masterkey.SealedRow, limit int) ([]masterkey.SealedRow, error) {
	return s.sealed(ctx, sqlSelectSealedTickets, after.Organization, after.AppID, notWith, limit)
}

func (s *keyStore) SealedCallbacks(ctx context.Context, notWith int, after masterkey.SealedRow, limit int) ([]masterkey.SealedRow, error) {
	return s.sealed(ctx, sqlSelectSealedCallbacks, after.Organization, after.AppID, notWith, limit)
}

func (s *keyStore) SealedSources(ctx context.Context, notWith int, after masterkey.SealedRow, limit int) ([]masterkey.SealedRow, error) {
	return s.sealed(ctx, sqlSelectSealedSources, after.Organization, after.Source, notWith, limit)
}

func (s *keyStore) sealed(ctx context.Context, query string, args ...any) ([]masterkey.SealedRow, error) {
	list, err := readRows(ctx, s.db.read(), query, func(r *masterkey.SealedRow) []any {
		return []any{&r.Organization, &r.AppID, &r.ID, &r.Source, &r.KeyNumber, &r.Ciphertext}
	}, args...)
	return list, s.db.toFault(err)
}

func (s *keyStore) Reseal(ctx context.Context, rows []masterkey.Resealed) error {
	if len(rows) == 0 {
		return nil
	}
	return s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		if err := s.db.holdKey(ctx, tx, rows[0].KeyNumber); err != nil {
			return err
		}
		for _, r := range rows {
			was := r.Was
			var err error
			switch {
			case was.Source != "":
				_, err = tx.ExecContext(ctx, sqlUpdateSealedSource, was.Organization, was.Source, was.KeyNumber, r.KeyNumber, r.Ciphertext)
			case was.ID == masterkey.CallbackID:
				_, err = tx.ExecContext(ctx, sqlUpdateSealedCallback, was.Organization, was.AppID, was.KeyNumber, r.KeyNumber, r.Ciphertext)
			case was.ID == 0:
				_, err = tx.ExecContext(ctx, sqlUpdateSealedTicket, was.Organization, was.AppID, was.KeyNumber, r.KeyNumber, r.Ciphertext)
			default:
				_, err = tx.ExecContext(ctx, sqlUpdateSealedSecret, was.Organization, was.AppID, was.ID, was.KeyNumber, r.KeyNumber, r.Ciphertext)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *keyStore) EndTokensNotOf(ctx context.Context, number int, at time.Time, limit int) (int, error) {
	type key struct {
		organization int64
		id           string
	}
	tokens, err := readRows(ctx, s.db.read(), sqlSelectTokensNotOfMasterKey, func(k *key) []any {
		return []any{&k.organization, &k.id}
	}, namesKey(number), at.UnixMilli(), limit)
	if err != nil || len(tokens) == 0 {
		return 0, s.db.toFault(err)
	}
	return len(tokens), s.db.administer(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		for _, k := range tokens {
			if _, err := tx.ExecContext(ctx, sqlUpdateTokenEnded, k.organization, k.id, at.UnixMilli()); err != nil {
				return nil, err
			}
		}
		return nil, nil // RecordKeys has said so
	}, advanceRevocations)
}
