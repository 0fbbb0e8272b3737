package masterkey

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/node"
)

// Rotation replaces a master key in three steps, each of which may be interrupted
// and repeated: Add, Switch, Drop. Cancel takes the first one back.
type Rotation struct {
	Store RotationStore
	Ring  *Ring
	Now   func() time.Time
}

// RotationStore is what replacing a master key asks of the database.
type RotationStore interface {
	Store
	// ChangeKeys is BindKeys, with the nodes that serve. It writes the entry that
	// change returns in the same transaction and advances the revocation counter;
	// without an entry nothing is changed.
	ChangeKeys(ctx context.Context, change func(r Record, nodes []node.Node) (Record, *audit.Entry, error)) error
	// Nodes returns the nodes that have not said that they stop, by name.
	Nodes(ctx context.Context) ([]node.Node, error)
	// KeyUses returns what is stored that was made with master keys, by their
	// number: of the numbers given also the access tokens that live at now.
	KeyUses(ctx context.Context, numbers []int, now time.Time) (map[int]Use, error)
	// SealedSecrets and the next three return ciphertexts of other keys than the one of a
	// number, by their rows after a place.
	SealedSecrets(ctx context.Context, notWith int, after SealedRow, limit int) ([]SealedRow, error)
	SealedTickets(ctx context.Context, notWith int, after SealedRow, limit int) ([]SealedRow, error)
	SealedCallbacks(ctx context.Context, notWith int, after SealedRow, limit int) ([]SealedRow, error)
	SealedSources(ctx context.Context, notWith int, after SealedRow, limit int) ([]SealedRow, error)
	// Reseal stores ciphertexts of the key in use in the place of those that were
	// read, but for rows that have changed since. Fails with ErrMoved.
	Reseal(ctx context.Context, rows []Resealed) error
	// EndTokensNotOf ends some of the access tokens that live at a time and are not
	// of the master key of a number, at most limit, and says how many. It advances
	// the revocation counter.
	EndTokensNotOf(ctx context.Context, number int, at time.Time, limit int) (int, error)
	// RecordKeys writes an entry of the installation's audit log.
	RecordKeys(ctx context.Context, e audit.Entry) error
}

// Use is how much of what is stored names a master key. The secrets of an app's
// callback count as one secret, and so does that of a sign-in source.
type Use struct {
	Secrets, Tickets, Tokens int64
	TokensUntil              time.Time // when the last of them expires
}

// SealedRow is a ciphertext as its row holds it, see Row.
type SealedRow struct {
	Organization, AppID, ID int64
	Source                  string
	KeyNumber               int
	Ciphertext              []byte
}

func (r SealedRow) row() Row {
	return Row{Organization: r.Organization, App: r.AppID, ID: r.ID, Source: r.Source}
}

// Resealed is what comes in the place of a SealedRow.
type Resealed struct {
	Was        SealedRow
	KeyNumber  int
	Ciphertext []byte
}

// Info names a master key.
type Info struct {
	Number      int
	Fingerprint string
	At          time.Time // of the step, zero when that is not known
}

// entry begins an entry about a key.
func (s *Rotation) entry(by audit.By, action audit.Action, number int, d audit.Details) audit.Entry {
	return audit.Entry{
		Organization: audit.Installation, At: s.now(), By: by, Action: action, Subject: audit.KeysSubject, Version: number, Details: d,
	}
}

// now is the time as the store keeps it.
func (s *Rotation) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }

// change changes the record and follows it.
func (s *Rotation) change(ctx context.Context, change func(r Record, nodes []node.Node) (Record, *audit.Entry, error)) error {
	if err := s.Store.ChangeKeys(ctx, change); err != nil {
		return err
	}
	return s.Ring.Follow(ctx, s.Store)
}

