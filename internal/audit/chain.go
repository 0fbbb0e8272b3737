package audit

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"strconv"
)

// Keys are what the chain is made with: 32 bytes derived from each master key for
// this purpose alone. Who can write to the database does not have them.
type Keys interface {
	// AuditKey returns the key of a number, nil for one that is not there.
	AuditKey(number int) []byte
	// AuditKeyNumber is the number of the key for new entries.
	AuditKeyNumber() int
}

// Head is where an organization's chain stands. Entries up to FloorN were deleted
// by a retention rule; FloorMAC is the code of the last of them.
type Head struct {
	N        int64
	At       int64 // of entry N, in milliseconds of Unix time
	MAC      []byte
	FloorN   int64
	FloorMAC []byte
}

// Row is an entry as it is stored, which is what its code covers: every column
// but Key, and the code of the entry before.
type Row struct {
	Organization, N, At       int64
	Actor, Credential, Action string
	Subject                   string
	Version                   int64
	Details                   string // a JSON object, or nothing
	Sealed                    []byte // SHA-256 of salt and text of what is private, or nothing
	Key                       int
	MAC                       []byte
}

const chainDomain = "tidings audit 1"

// code is HMAC-SHA-256 over the row's fields, each after its length, and the code
// before it.
func (r *Row) code(key, before []byte) []byte {
	h := hmac.New(sha256.New, key)
	field := func(b []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		_, _ = h.Write(n[:])
		_, _ = h.Write(b)
	}
	number := func(n int64) { field(strconv.AppendInt(nil, n, 10)) }
	field([]byte(chainDomain))
	number(r.Organization)
	number(r.N)
	number(r.At)
	for _, text := range []string{r.Actor, r.Credential, r.Action, r.Subject} {
		field([]byte(text))
	}
	number(r.Version)
	field([]byte(r.Details))
	field(r.Sealed)
	field(before)
	return h.Sum(nil)
}

// Append seals a row as the next of a chain: it gives it its number, its time,
// which is never before that of the entry before, and its code. It returns where
// the chain stands then, and false when the key for new entries is missing.
func (h Head) Append(r *Row, k Keys) (Head, bool) {
	r.Key = k.AuditKeyNumber()
	key := k.AuditKey(r.Key)
	if key == nil {
		return h, false
	}
	r.N, r.At = h.N+1, max(r.At, h.At)
	r.MAC = r.code(key, h.MAC)
	h.N, h.At, h.MAC = r.N, r.At, r.MAC
	return h, true
}

// Private is what an entry says about a person that is deleted when the person is
// erased. The entry keeps its digest, so that the chain still holds.
type Private struct {
	Salt []byte
	Text string // a JSON object
}

// conceal salts a text, so that its digest tells nothing to who guesses it.
func conceal(text string) Private {
	salt := make([]byte, 16)
	rand.Read(salt)
	return Private{salt, text}
}

// Of is the text, "" of nothing.
func (p *Private) Of() string {
	if p == nil {
		return ""
	}
	return p.Text
}

// Digest is what the entry keeps.
func (p Private) Digest() []byte {
	h := sha256.New()
	_, _ = h.Write(p.Salt)
	_, _ = h.Write([]byte(p.Text))
	return h.Sum(nil)
}
