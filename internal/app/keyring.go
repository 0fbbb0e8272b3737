package app

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// keySize is the length of a master key in bytes.
const keySize = 32

// Keyring holds the master keys: what tokens are signed with and secrets are
// encrypted with. The highest number is used for what is new, the others for
// what was made with them. It never shows a key.
type Keyring struct {
	keys    map[int]*masterKey
	current int
}

// masterKey is what is derived from one master key, one purpose each.
type masterKey struct {
	mac         []byte
	signing     []byte
	audit       []byte
	sealer      cipher.AEAD
	fingerprint string
}

// KeyStore keeps the fingerprints of the keys a database was written with.
type KeyStore interface {
	// BindKeys hands the fingerprints on record, by key number, to decide and
	// records those it returns, in one transaction.
	BindKeys(ctx context.Context, decide func(known map[int]string) (add map[int]string, err error)) error
}

// newKeyring derives what is needed from the keys, at least one.
func newKeyring(keys map[int][]byte) (*Keyring, error) {
	k := &Keyring{keys: make(map[int]*masterKey, len(keys))}
	for number, key := range keys {
		m, err := deriveKey(key)
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", number, err)
		}
		k.keys[number] = m
		k.current = max(k.current, number)
	}
	return k, nil
}

func deriveKey(key []byte) (*masterKey, error) {
	derived := func(purpose string, size int) []byte {
		d, err := hkdf.Key(sha256.New, key, nil, "tidings "+purpose, size)
		if err != nil {
			return nil // cannot happen for these sizes; aes.NewCipher refuses it
		}
		return d
	}
	block, err := aes.NewCipher(derived("app secrets", 32))
	if err != nil {
		return nil, err
	}
	sealer, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return &masterKey{
		mac:         derived("access tokens", 32),
		signing:     derived("signatures", 32),
		sealer:      sealer,
		audit:       derived("audit", 32),
		fingerprint: hex.EncodeToString(derived("fingerprint", 16)),
	}, nil
}

// Bind makes sure that the database was written with these keys. The first
// keyring a database meets becomes its own. An error says which key is
// missing or different: then this node must not start.
func (k *Keyring) Bind(ctx context.Context, store KeyStore) error {
	return store.BindKeys(ctx, func(known map[int]string) (map[int]string, error) {
		for _, number := range slices.Sorted(maps.Keys(known)) {
			key := k.keys[number]
			if key == nil {
				return nil, fmt.Errorf("the database was written with master key %d, which is not in the key file: use the key file that belongs to this database", number)
			}
			if key.fingerprint != known[number] {
				return nil, fmt.Errorf("master key %d is not the one the database was written with: use the key file that belongs to this database", number)
			}
		}
		add := map[int]string{}
		for number, key := range k.keys {
			if known[number] == "" {
				add[number] = key.fingerprint
			}
		}
		return add, nil
	})
}

// mac returns the MAC of a text as 43 characters of base64url, and false for a
// key that is not in the ring.
func (k *Keyring) mac(number int, text string) (string, bool) {
	key := k.keys[number]
	if key == nil {
		return "", false
	}
	h := hmac.New(sha256.New, key.mac)
	h.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)), true
}

// sealed is an encrypted secret as its row holds it.
type sealed struct {
	number     int
	ciphertext []byte
}

// seal encrypts a secret for one row only.
func (k *Keyring) seal(row secretRow, plain string) sealed {
	sealer := k.keys[k.current].sealer
	nonce := make([]byte, sealer.NonceSize(), sealer.NonceSize()+len(plain)+sealer.Overhead())
	rand.Read(nonce)
	return sealed{number: k.current, ciphertext: sealer.Seal(nonce, nonce, []byte(plain), row.data())}
}

// errSealed is the only thing said about a ciphertext that cannot be opened.
var errSealed = errors.New("app: a stored secret cannot be decrypted: it was changed or belongs to another row or key")

// open decrypts what seal encrypted for the same row.
func (k *Keyring) open(row secretRow, s sealed) (string, error) {
	key := k.keys[s.number]
	if key == nil || len(s.ciphertext) < key.sealer.NonceSize() {
		return "", errSealed
	}
	n := key.sealer.NonceSize()
	plain, err := key.sealer.Open(nil, s.ciphertext[:n], s.ciphertext[n:], row.data())
	if err != nil {
		return "", errSealed
	}
	return string(plain), nil
}

// secretRow names the row a ciphertext is bound to.
type secretRow struct{ organization, app, id int64 }

func (r secretRow) data() []byte {
	b := []byte("tidings app_secret 1\x00")
	for _, n := range []int64{r.organization, r.app, r.id} {
		b = binary.BigEndian.AppendUint64(b, uint64(n)) //nolint:gosec // ids are positive
	}
	return b
}

// AuditKey returns the key that a number's audit entries are chained with, nil
// when that master key is not in the ring; see audit.Keys.
func (k *Keyring) AuditKey(number int) []byte {
	if key := k.keys[number]; key != nil {
		return key.audit
	}
	return nil
}

// AuditKeyNumber is the number of the key for new audit entries.
func (k *Keyring) AuditKeyNumber() int { return k.current }
