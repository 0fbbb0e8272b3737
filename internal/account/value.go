package account

import (
	"crypto/rand"
	"strconv"
	"strings"
)

// What the values of credentials begin with, so that scanners of source code
// recognize one, and one kind is never taken for another.
const (
	Prefix        = "tdp_" // personal API tokens
	LinkPrefix    = "tdl_" // sign-in links
	SessionPrefix = "tds_" // sessions
)

// A value is PREFIX ORGANIZATION _ ID _ SECRET.
const (
	idLen     = 16 // characters of base32, 80 bits: a name, not a secret
	secretLen = 26 // characters of base32, 130 bits
	maxID     = 1<<53 - 1
)

// name is what of a value names its row.
type name struct {
	prefix       string
	organization int64
	id           string
}

func newValue(prefix string, organization int64) (name, string) {
	n := name{prefix, organization, random(idLen)}
	return n, valueOf(n)
}

func valueOf(n name) string {
	return n.prefix + strconv.FormatInt(n.organization, 10) + "_" + n.id + "_" + random(secretLen)
}

// NewValue makes the value of a credential of another room, and the id in it, in the
// one form that all have. Of the value only a hash may be stored.
func NewValue(prefix string, organization int64) (id, value string) {
	n, value := newValue(prefix, organization)
	return n.id, value
}

// AnotherValue is NewValue with an id that there is already, for another credential of
// the same row.
func AnotherValue(prefix string, organization int64, id string) string {
	return valueOf(name{prefix, organization, id})
}

// ParseValue reads a value that NewValue wrote with the prefix; false for any other text.
func ParseValue(prefix, value string) (organization int64, id string, ok bool) {
	n, ok := parse(prefix, value)
	return n.organization, n.id, ok
}

// random returns n characters of base32, n at most 26.
func random(n int) string { return strings.ToLower(rand.Text()[:n]) }

// parse reads a value in the one form newValue writes.
func parse(prefix, value string) (name, bool) {
	rest, ok := strings.CutPrefix(value, prefix)
	organization, rest, _ := strings.Cut(rest, "_")
	id, secret, _ := strings.Cut(rest, "_")
	if !ok || organization == "" || organization[0] < '1' || organization[0] > '9' ||
		!isRandom(id, idLen) || !isRandom(secret, secretLen) {
		return name{}, false
	}
	n, err := strconv.ParseInt(organization, 10, 64)
	return name{prefix, n, id}, err == nil && n <= maxID
}

func isRandom(text string, n int) bool {
	if len(text) != n {
		return false
	}
	for _, c := range []byte(text) {
		if (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}
