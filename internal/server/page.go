package server

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"github.com/tidings-im/tidings/web"
)

// pagePolicy lets a page load our own files and nothing else.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// pages serves the browser's files: / and what is below /assets/, by exact path.
type pages struct{ files map[string][]byte }

func newPages() (*pages, error) {
	tree, err := web.Files()
	if err != nil {
		return nil, fmt.Errorf("web files: %w", err)
	}
	p := &pages{files: map[string][]byte{}}
	err = fs.WalkDir(tree, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		p.files["/"+path], err = fs.ReadFile(tree, path)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("web files: %w", err)
	}
	p.files["/"] = p.files["/index.html"]
	return p, nil
}

func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	content, ok := p.files[r.URL.Path]
	if !ok {
		r.Pattern = "/assets/"
		http.NotFound(w, r)
		return
	}
	name := r.URL.Path
	r.Pattern = name // one of few: the files are built in
	if name == "/" {
		name = "index.html"
	}
	h := w.Header()
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
}
