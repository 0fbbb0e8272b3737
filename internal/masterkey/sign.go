package masterkey

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Sign returns a signature of what leaves the installation, such as a backup's
// checksums: the number of the master key in use, and a MAC under a key that is
// derived from it for nothing else. Only who has the master key can make one.
// Bind must have succeeded, so that the key is there.
func (k *Ring) Sign(text []byte) string {
	number, key := k.held.Load().inUse()
	return fmt.Sprintf("%d %s", number, base64.StdEncoding.EncodeToString(key.sign(text)))
}

// Verify compares a text with its signature. An error says that one of them was
// changed, or that the key which signed is not in the ring.
func (k *Ring) Verify(text []byte, signature string) error {
	number, encoded, _ := strings.Cut(strings.TrimSpace(signature), " ")
	n, err := strconv.Atoi(number)
	if err != nil {
		return errors.New("the signature cannot be read")
	}
	key := k.held.Load().key(n)
	if key == nil {
		return fmt.Errorf("it was signed with master key %d, which is not in the key file: an earlier copy of that may have it", n)
	}
	mac, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil || !hmac.Equal(mac, key.sign(text)) {
		return errors.New("the signature is not of this text: it was changed by somebody without the keys")
	}
	return nil
}

func (m *masterKey) sign(text []byte) []byte {
	h := hmac.New(sha256.New, m.signing)
	h.Write(text)
	return h.Sum(nil)
}
