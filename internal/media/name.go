package media

import (
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is the longest name in bytes, what file systems take.
const maxName = 255

// cleanName makes a client's file name fit to be offered for download: no
// path, no characters that cannot be seen or that turn the direction of
// reading, an ending that belongs to the content, at most maxName bytes.
func cleanName(name, kind string, f *format) string {
	name = strings.ToValidUTF8(name, "")
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		// Format characters are, among others, the bidirectional overrides that
		// make "exe.gpj" read "jpg.exe".
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp) || strings.ContainsRune(`<>:"|?*`, r) {
			return -1
		}
		return r
	}, name)
	name = strings.Trim(name, ". \t\u00a0\u3000")
	if name == "" {
		name = kind
	}
	ending := path.Ext(name)
	if !slices.Contains(f.endings, strings.ToLower(ending)) {
		ending = f.endings[0]
		name += ending
	}
	if len(name) <= maxName {
		return name
	}
	stem := name[:maxName-len(ending)]
	for !utf8.ValidString(stem) {
		stem = stem[:len(stem)-1]
	}
	return stem + ending
}
