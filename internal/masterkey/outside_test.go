package masterkey_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/masterkey"
)

// What a browser keeps is read back for its own purpose only, and not once it is changed.
func TestSealOutside(t *testing.T) {
	t.Parallel()
	keys, err := masterkey.Create(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := keys.SealOutside("one", []byte("a text"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(sealed, "text") || strings.ContainsAny(sealed, ` ,;="\`) {
		t.Errorf("sealed as %s", sealed)
	}
	if plain, err := keys.OpenOutside("one", sealed); err != nil || string(plain) != "a text" {
		t.Errorf("opened %q, %v", plain, err)
	}
	if again, err := keys.SealOutside("one", []byte("a text")); err != nil || again == sealed {
		t.Errorf("sealed alike twice: %v", err)
	}
	other, err := masterkey.Create(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := other.OpenOutside("one", sealed); err == nil {
		t.Errorf("another key opens %q", plain)
	}
	if plain, err := keys.OpenOutside("two", sealed); err == nil {
		t.Errorf("another purpose opens %q", plain)
	}
	number, text, _ := strings.Cut(sealed, ".")
	for _, bad := range []string{"", ".", "1", "1.", "x." + text, "9." + text, number + "." + text[:len(text)-2], number + "." + text + "AA", number + ".A" + text[1:], number + ".***", text} {
		if bad == sealed {
			continue
		}
		if plain, err := keys.OpenOutside("one", bad); err == nil {
			t.Errorf("%q opens %q", bad, plain)
		}
	}
}
