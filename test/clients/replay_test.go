package clients_test

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/test/harness"
)

// program is one that is replayed, and what it knows so far.
type program struct {
	address string
	person  harness.User
	secret  string
	suite   harness.Credentials
	known   map[string]string
}

// take sends a step's request and looks at the answer as the program does.
func (p *program) take(t *testing.T, s step) {
	t.Helper()
	p.now()
	switch {
	case s.agrees != nil:
		p.known[s.agrees.name] = p.agree(t, s)
		return
	case s.opens != "":
		p.known[s.opens] = p.open(t, s)
		return
	}
	w, answer := p.send(t, s)
	if w.StatusCode != s.status || s.media != "" && w.Header.Get("Content-Type") != s.media {
		t.Fatalf("%s: status %d with %s, want %d with %s: %.1000q", s.title, w.StatusCode, w.Header.Get("Content-Type"), s.status, s.media, answer)
	}
	if len(s.reads) == 0 {
		return
	}
	d := json.NewDecoder(bytes.NewReader(answer))
	d.UseNumber()
	var decoded any
	if err := d.Decode(&decoded); err != nil {
		t.Fatalf("%s: %v: %s", s.title, err, answer)
	}
	for _, r := range s.reads {
		if err := p.read(decoded, r); err != nil {
			t.Fatalf("%s: %v: %s", s.title, err, answer)
		}
	}
}

// now is the time as programs put it into requests, with the signatures over it.
func (p *program) now() {
	t := time.Now()
	ms := strconv.FormatInt(t.UnixMilli(), 10)
	p.known["ms"], p.known["seconds"] = ms, strconv.FormatInt(t.Unix(), 10)
	p.known["date_time"] = t.Format(time.DateTime)
	p.known["app_signature"] = signature(p.secret, ms)
	p.known["suite_signature"] = signature(p.suite.Secret, ms+"\n"+p.suite.Ticket)
}

func signature(secret, text string) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// send writes the request with the bytes that the program writes, and returns the answer.
func (p *program) send(t *testing.T, s step) (w *http.Response, answer []byte) {
	t.Helper()
	text, err := p.request(s)
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(s.line, " ")
	w, err = http.ReadResponse(bufio.NewReader(c), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%s: %v", s.title, err)
	}
	defer w.Body.Close()
	if answer, err = io.ReadAll(w.Body); err != nil {
		t.Fatalf("%s: %v", s.title, err)
	}
	return w, answer
}

// request is the step as bytes: values are written as each place needs them, and the
// length or the chunks of the body are its own.
func (p *program) request(s step) (string, error) {
	line, err := p.fill(s.line, url.QueryEscape)
	if err != nil {
		return "", fmt.Errorf("%s: %w", s.title, err)
	}
	var out strings.Builder
	out.WriteString(line + " HTTP/1.1\r\n")
	plain, chunked := func(v string) string { return v }, false
	escape := plain
	for _, h := range s.headers {
		h, err := p.fill(h, plain)
		if err != nil {
			return "", fmt.Errorf("%s: %w", s.title, err)
		}
		name, value, _ := strings.Cut(h, ": ")
		switch {
		case strings.EqualFold(name, "Transfer-Encoding"):
			chunked = true
		case strings.EqualFold(name, "Content-Type") && strings.HasPrefix(value, "application/x-www-form-urlencoded"):
			escape = url.QueryEscape
		}
		out.WriteString(h + "\r\n")
	}
	body := s.body
	if strings.Contains(line, "/media/upload") { // the parts have lines of their own
		body = strings.ReplaceAll(body, "\n", "\r\n") + "\r\n"
	}
	if body, err = p.fill(body, escape); err != nil {
		return "", fmt.Errorf("%s: %w", s.title, err)
	}
	switch {
	case chunked && body != "":
		out.WriteString("\r\n" + strconv.FormatInt(int64(len(body)), 16) + "\r\n" + body + "\r\n0\r\n\r\n")
	case body != "" || strings.HasPrefix(line, http.MethodPost):
		out.WriteString("Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
	default:
		out.WriteString("\r\n")
	}
	return out.String(), nil
}

var placeholder = regexp.MustCompile(`\{\{(\w+)\}\}`)

// fill writes what the program knows into a text.
func (p *program) fill(text string, escape func(string) string) (string, error) {
	var missing string
	text = placeholder.ReplaceAllStringFunc(text, func(m string) string {
		value, ok := p.known[m[2:len(m)-2]]
		if !ok {
			missing = m
		}
		return escape(value)
	})
	if missing != "" {
		return "", fmt.Errorf("nothing is known of %s", missing)
	}
	return text, nil
}

// read looks a value up in an answer, by names and positions with dots between them.
func (p *program) read(answer any, r reading) error {
	v := answer
	for _, name := range strings.Split(r.path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(in) {
				return fmt.Errorf("%s: a list of %d", r.path, len(in))
			}
			v = in[i]
		default:
			v = nil
		}
	}
	if v == nil {
		return fmt.Errorf("the answer has no %s", r.path)
	}
	want, err := p.fill(r.want, func(v string) string { return v })
	if err != nil {
		return err
	}
	switch got := fmt.Sprint(v); {
	case r.want != "" && got != want:
		return fmt.Errorf("%s is %s, want %s", r.path, got, want)
	case r.want == "" && got == "":
		return fmt.Errorf("%s is empty", r.path)
	case r.kind != "" && !isKind(v, r.kind):
		return fmt.Errorf("%s is %v, want a %s", r.path, v, r.kind)
	case r.keep != "":
		p.known[r.keep] = got
	}
	return nil
}

// isKind says whether a program that decodes into types finds the one it has.
func isKind(v any, kind string) bool {
	switch v := v.(type) {
	case string:
		return kind == "text"
	case bool:
		return kind == "flag"
	case []any:
		return kind == "list"
	case json.Number:
		bits := map[string]int{"int32": 32, "number": 64}[kind]
		_, err := strconv.ParseInt(v.String(), 10, max(bits, 1))
		return bits != 0 && err == nil
	}
	return kind == "object"
}
