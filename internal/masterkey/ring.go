package masterkey

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
)

// keySize is the length of a master key in bytes.
const keySize = 32

// Ring holds the master keys of a key file: what tokens are signed with and
// secrets are encrypted with. Which of them is used for what is new, the
// database says (Record); the others are for what was made with them. It
// never shows a key, and is safe for concurrent use.
type Ring struct {
	path      string
	following sync.Mutex           // held from reading the record to taking it over, so that no older one comes last
	changing  sync.Mutex           // one change at a time
	read      fs.FileInfo          // the file when it was read last
	held      atomic.Pointer[ring] // never nil
}

// ring is what a Ring holds at one moment. It never changes.
type ring struct {
	keys   map[int]*masterKey // by number; some may be in the file no longer
	file   map[int]string     // fingerprints of those in the file
	record Record             // of the database; empty before Bind
}

// masterKey is what is derived from one master key, one purpose each.
type masterKey struct {
	mac         []byte
	signing     []byte
	audit       []byte
	sealer      cipher.AEAD
	outside     cipher.AEAD
	fingerprint string
}

// newRing derives what is needed from the keys, at least one.
func newRing(path string, keys map[int][]byte, read fs.FileInfo) (*Ring, error) {
	derived, err := deriveKeys(keys)
	if err != nil {
		return nil, err
	}
	k := &Ring{path: path, read: read}
	k.held.Store(&ring{keys: derived, file: fingerprints(derived)})
	return k, nil
}

func fingerprints(keys map[int]*masterKey) map[int]string {
	all := make(map[int]string, len(keys))
	for number, key := range keys {
		all[number] = key.fingerprint
	}
	return all
}

func deriveKeys(keys map[int][]byte) (map[int]*masterKey, error) {
	derived := make(map[int]*masterKey, len(keys))
	for number, key := range keys {
		m, err := deriveKey(key)
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", number, err)
		}
		derived[number] = m
	}
	return derived, nil
}

func deriveKey(key []byte) (*masterKey, error) {
	derived := func(purpose string, size int) []byte {
		d, err := hkdf.Key(sha256.New, key, nil, "tidings "+purpose, size)
		if err != nil {
			return nil // cannot happen for these sizes; aes.NewCipher refuses it
		}
		return d
	}
	sealer, err := newSealer(derived("app secrets", 32))
	if err != nil {
		return nil, err
	}
	outside, err := newSealer(derived("kept by browsers", 32))
	if err != nil {
		return nil, err
	}
	return &masterKey{
		mac:         derived("access tokens", 32),
		signing:     derived("signatures", 32),
		sealer:      sealer,
		outside:     outside,
		audit:       derived("audit", 32),
		fingerprint: hex.EncodeToString(derived("fingerprint", 16)),
	}, nil
}

func newSealer(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// Bind makes sure that the database was written with these keys. The first
// keyring a database meets becomes its own, of several keys the one with the
// highest number. An error says which key is missing or different: then this
// node must not start. A key that the database does not need, such as one that
// was added and is not in use yet, may be missing.
func (k *Ring) Bind(ctx context.Context, store Store) error {
	var bound Record
	err := store.BindKeys(ctx, func(r Record, now time.Time) (Record, error) {
		held := k.held.Load()
		if err := r.missing(fingerprints(held.keys)); err != nil {
			return r, err
		}
		if r.InUse == 0 {
			number := slices.Max(slices.Collect(maps.Keys(held.keys)))
			r = r.with(number, State{Fingerprint: held.keys[number].fingerprint, AddedAt: now, Used: true, UsedAt: now})
			r.InUse = number
		}
		bound = r
		return r, nil
	})
	if err != nil {
		return err
	}
	k.follow(bound)
	return nil
}

// Follow takes over what the database says of the keys by now. If that needs one
// which was not in the key file when it was read, it reads the file again.
func (k *Ring) Follow(ctx context.Context, store Store) error {
	k.following.Lock()
	defer k.following.Unlock()
	record, err := store.Keys(ctx)
	if err != nil {
		return err
	}
	k.follow(record)
	if k.Lacks() != nil {
		_, _ = k.Reload() // whoever needs the key says that it is missing
	}
	return nil
}

func (k *Ring) follow(record Record) {
	k.changing.Lock()
	defer k.changing.Unlock()
	held := *k.held.Load()
	held.record = record
	k.held.Store(&held)
}

// Lacks returns nil while every key is there that the database needs.
func (k *Ring) Lacks() error {
	held := k.held.Load()
	return held.record.missing(fingerprints(held.keys))
}

// FileLacks returns nil while the key file, as it was read last, has every key that
// the database needs. This process goes on with a key that it has read before; the
// next one could not start.
func (k *Ring) FileLacks() error {
	held := k.held.Load()
	return held.record.missing(held.file)
}

// InUse is the number of the key that is written with.
func (k *Ring) InUse() int {
	number, _ := k.held.Load().inUse()
	return number
}

// Current is InUse. Fails with CodeBusy on a node that has not got the key.
func (k *Ring) Current() (int, error) {
	number, key := k.held.Load().inUse()
	if key == nil {
		return 0, errNoKey(number)
	}
	return number, nil
}

// Leftover are the numbers of the keys in the file that were dropped.
func (k *Ring) Leftover() []int {
	held := k.held.Load()
	var numbers []int
	for _, number := range held.record.In(PhaseDropped) {
		if held.file[number] != "" {
			numbers = append(numbers, number)
		}
	}
	return numbers
}

// Record is what the database said of the keys last.
func (k *Ring) Record() Record { return k.held.Load().record }

// Fingerprints are those of the keys in the file that were not dropped, by
// number.
func (k *Ring) Fingerprints() map[int]string {
	held := k.held.Load()
	all := maps.Clone(held.file)
	maps.DeleteFunc(all, func(number int, _ string) bool { return held.record.Phase(number) == PhaseDropped })
	return all
}

// key returns the key of a number; nil for one that is not there, is not the
// database's, or was dropped.
func (r *ring) key(number int) *masterKey {
	key := r.keys[number]
	s, known := r.record.Keys[number]
	if key == nil || known && (s.Fingerprint != key.fingerprint || !s.DroppedAt.IsZero()) {
		return nil
	}
	return key
}

// inUse returns the key that is written with, nil if it is not there. Before
// Bind that is the one with the highest number.
func (r *ring) inUse() (int, *masterKey) {
	number := r.record.InUse
	if number == 0 {
		number = slices.Max(slices.Collect(maps.Keys(r.keys)))
	}
	return number, r.key(number)
}

// errNoKey is said on a node that has not got the key in use. Another node may.
func errNoKey(number int) error {
	return fault.New(fault.CodeBusy, "this node cannot do this at the moment, try again").
		Because(fmt.Errorf("master key %d is in use and not in the key file: use the key file of the other nodes", number))
}

// AuditKey returns the key that a number's audit entries are chained with, nil
// when that master key is not there or was dropped; see audit.Keys.
func (k *Ring) AuditKey(number int) []byte {
	if key := k.held.Load().key(number); key != nil {
		return key.audit
	}
	return nil
}

// AuditKeyNumber is the number of the key for new audit entries.
func (k *Ring) AuditKeyNumber() int { return k.InUse() }
