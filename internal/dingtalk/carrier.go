package dingtalk

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/tidings-im/tidings/internal/fault"
)

// readPairs appends the parameters of a query or a form-encoded body to args.
// Only "&" separates them. source names the whole when a name is unreadable.
func readPairs(args arguments, raw, source string) (arguments, error) {
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if pair == "" {
			continue
		}
		name, text, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil || !isText(name) {
			return nil, invalid(source, "holds a parameter whose name is not valid text")
		}
		if text, err = url.QueryUnescape(text); err != nil {
			return nil, invalid(name, "is not percent-encoded as it must be")
		}
		if !isText(text) {
			return nil, invalid(name, "holds NUL or invalid UTF-8")
		}
		if args, err = args.with(argument{name, value{textValue, text}}); err != nil {
			return nil, err
		}
	}
	return args, nil
}

// isText reports whether s can be stored.
func isText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// readBody adds the body's parameters to the call's. What the body is, its
// first character says rather than its content type: JSON arrives under all
// kinds of names, a form never begins with a brace.
func (c *call) readBody() error {
	if c.r.Method == http.MethodGet || c.r.Method == http.MethodHead || c.r.Body == nil {
		return nil
	}
	if c.r.ContentLength > c.route.maxBody {
		return c.tooLarge()
	}
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, c.route.maxBody)
	if err := c.unpack(); err != nil {
		return err
	}
	if c.route.body == multipartBody {
		return c.readForm()
	}
	body, err := readAll(c.r.Body, c.r.ContentLength)
	if err != nil {
		return c.unreadable(err)
	}
	text := string(body)
	trimmed := strings.TrimLeft(text, " \t\r\n")
	kind := contentType(c.r)
	switch {
	case hasByteOrderMark(text):
		return malformed("the body begins with a byte order mark (BOM): send UTF-8 without one")
	case c.route.bodyOnly && (trimmed == "" || trimmed[0] != '{' && kind != "application/json"):
		return fault.New(fault.CodeBodyMissing, "body is mandatory for this action.")
	case trimmed == "":
		return nil
	case trimmed[0] == '{', kind == "application/json":
		c.args, err = readJSON(c.args, text)
	case kind == "multipart/form-data":
		return malformed("multipart/form-data is for uploads only")
	default:
		c.args, err = readPairs(c.args, text, "body")
	}
	return err
}

// unpack replaces a packed body by what is in it, up to the same limit.
func (c *call) unpack() error {
	if !isPacked(c.r) {
		return nil
	}
	switch encoding := contentEncoding(c.r); encoding {
	case "gzip", "x-gzip":
	default:
		return malformed("Content-Encoding %s is not understood: send the body as it is, or packed with gzip", shownName(encoding))
	}
	c.packed = true
	packed, err := gzip.NewReader(c.r.Body)
	switch {
	case errors.Is(err, io.EOF): // there is no body
		c.r.Body = http.NoBody
	case err != nil:
		return c.unreadable(err)
	default:
		c.r.Body, c.r.ContentLength = http.MaxBytesReader(c.w, packed, c.route.maxBody), -1
	}
	return nil
}

// isPacked reports whether a request's body says that it is not what is read.
func isPacked(r *http.Request) bool {
	encoding := contentEncoding(r)
	return encoding != "" && encoding != "identity"
}

func contentEncoding(r *http.Request) string {
	return strings.ToLower(strings.Join(r.Header.Values("Content-Encoding"), ", "))
}

func hasByteOrderMark(text string) bool {
	for _, mark := range []string{"\ufeff", "\xff\xfe", "\xfe\xff"} { // UTF-8, UTF-16
		if strings.HasPrefix(text, mark) {
			return true
		}
	}
	return false
}

// contentType returns the request's media type without parameters.
func contentType(r *http.Request) string {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

func (c *call) tooLarge() error {
	return fault.New(fault.CodeBodyTooLarge, "the body is too large, the limit is %d bytes", c.route.maxBody).
		WithField("body").WithLimit(c.route.maxBody, max(c.r.ContentLength, 0))
}

// unreadable gives a failure to read the body its code. Most of them have
// nobody left to answer to.
func (c *call) unreadable(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return c.tooLarge()
	}
	text := "the body could not be read"
	if c.packed {
		text = "the body is not a whole gzip stream, as its Content-Encoding says"
	}
	return fault.New(fault.CodeBodyMalformed, "%s", text).WithField("body").Because(err)
}

// readAll reads to the end. A length that is only announced is not believed
// far enough to hold much memory for it.
func readAll(r io.Reader, announced int64) ([]byte, error) {
	const first = 64 << 10
	b := make([]byte, 0, min(max(announced, 511), first-1)+1)
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
