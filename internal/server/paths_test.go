package server_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidings-im/tidings/internal/dingtalk"
	"github.com/tidings-im/tidings/internal/server"
	"github.com/tidings-im/tidings/web"
)

// samplePaths are paths under a rule: the rule's own, and with a rule for all
// below one that nothing has.
func samplePaths(rule server.PathRule) []string {
	if path, below := strings.CutSuffix(rule.Path, "/"); below {
		return []string{path + "/no-such-thing", path + "/no/such-thing"}
	}
	return []string{strings.TrimSuffix(rule.Path, "{$}")}
}

// Every route of the wire and of our own API, and every file, has a rule of its
// edge: none is answered as nobody's.
func TestEveryRouteHasARule(t *testing.T) {
	t.Parallel()
	for _, path := range dingtalk.Paths() {
		if rule := server.RuleOf(path); rule.Edge != "wire" || rule.Nobodys {
			t.Errorf("%s of the wire has the rule of %q", path, rule.Path)
		}
		for _, typed := range []string{"/" + path, path + "/"} {
			if got, want := server.RuleOf(typed), server.RuleOf(path); got != want {
				t.Errorf("%s has the rule of %q, want that of %q", typed, got.Path, want.Path)
			}
		}
	}
	n := mustRun(t, settings(t, "sqlite"), nil)
	for path, streams := range n.mustOwnPaths(t) {
		if rule := server.RuleOf(path); rule.Edge != "own" || rule.Stream != streams {
			t.Errorf("%s of our API (a stream: %t) has the rule %+v", path, streams, rule)
		}
	}
	files, err := web.Files()
	must(t, err)
	for _, tree := range []fs.FS{files, tree()} {
		must(t, fs.WalkDir(tree, "assets", func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && server.RuleOf("/"+name).Edge != "page" {
				t.Errorf("the file %s has the rule %+v", name, server.RuleOf("/"+name))
			}
			return err
		}))
	}
}

// mustOwnPaths returns the paths of our own API, and which of them are streams.
func (n *node) mustOwnPaths(t *testing.T) map[string]bool {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, n.base+"/api/v1/openapi.json", nil)
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+n.mustFirm("Ours", "ann").tokens["ann"])
	w, err := http.DefaultClient.Do(r)
	must(t, err)
	defer w.Body.Close()
	var doc struct {
		Paths map[string]map[string]struct {
			Responses map[string]struct {
				Content map[string]any `json:"content"`
			} `json:"responses"`
		} `json:"paths"`
	}
	must(t, json.NewDecoder(w.Body).Decode(&doc))
	all := map[string]bool{}
	for path, methods := range doc.Paths {
		for _, operation := range methods {
			_, streams := operation.Responses["200"].Content["text/event-stream"]
			all[path] = all[path] || streams
		}
	}
	if len(all) < 10 {
		t.Fatalf("only %d paths of our API: %v", len(all), all)
	}
	return all
}

// An address with nothing at it is answered as its rule says: a browser gets a
// page where the rule has one, and a program the words of whose path it is.
func TestUnknownBelowEveryRule(t *testing.T) {
	t.Parallel()
	n := mustRun(t, settings(t, "sqlite"), nil)
	words := map[string]string{"own": "application/problem+json", "wire": "application/json", "page": "text/plain", "return": "text/plain"}
	for _, rule := range server.PathRules() {
		if !strings.HasSuffix(rule.Path, "/") || rule.File != "" {
			continue // one path, or a file at all of them
		}
		for _, path := range samplePaths(rule) {
			for _, browser := range []bool{false, true} {
				r, err := http.NewRequest(http.MethodGet, n.base+path, nil)
				must(t, err)
				want := words[rule.Edge]
				if browser {
					r.Header.Set("Accept", "text/html,*/*;q=0.8")
				}
				if browser && rule.Browser {
					want = "text/html"
				}
				w, err := http.DefaultClient.Do(r)
				must(t, err)
				text, err := io.ReadAll(w.Body)
				must(t, err)
				_ = w.Body.Close()
				if kind := w.Header.Get("Content-Type"); !strings.HasPrefix(kind, want) || !saysNothingThere(w.StatusCode, text) {
					t.Errorf("%s, browser %t: %d %s, want %s: %s", path, browser, w.StatusCode, kind, want, text)
				}
			}
		}
	}
}

