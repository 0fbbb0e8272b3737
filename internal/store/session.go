package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	linkInsert = `INSERT INTO sign_in_link (organization, id, ordinal, secret_hash, reusable, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`
	linksOver = `DELETE FROM sign_in_link WHERE organization = $1 AND ordinal = $2
		AND (expires_at <= $3 OR reusable = 0 AND used_at IS NOT NULL)`
	linksByID = `SELECT t.id, t.ordinal, t.secret_hash, t.expires_at, CASE WHEN t.reusable = 0 THEN t.used_at END,
		CAST(NULL AS BIGINT), e.userid, e.name FROM sign_in_link t` + ofPerson
	// The row's lock decides between two who use a link at the same time.
	linkUse = `UPDATE sign_in_link SET used_at = $3
		WHERE organization = $1 AND id = $2 AND expires_at > $3 AND reusable = 0 AND used_at IS NULL`
	linkReusable = `SELECT 1 FROM sign_in_link WHERE organization = $1 AND id = $2 AND expires_at > $3 AND reusable = 1`

	sessionInsert = `INSERT INTO session (organization, id, ordinal, secret_hash, device, created_at, seen_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	sessionReplace = `DELETE FROM session WHERE organization = $1 AND id = $2 AND secret_hash = $3`
	sessionsOver   = `DELETE FROM session WHERE organization = $1 AND ordinal = $2 AND (expires_at <= $3 OR seen_at <= $4)`
	// Those beyond the most that may stay, the ones not used for the longest time.
	sessionsMany = `DELETE FROM session WHERE organization = $1 AND ordinal = $2 AND id NOT IN (
		SELECT id FROM session WHERE organization = $1 AND ordinal = $2 ORDER BY seen_at DESC, created_at DESC, id LIMIT $3)`
	sessionsByID = `SELECT t.id, t.ordinal, t.secret_hash, t.expires_at, CAST(NULL AS BIGINT), t.seen_at, e.userid, e.name
		FROM session t` + ofPerson
	sessionsOf = `SELECT id, device, created_at, seen_at FROM session
		WHERE organization = $1 AND ordinal = $2 AND expires_at > $3 AND seen_at > $4 ORDER BY created_at DESC, id`
	sessionEnd  = `DELETE FROM session WHERE organization = $1 AND ordinal = $2 AND id = $3`
	sessionsEnd = `DELETE FROM session WHERE organization = $1 AND ordinal = $2`
	sessionSeen = `UPDATE session SET seen_at = $3 WHERE organization = $1 AND id = $2 AND seen_at <= $4`
)

// CreateSignInLink stores a link; see account.Store.
func (s *Accounts) CreateSignInLink(ctx context.Context, l account.StoredLink, e audit.Entry) error {
	return s.db.administer(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		if err := s.db.lockPerson(ctx, tx, l.Organization, l.Ordinal); err != nil {
			return nil, err
		}
		now := l.CreatedAt.UnixMilli()
		if _, err := tx.ExecContext(ctx, linksOver, l.Organization, int64(l.Ordinal), now); err != nil {
			return nil, err
		}
		_, err := tx.ExecContext(ctx, linkInsert, l.Organization, l.ID, int64(l.Ordinal), l.Hash[:], flag(l.Reusable), now, l.ExpiresAt.UnixMilli())
		return []audit.Entry{e}, err
	})
}

var linkRows = insert{
	columns: 7, into: `INSERT INTO sign_in_link (organization, id, ordinal, secret_hash, reusable, created_at, expires_at) VALUES`,
}

const linksOverOf = `DELETE FROM sign_in_link WHERE organization = $1 AND (expires_at <= $2 OR reusable = 0 AND used_at IS NOT NULL)
	AND ordinal IN (%s)`

// CreateSignInLinks stores links of many; see account.Store.
func (s *Accounts) CreateSignInLinks(
	ctx context.Context, links []account.StoredLink, entries []audit.Entry,
) (left []uint32, err error) {
	if len(links) == 0 {
		return nil, nil
	}
	organization, now := links[0].Organization, links[0].CreatedAt.UnixMilli()
	ordinals := make([]int64, len(links))
	for i, l := range links {
		ordinals[i] = int64(l.Ordinal)
	}
	err = s.db.administer(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		standing, err := s.db.lockPeople(ctx, tx, organization, ordinals)
		if err != nil {
			return nil, err
		}
		err = eachIn(ordinals, 3, func(list string, args []any) error {
			_, err := tx.ExecContext(ctx, fmt.Sprintf(linksOverOf, list), append([]any{organization, now}, args...)...)
			return err
		})
		if err != nil {
			return nil, err
		}
		values := make([]any, 0, len(links)*linkRows.columns)
		left = left[:0]
		for _, l := range links {
			if !standing[int64(l.Ordinal)] {
				left = append(left, l.Ordinal)
				continue
			}
			values = append(values, organization, l.ID, int64(l.Ordinal), l.Hash[:], flag(l.Reusable), now, l.ExpiresAt.UnixMilli())
		}
		if len(values) == 0 {
			return nil, nil
		}
		return entries, linkRows.rows(ctx, tx, values)
	})
	return left, err
}

// SignInLinksByID returns links with their people; see account.Store.
func (s *Accounts) SignInLinksByID(ctx context.Context, organization int64, ids []string) ([]account.Standing, error) {
	return s.standings(ctx, linksByID, organization, ids)
}

// errLinkOver rolls back a sign-in whose link was used by somebody else.
var errLinkOver = errors.New("the link cannot be used")

// SignIn uses a link and begins a session; see account.SessionStore.
func (s *Accounts) SignIn(ctx context.Context, n account.StoredSession, link string, replaces []account.Proof) (done, others bool, err error) {
	err = s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		if err := s.db.lockPerson(ctx, tx, n.Organization, n.Ordinal); err != nil {
			return err
		}
		now := n.CreatedAt.UnixMilli()
		if err := useLink(ctx, tx, n.Organization, link, now); err != nil {
			return err
		}
		var ended int64
		for _, old := range replaces {
			one, err := affected(tx.ExecContext(ctx, sessionReplace, n.Organization, old.ID, old.Hash[:]))
			if err != nil {
				return err
			}
			ended += one
		}
		if _, err := tx.ExecContext(ctx, sessionsOver, n.Organization, int64(n.Ordinal), now, idleSince(n.CreatedAt)); err != nil {
			return err
		}
		many, err := affected(tx.ExecContext(ctx, sessionsMany, n.Organization, int64(n.Ordinal), account.MaxSessions-1))
		if err != nil {
			return err
		}
		ended += many
		_, err = tx.ExecContext(ctx, sessionInsert, n.Organization, n.ID, int64(n.Ordinal), n.Hash[:], n.Device,
			now, n.SeenAt.UnixMilli(), n.ExpiresAt.UnixMilli())
		if err != nil || ended == 0 {
			return err
		}
		others = true
		return advanceEndings(ctx, tx)
	})
	if errors.Is(err, errLinkOver) || fault.Is(err, fault.CodeUserUnknown) {
		return false, false, nil
	}
	return err == nil, others, err
}

func useLink(ctx context.Context, tx engine.Querier, organization int64, link string, now int64) error {
	if n, err := affected(tx.ExecContext(ctx, linkUse, organization, link, now)); err != nil || n > 0 {
		return err
	}
	return present(ctx, tx, func() error { return errLinkOver }, linkReusable, organization, link, now)
}

// idleSince is the last use of a session that is over at a time.
func idleSince(at time.Time) int64 { return at.Add(-account.IdleLife).UnixMilli() }

// SessionsByID returns sessions with their people; see account.SessionStore.
func (s *Accounts) SessionsByID(ctx context.Context, organization int64, ids []string) ([]account.Standing, error) {
	return s.standings(ctx, sessionsByID, organization, ids)
}

// Sessions returns a person's sessions; see account.SessionStore.
func (s *Accounts) Sessions(ctx context.Context, organization int64, ordinal uint32, at time.Time) ([]account.Session, error) {
	var sessions []account.Session
	err := eachRow(ctx, s.db.read(), sessionsOf, func(rows *sql.Rows) error {
		var one account.Session
		var created, seen int64
		if err := rows.Scan(&one.ID, &one.Device, &created, &seen); err != nil {
			return err
		}
		one.CreatedAt, one.SeenAt = fromMillis(created), fromMillis(seen)
		sessions = append(sessions, one)
		return nil
	}, organization, int64(ordinal), at.UnixMilli(), idleSince(at))
	return sessions, s.db.explain(err)
}

// EndSession removes a person's session; see account.SessionStore.
func (s *Accounts) EndSession(
	ctx context.Context, organization int64, ordinal uint32, id string, tell account.Told,
) (bool, error) {
	n, err := s.end(ctx, tell, sessionEnd, organization, int64(ordinal), id)
	return n > 0, err
}

// EndSessions removes a person's sessions; see account.SessionStore.
func (s *Accounts) EndSessions(ctx context.Context, organization int64, ordinal uint32, tell account.Told) (int, error) {
	n, err := s.end(ctx, tell, sessionsEnd, organization, int64(ordinal))
	return int(n), err
}

// MarkSeen notes when sessions were used; see account.SessionStore.
func (s *Accounts) MarkSeen(ctx context.Context, seen []account.Seen) error {
	// In the order of keys: two nodes never wait for each other.
	seen = slices.SortedFunc(slices.Values(seen), func(a, b account.Seen) int {
		return cmp.Or(cmp.Compare(a.Organization, b.Organization), cmp.Compare(a.ID, b.ID))
	})
	return s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		for _, one := range seen {
			_, err := tx.ExecContext(ctx, sessionSeen, one.Organization, one.ID, one.At.UnixMilli(), one.At.Add(-account.SeenEvery).UnixMilli())
			if err != nil {
				return err
			}
		}
		return nil
	})
}
