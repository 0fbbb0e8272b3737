package store

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/node"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// Keys keeps what is on record of the master keys.
func (d *DB) Keys() masterkey.RotationStore { return &keyStore{d} }

// KeyHolders keeps which master keys the nodes hold.
func (d *DB) KeyHolders() masterkey.NodeStore { return &keyStore{d} }

type keyStore struct{ db *DB }

const (
	sqlInsertKeys     = `INSERT INTO node_state (name, value, count) VALUES ('keys', '{}', 0) ON CONFLICT (name) DO NOTHING`
	sqlSelectKeys     = `SELECT value, count FROM node_state WHERE name = 'keys'`
	sqlUpdateKeys     = `UPDATE node_state SET value = $1, count = $2 WHERE name = 'keys'`
	sqlSelectKeyInUse = `SELECT count FROM node_state WHERE name = 'keys'`

	sqlSelectMasterKeys = `SELECT number, fingerprint, added_at, used_at, dropped_at FROM master_key`
	sqlUpsertMasterKey  = `INSERT INTO master_key (number, fingerprint, added_at, used_at, dropped_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (number) DO UPDATE SET fingerprint = excluded.fingerprint, added_at = excluded.added_at,
		used_at = excluded.used_at, dropped_at = excluded.dropped_at`
)

// storedKeys are the rows that a record of the master keys is made of.
type storedKeys struct {
	needed map[int]string
	inUse  int
	rows   map[int]masterkey.State
}

// record makes one of what is stored. A key that a node needs and that has no row
// is of before there were rows, or of a node of that version.
func (s storedKeys) record() masterkey.Record {
	r := masterkey.Record{InUse: s.inUse, Keys: maps.Clone(s.rows)}
	for number, fingerprint := range s.needed {
		state, known := r.Keys[number]
		if !known {
			state.Fingerprint = fingerprint
		}
		state.Used = true
		r.Keys[number] = state
	}
	if r.InUse == 0 {
		for number := range r.Needed() {
			r.InUse = max(r.InUse, number)
		}
	}
	return r
}

// same reports whether a record is what is stored.
func (s storedKeys) same(r masterkey.Record) bool {
	return r.InUse == s.inUse && maps.Equal(r.Needed(), s.needed) && maps.Equal(r.Keys, s.rows)
}

// KeysOf reads the record of the master keys. Schemas of before have no table of
// them.
func KeysOf(ctx context.Context, q engine.Querier, table bool) (masterkey.Record, error) {
	s, err := readKeys(ctx, q, sqlSelectKeys, table)
	return s.record(), err
}

func readKeys(ctx context.Context, q engine.Querier, state string, table bool) (storedKeys, error) {
	s := storedKeys{needed: map[int]string{}, rows: map[int]masterkey.State{}}
	if _, err := readRow(ctx, q, state, []any{asJSON(&s.needed), &s.inUse}); err != nil || !table {
		return s, err
	}
	var number int
	var k masterkey.State
	var added int64
	var used sql.NullInt64 // NULL for a key that was never in use
	into := []any{&number, &k.Fingerprint, &added, &used, (*millis)(&k.DroppedAt)}
	return s, readEach(ctx, q, sqlSelectMasterKeys, into, func() error {
		k.AddedAt, k.Used, k.UsedAt = fromRecorded(added), used.Valid, fromRecorded(used.Int64)
		s.rows[number] = k
		return nil
	})
}

