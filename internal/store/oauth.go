package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/oauth"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// OAuth stores what it takes to sign people in to programs.
func (d *DB) OAuth() oauth.Store { return &oauthStore{d} }

type oauthStore struct{ db *DB }

const (
	programColumns = `a.organization, a.id, a.kind, a.app_key, a.name`
	clientColumns  = programColumns + `, g.organization, g.id, a.scopes, g.scopes, g.range_everyone, g.range_dept_ids, g.range_userids`
	// programOf are the apps a in use; clientOf are those of them that an installation g,
	// in use, is of. Both organizations have to be.
	programOf = ` JOIN organization o ON o.id = a.organization AND o.disabled_at IS NULL WHERE a.disabled_at IS NULL`
	clientOf  = ` JOIN organization r ON r.id = g.organization AND r.disabled_at IS NULL
		JOIN app a ON a.organization = g.app_organization AND a.id = g.app_id` + programOf + ` AND g.disabled_at IS NULL`

	sqlSelectProgram      = `SELECT ` + programColumns + ` FROM app a` + programOf + ` AND a.app_key = $1`
	sqlSelectClient       = `SELECT ` + clientColumns + ` FROM agent g` + clientOf + ` AND g.app_organization = $1 AND g.app_id = $2 AND g.organization = $3`
	sqlSelectClientStands = `SELECT g.id FROM agent g` + clientOf + ` AND g.app_organization = $1 AND g.app_id = $2 AND g.organization = $3`

	sqlSelectOAuthGrant = `SELECT redirect_uri, told, created_at FROM oauth_grant WHERE organization = $1 AND ordinal = $2 AND app_id = $3`
	// An organization has few installations; + 0 keeps SQLite from looking for the app
	// among those of every provider.
	sqlSelectOAuthGrants = `SELECT t.app_id, t.redirect_uri, t.told, t.created_at, a.name FROM oauth_grant t
		JOIN agent g ON g.organization = t.organization AND g.app_id + 0 = t.app_id
		JOIN app a ON a.organization = g.app_organization AND a.id = g.app_id
		WHERE t.organization = $1 AND t.ordinal = $2 ORDER BY t.created_at DESC, t.app_id`
	sqlUpsertOAuthGrant = `INSERT INTO oauth_grant (organization, ordinal, app_id, redirect_uri, told, created_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (organization, ordinal, app_id) DO UPDATE SET redirect_uri = excluded.redirect_uri, told = excluded.told, created_at = excluded.created_at`
	sqlDeleteOAuthGrant = `DELETE FROM oauth_grant WHERE organization = $1 AND ordinal = $2 AND app_id = $3`

	sqlInsertOAuthCode = `INSERT INTO oauth_code (organization, id, ordinal, app_id, kind, redirect_uri, told, challenge, secret_hash, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
	sqlSelectOAuthCode = `SELECT t.ordinal, t.app_id, t.kind, t.redirect_uri, t.told, t.challenge, t.secret_hash, t.created_at, t.expires_at, t.used_at, e.userid
		FROM oauth_code t
		JOIN employee e ON e.organization = t.organization AND e.ordinal = t.ordinal AND e.disabled_at IS NULL AND e.deleted_at IS NULL
		WHERE t.organization = $1 AND t.id = $2`
	// The row's lock decides between two who use a code at the same time.
	sqlUpdateOAuthCodeUsed  = `UPDATE oauth_code SET used_at = $3 WHERE organization = $1 AND id = $2 AND expires_at > $3 AND used_at IS NULL`
	sqlSelectOAuthCodeUsed  = `SELECT 1 FROM oauth_code WHERE organization = $1 AND id = $2 AND used_at IS NOT NULL`
	sqlDeleteOAuthCodesOver = `DELETE FROM oauth_code WHERE organization = $1 AND ordinal = $2 AND expires_at <= $3`

	sqlDeleteOAuthCodesOfConsent = `DELETE FROM oauth_code WHERE organization = $1 AND ordinal = $2 AND app_id = $3`
	sqlDeleteOAuthCodesOfApp     = `DELETE FROM oauth_code WHERE organization = $1 AND app_id = $2`
	sqlDeleteOAuthCodesOfPerson  = `DELETE FROM oauth_code WHERE organization = $1 AND ordinal = $2`
	sqlDeleteOAuthCodesOfPeople  = `DELETE FROM oauth_code WHERE organization = $1 AND ordinal IN (%s)`
	sqlDeleteOAuthGrantsOfPerson = `DELETE FROM oauth_grant WHERE organization = $1 AND ordinal = $2`
	sqlDeleteOAuthGrantsOfPeople = `DELETE FROM oauth_grant WHERE organization = $1 AND ordinal IN (%s)`
)

// programInto is where programColumns go.
func programInto(p *oauth.Program) []any {
	return []any{&p.Provider, &p.AppID, asThirdParty(&p.ThirdParty), &p.Key, &p.Name}
}

// clientInto is where clientColumns go.
func clientInto(c *oauth.Client, asked, granted *[]string) []any {
	return append(programInto(&c.Program), &c.Organization, &c.AgentID, asJSON(asked), asJSON(granted),
		&c.Range.Everyone, asJSON(&c.Range.DeptIDs), asJSON(&c.Range.Userids))
}

func asThirdParty(into *bool) sql.Scanner {
	return column(func(b []byte) error {
		*into = string(b) == string(app.ThirdParty)
		return nil
	})
}

func (s *oauthStore) Program(ctx context.Context, key string) (p oauth.Program, err error) {
	if err := needRow(ctx, s.db.read(), appUnknown, sqlSelectProgram, programInto(&p), key); err != nil {
		return p, s.db.toFault(err)
	}
	p.RedirectURIs, err = s.RedirectURIs(ctx, p.Provider, p.AppID)
	return p, err
}

func (s *oauthStore) Client(ctx context.Context, p oauth.Program, organization int64) (c oauth.Client, err error) {
	var asked, granted []string
	err = needRow(ctx, s.db.read(), appUnknown, sqlSelectClient, clientInto(&c, &asked, &granted), p.Provider, p.AppID, organization)
	c.Scopes = app.GrantedScopes(asked, granted)
	return c, s.db.toFault(err)
}

func (s *oauthStore) Grant(ctx context.Context, organization int64, ordinal uint32, appID int64) (oauth.Grant, bool, error) {
	g := oauth.Grant{Organization: organization, Ordinal: ordinal, AppID: appID}
	into := []any{&g.RedirectURI, asJSON(&g.Told), (*millis)(&g.CreatedAt)}
	found, err := readRow(ctx, s.db.read(), sqlSelectOAuthGrant, into, organization, int64(ordinal), appID)
	return g, found, s.db.toFault(err)
}

func (s *oauthStore) Grants(ctx context.Context, organization int64, ordinal uint32) ([]oauth.Consent, error) {
	list, err := readRows(ctx, s.db.read(), sqlSelectOAuthGrants, func(c *oauth.Consent) []any {
		c.Organization, c.Ordinal = organization, ordinal
		return []any{&c.AppID, &c.RedirectURI, asJSON(&c.Told), (*millis)(&c.CreatedAt), &c.AppName}
	}, organization, int64(ordinal))
	return list, s.db.toFault(err)
}

// lockSignIn locks the two whose end ends sign-ins: the person, then the app, which may
// be another organization's. Whoever disables one of them, or the installation, removes
// what they find after that.
func (s *oauthStore) lockSignIn(ctx context.Context, tx engine.Querier, c *oauth.Client, ordinal uint32) error {
	if err := s.db.lockPerson(ctx, tx, c.Organization, ordinal); err != nil {
		return err
	}
	if err := s.db.lockApp(ctx, tx, c.Provider, c.AppID); err != nil {
		return err
	}
	return present(ctx, tx, appUnknown, sqlSelectClientStands, c.Provider, c.AppID, c.Organization)
}

func (s *oauthStore) Authorize(ctx context.Context, c oauth.Code, over time.Time) error {
	return s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		if err := s.lockSignIn(ctx, tx, &c.Client, c.Ordinal); err != nil {
			return err
		}
		var to encoder
		ordinal, told, now := int64(c.Ordinal), to.json(c.Told), c.CreatedAt.UnixMilli()
		if err := to.exec(ctx, tx, sqlUpsertOAuthGrant, []any{c.Organization, ordinal, c.AppID, c.RedirectURI, told, now}); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, sqlDeleteOAuthCodesOver, c.Organization, ordinal, over.UnixMilli()); err != nil {
			return err
		}
		return insertOAuthCode(ctx, tx, c)
	})
}

func insertOAuthCode(ctx context.Context, tx engine.Querier, c oauth.Code) error {
	var to encoder
	return to.exec(ctx, tx, sqlInsertOAuthCode, []any{
		c.Organization, c.ID, int64(c.Ordinal), c.AppID, c.Kind, c.RedirectURI, to.json(c.Told), c.Challenge,
		c.Hash[:], c.CreatedAt.UnixMilli(), c.ExpiresAt.UnixMilli(),
	})
}

func (s *oauthStore) Code(ctx context.Context, organization int64, id string) (oauth.Code, error) {
	c := oauth.Code{Grant: oauth.Grant{Organization: organization}, ID: id}
	into := []any{
		&c.Ordinal, &c.AppID, &c.Kind, &c.RedirectURI, asJSON(&c.Told), &c.Challenge, (*hash)(&c.Hash),
		(*millis)(&c.CreatedAt), (*millis)(&c.ExpiresAt), (*millis)(&c.UsedAt), &c.Userid,
	}
	missing := func() error { return fault.New(fault.CodeAuthCodeInvalid, "there is no such code").WithField("code") }
	return c, s.db.toFault(needRow(ctx, s.db.read(), missing, sqlSelectOAuthCode, into, organization, id))
}

func (s *oauthStore) UseCode(ctx context.Context, t oauth.Token, most int) (used bool, err error) {
	err = s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		used = false
		if err := s.lockSignIn(ctx, tx, &t.Client, t.Ordinal); err != nil {
			return err
		}
		now := t.CreatedAt.UnixMilli()
		n, err := affected(tx.ExecContext(ctx, sqlUpdateOAuthCodeUsed, t.Organization, t.ID, now))
		if err != nil {
			return err
		}
		if used = n > 0; !used { // seen twice, or too late
			return endReplayed(ctx, tx, t.Organization, t.ID)
		}
		return insertOAuthToken(ctx, tx, t, most)
	})
	return gone(used, err)
}

// endReplayed ends what came of a code that was used before.
func endReplayed(ctx context.Context, tx engine.Querier, organization int64, id string) error {
	before, err := readRow(ctx, tx, sqlSelectOAuthCodeUsed, []any{new(any)}, organization, id)
	if err == nil && before {
		_, err = tx.ExecContext(ctx, sqlDeleteOAuthToken, organization, id)
	}
	return err
}

// gone takes the end of a person or an app for an answer: what is asked for cannot be done.
func gone(done bool, err error) (bool, error) {
	var f *fault.Fault
	if errors.As(err, &f) && (f.Code == fault.CodeUserUnknown || f.Code == fault.CodeAppUnknown) {
		return false, nil
	}
	return done && err == nil, err
}

func (s *oauthStore) Withdraw(ctx context.Context, organization int64, ordinal uint32, appID int64) error {
	return s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		if err := s.db.lockPerson(ctx, tx, organization, ordinal); err != nil {
			return err
		}
		for _, statement := range []string{sqlDeleteOAuthTokensOfConsent, sqlDeleteOAuthCodesOfConsent, sqlDeleteOAuthGrant} {
			if _, err := tx.ExecContext(ctx, statement, organization, int64(ordinal), appID); err != nil {
				return err
			}
		}
		return nil
	})
}

// endSignInsOfApp ends the codes and tokens of an app in an organization. What people
// have allowed it stays.
func endSignInsOfApp(ctx context.Context, tx engine.Querier, organization, appID int64) error {
	for _, statement := range []string{sqlDeleteOAuthTokensOfApp, sqlDeleteOAuthCodesOfApp} {
		if _, err := tx.ExecContext(ctx, statement, organization, appID); err != nil {
			return err
		}
	}
	return nil
}
