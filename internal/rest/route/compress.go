package route

import (
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

// compressed answers with gzip where that is worth it and safe.
//
// A compressed answer tells by its length whether it repeats itself. Somebody
// who can put words into an inbox, make a browser ask for it again and again,
// and see the lengths, could so guess what else is in there (BREACH). Therefore
// only those are answered so whom no other site can make ask: our own page, and
// programs with a token. What they ask for is padded at random besides. The
// description is everybody's, and streams and files are left as they are.
func (a *API) compressed(next http.Handler) http.Handler {
	const worth, padding = 1024, 64 // bytes
	wrap, err := gzhttp.NewWrapper(
		gzhttp.MinSize(worth),
		gzhttp.ContentTypes([]string{"application/json", "application/problem+json", "application/openapi+json"}),
		gzhttp.RandomJitter(padding, 0, false),
		gzhttp.EnableZstd(false),
	)
	if err != nil {
		a.Log.Warn("rest: answers are not compressed", "error", err) // its options are fixed, and a test says that they are right
		return next
	}
	zipped := wrap(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.compressible(r) {
			zipped.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (a *API) compressible(r *http.Request) bool {
	if _, pattern := a.mux.Handler(r); a.raws[pattern] {
		return false
	}
	return r.URL.Path == openAPIPath || r.Header.Get("Sec-Fetch-Site") == "same-origin" || r.Header.Get(authorization) != ""
}
