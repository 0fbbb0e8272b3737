package callback_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/callback"
)

// What the documentation of the wire gives as an example.
const (
	vectorToken     = "123456"
	vectorKey       = "1234567890123456789012345678901234567890123"
	vectorKeyID     = "dingsnotzck6pm5veliw"
	vectorTime      = "1614767836"
	vectorNonce     = "A7Co0cJLMzIDtMMI"
	vectorSealed    = "YvkvaGe4hQxd3VxRmEty0dVlnCOAqwf56xwTRHDHoOURqhalbmBJQk5FNcRk42Gl5T0YQXZNwpwWSm1xAFJ5ZA=="
	vectorSignature = "9a95a004dd16f5c307e849b994173f76aa26e5eb"
)

func mustCipher(t testing.TB, token, key, id string) *callback.Cipher {
	t.Helper()
	c, err := callback.NewCipher(token, key, id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestVector(t *testing.T) {
	t.Parallel()
	c := mustCipher(t, vectorToken, vectorKey, vectorKeyID)
	if got := c.Sign(vectorTime, vectorNonce, vectorSealed); got != vectorSignature {
		t.Errorf("the signature is %s", got)
	}
	if text, err := c.Open(vectorSignature, vectorTime, vectorNonce, vectorSealed); err != nil || text != "success" {
		t.Errorf("it says %q: %v", text, err)
	}
}

func TestSealed(t *testing.T) {
	t.Parallel()
	c := mustCipher(t, "token", vectorKey, "corp")
	for length := range 200 { // every padding, several times
		text := strings.Repeat("讯", length/3) + strings.Repeat("x", length%3)
		sealed := c.Seal(text)
		if got, err := c.Open(c.Sign("1", "n", sealed), "1", "n", sealed); err != nil || got != text {
			t.Fatalf("%d bytes: %q, %v", len(text), got, err)
		}
		if raw, _ := base64.StdEncoding.DecodeString(sealed); len(raw)%32 != 0 {
			t.Fatalf("%d bytes are padded to %d", len(text), len(raw))
		}
	}
	if first, second := c.Seal("same"), c.Seal("same"); first == second {
		t.Error("the same text is sealed the same way twice")
	}
}

// Whatever is changed of an answer, it is refused.
func TestTampered(t *testing.T) {
	t.Parallel()
	c := mustCipher(t, "token", vectorKey, "corp")
	sealed := c.Seal("success")
	signature := c.Sign("1", "n", sealed)
	for name, bad := range map[string][4]string{
		"another signature": {strings.Repeat("0", 40), "1", "n", sealed}, "no signature": {"", "1", "n", sealed},
		"half a signature": {signature[:20], "1", "n", sealed}, "another time": {signature, "2", "n", sealed},
		"another nonce": {signature, "1", "m", sealed}, "another text": {signature, "1", "n", c.Seal("success")},
	} {
		if text, err := c.Open(bad[0], bad[1], bad[2], bad[3]); err == nil {
			t.Errorf("%s: opened, %q", name, text)
		}
	}
	for name, bad := range map[string]string{
		"nothing": "", "no base64": "%%%", "no block": "AAAA", "noise": base64.StdEncoding.EncodeToString(make([]byte, 64)),
		"cut": sealed[:len(sealed)/2], "another key": mustCipher(t, "token", strings.Repeat("a", 43), "corp").Seal("success"),
		"another's": mustCipher(t, "token", vectorKey, "other").Seal("success"), "another's longer": mustCipher(t, "token", vectorKey, "corp2").Seal("success"),
	} {
		if text, err := c.Open(c.Sign("1", "n", bad), "1", "n", bad); err == nil {
			t.Errorf("%s: opened, %q", name, text)
		}
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", vectorKey[1:], vectorKey + "4", strings.Repeat("+", 43), strings.Repeat("é", 43), vectorKey[1:] + "=", vectorKey[1:] + "\n"} {
		if _, err := callback.NewCipher("token", bad, "corp"); err == nil {
			t.Errorf("%q is taken as a key", bad)
		}
	}
	mustCipher(t, "token", strings.Repeat("a", 42)+"9", "corp") // with spare bits set
}

// Nothing that somebody answers makes opening it panic, and nothing but a text that was
// sealed for this callback is opened.
func FuzzOpen(f *testing.F) {
	c := mustCipher(f, vectorToken, vectorKey, vectorKeyID)
	f.Add(vectorSealed)
	f.Add("")
	f.Add(c.Seal(""))
	f.Add(mustCipher(f, vectorToken, vectorKey, "other").Seal("success"))
	f.Add(base64.StdEncoding.EncodeToString(make([]byte, 96)))
	f.Fuzz(func(t *testing.T, sealed string) {
		text, err := c.Open(c.Sign("1", "n", sealed), "1", "n", sealed)
		if err != nil {
			return
		}
		if raw, err := base64.StdEncoding.DecodeString(sealed); err != nil || len(raw) < 20+len(text)+len(vectorKeyID) {
			t.Errorf("%q is opened as %q", sealed, text)
		}
	})
}
