package masterkey

import (
	"crypto/rand"
	"encoding/base64"
	"strconv"
	"strings"
)

// outsideData binds a ciphertext to what it is for.
func outsideData(purpose string) []byte { return []byte("tidings " + purpose + "\x00") }

// SealOutside encrypts what a browser keeps for us between two requests and may neither
// read nor change. Nothing of it is stored: it is for minutes, and a key in use is dropped
// hours after another one has taken its place. The text that it returns fits into a
// cookie. Fails with CodeBusy on a node that has not got the key in use.
func (k *Ring) SealOutside(purpose string, plain []byte) (string, error) {
	number, key := k.held.Load().inUse()
	if key == nil {
		return "", errNoKey(number)
	}
	nonce := make([]byte, key.outside.NonceSize(), key.outside.NonceSize()+len(plain)+key.outside.Overhead())
	rand.Read(nonce)
	return strconv.Itoa(number) + "." + base64.RawURLEncoding.EncodeToString(key.outside.Seal(nonce, nonce, plain, outsideData(purpose))), nil
}

// OpenOutside decrypts what SealOutside encrypted for the same purpose. Fails with
// ErrSealed.
func (k *Ring) OpenOutside(purpose, sealed string) ([]byte, error) {
	number, encoded, _ := strings.Cut(sealed, ".")
	n, err := strconv.Atoi(number)
	if err != nil {
		return nil, ErrSealed
	}
	key := k.held.Load().key(n)
	ciphertext, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if key == nil || err != nil || len(ciphertext) < key.outside.NonceSize() {
		return nil, ErrSealed
	}
	size := key.outside.NonceSize()
	plain, err := key.outside.Open(nil, ciphertext[:size], ciphertext[size:], outsideData(purpose))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}
