package pinyin

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	dictionary "github.com/mozillazg/go-pinyin"
	"golang.org/x/text/unicode/norm"
)

// table is how all characters are read. A number is one of a reading in sets; 0 is that
// of what is no Chinese character.
type table struct {
	of    []uint16 // by character: a number, with mayBegin where a surname begins with it
	sets  []reading
	names map[string][]uint16 // surnames: a number for each character
}

const mayBegin = 1 << 15

// reading is the syllables of a character, and the letters that they begin with.
type reading struct {
	syllables []string
	letters   Letters
}

// readings is made when it is first needed.
var readings = sync.OnceValue(newTable)

func newTable() *table {
	t := &table{sets: make([]reading, 1), names: map[string][]uint16{}}
	numbers := map[string]uint16{}
	number := func(spoken string) uint16 {
		syllables := strings.Split(spoken, ",")
		slices.Sort(syllables)
		plain := strings.Join(slices.Compact(syllables), ",")
		n, known := numbers[plain]
		if !known {
			n = uint16(len(t.sets))
			numbers[plain] = n
			t.sets = append(t.sets, newReading(plain))
		}
		return n
	}
	for r, spoken := range dictionary.PinyinDict {
		if r >= len(t.of) {
			t.of = append(t.of, make([]uint16, r+1-len(t.of))...)
		}
		t.of[r] = number(withoutTones(spoken))
	}
	for name, spoken := range readSurnames() {
		for i, r := range []rune(name) {
			if t.names[name] = append(t.names[name], number(spoken[i])); i == 0 {
				t.of[r] |= mayBegin
			}
		}
	}
	return t
}

// number is that of how a character is read, and whether a surname may begin with it.
func (t *table) number(r rune) (n uint16, begins bool) {
	if int(r) >= len(t.of) {
		return 0, false
	}
	n = t.of[r]
	return n &^ mayBegin, n&mayBegin != 0
}

// surname returns how a name is read at its beginning, nil as elsewhere.
func (t *table) surname(name []byte) []uint16 {
	r, first := utf8.DecodeRune(name)
	if _, begins := t.number(r); !begins {
		return nil
	}
	_, second := utf8.DecodeRune(name[first:])
	if numbers, known := t.names[string(name[:first+second])]; known {
		return numbers
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
	add := func(syllable string) {
		r.syllables = append(r.syllables, syllable)
		r.letters |= letter(syllable[0])
	}
	for syllable := range strings.SplitSeq(plain, ",") {
		if syllable == "" {
			continue
		}
		add(syllable)
		if strings.Contains(syllable, "v") {
			add(strings.Replace(syllable, "v", "yu", 1))
			add(strings.Replace(syllable, "v", "u", 1))
		}
	}
	return r
}