// saysNothingThere is true for HTTP 404, and for the wire's older APIs, which
// say it in the body.
func saysNothingThere(status int, body []byte) bool {
	var said struct {
		Errcode int `json:"errcode"`
	}
	_ = json.Unmarshal(body, &said) // what is no JSON says nothing
	return status == http.StatusNotFound || said.Errcode == 404 || said.Errcode == 22
}

// What a request may cost is what its rule says.
func TestRulesLimitRequests(t *testing.T) {
	t.Parallel()
	for _, rule := range server.PathRules() {
		for _, path := range samplePaths(rule) {
			t.Run(path, func(t *testing.T) {
				t.Parallel()
				guarded := server.NewGuard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
				for more, want := range map[int]int{0: http.StatusOK, 1: http.StatusRequestHeaderFieldsTooLarge} {
					request := httptest.NewRequest(http.MethodGet, path, nil)
					have := len("GET") + len(path) + len("X-Filler: \r\n")
					w := httptest.NewRecorder()
					guarded.ServeHTTP(w, withHeader(request, strings.Repeat("x", rule.Headers-have+more)))
					if w.Code != want {
						t.Errorf("%d bytes of headers: status %d, want %d", rule.Headers+more, w.Code, want)
					}
				}
				synctest.Test(t, func(t *testing.T) {
					read := make(chan error, 1)
					c := mustDial(t, func(_ http.ResponseWriter, r *http.Request) {
						_, err := io.ReadAll(r.Body)
						read <- err
					})
					begin := time.Now()
					mustWrite(t, c, "POST "+path+" HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
					err := <-read
					if took := time.Since(begin); !errors.Is(err, os.ErrDeadlineExceeded) || took != rule.Body {
						t.Errorf("the body ended with %v after %v, want the deadline after %v", err, took, rule.Body)
					}
				})
			})
		}
	}
}

// What browsers may do with an answer is what its rule says.
func TestRulesSayPolicies(t *testing.T) {
	t.Parallel()
	n := mustRun(t, settings(t, "sqlite"), nil)
	for _, rule := range server.PathRules() {
		for _, path := range samplePaths(rule) {
			w, err := http.Post(n.base+path, "text/plain", http.NoBody)
			must(t, err)
			_ = w.Body.Close()
			if refused := w.Header.Get("Allow") == "GET, HEAD"; refused != rule.Reads {
				t.Errorf("POST %s is refused: %t, want %t", path, refused, rule.Reads)
			}
			own := map[bool]string{true: "cross-origin", false: "same-origin"}[rule.Foreign]
			if got := w.Header.Get("Cross-Origin-Resource-Policy"); got != own {
				t.Errorf("%s is for %q, want %q", path, got, own)
			}
		}
	}
	p := mustPages(t, tree(), "img.example.com")
	for name := range tree() {
		path := strings.TrimPrefix("/"+name, "/index.html")
		if path == "" {
			path = "/"
		}
		rule := server.RuleOf(path)
		if rule.Edge != "page" || strings.HasSuffix(name, ".gz") {
			continue
		}
		got := fetch(p, path).Header().Get("Content-Security-Policy")
		trusts, frames := strings.Contains(got, "img.example.com"), strings.Contains(got, "sandbox")
		if got == "" || trusts != (rule.Policy == "trusted hosts") || frames != (rule.Policy == "picture frame") {
			t.Errorf("%s with the policy %q: %s", path, rule.Policy, got)
		}
	}
}

// No other file of this room knows a path: what is decided by path is decided
// in the table. The operators' listener has paths of its own.
func TestOnlyTheTableKnowsPaths(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	must(t, err)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || name == "paths.go" || name == "ops.go" {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		must(t, err)
		ast.Inspect(f, func(node ast.Node) bool {
			lit, ok := node.(*ast.BasicLit)
			if ok && lit.Kind == token.STRING && len(lit.Value) > len(`"/"`) && strings.HasPrefix(strings.TrimLeft(lit.Value, "\"`^"), "/") {
				t.Errorf("%s knows the path %s", name, lit.Value)
			}
			return true
		})
	}
}
