package store

import (
	"context"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/callback"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	// What third-party apps may hear of in an organization that has them installed.
	sqlSelectSuiteListeners = `SELECT c.organization, c.app_id, c.tags, g.range_everyone, g.range_dept_ids, g.range_userids, a.scopes, g.scopes FROM agent g
		JOIN callback c ON c.organization = g.app_organization AND c.app_id = g.app_id
		JOIN app a ON a.organization = g.app_organization AND a.id = g.app_id AND a.kind = 'third_party' AND a.disabled_at IS NULL
		WHERE g.organization = $1 AND g.disabled_at IS NULL`
	sqlSelectCallbackTags = `SELECT tags FROM callback WHERE organization = $1 AND app_id = $2`
	sqlLockDirectory      = `SELECT directory_revision FROM org_revision WHERE organization = $1`
	sqlSelectNextPart     = `SELECT COALESCE(MAX(part) + 1, 0) FROM callback_event
		WHERE organization = $1 AND app_id = $2 AND about = $3 AND revision = $4`
	sqlDeleteEventsOfInstallation = `DELETE FROM callback_event WHERE organization = $1 AND app_id = $2 AND about = $3 AND ids <> '[]'`

	sqlSelectTicketsDue = `SELECT c.organization, c.app_id FROM callback c
		JOIN app a ON a.organization = c.organization AND a.id = c.app_id AND a.disabled_at IS NULL
		JOIN organization o ON o.id = c.organization AND o.disabled_at IS NULL
		WHERE c.ticket_at <= $1`
	sqlSelectTicketDue   = `SELECT 1 FROM callback WHERE organization = $1 AND app_id = $2 AND ticket_at <= $3`
	sqlSelectTicketWaits = `SELECT 1 FROM callback_event
		WHERE organization = $1 AND app_id = $2 AND about = 0 AND given_up_at IS NULL LIMIT 1`
	sqlUpdateTicketTold = `UPDATE callback SET ticket_at = $3 WHERE organization = $1 AND app_id = $2 AND ticket_at IS NOT NULL`
)

// suiteListeners are the third-party apps that an organization lets read its contacts
// and that listen.
func suiteListeners(ctx context.Context, tx engine.Querier, organization int64) ([]callback.Listener, error) {
	type row struct {
		listener      callback.Listener
		asks, allowed []string
	}
	rows, err := readRows(ctx, tx, sqlSelectSuiteListeners, func(r *row) []any {
		l := &r.listener
		l.About = organization
		return []any{
			&l.Organization, &l.AppID, asJSON(&l.Tags), &l.Range.Everyone, asJSON(&l.Range.DeptIDs), asJSON(&l.Range.Userids),
			asJSON(&r.asks), asJSON(&r.allowed),
		}
	}, organization)
	var listeners []callback.Listener
	for _, r := range rows {
		k := app.Known{App: app.App{Kind: app.ThirdParty, Scopes: r.asks}, Agent: app.Agent{Scopes: r.allowed}}
		if slices.Contains(k.Granted().Scopes, app.ScopeContacts) {
			listeners = append(listeners, r.listener)
		}
	}
	return listeners, err
}

// fileOwnEvent writes what a third-party app is to hear of about itself, in the
// transaction that causes it and holds the app's row. About an organization it follows
// everything that its directory has told: the organization's row is locked, too.
func (d *DB) fileOwnEvent(ctx context.Context, tx engine.Querier, k callback.Key, event string, about int64, at time.Time) error {
	var tags []string
	listens, err := readRow(ctx, tx, sqlSelectCallbackTags, []any{asJSON(&tags)}, k.Organization, k.AppID)
	if err != nil || !listens {
		return err
	}
	var revision int64
	if about != 0 {
		if _, err := readRow(ctx, tx, sqlLockDirectory+d.engine.RowLock(), []any{&revision}, about); err != nil {
			return err
		}
	}
	e, told := callback.OwnEvent(k, tags, event, about, revision, at)
	if !told {
		return nil
	}
	if _, err := readRow(ctx, tx, sqlSelectNextPart, []any{&e.Part}, k.Organization, k.AppID, about, revision); err != nil {
		return err
	}
	values, err := eventValues(nil, e)
	if err != nil {
		return err
	}
	return sqlInsertEvents.rows(ctx, tx, values)
}

// fileTicket writes that a third-party app is to hear its ticket now, and when next.
func (d *DB) fileTicket(ctx context.Context, tx engine.Querier, k callback.Key, at time.Time) error {
	if err := d.fileOwnEvent(ctx, tx, k, callback.SuiteTicket, 0, at); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, sqlUpdateTicketTold, k.Organization, k.AppID, at.Add(callback.TicketEvery).UnixMilli())
	return err
}

// fileChanged writes what an installation's change is to its app.
func (d *DB) fileChanged(ctx context.Context, tx engine.Querier, before, after app.Agent) error {
	if after.UninstalledAt.IsZero() && !before.AllowedAs(after) {
		return d.fileOwnEvent(ctx, tx, keyOf(after), callback.SuiteChange, after.Organization, d.now())
	}
	return nil
}

// endInstallation forgets what an app that is uninstalled was to hear of an organization
// and could take its authorization with, and writes that it is over.
func (d *DB) endInstallation(ctx context.Context, tx engine.Querier, g app.Agent, at time.Time) error {
	k := keyOf(g)
	if err := d.fileOwnEvent(ctx, tx, k, callback.SuiteEnd, g.Organization, at); err != nil {
		return err
	}
	for _, statement := range []string{sqlDeleteEventsOfInstallation, sqlDeleteSuiteCodes} {
		if _, err := tx.ExecContext(ctx, statement, k.Organization, k.AppID, g.Organization); err != nil {
			return err
		}
	}
	return nil
}

// keyOf names the app of an installation.
func keyOf(g app.Agent) callback.Key {
	return callback.Key{Organization: g.AppOrganization, AppID: g.AppID}
}

func (s *callbackStore) TicketsDue(ctx context.Context, now time.Time) ([]callback.Key, error) {
	due, err := readRows(ctx, s.db.read(), sqlSelectTicketsDue, appKeyInto, now.UnixMilli())
	return due, s.db.toFault(err)
}

func (s *callbackStore) TellTicket(ctx context.Context, k callback.Key, now time.Time) error {
	return s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		if err := s.db.lockApp(ctx, tx, k.Organization, k.AppID); err != nil {
			return err
		}
		due, err := readRow(ctx, tx, sqlSelectTicketDue, []any{new(any)}, k.Organization, k.AppID, now.UnixMilli())
		if err != nil || !due {
			return err
		}
		waits, err := readRow(ctx, tx, sqlSelectTicketWaits, []any{new(any)}, k.Organization, k.AppID)
		if err != nil {
			return err
		}
		if !waits {
			return s.db.fileTicket(ctx, tx, k, now)
		}
		_, err = tx.ExecContext(ctx, sqlUpdateTicketTold, k.Organization, k.AppID, now.Add(callback.TicketEvery).UnixMilli())
		return err
	})
}
