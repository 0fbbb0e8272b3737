package account

import (
	"crypto/rand"
	"crypto/sha256"
	"strconv"
	"strings"
	"time"
)

// Prefix begins every personal API token, so that scanners of source code
// recognize one.
const Prefix = "tdp_"

// The value of a token is tdp_ORGANIZATION_ID_SECRET.
const (
	idLen     = 16 // characters of base32, 80 bits: a name, not a secret
	secretLen = 26 // characters of base32, 130 bits
	maxID     = 1<<53 - 1
)

// Token is a personal API token without its value. RevokedAt is zero while it
// is not revoked.
type Token struct {
	ID        string
	Name      string
	CreatedAt time.Time
	ExpiresAt time.Time
	RevokedAt time.Time
}

// StoredToken is a token's row, and of whom it is.
type StoredToken struct {
	Token
	Organization int64
	Ordinal      uint32
	Userid       string // read with the row, not stored in it
	PersonName   string // likewise
	Hash         [sha256.Size]byte
}

// name is what of a token's value names its row.
type name struct {
	organization int64
	id           string
}

func newValue(organization int64) (name, string) {
	n := name{organization, random(idLen)}
	return n, Prefix + strconv.FormatInt(organization, 10) + "_" + n.id + "_" + random(secretLen)
}

// random returns n characters of base32, n at most 26.
func random(n int) string { return strings.ToLower(rand.Text()[:n]) }

// parse reads a value in the one form newValue writes.
func parse(value string) (name, bool) {
	rest, ok := strings.CutPrefix(value, Prefix)
	organization, rest, _ := strings.Cut(rest, "_")
	id, secret, _ := strings.Cut(rest, "_")
	if !ok || organization == "" || organization[0] < '1' || organization[0] > '9' ||
		!isRandom(id, idLen) || !isRandom(secret, secretLen) {
		return name{}, false
	}
	n, err := strconv.ParseInt(organization, 10, 64)
	return name{n, id}, err == nil && n <= maxID
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
