package directory

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
)

// A unionid says who somebody is to all apps of one provider, and nothing to those of
// another: a mark, which is an HMAC of organization and ordinal under the provider's salt,
// and the ordinal hidden by a second HMAC of that mark, so that the person is found again
// without a table (docs/contract.md#unionid).

const (
	unionMark = 16 // bytes
	unionSize = unionMark + 4
)

// newUnionSalt is what an organization's unionids are made with, for good.
func newUnionSalt() string {
	var b [32]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// unionID is what the apps of o call a person of an organization.
func (o *Organization) unionID(organization int64, ordinal uint32) string {
	id := make([]byte, 0, unionSize)
	id = append(id, o.unionMark(organization, ordinal)...)
	id = binary.BigEndian.AppendUint32(id, ordinal^o.unionMask(id))
	return base64.RawURLEncoding.EncodeToString(id)
}

// ordinalOf is unionID the other way; false for what it never made.
func (o *Organization) ordinalOf(organization int64, unionID string) (uint32, bool) {
	id, err := base64.RawURLEncoding.Strict().DecodeString(unionID)
	if err != nil || len(id) != unionSize {
		return 0, false
	}
	mark := id[:unionMark]
	ordinal := binary.BigEndian.Uint32(id[unionMark:]) ^ o.unionMask(mark)
	return ordinal, hmac.Equal(mark, o.unionMark(organization, ordinal))
}

func (o *Organization) unionMark(organization int64, ordinal uint32) []byte {
	b := binary.BigEndian.AppendUint64([]byte("person"), uint64(organization))
	return o.unionHMAC(binary.BigEndian.AppendUint32(b, ordinal))[:unionMark]
}

func (o *Organization) unionMask(mark []byte) uint32 {
	return binary.BigEndian.Uint32(o.unionHMAC(append([]byte("ordinal"), mark...)))
}

func (o *Organization) unionHMAC(b []byte) []byte {
	h := hmac.New(sha256.New, []byte(o.UnionSalt))
	h.Write(b)
	return h.Sum(nil)
}
