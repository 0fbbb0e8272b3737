package pinyin

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	dictionary "github.com/mozillazg/go-pinyin"
	"golang.org/x/text/unicode/norm"
)

// table is how all characters are read. A Code is the number of a reading in sets.
type table struct {
	of    []Code // by character, with mayBegin where a surname begins with it
	sets  []reading
	names map[string][]Code // surnames: a code for each character
}

// The first codes. Those of the letters and digits of keys follow them.
const (
	end     Code = iota // of a name
	other               // what nobody types
	between             // what stands between the parts of a name, and need not be typed
	key0

	mayBegin = 1 << 15

	keys = "abcdefghijklmnopqrstuvwxyz0123456789"
)

// reading is the syllables of a character, or what else may be typed for it, and what
// those begin with.
type reading struct {
	syllables []string
	letters   letters
}

// letters is a set of the characters of keys.
type letters uint64

func lettersOf(text string) (all letters) {
	for i := range len(text) {
		all |= 1 << strings.IndexByte(keys, text[i])
	}
	return all
}

// readings is made when it is first needed.
var readings = sync.OnceValue(newTable)

func newTable() *table {
	t := &table{sets: make([]reading, key0), of: make([]Code, utf8.RuneSelf), names: map[string][]Code{}}
	for i := range t.of {
		t.of[i] = other
	}
	for _, r := range " '-" {
		t.of[r] = between
	}
	for i := range len(keys) {
		t.of[keys[i]] = Code(len(t.sets))
		t.sets = append(t.sets, reading{[]string{keys[i : i+1]}, 1 << i})
	}
	codes := map[string]Code{}
	code := func(spoken string) Code {
		syllables := strings.Split(spoken, ",")
		slices.Sort(syllables)
		plain := strings.Join(slices.Compact(syllables), ",")
		c, known := codes[plain]
		if !known {
			c = Code(len(t.sets))
			codes[plain] = c
			t.sets = append(t.sets, newReading(plain))
		}
		return c
	}
	for r, spoken := range dictionary.PinyinDict {
		for r >= len(t.of) {
			t.of = append(t.of, other)
		}
		t.of[r] = code(withoutTones(spoken))
	}
	t.of['·'] = between
	for name, spoken := range readSurnames() {
		for i, r := range []rune(name) {
			if t.names[name] = append(t.names[name], code(spoken[i])); i == 0 {
				t.of[r] |= mayBegin
			}
		}
	}
	return t
}

// code is that of a character, and whether a surname may begin with it.
func (t *table) code(r rune) (c Code, begins bool) {
	if int(r) >= len(t.of) {
		return other, false
	}
	c = t.of[r]
	return c &^ mayBegin, c&mayBegin != 0
}

// surname returns how a name is read at its beginning, nil as elsewhere.
func (t *table) surname(name []byte) []Code {
	r, first := utf8.DecodeRune(name)
	if _, begins := t.code(r); !begins {
		return nil
	}
	_, second := utf8.DecodeRune(name[first:])
	if codes, known := t.names[string(name[:first+second])]; known {
		return codes
	}
	return t.names[string(name[:first])]
}

// withoutTones keeps the letters; ü is written v, as it is typed.
func withoutTones(spoken string) string {
	if strings.Trim(spoken, "abcdefghijklmnopqrstuvwxyz,") == "" {
		return spoken
	}
	plain := make([]byte, 0, len(spoken))
	for _, r := range norm.NFD.String(spoken) {
		switch {
		case r < 0x80:
			plain = append(plain, byte(r))
		case r == '\u0308' && len(plain) > 0: // the dots of ü
			plain[len(plain)-1] = 'v'
		}
	}
	return string(plain)
}

// newReading takes syllables with commas between. One with ü is also written as in
// passports, and as if the dots were forgotten: lv, lyu and lu.
func newReading(plain string) reading {
	var r reading
	for syllable := range strings.SplitSeq(plain, ",") {
		if syllable == "" {
			continue
		}
		r.syllables = append(r.syllables, syllable)
		if strings.Contains(syllable, "v") {
			r.syllables = append(r.syllables, strings.Replace(syllable, "v", "yu", 1), strings.Replace(syllable, "v", "u", 1))
		}
		r.letters |= lettersOf(syllable[:1])
	}
	return r
}
