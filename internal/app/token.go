package app

import (
	"crypto/rand"
	"crypto/subtle"
	"strconv"
	"strings"

	"github.com/tidings-im/tidings/internal/fault"
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

// newTokenID makes an id for a token of the key in use. Fails with CodeBusy on a
// node that has not got that key.
func (s *Service) newTokenID(organization int64) (tokenID, error) {
	number, err := s.keys.Current()
	if err != nil {
		return tokenID{}, err
	}
	text := strconv.FormatInt(organization, 10) + "-" + strconv.Itoa(number) + "-" + strings.ToLower(rand.Text()[:randomLen])
	return tokenID{organization: organization, key: number, text: text}, nil
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

// signedText is what the MAC of a token is over.
func (id tokenID) signedText() string { return "access_token 1\x00" + id.text }

// Signed reports whether a token was made with a key of this installation,
// whatever has become of it or of the key. It costs no look-up.
func (s *Service) Signed(token string) bool {
	id, ok := idOf(token)
	if !ok {
		return false
	}
	mac, err := s.keys.MACDropped(id.key, id.signedText())
	return err == nil && subtle.ConstantTimeCompare([]byte(id.text+"."+mac), []byte(token)) == 1
}

// verify returns the id of a token whose MAC is right. Fails with
// CodeTokenInvalid for any other, and with CodeBusy on a node that has not got
// the key which the token names and the database needs.
func (s *Service) verify(token string) (tokenID, error) {
	id, ok := idOf(token)
	if !ok {
		return tokenID{}, tokenInvalid()
	}
	mac, err := s.keys.MAC(id.key, id.signedText())
	if fault.Is(err, fault.CodeBusy) {
		return tokenID{}, err
	}
	if err != nil || subtle.ConstantTimeCompare([]byte(id.text+"."+mac), []byte(token)) != 1 {
		return tokenID{}, tokenInvalid()
	}
	return id, nil
}

// idOf reads the id of a token, whose MAC nobody has looked at yet.
func idOf(token string) (tokenID, bool) {
	if len(token) > maxTokenLen {
		return tokenID{}, false
	}
	text, _, _ := strings.Cut(token, ".")
	return parseTokenID(text)
}
