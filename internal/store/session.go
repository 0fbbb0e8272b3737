package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	sqlSelectLinksByID = `SELECT t.id, t.ordinal, t.secret_hash, t.expires_at, CASE WHEN t.reusable = 0 THEN t.used_at END,
		CAST(NULL AS BIGINT), e.userid, e.name FROM sign_in_link t` + ofPerson
	// The row's lock decides between two who use a link at the same time.
	sqlUpdateLinkUsed = `UPDATE sign_in_link SET used_at = $3
		WHERE organization = $1 AND id = $2 AND expires_at > $3 AND reusable = 0 AND used_at IS NULL`
	sqlSelectLinkReusable = `SELECT 1 FROM sign_in_link WHERE organization = $1 AND id = $2 AND expires_at > $3 AND reusable = 1`
	sqlDeleteLinksOver    = `DELETE FROM sign_in_link WHERE organization = $1 AND (expires_at <= $2 OR reusable = 0 AND used_at IS NOT NULL)
		AND ordinal IN (%s)`

	sqlInsertSession = `INSERT INTO session (organization, id, ordinal, secret_hash, device, created_at, seen_at, expires_at, source_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	sqlDeleteSessionReplaced = `DELETE FROM session WHERE organization = $1 AND id = $2 AND secret_hash = $3`
	sqlDeleteSessionsOver    = `DELETE FROM session WHERE organization = $1 AND ordinal = $2 AND (expires_at <= $3 OR seen_at <= $4)`
	// Those beyond the most that may stay, the ones not used for the longest time.
	sqlDeleteSessionsBeyond = `DELETE FROM session WHERE organization = $1 AND ordinal = $2 AND id NOT IN (
		SELECT id FROM session WHERE organization = $1 AND ordinal = $2 ORDER BY seen_at DESC, created_at DESC, id LIMIT $3)`
	sqlSelectSessionsByID = `SELECT t.id, t.ordinal, t.secret_hash, t.expires_at, CAST(NULL AS BIGINT), t.seen_at, e.userid, e.name
		FROM session t` + ofPerson
	sqlSelectSessionsOfPerson = `SELECT id, device, created_at, seen_at FROM session
		WHERE organization = $1 AND ordinal = $2 AND expires_at > $3 AND seen_at > $4 ORDER BY created_at DESC, id`
	sqlDeleteSession          = `DELETE FROM session WHERE organization = $1 AND ordinal = $2 AND id = $3`
	sqlDeleteSessionsOfPerson = `DELETE FROM session WHERE organization = $1 AND ordinal = $2`
	sqlUpdateSessionSeen      = `UPDATE session SET seen_at = $3 WHERE organization = $1 AND id = $2 AND seen_at <= $4`
)

var sqlInsertLinks = &insert{
	into:    `INSERT INTO sign_in_link (organization, id, ordinal, secret_hash, reusable, created_at, expires_at) VALUES`,
	columns: 7,
}

func (s *accountStore) CreateSignInLink(ctx context.Context, l account.StoredLink, e audit.Entry) error {
	return s.db.administer(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		if err := s.db.lockPerson(ctx, tx, l.Organization, l.Ordinal); err != nil {
			return nil, err
		}
		over := []any{l.Organization, l.CreatedAt.UnixMilli()}
		if _, err := execIn(ctx, tx, sqlDeleteLinksOver, over, []int64{int64(l.Ordinal)}); err != nil {
			return nil, err
		}
		return []audit.Entry{e}, sqlInsertLinks.rows(ctx, tx, linkValues(l))
	})
}

func linkValues(l account.StoredLink) []any {
	return []any{
		l.Organization, l.ID, int64(l.Ordinal), l.Hash[:], flag(l.Reusable), l.CreatedAt.UnixMilli(), l.ExpiresAt.UnixMilli(),
	}
}

func (s *accountStore) CreateSignInLinks(
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
		if _, err := execIn(ctx, tx, sqlDeleteLinksOver, []any{organization, now}, ordinals); err != nil {
			return nil, err
		}
		values := make([]any, 0, len(links)*sqlInsertLinks.columns)
		left = left[:0]
		for _, l := range links {
			if !standing[int64(l.Ordinal)] {
				left = append(left, l.Ordinal)
				continue
			}
			values = append(values, linkValues(l)...)
		}
		if len(values) == 0 {
			return nil, nil
		}
		return entries, sqlInsertLinks.rows(ctx, tx, values)
	})
	return left, err
}

func (s *accountStore) SignInLinksByID(ctx context.Context, organization int64, ids []string) ([]account.Standing, error) {
	return s.standings(ctx, sqlSelectLinksByID, organization, ids)
}

// errLinkOver rolls back a sign-in whose link was used by somebody else.
var errLinkOver = errors.New("the link cannot be used")

func (s *accountStore) SignIn(
	ctx context.Context, n account.StoredSession, link string, replaces []account.Proof,
) (done, others bool, err error) {
	err = s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		if err := s.db.lockPerson(ctx, tx, n.Organization, n.Ordinal); err != nil {
			return err
		}
		now := n.CreatedAt.UnixMilli()
		if err := useLink(ctx, tx, n.Organization, link, now); err != nil {
			return err
		}
		ended, err := endOthers(ctx, tx, n, replaces)
		if err != nil {
			return err
		}
		if err := insertSession(ctx, tx, n); err != nil || ended == 0 {
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

func insertSession(ctx context.Context, tx engine.Querier, n account.StoredSession) error {
	_, err := tx.ExecContext(ctx, sqlInsertSession, n.Organization, n.ID, int64(n.Ordinal), n.Hash[:], n.Device,
		n.CreatedAt.UnixMilli(), n.SeenAt.UnixMilli(), n.ExpiresAt.UnixMilli(), n.SourceID)
	return err
}

func useLink(ctx context.Context, tx engine.Querier, organization int64, link string, now int64) error {
	if n, err := affected(tx.ExecContext(ctx, sqlUpdateLinkUsed, organization, link, now)); err != nil || n > 0 {
		return err
	}
	over := func() error { return errLinkOver }
	return present(ctx, tx, over, sqlSelectLinkReusable, organization, link, now)
}

// endOthers ends the sessions that a new one replaces, and those of its person that
// are over or too many. It returns how many had not been over.
func endOthers(ctx context.Context, tx engine.Querier, n account.StoredSession, replaces []account.Proof) (ended int64, err error) {
	for _, old := range replaces {
		one, err := affected(tx.ExecContext(ctx, sqlDeleteSessionReplaced, n.Organization, old.ID, old.Hash[:]))
		if err != nil {
			return 0, err
		}
		ended += one
	}
	now := n.CreatedAt
	if _, err := tx.ExecContext(ctx, sqlDeleteSessionsOver, n.Organization, int64(n.Ordinal), now.UnixMilli(), idleSince(now)); err != nil {
		return 0, err
	}
	many, err := affected(tx.ExecContext(ctx, sqlDeleteSessionsBeyond, n.Organization, int64(n.Ordinal), account.MaxSessions-1))
	return ended + many, err
}

// idleSince is the last use of a session that is over at a time.
func idleSince(at time.Time) int64 { return at.Add(-account.IdleLife).UnixMilli() }

func (s *accountStore) SessionsByID(ctx context.Context, organization int64, ids []string) ([]account.Standing, error) {
	return s.standings(ctx, sqlSelectSessionsByID, organization, ids)
}

func (s *accountStore) Sessions(ctx context.Context, organization int64, ordinal uint32, at time.Time) ([]account.Session, error) {
	sessions, err := readRows(ctx, s.db.read(), sqlSelectSessionsOfPerson, func(one *account.Session) []any {
		return []any{&one.ID, &one.Device, (*millis)(&one.CreatedAt), (*millis)(&one.SeenAt)}
	}, organization, int64(ordinal), at.UnixMilli(), idleSince(at))
	return sessions, s.db.toFault(err)
}

func (s *accountStore) EndSession(
	ctx context.Context, organization int64, ordinal uint32, id string, tell account.Told,
) (bool, error) {
	n, err := s.end(ctx, tell, sqlDeleteSession, organization, int64(ordinal), id)
	return n > 0, err
}

func (s *accountStore) EndSessions(ctx context.Context, organization int64, ordinal uint32, tell account.Told) (int, error) {
	n, err := s.end(ctx, tell, sqlDeleteSessionsOfPerson, organization, int64(ordinal))
	return int(n), err
}

func (s *accountStore) MarkSeen(ctx context.Context, seen []account.Seen) error {
	// In the order of keys: two nodes never wait for each other.
	seen = slices.SortedFunc(slices.Values(seen), func(a, b account.Seen) int {
		return cmp.Or(cmp.Compare(a.Organization, b.Organization), cmp.Compare(a.ID, b.ID))
	})
	return s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		for _, one := range seen {
			since := one.At.Add(-account.SeenEvery).UnixMilli()
			if _, err := tx.ExecContext(ctx, sqlUpdateSessionSeen, one.Organization, one.ID, one.At.UnixMilli(), since); err != nil {
				return err
			}
		}
		return nil
	})
}
