package callback

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // the wire's signature; what protects the content is the secret token in it
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
)

// The form of a sealed text is the wire's: see docs/contract.md#callbacks.
const (
	keyLength   = 43 // characters of an aes_key: 32 bytes in base64 without its last "="
	paddedTo    = 32 // bytes; the cipher itself needs only 16
	randomBytes = 16 // before the text, so that the same text is sealed in another way each time
	lengthBytes = 4
)

// Why a sealed text cannot be opened. Nothing more is told: whoever made it wrongly
// must not learn how far it was right.
var (
	errSignature = errors.New("the signature is wrong")
	errSealed    = errors.New("the encrypted text cannot be opened")
	errKey       = errors.New("an aes_key has 43 characters of a-z, A-Z and 0-9")
)

// Cipher seals what goes to one callback and opens what it answers, with the token and
// the key that both sides know.
type Cipher struct {
	token string
	keyID string
	block cipher.Block
	first [aes.BlockSize]byte // the first vector of each chain: the beginning of the key
}

// NewCipher returns the Cipher of a callback. keyID closes each sealed text and says
// whose key it is: a corp id, app key or suite key. Fails for an aes_key that is none.
func NewCipher(token, aesKey, keyID string) (*Cipher, error) {
	if len(aesKey) != keyLength || strings.ContainsFunc(aesKey, notLetterOrDigit) {
		return nil, errKey
	}
	// The last character holds six bits of which four are needed. Others read keys
	// whose two spare bits are set, so they are read here too.
	key, err := base64.StdEncoding.DecodeString(aesKey + "=")
	if err != nil {
		return nil, errKey
	}
	c := &Cipher{token: token, keyID: keyID}
	copy(c.first[:], key)
	c.block, err = aes.NewCipher(key)
	return c, err
}

func notLetterOrDigit(r rune) bool {
	return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
}

// Seal encrypts a text: 16 random bytes, the text's length in four bytes (the largest
// first), the text, the key's id, and 1 to 32 bytes of padding.
func (c *Cipher) Seal(text string) string {
	plain := make([]byte, randomBytes, randomBytes+lengthBytes+len(text)+len(c.keyID)+paddedTo)
	_, _ = rand.Read(plain)                                         // never fails
	plain = binary.BigEndian.AppendUint32(plain, uint32(len(text))) //nolint:gosec // an event is short
	plain = append(append(plain, text...), c.keyID...)
	pad := paddedTo - len(plain)%paddedTo
	for range pad {
		plain = append(plain, byte(pad))
	}
	cipher.NewCBCEncrypter(c.block, c.first[:]).CryptBlocks(plain, plain)
	return base64.StdEncoding.EncodeToString(plain)
}

// Sign is the signature of a sealed text: SHA-1 over the token, the time stamp, the
// nonce and the text, in the order of their bytes.
func (c *Cipher) Sign(timestamp, nonce, sealed string) string {
	parts := []string{c.token, timestamp, nonce, sealed}
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, ""))) //nolint:gosec // see above
	return hex.EncodeToString(sum[:])
}

// Open checks the signature of a sealed text and returns what it says.
func (c *Cipher) Open(signature, timestamp, nonce, sealed string) (string, error) {
	if subtle.ConstantTimeCompare([]byte(c.Sign(timestamp, nonce, sealed)), []byte(strings.ToLower(signature))) != 1 {
		return "", errSignature
	}
	return c.unseal(sealed)
}

// unseal undoes Seal.
func (c *Cipher) unseal(sealed string) (string, error) {
	plain, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil || len(plain) == 0 || len(plain)%aes.BlockSize != 0 {
		return "", errSealed
	}
	cipher.NewCBCDecrypter(c.block, c.first[:]).CryptBlocks(plain, plain)
	pad := int(plain[len(plain)-1])
	if pad < 1 || pad > paddedTo || pad > len(plain) {
		return "", errSealed
	}
	for _, b := range plain[len(plain)-pad:] {
		if int(b) != pad {
			return "", errSealed
		}
	}
	if plain = plain[:len(plain)-pad]; len(plain) < randomBytes+lengthBytes {
		return "", errSealed
	}
	length := uint64(binary.BigEndian.Uint32(plain[randomBytes:]))
	rest := plain[randomBytes+lengthBytes:]
	if length > uint64(len(rest)) || string(rest[length:]) != c.keyID {
		return "", errSealed
	}
	return string(rest[:length]), nil
}
