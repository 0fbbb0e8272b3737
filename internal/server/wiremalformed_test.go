package server_test

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/dingtalk"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// Whatever a body is that cannot be read: a complete answer that says so, and
// nothing is left of it, neither a row nor a goroutine.
func TestMalformedBodiesOfEveryCall(t *testing.T) { //nolint:paralleltest // it counts the goroutines of the process
	bodies := 2000
	if testing.Short() {
		bodies = 40
	}
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) { //nolint:paralleltest // see above
			w := mustWireStage(t, engine)
			w.grant(app.Scopes()) // so that each body is read
			routes := dingtalk.Routes()
			for _, rt := range routes { // what is made once, at the first call, is there
				w.malformed(t, rt, 1)
			}
			w.client.CloseIdleConnections()
			rows, goroutines := w.rows(t), runtime.NumGoroutine()
			for _, rt := range routes {
				w.malformed(t, rt, bodies)
			}
			w.client.CloseIdleConnections()
			until(t, "no goroutine is left", func() bool { return runtime.NumGoroutine() <= goroutines })
			if after := w.rows(t); !maps.Equal(rows, after) {
				t.Errorf("rows are left: %v, before %v", after, rows)
			}
		})
	}
}

// malformed makes so many calls that cannot be read, each another one.
func (w *wireStage) malformed(t *testing.T, rt dingtalk.Route, calls int) {
	t.Helper()
	may := []string{"40035"}
	switch {
	case rt.Modern:
		may = []string{"InvalidParameter", "Missingbody"}
	case rt.Multipart:
		may = []string{"40035", "43008", "41005", "40004", "40005", "44001"}
	}
	for i, text := range spoiled(w.whole(rt), calls, rt) {
		got, answer := w.said(t, rt, w.spoiledCall(rt, text))
		if !slices.Contains(may, got) {
			t.Errorf("%s, the %d. body %.300q: %s", rt.Path, i+1, text, answer)
		}
	}
}

const boundary = "xyz"

// whole is what is spoiled: a body, or the query where there is none.
func (w *wireStage) whole(rt dingtalk.Route) string {
	switch {
	case !slices.Contains(rt.Methods, http.MethodPost):
		return texts(w.parameters(rt)).Encode()
	case rt.Multipart: // of no type, so that nothing is kept of what can be read after all
		return "--xyz\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\nimage\r\n" +
			"--xyz\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.png\"\r\n\r\n<html>\r\n--xyz--\r\n"
	}
	return written(w.parameters(rt), asItIs)
}

func (w *wireStage) spoiledCall(rt dingtalk.Route, text string) *http.Request {
	head := w.path(rt) + "?" + tokenName(rt) + "=" + w.tokens["good"]
	switch {
	case !slices.Contains(rt.Methods, http.MethodPost):
		r := mustGet(w.base + head)
		r.URL.RawQuery += "&" + text
		return r
	case rt.Multipart:
		return w.post(head, "multipart/form-data; boundary="+boundary, text)
	}
	return w.post(head, asJSON, text)
}

// spoiled are so many different ways to spoil a text that it cannot be read any
// more, the same in every run.
func spoiled(whole string, n int, rt dingtalk.Route) []string {
	random := rand.New(rand.NewPCG(7, uint64(len(rt.Path)))) //nolint:gosec // the same in every run
	seen, list := map[string]bool{}, make([]string, 0, n)
	for len(list) < n {
		text := spoil(random, whole, rt)
		if unreadable := rt.Multipart || !slices.Contains(rt.Methods, http.MethodPost) || !json.Valid([]byte(text)); unreadable && !seen[text] {
			seen[text] = true
			list = append(list, text)
		}
	}
	return list
}

// spoil changes a text in one to three places.
func spoil(random *rand.Rand, text string, rt dingtalk.Route) string {
	if !slices.Contains(rt.Methods, http.MethodPost) { // an escape that is none
		at := random.IntN(len(text) + 1)
		return text[:at] + "%" + string("gxyz%&"[random.IntN(6)]) + text[at:]
	}
	junk := []string{`"`, `{`, `}`, `[`, `]`, `:`, `,`, `\`, "\x00", "\xff", `\u12`, `\ud800`, "nul", "'", "--", "\r\n", "\ufeff", "/*", "1e", "+", "=", "&"}
	for range 1 + random.IntN(3) {
		at := random.IntN(len(text))
		switch random.IntN(4) {
		case 0: // it ends there
			text = text[:max(at, 1)]
		case 1:
			text = text[:at] + junk[random.IntN(len(junk))] + text[at:]
		case 2: // something is missing
			text = text[:at] + text[min(len(text), at+1+random.IntN(9)):]
		default:
			text = text[:at] + string(rune(random.IntN(256))) + text[min(len(text), at+1):]
		}
		if text == "" {
			text = "{"
		}
	}
	if rt.Multipart {
		return strings.ReplaceAll(text, "#!AMR", "")
	}
	return text
}
