package sqlite

import (
	"strconv"
	"strings"
)

// positional rewrites $1, $2, … as ? where each stands once and in order.
// SQLite finds a parameter's name by walking all names before it, which makes
// an insert of many rows quadratic; a ? has no name.
func positional(query string) string {
	var out strings.Builder
	quoted := false
	next := 1
	for i := 0; i < len(query); i++ {
		c := query[i]
		if c == '\'' {
			quoted = !quoted
		}
		if c != '$' || quoted {
			out.WriteByte(c)
			continue
		}
		end := i + 1
		for end < len(query) && query[end] >= '0' && query[end] <= '9' {
			end++
		}
		if query[i+1:end] != strconv.Itoa(next) {
			return query
		}
		out.WriteByte('?')
		next++
		i = end - 1
	}
	return out.String()
}
