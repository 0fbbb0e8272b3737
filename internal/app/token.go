package app

import (
	"crypto/rand"
	"crypto/subtle"
	"strconv"
	"strings"
)

// A token is ID.MAC. The id is ORGANIZATION-KEY-RANDOM: so that its row is
// found by organization and id, and its MAC is checked with the key that made
// it, before the database is asked.
const (
	randomLen    = 26 // characters of base32, 130 bits
	macLen       = 43 // characters of base64url, 256 bits
	maxKeyNumber = 9999
	maxID        = 1<<53 - 1
	maxTokenLen  = 16 + 1 + 4 + 1 + randomLen + 1 + macLen
)

// tokenID is the part of a token that is stored.
type tokenID struct {
	organization int64
	key          int
	text         string // all of it, organization and key included
}

func (k *Keyring) newTokenID(organization int64) tokenID {
	text := strconv.FormatInt(organization, 10) + "-" + strconv.Itoa(k.current) + "-" + strings.ToLower(rand.Text()[:randomLen])
	return tokenID{organization: organization, key: k.current, text: text}
}

// parseTokenID reads an id in the one form newTokenID writes.
func parseTokenID(text string) (tokenID, bool) {
	organization, rest, _ := strings.Cut(text, "-")
	key, random, _ := strings.Cut(rest, "-")
	id := tokenID{text: text}
	var ok bool
	if id.organization, ok = number(organization, maxID); !ok {
		return tokenID{}, false
	}
	n, ok := number(key, maxKeyNumber)
	if !ok || len(random) != randomLen {
		return tokenID{}, false
	}
	for _, c := range []byte(random) {
		if (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return tokenID{}, false
		}
	}
	id.key = int(n)
	return id, true
}

// number reads a decimal number from 1 to most without sign or leading zeros.
func number(text string, most int64) (int64, bool) {
	if text == "" || text[0] < '1' || text[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n <= most
}

// value returns the token of an id; false when its key is not in the ring.
func (k *Keyring) value(id tokenID) (string, bool) {
	mac, ok := k.mac(id.key, "access_token 1\x00"+id.text)
	return id.text + "." + mac, ok
}

// Signed reports whether a token was made with a key of this installation,
// whatever has become of it. It costs no look-up.
func (s *Service) Signed(token string) bool {
	_, ok := s.keys.verify(token)
	return ok
}

// verify returns the id of a token whose MAC is right.
func (k *Keyring) verify(token string) (tokenID, bool) {
	if len(token) > maxTokenLen {
		return tokenID{}, false
	}
	text, _, _ := strings.Cut(token, ".")
	id, ok := parseTokenID(text)
	if !ok {
		return tokenID{}, false
	}
	want, ok := k.value(id)
	if !ok || subtle.ConstantTimeCompare([]byte(want), []byte(token)) != 1 {
		return tokenID{}, false
	}
	return id, true
}
