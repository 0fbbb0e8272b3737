package masterkey

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
)

// Sealed is an encrypted secret as its row holds it.
type Sealed struct {
	Number     int // of the key
	Ciphertext []byte
}

// Row names the row a ciphertext is bound to: a secret's, or with the ID 0 a suite
// ticket's, or with CallbackID what an app's callback is encrypted with. With Source it
// is that of a sign-in source, and App and ID are 0.
type Row struct {
	Organization, App, ID int64
	Source                string
}

// CallbackID stands for the secrets of an app's callback among its others.
const CallbackID = -1

func (r Row) data() []byte {
	if r.Source != "" {
		b := binary.BigEndian.AppendUint64([]byte("tidings sign_in_source 1\x00"), uint64(r.Organization)) //nolint:gosec // as below
		return append(b, r.Source...)
	}
	b := []byte("tidings app_secret 1\x00")
	for _, n := range []int64{r.Organization, r.App, r.ID} {
		b = binary.BigEndian.AppendUint64(b, uint64(n)) //nolint:gosec // ids are positive
	}
	return b
}

// Seal encrypts a secret for one row only. Fails with CodeBusy on a node that has
// not got the key in use.
func (k *Ring) Seal(row Row, plain string) (Sealed, error) {
	number, key := k.held.Load().inUse()
	if key == nil {
		return Sealed{}, errNoKey(number)
	}
	nonce := make([]byte, key.sealer.NonceSize(), key.sealer.NonceSize()+len(plain)+key.sealer.Overhead())
	rand.Read(nonce)
	return Sealed{Number: number, Ciphertext: key.sealer.Seal(nonce, nonce, []byte(plain), row.data())}, nil
}

// ErrSealed is the only thing said about a ciphertext that cannot be opened.
var ErrSealed = errors.New("masterkey: a stored secret cannot be decrypted: it was changed or belongs to another row or key")

// Open decrypts what Seal encrypted for the same row. Fails with ErrSealed.
func (k *Ring) Open(row Row, s Sealed) (string, error) {
	return k.held.Load().key(s.Number).open(row, s.Ciphertext)
}

// OpenDropped is Open that also knows keys that were dropped since this process
// began, for what never was stored.
func (k *Ring) OpenDropped(row Row, s Sealed) (string, error) {
	return k.held.Load().keys[s.Number].open(row, s.Ciphertext)
}

func (m *masterKey) open(row Row, ciphertext []byte) (string, error) {
	if m == nil || len(ciphertext) < m.sealer.NonceSize() {
		return "", ErrSealed
	}
	n := m.sealer.NonceSize()
	plain, err := m.sealer.Open(nil, ciphertext[:n], ciphertext[n:], row.data())
	if err != nil {
		return "", ErrSealed
	}
	return string(plain), nil
}

// ErrUnknown is said of a key that is not there, or was dropped.
var ErrUnknown = errors.New("masterkey: there is no such key")

// MAC returns the MAC of a text, as 43 characters of base64url. Fails with
// ErrUnknown, and with CodeBusy on a node that has not got a key which the database
// needs.
func (k *Ring) MAC(number int, text string) (string, error) {
	held := k.held.Load()
	key := held.key(number)
	switch {
	case key != nil:
		return key.token(text), nil
	case held.record.Keys[number].Needed():
		return "", errNoKey(number)
	}
	return "", ErrUnknown
}

// MACDropped is MAC that also knows keys that were dropped since this process
// began: to tell what they signed from what they did not, and for nothing else.
func (k *Ring) MACDropped(number int, text string) (string, error) {
	if key := k.held.Load().keys[number]; key != nil {
		return key.token(text), nil
	}
	return "", ErrUnknown
}

func (m *masterKey) token(text string) string {
	h := hmac.New(sha256.New, m.mac)
	h.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}
