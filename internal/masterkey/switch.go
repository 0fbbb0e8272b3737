package masterkey

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/node"
	"github.com/tidings-im/tidings/internal/retry"
)

// Switched is what Switch has done.
type Switched struct {
	Key              Info // in use, and since when
	Before           int  // the key that was in use; 0 when Key was already
	Secrets, Tickets int  // encrypted again
	Old              Use  // what still needs other keys
	// Unreadable are secrets and tickets that no key decrypts: somebody has
	// changed their rows. They stay as they are.
	Unreadable []SealedRow
}

// Switch makes the key that was added the one in use, and encrypts with it
// whatever is encrypted with another: in pieces, so that it may be interrupted,
// and then goes on when it is called again. Nodes follow by the revocation
// counter. Nodes have patience to read the key file: then it fails with
// CodeConflict when one does not hold the key, as it does when there is nothing to
// do.
func (s *Rotation) Switch(ctx context.Context, by audit.By, patience time.Duration) (Switched, error) {
	var done Switched
	next, err := s.nextKey(ctx)
	if err == nil && next.Number != 0 {
		if err = s.awaitNodes(ctx, next, patience); err == nil {
			done.Before, err = s.use(ctx, by, next)
		}
	}
	if err == nil {
		err = s.Ring.Follow(ctx, s.Store)
	}
	if err != nil {
		return done, fmt.Errorf("masterkey.Switch: %w", err)
	}
	record := s.Ring.Record()
	state := record.Keys[record.InUse]
	done.Key = Info{Number: record.InUse, Fingerprint: state.Fingerprint, At: state.UsedAt}
	if next.Number == 0 && len(record.In(PhaseOld)) == 0 {
		return done, fmt.Errorf("masterkey.Switch: %w", fault.New(fault.CodeConflict, "there is no new key in key file %s: begin with --add", s.Ring.path))
	}
	if err = s.resealAll(ctx, record.InUse, &done); err == nil {
		done.Old, err = s.oldUse(ctx, record)
	}
	if err != nil {
		return done, fmt.Errorf("masterkey.Switch: %w", err)
	}
	return done, nil
}

// oldUse is what needs other keys than the one in use.
func (s *Rotation) oldUse(ctx context.Context, record Record) (Use, error) {
	var all Use
	uses, err := s.Store.KeyUses(ctx, record.In(PhaseOld), s.now())
	for number, u := range uses {
		if number == record.InUse {
			continue
		}
		all.Secrets, all.Tickets, all.Tokens = all.Secrets+u.Secrets, all.Tickets+u.Tickets, all.Tokens+u.Tokens
		if u.TokensUntil.After(all.TokensUntil) {
			all.TokensUntil = u.TokensUntil
		}
	}
	return all, err
}

// nextKey returns the key of the file that comes after the one in use; its
// number is 0 when there is none.
func (s *Rotation) nextKey(ctx context.Context) (Info, error) {
	record, err := s.Store.Keys(ctx)
	if err != nil {
		return Info{}, err
	}
	file := keyFile{fingerprints: s.Ring.Fingerprints()}
	number, err := file.newKey(record)
	return Info{Number: number, Fingerprint: file.fingerprint(number)}, err
}

// awaitNodes waits until every node holds a key.
func (s *Rotation) awaitNodes(ctx context.Context, k Info, patience time.Duration) error {
	const look = 200 * time.Millisecond
	for left := patience; ; left -= look {
		nodes, err := s.Store.Nodes(ctx)
		if err != nil {
			return err
		}
		if err = lacking(nodes, k); err == nil || left <= 0 {
			return err
		}
		if !retry.Sleep(ctx, look) {
			return ctx.Err()
		}
	}
}

