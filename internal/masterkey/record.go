package masterkey

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Record is what a database knows of the master keys it is written with. It
// holds no key.
type Record struct {
	// InUse is the number of the key that is written with, 0 in a database that
	// has met no key.
	InUse int
	Keys  map[int]State // by number
}

// State is one master key on record.
type State struct {
	Fingerprint string
	AddedAt     time.Time // zero for a key of before this was recorded
	Used        bool      // it is in use, or was
	UsedAt      time.Time // since when; zero likewise
	DroppedAt   time.Time // zero unless it was dropped
}

// Phase is how far a master key is in its life.
type Phase string

// The phases, in their order.
const (
	PhaseAdded   Phase = "added"   // nothing is written with it yet
	PhaseInUse   Phase = "in use"  // what is new is written with it
	PhaseOld     Phase = "old"     // another one is in use; what was written with it is read
	PhaseDropped Phase = "dropped" // nothing is left of it
)

// Needed reports whether something may be stored that was written with the key.
// A node without it cannot work.
func (s State) Needed() bool { return s.Used && s.DroppedAt.IsZero() }

// Phase returns that of a key on record.
func (r Record) Phase(number int) Phase {
	s := r.Keys[number]
	switch {
	case !s.DroppedAt.IsZero():
		return PhaseDropped
	case number == r.InUse:
		return PhaseInUse
	case s.Used:
		return PhaseOld
	}
	return PhaseAdded
}

// In returns the numbers of the keys in a phase, ascending.
func (r Record) In(phase Phase) []int {
	var numbers []int
	for _, number := range slices.Sorted(maps.Keys(r.Keys)) {
		if r.Phase(number) == phase {
			numbers = append(numbers, number)
		}
	}
	return numbers
}

// Needed returns the fingerprints of the keys that every node needs.
func (r Record) Needed() map[int]string {
	needed := map[int]string{}
	for number, s := range r.Keys {
		if s.Needed() {
			needed[number] = s.Fingerprint
		}
	}
	return needed
}

// missing says which key that every node needs is not among those of some
// fingerprints, nil when none is.
func (r Record) missing(fingerprints map[int]string) error {
	needed := r.Needed()
	for _, number := range slices.Sorted(maps.Keys(needed)) {
		switch fingerprints[number] {
		case needed[number]:
		case "":
			return fmt.Errorf("the database was written with master key %d, which is not in the key file: use the key file that belongs to this database, as the other nodes have it", number)
		default:
			return fmt.Errorf("master key %d is not the one the database was written with: use the key file that belongs to this database", number)
		}
	}
	return nil
}

// with returns a record in which one key is in another state.
func (r Record) with(number int, s State) Record {
	r.Keys = maps.Clone(r.Keys)
	if r.Keys == nil {
		r.Keys = map[int]State{}
	}
	r.Keys[number] = s
	return r
}

// Store keeps the record of the master keys.
type Store interface {
	// Keys returns the record.
	Keys(ctx context.Context) (Record, error)
	// BindKeys hands the record and the time to decide and stores what it
	// returns, in one transaction that other changes of the record wait for.
	BindKeys(ctx context.Context, decide func(r Record, now time.Time) (Record, error)) error
}

// ErrMoved is why a store refuses what was written with a master key that is
// not the one in use any more. Whoever hears it follows the record and writes
// again.
var ErrMoved = errors.New("masterkey: another master key is in use by now")
