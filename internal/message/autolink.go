package message

import (
	"iter"
	"strings"
)

// piece is a part of a plain text: an address in it, or what stands between.
type piece struct {
	text   string
	isLink bool
}

// splitLinks finds the addresses in a plain text.
func splitLinks(s string) iter.Seq[piece] {
	return func(yield func(piece) bool) {
		start := 0
		for i := 0; i < len(s); {
			n := 0
			if i == 0 || !isAlphanumeric(s[i-1]) {
				n = addressLength(s[i:])
			}
			if n == 0 {
				i++
				continue
			}
			if i > start && !yield(piece{text: s[start:i]}) {
				return
			}
			if !yield(piece{text: s[i : i+n], isLink: true}) {
				return
			}
			i += n
			start = i
		}
		if start < len(s) {
			yield(piece{text: s[start:]})
		}
	}
}

// addressLength returns the length of the address s begins with, 0 if it
// begins with none that can be opened. Chinese text follows addresses without
// a space, so an address ends at the first character outside ASCII; quotes and
// angle brackets end it too, and punctuation at its end belongs to the sentence.
func addressLength(s string) int {
	if len(s) == 0 || strings.IndexByte("hHdD", s[0]) < 0 || !hasOpenScheme(s) {
		return 0
	}
	end := strings.IndexFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || r == '<' || r == '>' || r == '"' || r == '`' || r == '\\' || r == '|'
	})
	if end < 0 {
		end = len(s)
	}
	end = trimSentence(s[:end])
	if webOnly(s[:end]).Kind != LinkWeb {
		return 0
	}
	return end
}

func hasOpenScheme(s string) bool {
	for _, scheme := range [...]string{"http://", "https://", "dingtalk://"} {
		if len(s) > len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			return true
		}
	}
	return false
}

// trimSentence returns the length of s without closing punctuation; a closing
// bracket stays if it was opened inside.
func trimSentence(s string) int {
	opened := strings.Count(s, "(") - strings.Count(s, ")")
	squared := strings.Count(s, "[") - strings.Count(s, "]")
	for end := len(s); ; end-- {
		if end == 0 {
			return 0
		}
		switch c := s[end-1]; {
		case strings.IndexByte(".,;:!?'*_~}{", c) >= 0:
		case c == ')' && opened < 0:
			opened++
		case c == ']' && squared < 0:
			squared++
		default:
			return end
		}
	}
}
