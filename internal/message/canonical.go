package message

// writer writes canonical JSON. Callers write the fields of an object in the
// order of their keys; a test keeps them honest.
type writer struct{ b []byte }

func canonicalize(typ Type, c content, size int) []byte {
	const typeKey = "msgtype"
	w := &writer{b: make([]byte, 0, size+32)}
	w.begin('{')
	if typ > typeKey {
		w.field(typeKey, string(typ))
	}
	w.key(string(typ))
	w.begin('{')
	c.write(w)
	w.end('}')
	if typ < typeKey {
		w.field(typeKey, string(typ))
	}
	w.end('}')
	return w.b
}

func (w *writer) begin(bracket byte) { w.b = append(w.b, bracket) }
func (w *writer) end(bracket byte)   { w.b = append(w.b, bracket) }

// next separates a value from the one before it.
func (w *writer) next() {
	if n := len(w.b); n > 0 && w.b[n-1] != '{' && w.b[n-1] != '[' {
		w.b = append(w.b, ',')
	}
}

func (w *writer) key(key string) {
	w.next()
	w.str(key)
	w.b = append(w.b, ':')
}

// field writes a string field; an empty one is not part of a message.
func (w *writer) field(key, s string) {
	if s != "" {
		w.key(key)
		w.str(s)
	}
}

func (w *writer) str(s string) {
	const hex = "0123456789abcdef"
	w.b = append(w.b, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		w.b = append(w.b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			w.b = append(w.b, '\\', c)
		case '\n':
			w.b = append(w.b, '\\', 'n')
		case '\r':
			w.b = append(w.b, '\\', 'r')
		case '\t':
			w.b = append(w.b, '\\', 't')
		default:
			w.b = append(w.b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	w.b = append(w.b, s[start:]...)
	w.b = append(w.b, '"')
}