// fromRecorded reads a time that is 0 when nobody has recorded it.
func fromRecorded(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func toRecorded(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func (s *keyStore) Keys(ctx context.Context) (masterkey.Record, error) {
	r, err := KeysOf(ctx, s.db.read(), true)
	return r, s.db.toFault(err)
}

// errToChange is why a transaction is not enough that only looks at the record.
var errToChange = errors.New("the record is to be changed")

// BindKeys looks first: every command and every start of a node comes here, and
// hardly ever is there anything to change. The lock of a look is one that whoever
// gives a token does not wait for.
func (s *keyStore) BindKeys(ctx context.Context, decide func(masterkey.Record, time.Time) (masterkey.Record, error)) error {
	err := s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		is, err := readKeys(ctx, tx, sqlSelectKeys+s.db.engine.RowShare(), true)
		if err != nil {
			return err
		}
		r, err := decide(is.record(), s.db.now())
		if err == nil && !is.same(r) {
			err = errToChange
		}
		return err
	})
	if !errors.Is(err, errToChange) {
		return err
	}
	return s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		write, err := s.changeKeys(ctx, tx, func(r masterkey.Record) (masterkey.Record, error) { return decide(r, s.db.now()) })
		if err != nil {
			return err
		}
		return write(ctx, tx)
	})
}

// changeKeys reads the record under its lock, which is the first one of a
// transaction that changes it, and returns what stores the changed one.
func (s *keyStore) changeKeys(ctx context.Context, tx engine.Querier, change func(masterkey.Record) (masterkey.Record, error)) (engine.Work, error) {
	if _, err := tx.ExecContext(ctx, sqlInsertKeys); err != nil {
		return nil, err
	}
	was, err := readKeys(ctx, tx, sqlSelectKeys+s.db.engine.RowLock(), true)
	if err != nil {
		return nil, err
	}
	r, err := change(was.record())
	return func(ctx context.Context, tx engine.Querier) error { return was.become(ctx, tx, r) }, err
}

// become stores a record in the place of another.
func (s storedKeys) become(ctx context.Context, tx engine.Querier, r masterkey.Record) error {
	for number, k := range r.Keys {
		if k == s.rows[number] {
			continue
		}
		used := sql.NullInt64{Int64: toRecorded(k.UsedAt), Valid: k.Used}
		if _, err := tx.ExecContext(ctx, sqlUpsertMasterKey, number, k.Fingerprint, toRecorded(k.AddedAt), used, toNullMillis(k.DroppedAt)); err != nil {
			return err
		}
	}
	needed := r.Needed()
	if r.InUse == s.inUse && maps.Equal(needed, s.needed) {
		return nil
	}
	var to encoder
	return to.exec(ctx, tx, sqlUpdateKeys, []any{to.json(needed), r.InUse})
}

// holdKey makes sure that a transaction which stores something made with a master
// key ends before another one comes into use. Fails with masterkey.ErrMoved when one
// has.
func (d *DB) holdKey(ctx context.Context, tx engine.Querier, number int) error {
	var inUse int
	_, err := readRow(ctx, tx, sqlSelectKeyInUse+d.engine.RowShare(), []any{&inUse})
	if err == nil && inUse != 0 && inUse != number {
		return masterkey.ErrMoved
	}
	return err
}

// errAsItWas rolls back a change of the record that is none.
var errAsItWas = errors.New("nothing changes")

// ChangeKeys writes the entry about another key that comes into use as the last one
// that is made with the key before.
func (s *keyStore) ChangeKeys(ctx context.Context, change func(masterkey.Record, []node.Node) (masterkey.Record, *audit.Entry, error)) error {
	var write engine.Work
	err := s.db.administer(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		var e *audit.Entry
		var err error
		write, err = s.changeKeys(ctx, tx, func(r masterkey.Record) (masterkey.Record, error) {
			nodes, err := s.db.nodes(ctx, tx)
			if err != nil {
				return r, err
			}
			if r, e, err = change(r, nodes); err == nil && e == nil {
				err = errAsItWas
			}
			return r, err
		})
		if err != nil {
			return nil, err
		}
		return []audit.Entry{*e}, nil
	}, func(ctx context.Context, tx engine.Querier) error { return write(ctx, tx) }, advanceRevocations)
	if errors.Is(err, errAsItWas) {
		return nil
	}
	return err
}

func (s *keyStore) RecordKeys(ctx context.Context, e audit.Entry) error {
	return s.db.AuditLog().Record(ctx, e)
}
