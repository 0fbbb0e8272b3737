package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/callback"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// Callbacks stores where apps hear of events, and the events.
func (d *DB) Callbacks() callback.Store { return &callbackStore{d} }

type callbackStore struct{ db *DB }

const (
	sqlSelectCallback = `SELECT c.url, c.tags, c.key_id, c.by_operator, c.key_number, c.sealed, c.changed_at, c.failures, c.next_at,
		c.succeeded_at, c.failed_at, c.failure, c.failure_status, c.reason, o.corp_id, a.app_key, a.kind = 'third_party' FROM callback c
		JOIN organization o ON o.id = c.organization
		JOIN app a ON a.organization = c.organization AND a.id = c.app_id
		WHERE c.organization = $1 AND c.app_id = $2`
	sqlSelectCallbackNames = `SELECT o.corp_id, a.app_key, a.kind = 'third_party' FROM app a JOIN organization o ON o.id = a.organization
		WHERE a.organization = $1 AND a.id = $2`
	sqlSelectCallbackKnown = `SELECT 1 FROM callback WHERE organization = $1 AND app_id = $2`
	sqlSelectCallbacks     = `SELECT organization, app_id FROM callback ORDER BY organization, app_id`
	// A new address begins anew: what waits goes there at once.
	sqlUpsertCallback = `INSERT INTO callback (organization, app_id, url, tags, key_id, by_operator, key_number, sealed, changed_at, ticket_at, failures, next_at, reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, '')
		ON CONFLICT (organization, app_id) DO UPDATE SET url = excluded.url, tags = excluded.tags, key_id = excluded.key_id,
		by_operator = excluded.by_operator, key_number = excluded.key_number, sealed = excluded.sealed, changed_at = excluded.changed_at,
		ticket_at = excluded.ticket_at, failures = 0, next_at = 0`
	sqlUpdateCallbackNow    = `UPDATE callback SET next_at = 0 WHERE organization = $1 AND app_id = $2`
	sqlDeleteCallback       = `DELETE FROM callback WHERE organization = $1 AND app_id = $2`
	sqlDeleteCallbackEvents = `DELETE FROM callback_event WHERE organization = $1 AND app_id = $2`
	sqlSelectCallbackCounts = `SELECT (SELECT COUNT(*) FROM callback_event WHERE organization = $1 AND app_id = $2 AND given_up_at IS NULL),
		(SELECT COUNT(*) FROM callback_event WHERE organization = $1 AND app_id = $2 AND given_up_at IS NOT NULL)`
)

func callbackUnknown() error {
	return fault.New(fault.CodeCallbackUnknown, "the app has no callback")
}

func (s *callbackStore) Target(ctx context.Context, k callback.Key) (callback.Target, error) {
	t := callback.Target{Callback: callback.Callback{Key: k}}
	into := []any{
		&t.URL, asJSON(&t.Tags), &t.KeyID, &t.ByOperator, &t.KeyNumber, &t.Sealed, (*millis)(&t.ChangedAt), &t.Failures, (*millis)(&t.NextAt),
		(*millis)(&t.SucceededAt), (*millis)(&t.FailedAt), &t.Failure.Kind, &t.Failure.Status, &t.Reason, &t.CorpID, &t.AppKey, &t.ThirdParty,
	}
	return t, s.db.toFault(needRow(ctx, s.db.read(), callbackUnknown, sqlSelectCallback, into, k.Organization, k.AppID))
}

func (s *callbackStore) Names(ctx context.Context, k callback.Key) (n callback.Names, err error) {
	err = needRow(ctx, s.db.read(), appUnknown, sqlSelectCallbackNames, []any{&n.CorpID, &n.AppKey, &n.ThirdParty}, k.Organization, k.AppID)
	return n, s.db.toFault(err)
}

func (s *callbackStore) State(ctx context.Context, k callback.Key) (callback.State, error) {
	t, err := s.Target(ctx, k)
	if err == nil {
		_, err = readRow(ctx, s.db.read(), sqlSelectCallbackCounts, []any{&t.Waiting, &t.GivenUp}, k.Organization, k.AppID)
	}
	return t.State, s.db.toFault(err)
}

