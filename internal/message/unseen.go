package message

import (
	"unicode"
	"unicode/utf8"
)

// This file is the one place that knows which characters nobody sees. Two names
// that differ in them only look the same, and a text that holds them is not what
// its reader takes it for. Names are refused with them, see Unseen; texts of
// messages are shown without them, and never refused for them.

// isInvisible reports the characters that are left out of every text: controls
// of direction, zero-width ones, fillers, tags, separators, the byte order mark.
// Joiners and variation selectors are not among them: see belongs.
func isInvisible(r rune) bool {
	switch {
	case r < 0xad:
		return false
	case r == 0xad, r == 0x34f, r == 0x61c, r == 0x115f, r == 0x1160, r == 0x17b4, r == 0x17b5,
		r >= 0x180b && r <= 0x180f,
		r == 0x200b, r == 0x200e, r == 0x200f,
		r >= 0x2028 && r <= 0x202e,
		r >= 0x2060 && r <= 0x206f,
		r == 0x2800, r == 0x3164, r == 0xfeff, r == 0xffa0,
		r >= 0xfff0 && r <= 0xfffb,
		r >= 0x1d173 && r <= 0x1d17a,
		r >= 0xe0000 && r <= 0xe00ff, r >= 0xe01f0 && r <= 0xe0fff:
		return true
	}
	return false
}

// isJoiner reports the characters that nobody sees and that decide how those
// beside them are drawn: both joiners and the variation selectors.
func isJoiner(r rune) bool {
	return r == 0x200c || r == 0x200d || r >= 0xfe00 && r <= 0xfe0f || r >= 0xe0100 && r <= 0xe01ef
}

// joiningScripts are the scripts in which joiners change what a word looks like.
var joiningScripts = []*unicode.RangeTable{
	unicode.Arabic, unicode.Syriac, unicode.Nko, unicode.Mongolian, unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi,
	unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala,
	unicode.Khmer, unicode.Myanmar, unicode.Tibetan,
}

// belongs reports whether a joiner does something between two characters. A
// selector follows a picture, a digit of a keycap, or a Chinese character; the
// joiner of emoji stands between two pictures; in some scripts both stand between
// letters.
func belongs(before, joiner, after rune) bool {
	picture := func(r rune) bool {
		return r == 0xfe0f || unicode.In(r, unicode.So, unicode.Sk) || r >= 0x2190 && r <= 0x2bff && unicode.IsSymbol(r)
	}
	switch {
	case joiner >= 0xfe00:
		return picture(before) || unicode.Is(unicode.Han, before) || joiner == 0xfe0f && (before >= '0' && before <= '9' || before == '#' || before == '*')
	case joiner == 0x200d && picture(before) && picture(after):
		return true
	default:
		return unicode.In(before, joiningScripts...) && unicode.In(after, joiningScripts...)
	}
}

// LeftOut reports the characters that cards leave out wherever they stand, in
// texts of several lines but for line ends and tabs.
func LeftOut(r rune) bool { return unicode.IsControl(r) || isInvisible(r) }

// Unseen returns the first character of a name that nobody would see: one of
// those that LeftOut reports, or a joiner that joins nothing. found is false when
// there is none.
func Unseen(name string) (r rune, found bool) {
	before := rune(0)
	for i, r := range name {
		if LeftOut(r) || isJoiner(r) && !belongs(before, r, following(name[i:])) {
			return r, true
		}
		before = r
	}
	return 0, false
}

// following returns the second character of a text, 0 when there is none.
func following(s string) rune {
	_, size := utf8.DecodeRuneInString(s)
	if size == len(s) {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(s[size:])
	return r
}
