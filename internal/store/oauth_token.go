package store

import (
	"context"
	"slices"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/oauth"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	sqlInsertOAuthToken = `INSERT INTO oauth_token (organization, id, ordinal, app_id, told, secret_hash, expires_at, refresh_hash, refresh_ends_at,
		before_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
	sqlSelectOAuthToken = `SELECT t.ordinal, t.app_id, t.told, t.secret_hash, t.expires_at, t.refresh_hash, t.refresh_ends_at, t.before_hash,
		t.created_at, e.userid, ` + clientColumns + ` FROM oauth_token t
		JOIN employee e ON e.organization = t.organization AND e.ordinal = t.ordinal AND e.disabled_at IS NULL AND e.deleted_at IS NULL
		JOIN agent g ON g.organization = t.organization AND g.app_id + 0 = t.app_id` + clientOf + ` AND t.organization = $1 AND t.id = $2`
	sqlUpdateOAuthTokenRenewed = `UPDATE oauth_token SET secret_hash = $4, expires_at = $5, refresh_hash = $6, refresh_ends_at = $7, before_hash = $3
		WHERE organization = $1 AND id = $2 AND refresh_hash = $3`
	sqlDeleteOAuthToken      = `DELETE FROM oauth_token WHERE organization = $1 AND id = $2`
	sqlDeleteOAuthTokensOver = `DELETE FROM oauth_token WHERE organization = $1 AND ordinal = $2 AND refresh_ends_at <= $3`
	// Those beyond the most that may stay, the oldest ones.
	sqlDeleteOAuthTokensBeyond = `DELETE FROM oauth_token WHERE organization = $1 AND ordinal = $2 AND app_id = $3 AND id NOT IN (
		SELECT id FROM oauth_token WHERE organization = $1 AND ordinal = $2 AND app_id = $3 ORDER BY created_at DESC, id LIMIT $4)`

	sqlDeleteOAuthTokensOfConsent = `DELETE FROM oauth_token WHERE organization = $1 AND ordinal = $2 AND app_id = $3`
	sqlDeleteOAuthTokensOfApp     = `DELETE FROM oauth_token WHERE organization = $1 AND app_id = $2`
	sqlDeleteOAuthTokensOfPerson  = `DELETE FROM oauth_token WHERE organization = $1 AND ordinal = $2`
	sqlDeleteOAuthTokensOfPeople  = `DELETE FROM oauth_token WHERE organization = $1 AND ordinal IN (%s)`

	sqlSelectOAuthRedirects = `SELECT uri FROM oauth_redirect WHERE organization = $1 AND app_id = $2 ORDER BY uri`
	sqlDeleteOAuthRedirects = `DELETE FROM oauth_redirect WHERE organization = $1 AND app_id = $2`
	sqlInsertOAuthRedirect  = `INSERT INTO oauth_redirect (organization, app_id, uri) VALUES ($1, $2, $3)`
)

// insertOAuthToken stores a sign-in, and removes those of its person that are over or,
// of the same app, too many.
func insertOAuthToken(ctx context.Context, tx engine.Querier, t oauth.Token, most int) error {
	now, ordinal := t.CreatedAt.UnixMilli(), int64(t.Ordinal)
	if _, err := tx.ExecContext(ctx, sqlDeleteOAuthTokensOver, t.Organization, ordinal, now); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, sqlDeleteOAuthTokensBeyond, t.Organization, ordinal, t.AppID, most-1); err != nil {
		return err
	}
	var to encoder
	return to.exec(ctx, tx, sqlInsertOAuthToken, []any{
		t.Organization, t.ID, ordinal, t.AppID, to.json(t.Told), t.Hash[:], t.ExpiresAt.UnixMilli(), t.Refresh[:], t.RefreshEndsAt.UnixMilli(),
		t.Before[:], now,
	})
}

func (s *oauthStore) Token(ctx context.Context, organization int64, id string) (oauth.Token, bool, error) {
	t := oauth.Token{Organization: organization, ID: id}
	var asked, granted []string
	into := append([]any{
		&t.Ordinal, &t.AppID, asJSON(&t.Told), (*hash)(&t.Hash), (*millis)(&t.ExpiresAt), (*hash)(&t.Refresh), (*millis)(&t.RefreshEndsAt),
		(*hash)(&t.Before), (*millis)(&t.CreatedAt), &t.Userid,
	}, clientInto(&t.Client, &asked, &granted)...)
	found, err := readRow(ctx, s.db.read(), sqlSelectOAuthToken, into, organization, id)
	t.Client.Scopes = app.GrantedScopes(asked, granted)
	return t, found, s.db.toFault(err)
}

func (s *oauthStore) Renew(ctx context.Context, t oauth.Token) (renewed bool, err error) {
	err = s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		if err := s.lockSignIn(ctx, tx, &t.Client, t.Ordinal); err != nil {
			return err
		}
		n, err := affected(tx.ExecContext(ctx, sqlUpdateOAuthTokenRenewed, t.Organization, t.ID, t.Before[:], t.Hash[:], t.ExpiresAt.UnixMilli(),
			t.Refresh[:], t.RefreshEndsAt.UnixMilli()))
		if renewed = n > 0; err != nil || renewed {
			return err
		}
		_, err = tx.ExecContext(ctx, sqlDeleteOAuthToken, t.Organization, t.ID) // two have the refresh token
		return err
	})
	return gone(renewed, err)
}

func (s *oauthStore) EndToken(ctx context.Context, organization int64, id string) error {
	return s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		_, err := tx.ExecContext(ctx, sqlDeleteOAuthToken, organization, id)
		return err
	})
}

func (s *oauthStore) RedirectURIs(ctx context.Context, organization, appID int64) ([]string, error) {
	list, err := readRows(ctx, s.db.read(), sqlSelectOAuthRedirects, textInto, organization, appID)
	return append([]string{}, list...), s.db.toFault(err)
}

// textInto is where the only column goes, a text.
func textInto(t *string) []any { return []any{t} }

func (s *oauthStore) ChangeRedirectURIs(
	ctx context.Context, organization, appID int64, e audit.Entry, change func([]string) ([]string, error),
) (list []string, err error) {
	err = s.db.administer(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		if err := s.db.lockApp(ctx, tx, organization, appID); err != nil {
			return nil, err
		}
		before, err := readRows(ctx, tx, sqlSelectOAuthRedirects, textInto, organization, appID)
		if err != nil {
			return nil, err
		}
		if list, err = change(slices.Clone(before)); err != nil || slices.Equal(before, list) {
			return nil, err
		}
		if _, err := tx.ExecContext(ctx, sqlDeleteOAuthRedirects, organization, appID); err != nil {
			return nil, err
		}
		for _, uri := range list {
			if _, err := tx.ExecContext(ctx, sqlInsertOAuthRedirect, organization, appID, uri); err != nil {
				return nil, err
			}
		}
		return ofApp(ctx, tx, appID, e)
	})
	return list, err
}
