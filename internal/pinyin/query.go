package pinyin

import (
	"math/bits"
	"strings"
	"unicode/utf8"
)

// maxQuery is the longest text that is looked for, in letters: more is nobody's name.
const maxQuery = 63

// Letters is a set of the letters a to z.
type Letters uint32

func letter(c byte) Letters {
	if c < 'a' || c > 'z' {
		return 0
	}
	return 1 << (c - 'a')
}

// Begins returns the letters with which a Query may begin that finds a name, which is in
// small letters. It says at once of most names that they are not meant.
func Begins(name []byte) Letters {
	var all Letters
	t := readings()
	for _, number := range t.surname(name) {
		all |= t.sets[number].letters
	}
	for len(name) > 0 {
		r, size := utf8.DecodeRune(name)
		all |= letter(name[0])
		number, _ := t.number(r)
		all |= t.sets[number].letters
		name = name[size:]
	}
	return all
}

// places is a set of places in the text of a query, its end included: those up to which
// it was read.
type places uint64

// Query is a text to find. The zero Query finds nothing.
type Query struct {
	text  string
	table *table
	moves []places // by the number of a reading and the place where it begins: where it may end
}

// NewQuery returns what finds names by a text of Latin letters, in capitals or not,
// with spaces or apostrophes between syllables or none. Any other text finds nothing.
func NewQuery(text string) Query {
	text = strings.NewReplacer(" ", "", "'", "", "’", "", "ü", "v").Replace(strings.ToLower(text))
	if text == "" || len(text) > maxQuery || letter(text[0]) == 0 || strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		return Query{}
	}
	q := Query{text: text, table: readings()}
	q.moves = make([]places, len(q.table.sets)*len(text))
	for number, set := range q.table.sets {
		for at := range len(text) {
			if set.letters&letter(text[at]) == 0 {
				continue
			}
			for _, syllable := range set.syllables {
				q.moves[number*len(text)+at] |= read(text[at:], syllable) << at
			}
		}
	}
	return q
}

// read returns how much of a text a syllable may be: all of it, its first letter, zh, ch
// or sh, or whatever is left of the text where the syllable goes on.
func read(text, syllable string) (to places) {
	if text[0] != syllable[0] {
		return 0
	}
	to = 1 << 1
	if len(text) > 1 && text[1] == 'h' && len(syllable) > 1 && syllable[1] == 'h' {
		to |= 1 << 2
	}
	if strings.HasPrefix(text, syllable) {
		to |= 1 << len(syllable)
	}
	if strings.HasPrefix(syllable, text) {
		to |= 1 << len(text)
	}
	return to
}

// First returns the letter that the query begins with.
func (q Query) First() Letters {
	if q.text == "" {
		return 0
	}
	return letter(q.text[0])
}

// In reports whether a name, in small letters, has a part that is read so: each
// character by a syllable or the sound that it begins with, the last one by any
// beginning of a syllable.
func (q Query) In(name []byte) bool {
	if q.text == "" {
		return false
	}
	surname := q.table.surname(name)
	var at places
	for n := 0; len(name) > 0; n++ {
		r, size := utf8.DecodeRune(name)
		at |= 1
		switch number, _ := q.table.number(r); {
		case n < len(surname):
			at = q.step(at, surname[n])
		case number != 0:
			at = q.step(at, number)
		default:
			at = q.other(at, r, string(name[:size]))
		}
		if at>>len(q.text) != 0 {
			return true
		}
		name = name[size:]
	}
	return false
}

// step reads a character by the number of its reading.
func (q Query) step(from places, number uint16) (to places) {
	moves := q.moves[int(number)*len(q.text):]
	for ; from != 0; from &= from - 1 {
		to |= moves[bits.TrailingZeros64(uint64(from))]
	}
	return to
}

// other reads what is no Chinese character: itself, or nothing where it only stands
// between characters.
func (q Query) other(from places, r rune, itself string) (to places) {
	if strings.ContainsRune(" '·-", r) {
		to = from &^ 1
	}
	for ; from != 0; from &= from - 1 {
		if at := bits.TrailingZeros64(uint64(from)); strings.HasPrefix(q.text[at:], itself) {
			to |= 1 << (at + len(itself))
		}
	}
	return to
}
