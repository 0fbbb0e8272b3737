package server_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tidings-im/tidings/internal/server"
	"github.com/tidings-im/tidings/web"
)

// tree is a built one.
func tree() fstest.MapFS {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	index, script := "<!doctype html><title>inbox</title>"+strings.Repeat(" ", 500), strings.Repeat("let a;", 100)
	return fstest.MapFS{
		"index.html":                        file(index),
		"index.html.gz":                     file(zip(index)),
		"console.html":                      file("<!doctype html><title>console</title>"),
		"oauth.html":                        file("<!doctype html><title>program</title>"),
		"setup.html":                        file("<!doctype html><title>setup</title>"),
		"placeholder.html":                  file("<!doctype html><title>placeholder</title>"),
		"assets/page.css":                   file("body{}"),
		"assets/picture.html":               file("<!doctype html><title>picture</title>"),
		"assets/picture.js":                 file(strings.Repeat("say({});", 100)),
		"assets/icons/mark.svg":             file("<svg/>"),
		"assets/icons/mark-maskable.png":    file(strings.Repeat("\x89PNG", 100)),
		"assets/build/index-spHPrRV2.js":    file(script),
		"assets/build/index-spHPrRV2.js.gz": file(zip(script)),
		"assets/build/zh-BPw_AAo-.css":      file("a{}"),
		"assets/build/plain.js":             file("1"),
		"assets/build/some-short.js":        file("1"),
		"assets/build/no.known":             file("1"),
	}
}

// zip compresses as the build of the web app does.
func zip(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, text)
	if err = errors.Join(err, w.Close()); err != nil {
		panic(err)
	}
	return b.String()
}

func mustPages(t *testing.T, files fstest.MapFS, hosts ...string) http.Handler {
	t.Helper()
	p, err := server.NewPages(files, func(*http.Request) []string { return hosts })
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func fetch(p http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w
}

func TestPageIsTheBuiltOneOrThePlaceholder(t *testing.T) {
	t.Parallel()
	for file, pages := range map[string]map[string]string{
		"index.html":   {"/": "inbox", "/o/dingabc": "inbox"},
		"setup.html":   {"/setup": "setup"},
		"console.html": {"/console": "console", "/console/": "console", "/console/templates/12/34": "console"},
		"oauth.html":   {"/oauth2/auth": "program", "/oauth2/challenge.htm": "program", "/connect/qrconnect": "program", "/connect/oauth2/sns_authorize": "program"},
	} {
		files := tree()
		for _, built := range []bool{true, false} {
			for path, want := range pages {
				if !built {
					want = "placeholder"
				}
				w := fetch(mustPages(t, files), path)
				if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "<title>"+want) {
					t.Errorf("%s: status %d, %s; want the %s", path, w.Code, w.Body, want)
				}
			}
			delete(files, file)
		}
		delete(files, "placeholder.html")
		if _, err := server.NewPages(files, nil); err == nil {
			t.Errorf("a server without %s and placeholder.html starts", file)
		}
	}
}

// What is committed, and what was built here if anything was, can be served.
func TestPageOfThisBinary(t *testing.T) {
	t.Parallel()
	files, err := web.Files()
	if err != nil {
		t.Fatal(err)
	}
	p, err := server.NewPages(files, func(*http.Request) []string { return nil })
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/console", "/assets/page.css"} {
		if w := fetch(p, path); w.Code != http.StatusOK || w.Body.Len() == 0 {
			t.Errorf("%s: status %d with %d bytes", path, w.Code, w.Body.Len())
		}
	}
}

