package media

import (
	"io"
	"net/http"
	"strings"
)

// Serve answers a request for a file, parts of it included. Whoever calls it
// has checked that the viewer may see the file now. The content is opened only
// if the client does not have it; when it cannot be, nothing is written.
//
// Only a picture, which this room has written itself, is shown in place; all
// else is offered for download. Nothing may run, be guessed to be something
// else, or be embedded by another site. A browser asks again every time it
// shows a file: a message may have been recalled since.
func Serve(w http.ResponseWriter, r *http.Request, f File, open func() (io.ReadSeekCloser, error)) error {
	tag := `"` + f.Digest + `"`
	if names(r.Header.Get("If-None-Match"), tag) {
		w.Header().Set("Cache-Control", cacheControl)
		w.Header().Set("ETag", tag)
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	content, err := open()
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }() // only read
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
	h.Set("Cache-Control", cacheControl)
	h.Set("ETag", tag)
	http.ServeContent(w, r, "", f.CreatedAt, content)
	return nil
}

// cacheControl lets the person's own browser keep a file, and use it only
// after asking.
const cacheControl = "private, no-cache"

// names reports whether an If-None-Match names a tag. Tags of ours hold no
// comma.
func names(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		one = strings.TrimSpace(one)
		if one == "*" || strings.TrimPrefix(one, "W/") == tag {
			return true
		}
	}
	return false
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
