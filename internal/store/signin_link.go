package store

import (
	"context"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/signin"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	waitingColumns = `w.source_id, s.name, w.subject, w.shown, w.ref, w.at FROM waiting_identity w
		JOIN sign_in_source s ON s.organization = w.organization AND s.id = w.source_id`

	sqlSelectWaiting = `SELECT ` + waitingColumns + ` WHERE w.organization = $1 AND w.at >= $2 AND (w.at, w.ref) < ($3, $4)
		ORDER BY w.at DESC, w.ref DESC LIMIT $5`
	sqlSelectWaitingByRef = `SELECT ` + waitingColumns + ` WHERE w.organization = $1 AND w.ref = $2 AND w.at >= $3`

	sqlSelectIdentitiesOfPerson = `SELECT i.source_id, s.name, i.subject, i.ordinal, i.linked_at, i.used_at FROM identity i
		JOIN sign_in_source s ON s.organization = i.organization AND s.id = i.source_id
		WHERE i.organization = $1 AND i.ordinal = $2 ORDER BY i.source_id`
	sqlDeleteIdentity           = `DELETE FROM identity WHERE organization = $1 AND ordinal = $2 AND source_id = $3`
	sqlDeleteIdentitiesOfPeople = `DELETE FROM identity WHERE organization = $1 AND ordinal IN (%s)`
	sqlDeleteIdentitiesOfPerson = `DELETE FROM identity WHERE organization = $1 AND ordinal = $2`
	sqlDeleteSessionsOfIdentity = `DELETE FROM session WHERE organization = $1 AND source_id = $2 AND ordinal = $3 AND source_id <> ''`
)

func waitingInto(w *signin.Waiting) []any {
	return []any{&w.SourceID, &w.Source, &w.Subject, &w.Shown, &w.Ref, (*millis)(&w.At)}
}

func (s *signInStore) Waiting(
	ctx context.Context, organization int64, since time.Time, before signin.Waiting, limit int,
) ([]signin.Waiting, error) {
	at := int64(1) << 62 // later than all
	if !before.At.IsZero() {
		at = before.At.UnixMilli()
	}
	all, err := readRows(ctx, s.db.read(), sqlSelectWaiting, waitingInto, organization, since.UnixMilli(), at, before.Ref, limit)
	return all, s.db.toFault(err)
}

func (s *signInStore) Identities(ctx context.Context, organization int64, ordinal uint32) ([]signin.Linked, error) {
	all, err := readRows(ctx, s.db.read(), sqlSelectIdentitiesOfPerson, func(l *signin.Linked) []any {
		return []any{&l.SourceID, &l.Source, &l.Subject, &l.Ordinal, (*millis)(&l.LinkedAt), (*millis)(&l.UsedAt)}
	}, organization, int64(ordinal))
	return all, s.db.toFault(err)
}

// identity is a row of that table, without its times.
type identity struct {
	organization      int64
	sourceID, subject string
	ordinal           uint32
}

// link makes an identity somebody's, and nobody waits with it any more. Where another
// transaction was faster, it is to be asked again what there is now.
func (s *signInStore) link(ctx context.Context, tx engine.Querier, i identity, at int64, by audit.Actor) error {
	text, err := by.MarshalText()
	if err != nil {
		return err
	}
	n, err := affected(tx.ExecContext(ctx, sqlInsertIdentity, i.organization, i.sourceID, i.subject, int64(i.ordinal), at, string(text), nil))
	if err != nil {
		return err
	}
	if n == 0 {
		return errOthers()
	}
	_, err = tx.ExecContext(ctx, sqlDeleteWaiting, i.organization, i.sourceID, i.subject)
	return err
}

// person locks somebody who is not deleted, and returns how they stand to a source.
func (s *signInStore) person(ctx context.Context, tx engine.Querier, organization int64, sourceID string, ordinal uint32) (p signin.Person, err error) {
	missing := func() error { return fault.New(fault.CodeUserUnknown, "there is no such user").WithField("userid") }
	if err := present(ctx, tx, missing, sqlLockPersonThere+s.db.engine.RowLock(), organization, int64(ordinal)); err != nil {
		return p, err
	}
	err = needRow(ctx, tx, missing, sqlSelectPersonToLink, personInto(&p), organization, sourceID, int64(ordinal))
	return p, err
}

func (s *signInStore) Link(
	ctx context.Context, organization int64, ref string, since time.Time, ordinal uint32, at time.Time, by audit.By,
	allow func(signin.Waiting, signin.Person) ([]audit.Entry, error),
) error {
	return s.db.administer(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		missing := func() error { return fault.New(fault.CodeNotFound, "nobody waits with that code").WithField("ref") }
		var w signin.Waiting
		if err := needRow(ctx, tx, missing, sqlSelectWaitingByRef, waitingInto(&w), organization, ref, since.UnixMilli()); err != nil {
			return nil, err
		}
		// One who arrives with the same identity comes before this, or after it.
		if _, err := s.one(ctx, tx, sqlLockSource+s.db.engine.RowLock(), organization, w.SourceID); err != nil {
			return nil, err
		}
		if err := needRow(ctx, tx, missing, sqlSelectWaitingByRef, waitingInto(&w), organization, ref, since.UnixMilli()); err != nil {
			return nil, err
		}
		p, err := s.person(ctx, tx, organization, w.SourceID, ordinal)
		if err != nil {
			return nil, err
		}
		entries, err := allow(w, p)
		if err != nil {
			return nil, err
		}
		if p.Linked {
			return nil, fault.New(fault.CodeConflict, "the user is linked to another account of that source already: unlink it first").WithField("userid")
		}
		return entries, s.link(ctx, tx, identity{organization, w.SourceID, w.Subject, ordinal}, at.UnixMilli(), by.Actor)
	})
}

func (s *signInStore) Unlink(
	ctx context.Context, organization int64, sourceID string, ordinal uint32, allow func(signin.Person, signin.Counts) ([]audit.Entry, error),
) (ended bool, err error) {
	err = s.db.administer(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		ended = false
		p, err := s.person(ctx, tx, organization, sourceID, ordinal)
		if err != nil {
			return nil, err
		}
		c, err := s.counts(ctx, tx, organization, sourceID)
		if err != nil {
			return nil, err
		}
		entries, err := allow(p, c)
		if err != nil {
			return nil, err
		}
		n, err := affected(tx.ExecContext(ctx, sqlDeleteIdentity, organization, int64(ordinal), sourceID))
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, fault.New(fault.CodeNotFound, "the user is not linked to an account of that source")
		}
		n, err = affected(tx.ExecContext(ctx, sqlDeleteSessionsOfIdentity, organization, sourceID, int64(ordinal)))
		ended = n > 0
		return entries, err
	}, when(&ended, advanceEndings))
	return ended, err
}
