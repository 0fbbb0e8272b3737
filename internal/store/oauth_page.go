package store

import (
	"context"
	"time"

	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/oauth"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	// pageOf leads from an installation g, in use, to its app.
	pageOf = ` FROM agent g
		JOIN organization o ON o.id = g.organization AND o.disabled_at IS NULL
		JOIN app a ON a.organization = g.app_organization AND a.id = g.app_id AND a.disabled_at IS NULL
		WHERE g.organization = $1 AND g.id = $2 AND g.disabled_at IS NULL`

	sqlSelectPage       = `SELECT a.id, a.organization, a.app_key, a.page_url, g.range_everyone, g.range_dept_ids, g.range_userids` + pageOf
	sqlSelectPageStands = `SELECT g.app_organization, g.app_id` + pageOf

	// The row's end decides between two who spend a code at the same time.
	sqlDeleteOAuthCodeSpent = `DELETE FROM oauth_code WHERE organization = $1 AND id = $2 AND expires_at > $3`
	sqlDeleteOAuthOperation = `DELETE FROM oauth_code WHERE organization = $1 AND id = $2 AND app_id = $3 AND kind = $4 AND secret_hash = $5 AND expires_at > $6`
)

func (s *oauthStore) Page(ctx context.Context, organization, agentID int64) (p oauth.Page, err error) {
	into := []any{&p.AppID, &p.Provider, &p.Key, &p.URL, &p.Range.Everyone, asJSON(&p.Range.DeptIDs), asJSON(&p.Range.Userids)}
	return p, s.db.toFault(needRow(ctx, s.db.read(), agentUnknown, sqlSelectPage, into, organization, agentID))
}

func (s *oauthStore) AddPageCode(ctx context.Context, c oauth.Code, agentID int64, over time.Time) error {
	return s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		if err := s.lockPage(ctx, tx, c.Organization, c.Ordinal, agentID); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, sqlDeleteOAuthCodesOver, c.Organization, int64(c.Ordinal), over.UnixMilli()); err != nil {
			return err
		}
		return insertOAuthCode(ctx, tx, c)
	})
}

// lockPage is lockSignIn for the page of an installation, whose app may be another
// organization's.
func (s *oauthStore) lockPage(ctx context.Context, tx engine.Querier, organization int64, ordinal uint32, agentID int64) error {
	if err := s.db.lockPerson(ctx, tx, organization, ordinal); err != nil {
		return err
	}
	var provider, appID int64
	into := []any{&provider, &appID}
	if err := needRow(ctx, tx, agentUnknown, sqlSelectPageStands, into, organization, agentID); err != nil {
		return err
	}
	if err := s.db.lockApp(ctx, tx, provider, appID); err != nil {
		return err
	}
	return needRow(ctx, tx, agentUnknown, sqlSelectPageStands, into, organization, agentID) // it may have ended before the lock was had
}

// SpendCode needs no other lock than that of the code's row: whatever ends a person or an
// app removes their codes.
func (s *oauthStore) SpendCode(ctx context.Context, organization int64, id string, at time.Time) (spent bool, err error) {
	err = s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		n, err := affected(tx.ExecContext(ctx, sqlDeleteOAuthCodeSpent, organization, id, at.UnixMilli()))
		spent = n > 0
		return err
	})
	return spent && err == nil, err
}

// SpendOperation is SpendCode in the transaction in which a send is decided.
func (t *taskTx) SpendOperation(ctx context.Context, organization, appID int64, o notify.Operation, at time.Time) (bool, error) {
	n, err := affected(t.tx.ExecContext(ctx, sqlDeleteOAuthOperation, organization, o.ID, appID, oauth.OperateCode, o.Hash[:], at.UnixMilli()))
	return n > 0, err
}