// lacking names the nodes that do not hold a key.
func lacking(nodes []node.Node, k Info) error {
	var names []string
	for _, n := range nodes {
		if n.Alive() && n.Keys[k.Number] != k.Fingerprint {
			names = append(names, n.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return fault.New(fault.CodeConflict, "key %d (fingerprint %s) is not held by %s: copy the key file there; a node that is gone counts until it has been silent for %d seconds",
		k.Number, k.Fingerprint, strings.Join(names, ", "), int(node.Silence.Seconds()))
}

// use makes a key the one in use, and returns which one was before.
func (s *Rotation) use(ctx context.Context, by audit.By, next Info) (before int, err error) {
	e := s.entry(by, audit.KeyUse, next.Number, nil)
	return before, s.change(ctx, func(r Record, nodes []node.Node) (Record, *audit.Entry, error) {
		before = 0
		if r.InUse >= next.Number {
			return r, nil, nil // somebody else was quicker
		}
		state, known := r.Keys[next.Number]
		switch {
		case known && state.Fingerprint != next.Fingerprint:
			return r, nil, errOtherKey(next.Number, state)
		case !state.DroppedAt.IsZero():
			return r, nil, errDropped(next.Number)
		case !known:
			state = State{Fingerprint: next.Fingerprint, AddedAt: e.At} // somebody wrote it into the file
		}
		if err := lacking(nodes, next); err != nil {
			return r, nil, err
		}
		before = r.InUse
		state.Used, state.UsedAt = true, e.At
		r = r.with(next.Number, state)
		r.InUse = next.Number
		e.Details = audit.Details{"instead_of": before}
		return r, &e, nil
	})
}

// resealPiece is how many rows are encrypted again in one transaction.
const resealPiece = 100

// resealAll encrypts everything with the key in use that is not.
func (s *Rotation) resealAll(ctx context.Context, inUse int, done *Switched) error {
	for _, kind := range []struct {
		read  func(ctx context.Context, notWith int, after SealedRow, limit int) ([]SealedRow, error)
		count *int
	}{{s.Store.SealedSecrets, &done.Secrets}, {s.Store.SealedTickets, &done.Tickets}, {s.Store.SealedCallbacks, &done.Secrets}, {s.Store.SealedSources, &done.Secrets}} {
		unreadable, err := s.reseal(ctx, inUse, kind.read, kind.count)
		done.Unreadable = append(done.Unreadable, unreadable...)
		if err != nil {
			return err
		}
	}
	return nil
}

// reseal encrypts every row of one kind with the key in use that is not, and
// counts them. It returns those that cannot be decrypted.
func (s *Rotation) reseal(ctx context.Context, inUse int, read func(context.Context, int, SealedRow, int) ([]SealedRow, error), count *int) ([]SealedRow, error) {
	var unreadable []SealedRow
	var after SealedRow
	for {
		rows, err := read(ctx, inUse, after, resealPiece)
		if err != nil || len(rows) == 0 {
			return unreadable, err
		}
		after = rows[len(rows)-1]
		var again []Resealed
		for _, row := range rows {
			plain, err := s.Ring.Open(row.row(), Sealed{row.KeyNumber, row.Ciphertext})
			if err != nil {
				unreadable = append(unreadable, row)
				continue
			}
			e, err := s.Ring.Seal(row.row(), plain)
			if err != nil {
				return unreadable, err
			}
			again = append(again, Resealed{Was: row, KeyNumber: e.Number, Ciphertext: e.Ciphertext})
		}
		if err := patiently(ctx, func() error { return s.Store.Reseal(ctx, again) }); err != nil {
			return unreadable, err
		}
		*count += len(again)
	}
}

// patiently tries again while the database is busy, which on a server at work it
// may be for a moment.
func patiently(ctx context.Context, work func() error) error {
	const tries = 10
	again := retry.Backoff{}
	for n := 1; ; n++ {
		err := work()
		if !fault.Is(err, fault.CodeBusy) || n == tries {
			return err
		}
		if !retry.Sleep(ctx, again.Next()) {
			return ctx.Err()
		}
	}
}

// Listing is one master key as it is on record, in the key file and in what is
// stored.
type Listing struct {
	Number int
	State
	Phase  Phase
	InFile bool // in the key file of this process
	Use    Use
}

// List lists the master keys by number, and the nodes that hold them. A key that
// stands in the file and is not on record is among them.
func (s *Rotation) List(ctx context.Context) ([]Listing, []node.Node, error) {
	record, err := s.Store.Keys(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("masterkey.List: %w", err)
	}
	inFile := s.Ring.held.Load().file
	numbers := union(slices.Collect(maps.Keys(record.Keys)), slices.Collect(maps.Keys(inFile)))
	uses, err := s.Store.KeyUses(ctx, numbers, s.now())
	if err != nil {
		return nil, nil, fmt.Errorf("masterkey.List: %w", err)
	}
	var all []Listing
	for _, number := range numbers {
		l := Listing{Number: number, State: record.Keys[number], Phase: record.Phase(number), Use: uses[number]}
		if l.Fingerprint == "" {
			l.Fingerprint = inFile[number]
		}
		l.InFile = l.Fingerprint == inFile[number]
		all = append(all, l)
	}
	nodes, err := s.Store.Nodes(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("masterkey.List: %w", err)
	}
	return all, nodes, nil
}
