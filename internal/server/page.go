package server

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"time"
)

// Files that are answered at other paths than their own.
const (
	indexFile       = "index.html"
	consoleFile     = "console.html"
	oauthFile       = "oauth.html"
	setupFile       = "setup.html"
	placeholderFile = "placeholder.html" // for any of them in a tree that is not built
	missingFile     = "missing.html"
)

// hosts tells from which foreign hosts the page of a request may load: those
// trusted by the organizations that the browser is signed in to. It has none
// where it cannot tell.
type hosts interface {
	Hosts(r *http.Request) []string
}

// pages serves the browser's files.
type pages struct {
	files map[string]*pageFile // by their names, such as assets/picture.js
	hosts hosts
}

// newPages reads the browser's files, and their compressed forms where the build
// made some. A tree without one of the pages, as a fresh clone has it,
// shows placeholder.html instead.
func newPages(tree fs.FS, h hosts) (*pages, error) {
	p := &pages{files: map[string]*pageFile{}, hosts: h}
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, zippedName) {
			return err
		}
		content, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		zipped, err := fs.ReadFile(tree, name+zippedName)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		p.files[name] = newPageFile(name, content, zipped, paths.find("/"+name).built)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("web files: %w", err)
	}
	for _, name := range []string{indexFile, consoleFile, oauthFile, setupFile} {
		if p.files[name] = cmp.Or(p.files[name], p.files[placeholderFile]); p.files[name] == nil {
			return nil, fmt.Errorf("web files: neither %s nor %s is there", name, placeholderFile)
		}
	}
	return p, nil
}

func (p *pages) answer(w http.ResponseWriter, r *http.Request, rule *pathRule) {
	name := cmp.Or(rule.file, strings.TrimPrefix(r.URL.Path, "/"))
	f := p.files[name]
	if f == nil || rule.policy == pictureFrame && !framed(r) {
		r.Pattern = rule.route()
		p.missing(w, r)
		return
	}
	r.Pattern = r.URL.Path // one of few: the files are built in
	if rule.file != "" {
		r.Pattern = rule.route()
	}
	policy, tag := ownFilesPolicy, f.tag
	switch rule.policy {
	case trustedHosts:
		policy = policyOf(p.hosts.Hosts(r))
		// A browser that has the page keeps the headers it came with, so
		// another policy is another page.
		tag += "-" + digest([]byte(policy))
	case pictureFrame:
		policy = picturePolicy
	case noPolicy, ownFiles:
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
	h.Set("Cross-Origin-Opener-Policy", openerPolicy(rule))
	h.Set("Cache-Control", f.caching)
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// openerPolicy is who may keep hold of a page's window: nobody who opens it, and what it
// opens only where the page wants that.
func openerPolicy(rule *pathRule) string {
	if rule.opens {
		return "same-origin-allow-popups"
	}
	return "same-origin"
}

// missing says that nothing is at an address: to a browser that goes there with
// a page, to a program in a line.
func (p *pages) missing(w http.ResponseWriter, r *http.Request) {
	f := p.files[missingFile]
	if f == nil || !navigates(r) {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Content-Security-Policy", ownFilesPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNotFound)
	if r.Method != http.MethodHead {
		_, _ = w.Write(f.content) // a browser that has gone needs no answer
	}
}

// framed reports whether a browser loads a page into a frame, as far as it says.
// Whose pages may hold the frame its policy says.
func framed(r *http.Request) bool {
	dest := r.Header.Get("Sec-Fetch-Dest")
	return dest == "" || dest == "iframe" || dest == "frame"
}