func TestPageFiles(t *testing.T) {
	t.Parallel()
	const forEver, asks = "public, max-age=31536000, immutable", "no-cache"
	p := mustPages(t, tree())
	for path, want := range map[string]struct{ contentType, caching string }{
		"/":                               {"text/html; charset=utf-8", asks},
		"/assets/page.css":                {"text/css; charset=utf-8", asks},
		"/assets/picture.html":            {"text/html; charset=utf-8", asks},
		"/assets/picture.js":              {"text/javascript; charset=utf-8", asks},
		"/assets/icons/mark.svg":          {"image/svg+xml", asks},
		"/assets/icons/mark-maskable.png": {"image/png", asks},
		"/assets/build/index-spHPrRV2.js": {"text/javascript; charset=utf-8", forEver},
		"/assets/build/zh-BPw_AAo-.css":   {"text/css; charset=utf-8", forEver},
		"/assets/build/plain.js":          {"text/javascript; charset=utf-8", asks},
		"/assets/build/some-short.js":     {"text/javascript; charset=utf-8", asks},
		"/assets/build/no.known":          {"application/octet-stream", asks},
	} {
		w := fetch(p, path)
		h := w.Header()
		if w.Code != http.StatusOK || h.Get("Content-Type") != want.contentType || h.Get("Cache-Control") != want.caching {
			t.Errorf("%s: status %d, %q, %q", path, w.Code, h.Get("Content-Type"), h.Get("Cache-Control"))
		}
		opener := "same-origin"
		if path == "/" {
			opener = "same-origin-allow-popups"
		}
		if h.Get("Cross-Origin-Opener-Policy") != opener { // the guard adds those of every answer
			t.Errorf("%s: headers %v", path, h)
		}
		tag := h.Get("ETag")
		if !strings.HasPrefix(tag, `"`) {
			t.Errorf("%s: ETag %s is not a strong one", path, tag)
		}
		again := fetch(p, path, "If-None-Match", tag)
		if again.Code != http.StatusNotModified || again.Body.Len() > 0 || again.Header().Get("ETag") != tag {
			t.Errorf("%s asked for again: status %d with %d bytes", path, again.Code, again.Body.Len())
		}
	}
	for _, path := range []string{"/assets/", "/assets/none.js", "/assets/build", "/assets//page.css", "/assets/../index.html"} {
		if w := fetch(p, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: status %d", path, w.Code)
		}
	}
}

// The page that shows a foreign picture is there for a frame only: by itself it
// would show anything under our address.
func TestForeignPicturesStayInTheirFrame(t *testing.T) {
	t.Parallel()
	p := mustPages(t, tree())
	for dest, want := range map[string]int{
		"iframe": http.StatusOK, "frame": http.StatusOK, "": http.StatusOK,
		"document": http.StatusNotFound, "object": http.StatusNotFound, "embed": http.StatusNotFound, "empty": http.StatusNotFound,
	} {
		if w := fetch(p, "/assets/picture.html", "Sec-Fetch-Dest", dest); w.Code != want {
			t.Errorf("for %q: status %d, want %d", dest, w.Code, want)
		}
		if w := fetch(p, "/assets/picture.js", "Sec-Fetch-Dest", dest); w.Code != http.StatusOK {
			t.Errorf("the script for %q: status %d", dest, w.Code)
		}
	}
}

func TestPageIsCompressed(t *testing.T) {
	t.Parallel()
	files := tree()
	p := mustPages(t, files)
	for accepts, want := range map[string]bool{
		"gzip": true, "br, gzip, deflate": true, "GZIP": true, "gzip;q=0.5": true, "gzip; q=1.0": true, "*": true, "*;q=0, gzip": true,
		"": false, "br": false, "gzip;q=0": false, "gzip; q=0.000": false, "*, gzip;q=0": false, "*;q=0": false, "gzip;q=x": false, "xgzip": false,
	} {
		for _, path := range []string{"/", "/assets/build/index-spHPrRV2.js"} {
			plain := files["index.html"].Data
			if path != "/" {
				plain = files[path[1:]].Data
			}
			w := fetch(p, path, "Accept-Encoding", accepts)
			got := w.Body.Bytes()
			if zipped := w.Header().Get("Content-Encoding") == "gzip"; zipped != want {
				t.Errorf("%s for %q: compressed %v", path, accepts, zipped)
			} else if zipped {
				got = mustUnzip(t, got)
			}
			if !bytes.Equal(got, plain) || w.Header().Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s for %q: %d bytes, Vary %q", path, accepts, len(got), w.Header().Get("Vary"))
			}
		}
	}
	zipped, plain := fetch(p, "/", "Accept-Encoding", "gzip").Header().Get("ETag"), fetch(p, "/").Header().Get("ETag")
	if zipped == plain {
		t.Errorf("both forms are %s", plain)
	}
	// What the build left as it is. The compressed form is at no address of its own.
	if w := fetch(p, "/assets/build/index-spHPrRV2.js.gz"); w.Code != http.StatusNotFound {
		t.Errorf("the compressed script: status %d", w.Code)
	}
	for _, path := range []string{"/assets/page.css", "/assets/icons/mark-maskable.png"} {
		w := fetch(p, path, "Accept-Encoding", "gzip")
		if w.Header().Get("Content-Encoding") != "" || w.Header().Get("Vary") != "" {
			t.Errorf("%s: headers %v", path, w.Header())
		}
	}
}

