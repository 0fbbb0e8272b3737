package server

import (
	"fmt"
	"io/fs"
	"net/http"

	"github.com/tidings-im/tidings/web"
)

// pagePolicy lets a page load our own files and nothing else.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// pages adds the browser's files to mux: / and /assets/.
func pages(mux *http.ServeMux) error {
	files, err := web.Files()
	if err != nil {
		return fmt.Errorf("web files: %w", err)
	}
	index, err := fs.ReadFile(files, "index.html")
	if err != nil {
		return fmt.Errorf("web files: %w", err)
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		pageHeaders(w.Header())
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(index) // the browser that left does not miss it
	})
	assets := http.FileServerFS(files)
	mux.HandleFunc("GET /assets/{file}", func(w http.ResponseWriter, r *http.Request) {
		pageHeaders(w.Header())
		assets.ServeHTTP(w, r)
	})
	return nil
}

func pageHeaders(h http.Header) {
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
}
