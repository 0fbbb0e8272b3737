package store

import (
	"context"
	"errors"
	"strings"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/signin"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	// personColumns tell of the person e, and whether they have an identity of the
	// source $2.
	personColumns = `e.ordinal, e.userid, e.name, e.roles, CASE WHEN e.disabled_at IS NULL THEN 0 ELSE 1 END, e.email,
		CASE WHEN EXISTS (SELECT 1 FROM identity i WHERE i.organization = e.organization AND i.ordinal = e.ordinal AND i.source_id = $2) THEN 1 ELSE 0 END`
	personOf = personColumns + ` FROM employee e WHERE e.organization = $1 AND e.deleted_at IS NULL`

	sqlSelectLinkedPerson = `SELECT ` + personColumns + ` FROM identity t
		JOIN employee e ON e.organization = t.organization AND e.ordinal = t.ordinal AND e.deleted_at IS NULL
		WHERE t.organization = $1 AND t.source_id = $2 AND t.subject = $3`
	// Two are enough to know that it is not one.
	sqlSelectFoundByUserid    = `SELECT ` + personOf + ` AND e.userid IN (%s) LIMIT 2`
	sqlSelectFoundByJobNumber = `SELECT ` + personOf + ` AND e.job_number <> '' AND e.job_number IN (%s) LIMIT 2`
	sqlSelectFoundByEmail     = `SELECT ` + personOf + ` AND e.email <> '' AND lower(e.email) IN (%s) LIMIT 2`
	sqlSelectFoundByMobile    = `SELECT ` + personOf + ` AND e.mobile <> ''
		AND replace(replace(replace(replace(replace(replace(replace(replace(e.mobile, '+', ''), '-', ''), '(', ''), ')', ''), ' ', ''), '.', ''), '·', ''), '/', '') IN (%s) LIMIT 2`
	sqlSelectPersonToLink = `SELECT ` + personOf + ` AND e.ordinal = $3`
	// Whoever deletes or disables somebody, or changes their roles, holds their row too.
	sqlLockPersonThere = `SELECT ordinal FROM employee WHERE organization = $1 AND ordinal = $2 AND deleted_at IS NULL`

	sqlInsertSignInDone = `INSERT INTO sign_in_done (organization, state_hash, until) VALUES ($1, $2, $3) ON CONFLICT (organization, state_hash) DO NOTHING`

	sqlInsertIdentity = `INSERT INTO identity (organization, source_id, subject, ordinal, linked_at, linked_by, used_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`
	sqlUpdateIdentityUsed = `UPDATE identity SET used_at = $4 WHERE organization = $1 AND source_id = $2 AND subject = $3`

	sqlUpsertWaiting = `INSERT INTO waiting_identity (organization, source_id, subject, shown, ref, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (organization, source_id, subject) DO UPDATE SET shown = excluded.shown, at = excluded.at`
	sqlSelectWaitingRef = `SELECT ref FROM waiting_identity WHERE organization = $1 AND source_id = $2 AND subject = $3`
	sqlDeleteWaiting    = `DELETE FROM waiting_identity WHERE organization = $1 AND source_id = $2 AND subject = $3`
)

var lookups = map[signin.Field]string{
	signin.Userid: sqlSelectFoundByUserid, signin.JobNumber: sqlSelectFoundByJobNumber,
	signin.Email: sqlSelectFoundByEmail, signin.Mobile: sqlSelectFoundByMobile,
}

func personInto(p *signin.Person) []any {
	roles := column(func(b []byte) error {
		p.Roles = strings.Split(string(b), ",")
		return nil
	})
	return []any{&p.Ordinal, &p.Userid, &p.Name, roles, &p.Disabled, &p.Email, &p.Linked}
}

func (s *signInStore) WouldFind(
	ctx context.Context, organization int64, sourceID, subject string, l signin.Lookup,
) (*signin.Person, []signin.Person, error) {
	linked, found, err := findPerson(ctx, s.db.read(), organization, sourceID, subject, l)
	return linked, found, s.db.toFault(err)
}

// findPerson returns whose an identity is or, where it is nobody's, whom a lookup finds.
func findPerson(
	ctx context.Context, q engine.Querier, organization int64, sourceID, subject string, l signin.Lookup,
) (linked *signin.Person, found []signin.Person, err error) {
	var p signin.Person
	known, err := readRow(ctx, q, sqlSelectLinkedPerson, personInto(&p), organization, sourceID, subject)
	if err != nil || known {
		return &p, nil, err
	}
	if l.Field == "" {
		return nil, nil, nil
	}
	err = readEachIn(ctx, q, lookups[l.Field], []any{organization, sourceID}, l.Values, personInto(&p), func() error {
		found = append(found, p)
		return nil
	})
	return nil, found, err
}