func mustUnzip(t *testing.T, b []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// directives reads a policy; one that says a thing twice is wrong.
func directives(t *testing.T, w *httptest.ResponseRecorder) map[string]string {
	t.Helper()
	policy := w.Header().Values("Content-Security-Policy")
	if len(policy) != 1 {
		t.Fatalf("%d policies", len(policy))
	}
	all := map[string]string{}
	for part := range strings.SplitSeq(policy[0], "; ") {
		name, value, _ := strings.Cut(part, " ")
		if _, twice := all[name]; twice || part != strings.TrimSpace(part) || name == "" {
			t.Errorf("%q in the policy %s", part, policy[0])
		}
		all[name] = value
	}
	return all
}

func TestPolicyOfThePage(t *testing.T) {
	t.Parallel()
	for hosts, sources := range map[string]string{
		"": "'self'",
		"img.example.com,*.example.org,img.example.com,127.0.0.1:8443,http://LOCALHOST": "'self' http://localhost https://*.example.org https://127.0.0.1:8443 https://img.example.com",
	} {
		pages := mustPages(t, tree(), strings.Split(hosts, ",")...)
		want := map[string]string{
			"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": sources, "media-src": "'self'",
			"font-src": "'self'", "connect-src": "'self'", "worker-src": "'self'", "manifest-src": "'self'", "frame-src": sources,
			"base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'",
			"require-trusted-types-for": "'script'", "trusted-types": "tidings",
		}
		for _, path := range []string{"/", "/console", "/console/reviews"} {
			if got := directives(t, fetch(pages, path)); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s, hosts %s:\n%v, want\n%v", path, hosts, got, want)
			}
		}
	}
}

// Whatever people have trusted, nothing ends the header, begins a directive or
// allows more than one host.
func TestPolicyKeepsHostileHostsOut(t *testing.T) {
	t.Parallel()
	hostile := []string{
		"", " ", "*", "*.", "*.*", "*:*", "a.*.example.com", "*a.example.com", "'unsafe-inline'", "'self'", "https:", "data:", "ftp://example.com",
		"https://example.com:*", "http://", "example.com/", "example.com;script-src", "example.com; script-src *", "example.com,script-src", "a b", "a\tb",
		"a\r\nSet-Cookie: x=y", "a\nb", "a\x00b", "[::1]", "::1", "例子.cn", "-a.example.com", "a-.example.com", "a..example.com", ".example.com",
		"example.com.", "a_b.example.com", "user@example.com", "example.com?x", "example.com#x", `example.com\x`, "%41.example.com",
		strings.Repeat("a", 64) + ".example.com", strings.Repeat("a.", 125) + "example.com",
	}
	w := fetch(mustPages(t, tree(), hostile...), "/")
	if got := directives(t, w); got["img-src"] != "'self'" || got["frame-src"] != "'self'" || len(got) != 15 {
		t.Errorf("policy %v", got)
	}
}

func TestPolicyIsBounded(t *testing.T) {
	t.Parallel()
	var hosts []string
	for i := range 1000 {
		hosts = append(hosts, fmt.Sprintf("h%03d.example.com", i))
	}
	slices.Reverse(hosts)
	sources := strings.Fields(directives(t, fetch(mustPages(t, tree(), hosts...), "/"))["img-src"])
	if len(sources) != 201 || sources[1] != "https://h000.example.com" || !slices.IsSorted(sources[1:]) {
		t.Errorf("%d sources, %v first", len(sources), sources[:3])
	}
}