func (s *callbackStore) Save(ctx context.Context, c callback.Callback, fresh bool, e audit.Entry) error {
	return s.db.administer(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		if err := s.db.lockApp(ctx, tx, c.Organization, c.AppID); err != nil {
			return nil, err
		}
		known, err := readRow(ctx, tx, sqlSelectCallbackKnown, []any{new(any)}, c.Organization, c.AppID)
		if err != nil {
			return nil, err
		}
		if known && fresh {
			return nil, fault.New(fault.CodeCallbackExists, "the app has a callback already")
		}
		if err := s.db.holdKey(ctx, tx, c.KeyNumber); err != nil {
			return nil, err
		}
		if !known { // what a change wrote while the one before was deleted
			if _, err := tx.ExecContext(ctx, sqlDeleteCallbackEvents, c.Organization, c.AppID); err != nil {
				return nil, err
			}
		}
		var to encoder
		values := []any{
			c.Organization, c.AppID, c.URL, to.json(c.Tags), string(c.KeyID), flag(c.ByOperator), c.KeyNumber, c.Sealed, c.ChangedAt.UnixMilli(),
			sql.NullInt64{Int64: c.ChangedAt.UnixMilli(), Valid: slices.Contains(c.Tags, callback.SuiteTicket)},
		}
		if err := to.exec(ctx, tx, sqlUpsertCallback, values); err != nil {
			return nil, err
		}
		if err := s.db.fileTicket(ctx, tx, c.Key, c.ChangedAt); err != nil {
			return nil, err
		}
		return ofApp(ctx, tx, c.AppID, e)
	})
}

func (s *callbackStore) Delete(ctx context.Context, k callback.Key, e audit.Entry) error {
	return s.db.administer(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		if err := s.db.lockApp(ctx, tx, k.Organization, k.AppID); err != nil {
			return nil, err
		}
		n, err := affected(tx.ExecContext(ctx, sqlDeleteCallback, k.Organization, k.AppID))
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, callbackUnknown()
		}
		if _, err := tx.ExecContext(ctx, sqlDeleteCallbackEvents, k.Organization, k.AppID); err != nil {
			return nil, err
		}
		return ofApp(ctx, tx, k.AppID, e)
	})
}

func (s *callbackStore) TryNow(ctx context.Context, k callback.Key) error {
	_, err := s.update(ctx, sqlUpdateCallbackNow, k.Organization, k.AppID)
	return err
}

func (s *callbackStore) Callbacks(ctx context.Context) ([]callback.Key, error) {
	all, err := readRows(ctx, s.db.read(), sqlSelectCallbacks, appKeyInto)
	return all, s.db.toFault(err)
}

// appKeyInto is where an organization and an app go.
func appKeyInto(k *callback.Key) []any { return []any{&k.Organization, &k.AppID} }

const sqlUpdateCallbackLease = `UPDATE node_state SET value = $1, count = $2
	WHERE name = 'callback' AND (value = $1 OR count <= $3 OR count > $4)`

const sqlUpdateCallbackLeaseEnded = `UPDATE node_state SET value = '', count = 0 WHERE name = 'callback' AND value = $1`

func (s *callbackStore) Lease(ctx context.Context, node string, now, until time.Time) (bool, error) {
	const impossible = time.Hour // see retention
	n, err := s.update(ctx, sqlUpdateCallbackLease, node, until.UnixMilli(), now.UnixMilli(), until.Add(impossible).UnixMilli())
	return n > 0, err
}

func (s *callbackStore) EndLease(ctx context.Context, node string) error {
	_, err := s.update(ctx, sqlUpdateCallbackLeaseEnded, node)
	return err
}

// update runs one statement behind everybody else, and returns how many rows it changed.
func (s *callbackStore) update(ctx context.Context, statement string, args ...any) (n int64, err error) {
	err = s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) (err error) {
		n, err = affected(tx.ExecContext(ctx, statement, args...))
		return err
	})
	return n, err
}
