package server

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"time"
)

const (
	pagePath    = "/"
	picturePath = "/assets/picture.html"
	missingPath = "/missing.html"
)

// hosts tells from which foreign hosts the page of a request may load: those
// trusted by the organizations that the browser is signed in to. It has none
// where it cannot tell.
type hosts interface {
	Hosts(r *http.Request) []string
}

// pages serves the browser's files: / and what is below /assets/, by exact path.
type pages struct {
	files map[string]*pageFile
	hosts hosts
}

// newPages reads the browser's files. A tree without index.html, as a fresh
// clone has it, shows placeholder.html instead.
func newPages(tree fs.FS, h hosts) (*pages, error) {
	p := &pages{files: map[string]*pageFile{}, hosts: h}
	err := fs.WalkDir(tree, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(tree, path)
		if err != nil {
			return err
		}
		p.files["/"+path], err = newPageFile("/"+path, content)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("web files: %w", err)
	}
	for _, name := range []string{"/index.html", "/placeholder.html"} {
		if f := p.files[name]; f != nil {
			p.files[pagePath] = f
			return p, nil
		}
	}
	return nil, fmt.Errorf("web files: neither index.html nor placeholder.html is there")
}

func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := p.files[r.URL.Path]
	if f == nil || r.URL.Path == picturePath && !framed(r) {
		r.Pattern = "/assets/"
		p.missing(w, r)
		return
	}
	r.Pattern = r.URL.Path // one of few: the files are built in
	policy, tag := filePolicy, f.tag
	switch r.URL.Path {
	case pagePath:
		policy = pagePolicy(p.hosts.Hosts(r))
		// A browser that has the page keeps the headers it came with, so
		// another policy is another page.
		tag += "-" + digest([]byte(policy))
	case picturePath:
		policy = picturePolicy
	}
	content := f.content
	h := w.Header()
	if f.zipped != nil {
		h.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header) {
			content, tag = f.zipped, tag+"-gzip"
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("Content-Type", f.contentType)
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", f.caching)
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// missing says that nothing is at an address: to a browser that goes there with
// a page, to a program in a line.
func (p *pages) missing(w http.ResponseWriter, r *http.Request) {
	f := p.files[missingPath]
	if f == nil || !navigates(r) {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Content-Security-Policy", filePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNotFound)
	if r.Method != http.MethodHead {
		_, _ = w.Write(f.content) // a browser that has gone needs no answer
	}
}

// navigates reports whether a browser goes to an address to show what is there.
// Those that do not say so name HTML among what they take; programs do not.
func navigates(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	if mode := r.Header.Get("Sec-Fetch-Mode"); mode != "" {
		return mode == "navigate"
	}
	return strings.Contains(strings.Join(r.Header.Values("Accept"), ","), "text/html")
}

// framed reports whether a browser loads a page into a frame, as far as it says.
// Whose pages may hold the frame its policy says.
func framed(r *http.Request) bool {
	dest := r.Header.Get("Sec-Fetch-Dest")
	return dest == "" || dest == "iframe" || dest == "frame"
}