// errOthers rolls back an arrival that found other people once it had locked the first.
func errOthers() error { return fault.New(fault.CodeBusy, "the people are being changed, try again") }

// contact reads who somebody is who arrives, and locks the one person that it may be.
func (s *signInStore) contact(ctx context.Context, tx engine.Querier, a signin.Arrival) (c signin.Contact, err error) {
	source, err := s.one(ctx, tx, sqlLockSource+s.db.engine.RowShare(), a.Organization, a.SourceID)
	if fault.Is(err, fault.CodeNotFound) || err == nil && source.State != signin.On {
		return c, signin.Expired()
	}
	if err != nil {
		return c, err
	}
	c.Source = source.Source
	first, err := s.lookOnce(ctx, tx, a, &c)
	if err != nil || first == nil {
		return c, err
	}
	if _, err := readRow(ctx, tx, sqlLockPersonThere+s.db.engine.RowLock(), []any{new(any)}, a.Organization, int64(first.Ordinal)); err != nil {
		return c, err
	}
	again, err := s.lookOnce(ctx, tx, a, &c) // as it is now that nobody changes it
	if err == nil && (again == nil || again.Ordinal != first.Ordinal) {
		err = errOthers()
	}
	return c, err
}

// lookOnce returns the one person whom somebody may be, nil for none or several.
func (s *signInStore) lookOnce(ctx context.Context, tx engine.Querier, a signin.Arrival, c *signin.Contact) (one *signin.Person, err error) {
	if c.Linked, c.Found, err = findPerson(ctx, tx, a.Organization, a.SourceID, a.Subject, a.Lookup); err != nil {
		return nil, err
	}
	if c.Linked == nil && len(c.Found) == 1 {
		return &c.Found[0], nil
	}
	return c.Linked, nil
}

func (s *signInStore) Arrive(
	ctx context.Context, a signin.Arrival, decide func(signin.Contact) (signin.Decision, error),
) (out signin.Outcome, err error) {
	err = s.db.administer(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		out = signin.Outcome{}
		c, err := s.contact(ctx, tx, a)
		if err != nil {
			return nil, err
		}
		if err := useState(ctx, tx, a); err != nil {
			return nil, err
		}
		d, err := decide(c)
		if err != nil {
			return nil, err
		}
		if d.Person == nil {
			out.Ref, err = s.wait(ctx, tx, a)
			return d.Entries, err
		}
		out.Person = d.Person
		out.Ended, err = s.enter(ctx, tx, a, d)
		return d.Entries, err
	}, when(&out.Ended, advanceEndings))
	if err != nil {
		return signin.Outcome{}, err
	}
	return out, nil
}

// useState fails for a state that was used.
func useState(ctx context.Context, tx engine.Querier, a signin.Arrival) error {
	n, err := affected(tx.ExecContext(ctx, sqlInsertSignInDone, a.Organization, a.StateHash[:], a.Until.UnixMilli()))
	if err != nil {
		return err
	}
	if n == 0 {
		return signin.Expired()
	}
	return nil
}

// wait keeps somebody for an administrator to link.
func (s *signInStore) wait(ctx context.Context, tx engine.Querier, a signin.Arrival) (ref string, err error) {
	w := a.Waiting
	if _, err := tx.ExecContext(ctx, sqlUpsertWaiting, a.Organization, a.SourceID, a.Subject, w.Shown, w.Ref, a.At.UnixMilli()); err != nil {
		return "", err
	}
	missing := func() error { return errors.New("store: who waits is not there") }
	err = needRow(ctx, tx, missing, sqlSelectWaitingRef, []any{&ref}, a.Organization, a.SourceID, a.Subject)
	return ref, err
}

// enter links a person if they are to be, and begins their session.
func (s *signInStore) enter(ctx context.Context, tx engine.Querier, a signin.Arrival, d signin.Decision) (ended bool, err error) {
	if d.Link {
		i := identity{a.Organization, a.SourceID, a.Subject, d.Person.Ordinal}
		if err := s.link(ctx, tx, i, a.At.UnixMilli(), audit.Person(a.Organization, d.Person.Ordinal)); err != nil {
			return false, err
		}
	}
	if _, err := tx.ExecContext(ctx, sqlUpdateIdentityUsed, a.Organization, a.SourceID, a.Subject, a.At.UnixMilli()); err != nil {
		return false, err
	}
	n, err := endOthers(ctx, tx, d.Session, a.Replaces)
	if err != nil {
		return false, err
	}
	return n > 0, insertSession(ctx, tx, d.Session)
}
