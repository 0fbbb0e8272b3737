package media

import (
	"io"
	"net/http"
	"strings"
)

// Serve answers a request for a file, parts of it included. Whoever calls it
// has checked that the viewer belongs to the file's organization.
//
// Only a picture, which this room has written itself, is shown in place; all
// else is offered for download. Nothing may run, be guessed to be something
// else, or be embedded by another site.
func Serve(w http.ResponseWriter, r *http.Request, f File, content io.ReadSeeker) {
	disposition := "attachment"
	if f.Kind == KindImage {
		disposition = "inline"
	}
	h := w.Header()
	h.Set("Content-Type", f.ContentType)
	h.Set("Content-Disposition", disposition+fileName(f.Name))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "private, max-age=31536000, immutable") // an id's content never changes
	h.Set("ETag", `"`+f.Digest+`"`)
	http.ServeContent(w, r, "", f.CreatedAt, content)
}

// fileName writes a name both ways (RFC 6266): an ASCII approximation for old
// clients, and the name itself.
func fileName(name string) string {
	var plain, exact strings.Builder
	const hex = "0123456789ABCDEF"
	for _, r := range name {
		if r < ' ' || r > '~' || strings.ContainsRune(`"\%`, r) {
			plain.WriteByte('_')
		} else {
			plain.WriteByte(byte(r))
		}
	}
	for i := range len(name) {
		c := name[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if letter || strings.IndexByte("-._~", c) >= 0 {
			exact.WriteByte(c)
		} else {
			exact.WriteByte('%')
			exact.WriteByte(hex[c>>4])
			exact.WriteByte(hex[c&15])
		}
	}
	return `; filename="` + plain.String() + `"; filename*=UTF-8''` + exact.String()
}
