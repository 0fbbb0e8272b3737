package rest_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// Answers that are worth it are compressed for those whom no other site can
// make ask; streams, files and small ones never are.
func TestAnswersAreCompressed(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.words = strings.Repeat(" the same words", 400)
	const messages, gz = "/api/v1/inbox/messages", "Accept-Encoding"
	for name, c := range map[string]struct {
		path, token string
		headers     []string
		want        string
	}{
		"a program":                    {messages, ours, []string{gz, "gzip"}, "gzip"},
		"a program that wants none":    {messages, ours, nil, ""},
		"a program that refuses it":    {messages, ours, []string{gz, "gzip;q=0"}, ""},
		"our own page":                 {messages, "", []string{gz, "gzip, deflate, br, zstd", "Cookie", ourCookie, "Sec-Fetch-Site", "same-origin"}, "gzip"},
		"another site":                 {messages, "", []string{gz, "gzip", "Cookie", ourCookie, "Sec-Fetch-Site", "cross-site"}, ""},
		"another host of our site":     {messages, "", []string{gz, "gzip", "Cookie", ourCookie, "Sec-Fetch-Site", "same-site"}, ""},
		"an address that was typed":    {messages, "", []string{gz, "gzip", "Cookie", ourCookie, "Sec-Fetch-Site", "none"}, ""},
		"a browser that says nothing":  {messages, "", []string{gz, "gzip", "Cookie", ourCookie}, ""},
		"a small answer":               {"/api/v1/inbox/unread", ours, []string{gz, "gzip"}, ""},
		"the description, for anybody": {"/api/v1/openapi.json", "", []string{gz, "gzip"}, "gzip"},
		"a file":                       {"/api/v1/media/" + ourFile, ours, []string{gz, "gzip"}, ""},
		"a stream":                     {"/api/v1/inbox/events", ours, []string{gz, "gzip"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := ask(t, h.handler(), http.MethodGet, c.path, c.token, "", c.headers...)
			if got := w.Header().Get("Content-Encoding"); w.Code != http.StatusOK || got != c.want {
				t.Fatalf("%d, encoded as %q, want %q", w.Code, got, c.want)
			}
			if c.want == "" || c.path != messages {
				return
			}
			if w.Body.Len() > 1000 {
				t.Errorf("%d bytes", w.Body.Len())
			}
			r, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(r)
			if err != nil || !json.Valid(text) || len(text) < 6000 {
				t.Errorf("%d bytes: %v", len(text), err)
			}
			if !strings.Contains(strings.Join(w.Header().Values("Vary"), ","), "Accept-Encoding") {
				t.Errorf("Vary: %q", w.Header().Values("Vary"))
			}
		})
	}
}