// Add makes a new master key, puts it into the key file and on record. It is
// read by every node that has the file, and nothing is written with it before
// Switch. A key that stands in the file already, from an Add that was
// interrupted, is taken. Fails with CodeConflict when the key that was added is
// not in this file.
func (s *Rotation) Add(ctx context.Context, by audit.By) (Info, error) {
	var added Info
	err := editKeyFile(s.Ring.path, func(file *keyFile) error {
		record, err := s.Store.Keys(ctx)
		if err == nil {
			err = record.missing(file.fingerprints)
		}
		if err != nil {
			return err
		}
		number, err := file.newKey(record)
		if err != nil {
			return err
		}
		if number == 0 {
			if number = file.highest(record) + 1; number > maxNumber {
				return fault.New(fault.CodeConflict, "the number of the new key would be %d; the limit is %d", number, maxNumber)
			}
			if err := file.add(number); err != nil {
				return err
			}
		}
		added = Info{Number: number, Fingerprint: file.fingerprint(number)}
		return nil
	})
	if err != nil {
		return Info{}, fmt.Errorf("masterkey.Add: %w", err)
	}
	if _, err := s.Ring.Reload(); err != nil {
		return Info{}, fmt.Errorf("masterkey.Add: %w", err)
	}
	if added.At, err = s.recordAdded(ctx, by, added); err != nil {
		return Info{}, fmt.Errorf("masterkey.Add: %w", err)
	}
	return added, nil
}

// recordAdded puts a key on record that stands in the file, and returns since
// when it is.
func (s *Rotation) recordAdded(ctx context.Context, by audit.By, k Info) (time.Time, error) {
	e := s.entry(by, audit.KeyAdd, k.Number, audit.Details{"fingerprint": k.Fingerprint})
	at := e.At
	err := s.change(ctx, func(r Record, _ []node.Node) (Record, *audit.Entry, error) {
		switch state, known := r.Keys[k.Number]; {
		case known && state.Fingerprint != k.Fingerprint:
			return r, nil, errOtherKey(k.Number, state)
		case !state.DroppedAt.IsZero():
			return r, nil, errDropped(k.Number)
		case known:
			at = state.AddedAt
			return r, nil, nil
		}
		return r.with(k.Number, State{Fingerprint: k.Fingerprint, AddedAt: e.At}), &e, nil
	})
	return at, err
}

func errDropped(number int) error {
	return fault.New(fault.CodeConflict, "key %d was taken back by another command meanwhile: begin again with --add", number)
}

func errOtherKey(number int, state State) error {
	return fault.New(fault.CodeConflict, "another key %d was added on %s: use the key file that has it (fingerprint %s), or take it back with --cancel and begin again",
		number, state.AddedAt.Format(time.RFC3339), state.Fingerprint)
}

// Cancel takes Add back: keys that were added and never used are dropped
// from the record, and then from the key file. It returns them.
func (s *Rotation) Cancel(ctx context.Context, by audit.By) ([]int, error) {
	numbers, err := s.drop(ctx, by, audit.KeyCancel, func(r Record) []int { return r.In(PhaseAdded) })
	if err != nil {
		return nil, fmt.Errorf("masterkey.Cancel: %w", err)
	}
	record := s.Ring.Record()
	removed, err := s.removeKeys(func(number int) bool {
		state, known := record.Keys[number]
		return known && !state.DroppedAt.IsZero() || !known && number > record.InUse
	})
	if err != nil {
		return nil, fmt.Errorf("masterkey.Cancel: %w", err)
	}
	return union(numbers, removed), nil
}

// drop marks keys as dropped, and returns them.
func (s *Rotation) drop(ctx context.Context, by audit.By, action audit.Action, which func(r Record) []int) ([]int, error) {
	e := s.entry(by, action, 0, nil)
	var numbers []int
	err := s.change(ctx, func(r Record, _ []node.Node) (Record, *audit.Entry, error) {
		if numbers = which(r); len(numbers) == 0 {
			return r, nil, nil
		}
		for _, number := range numbers {
			state := r.Keys[number]
			state.DroppedAt = e.At
			r = r.with(number, state)
		}
		e.Version, e.Details = numbers[len(numbers)-1], audit.Details{"keys": numbers}
		return r, &e, nil
	})
	return numbers, err
}

// removeKeys takes keys out of the key file, and returns which.
func (s *Rotation) removeKeys(goes func(number int) bool) ([]int, error) {
	var removed []int
	err := editKeyFile(s.Ring.path, func(file *keyFile) error {
		removed = file.remove(goes)
		return nil
	})
	if err == nil {
		_, err = s.Ring.Reload()
	}
	return removed, err
}

func union(a, b []int) []int {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// keyList names keys: "key 1", "keys 1 and 2".
func keyList(numbers []int) string {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = fmt.Sprint(n)
	}
	if len(texts) == 1 {
		return "key " + texts[0]
	}
	return "keys " + strings.Join(texts, " and ")
}
