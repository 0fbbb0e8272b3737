package pinyin

import (
	"math/bits"
	"strings"
)

// maxQuery is the longest text that is looked for, in letters: more is nobody's name.
const maxQuery = 63

// places is a set of places in the text of a query, its end included: those up to which
// it was read.
type places uint64

// Query is a text to find. The zero Query finds nothing.
type Query struct {
	text   string
	starts []places // by code: what a text may be read up to that begins there
	moves  []places // by code and place: likewise for what was read up to the place
}

// NewQuery returns what finds names by a text of Latin letters, in capitals or not,
// with spaces or apostrophes between syllables or none. Any other text finds nothing.
func NewQuery(text string) Query {
	text = strings.NewReplacer(" ", "", "'", "", "’", "", "ü", "v").Replace(strings.ToLower(text))
	if text == "" || len(text) > maxQuery || text[0] < 'a' || strings.Trim(text, keys) != "" {
		return Query{}
	}
	sets := readings().sets
	q := Query{text: text, starts: make([]places, len(sets)), moves: make([]places, len(sets)*len(text))}
	typed := lettersOf(text)
	for code, set := range sets {
		if set.letters&typed == 0 {
			continue
		}
		moves := q.moves[code*len(text):]
		for _, syllable := range set.syllables {
			for at := range len(text) {
				if text[at] == syllable[0] {
					moves[at] |= read(text[at:], syllable) << at
				}
			}
		}
		q.starts[code] = moves[0]
	}
	for at := 1; at < len(text); at++ {
		q.moves[int(between)*len(text)+at] = 1 << at
	}
	return q
}

// read returns how much of a text a syllable may be that begins with its first letter:
// that letter, zh, ch or sh, all of it, or whatever is left of the text where the
// syllable goes on.
func read(text, syllable string) (to places) {
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

// Find calls each for those of the names, counted from 0, that have a part which is read
// so: each character by a syllable or the sound that it begins with, the last one by any
// beginning of a syllable.
func (q Query) Find(names []Code, each func(n int)) {
	if q.text == "" {
		return
	}
	starts, done := q.starts, places(1)<<len(q.text)
	var at places
	for i, n := 0, 0; i < len(names); i++ {
		c := names[i]
		if c == end {
			n, at = n+1, 0
			continue
		}
		to := starts[c]
		if at != 0 {
			to |= q.step(at, c)
		}
		if at = to; at&done == 0 {
			continue
		}
		each(n)
		for i+1 < len(names) && names[i+1] != end {
			i++
		}
	}
}

// step reads one more character.
func (q Query) step(from places, c Code) (to places) {
	moves := q.moves[int(c)*len(q.text):]
	for ; from != 0; from &= from - 1 {
		to |= moves[bits.TrailingZeros64(uint64(from))]
	}
	return to
}

// In reports whether Find finds a name, which is in small letters.
func (q Query) In(name []byte) (found bool) {
	if q.text != "" {
		q.Find(Append(nil, name), func(int) { found = true })
	}
	return found
}
