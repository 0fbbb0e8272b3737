package dingtalk

import (
	"cmp"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

// newRequestID returns 12 or 13 characters of lower-case base 36.
func newRequestID() string {
	const first = 131621703842267136 // 36^11, the least number of 12 digits
	return strconv.FormatUint(first+rand.Uint64N(math.MaxUint64-first), 36)
}

// object is a JSON object being written.
type object struct{ b []byte }

func newObject() *object {
	return &object{append(make([]byte, 0, 256), '{')}
}

func (o *object) name(name string) {
	if len(o.b) > 0 && o.b[len(o.b)-1] != '{' {
		o.b = append(o.b, ',')
	}
	o.b = append(o.b, '"')
	o.b = append(o.b, name...)
	o.b = append(o.b, '"', ':')
}

func (o *object) int(name string, n int64) {
	o.name(name)
	o.b = strconv.AppendInt(o.b, n, 10)
}

func (o *object) text(name, text string) {
	o.name(name)
	o.b = appendString(o.b, text)
}

func (o *object) object(name string, fill func(*object)) {
	o.name(name)
	o.b = append(o.b, '{')
	fill(o)
	o.b = append(o.b, '}')
}

// appendString appends s as a JSON string. Invalid UTF-8, which nothing that
// was stored holds, becomes the replacement character.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// head sets the headers that every answer has. The content type is exact: a
// client parses errors only then.
func (c *call) head() http.Header {
	h := c.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	return h
}

// ok answers a call that went well.
func (c *call) ok(fill func(*object)) error {
	o := newObject()
	c.begin(o)
	fill(o)
	c.end(o)
	c.finish(http.StatusOK, o)
	return nil
}

// begin writes what stands before the fields of an answer that went well.
func (c *call) begin(o *object) {
	switch c.style {
	case modern:
	case gateway:
		c.beginGateway(o)
	default:
		o.int("errcode", 0)
		o.text("errmsg", cmp.Or(c.route.done, "ok"))
	}
}

// end writes what stands behind them, but for the last brace.
func (c *call) end(o *object) {
	switch c.style {
	case modern:
	case gateway:
		c.endGateway(o)
	default:
		o.text("request_id", c.id)
	}
}

// finish writes the answer. Who has gone does not get it.
func (c *call) finish(status int, o *object) {
	c.head()
	c.begun = true
	c.w.WriteHeader(status)
	_, _ = c.w.Write(append(o.b, '}'))
}