// A browser keeps the policy that a page came with, so a page with another
// policy is another page.
func TestPolicyIsPartOfThePage(t *testing.T) {
	t.Parallel()
	hosts := []string{"a.example.com"}
	p, err := server.NewPages(tree(), func(*http.Request) []string { return hosts })
	if err != nil {
		t.Fatal(err)
	}
	tag := fetch(p, "/").Header().Get("ETag")
	if w := fetch(p, "/", "If-None-Match", tag); w.Code != http.StatusNotModified {
		t.Errorf("the same page: status %d", w.Code)
	}
	hosts = append(hosts, "b.example.com")
	w := fetch(p, "/", "If-None-Match", tag)
	if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Content-Security-Policy"), "https://b.example.com") {
		t.Errorf("the page with another policy: status %d", w.Code)
	}
}

// The hosts are the page's alone: all other files are kept by whoever has them.
func TestPolicyOfFiles(t *testing.T) {
	t.Parallel()
	p := mustPages(t, tree(), "img.example.com")
	for path := range tree() {
		if !strings.HasPrefix(path, "assets/") || path == "assets/picture.html" || strings.HasSuffix(path, ".gz") {
			continue
		}
		got := directives(t, fetch(p, "/"+path))
		if got["img-src"] != "'self'" || got["default-src"] != "'none'" || got["connect-src"] != "'self'" {
			t.Errorf("%s: %v", path, got)
		}
	}
}

func TestPolicyOfThePictureFrame(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"default-src": "'none'", "img-src": "http: https:", "script-src": "'self'", "style-src": "'self'",
		"base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'self'", "sandbox": "allow-scripts",
	}
	got := directives(t, fetch(mustPages(t, tree(), "img.example.com"), "/assets/picture.html"))
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want\n%v", got, want)
	}
}

// An address with nothing at it answers a browser with a page and a program as
// programs expect; what the wire has stays the wire's.
func TestUnknownAddresses(t *testing.T) {
	t.Parallel()
	n := mustRun(t, settings(t, "sqlite"), nil)
	browser := []string{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8", "Sec-Fetch-Mode", "navigate"}
	older := []string{"Accept", "text/html,*/*;q=0.8"}
	program := []string{"Accept", "*/*"}
	script := []string{"Accept", "text/html, */*", "Sec-Fetch-Mode", "cors"}
	for _, c := range []struct {
		path    string
		headers []string
		status  int
		kind    string
	}{
		{"/consoles", browser, 404, "text/html"},
		{"/consoles", older, 404, "text/html"},
		{"/inbox/", browser, 404, "text/html"},
		{"/assets/none.js", browser, 404, "text/html"},
		{"/consoles", program, 200, "application/json"},
		{"/consoles", script, 200, "application/json"},
		{"/assets/none.js", program, 404, "text/plain"},
		{"/api/v1/none", browser, 404, "application/problem+json"},
		{"/gettoken", browser, 200, "application/json"},
		{"//gettoken/", browser, 200, "application/json"},
		{"/topapi/none", browser, 200, "application/json"},
		{"/v1.0/none", browser, 404, "application/json"},
	} {
		r, err := http.NewRequest(http.MethodGet, n.base+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(c.headers); i += 2 {
			r.Header.Set(c.headers[i], c.headers[i+1])
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if kind := answer.Header.Get("Content-Type"); err != nil || answer.StatusCode != c.status || !strings.HasPrefix(kind, c.kind) {
			t.Errorf("%s %v: %d %s, want %d %s: %s", c.path, c.headers, answer.StatusCode, kind, c.status, c.kind, text)
		}
		if c.kind == "text/html" && (!bytes.Contains(text, []byte(`<a href="/">`)) || answer.Header.Get("Content-Security-Policy") == "") {
			t.Errorf("%s: %s", c.path, text)
		}
	}
}
