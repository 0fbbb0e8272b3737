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
	return n, prefix + strconv.FormatInt(organization, 10) + "_" + n.id + "_" + random(secretLen)
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
