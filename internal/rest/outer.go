package rest

import (
	"context"
	"crypto/rand"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/fault"
)

// visitKey finds the visit in a request's context.
type visitKey struct{}

// visit is what is known of one request.
type visit struct {
	id     string
	token  string
	viewer account.Viewer
}

// visitOf returns the request's visit; outer has put one into every context.
func visitOf(ctx context.Context) *visit {
	v, ok := ctx.Value(visitKey{}).(*visit)
	if !ok {
		return &visit{}
	}
	return v
}

// outer is around everything: headers of every answer, an id for every
// request, and an answer even if a handler panics.
func (a *api) outer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{id: strings.ToLower(rand.Text())}
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("X-Request-Id", v.id)
		inner := r.WithContext(context.WithValue(r.Context(), visitKey{}, v))
		answer := &begun{ResponseWriter: w}
		defer func() {
			r.Pattern = inner.Pattern // for whoever counts requests by route
			if cause := recover(); cause != nil {
				a.rescue(answer, inner, cause)
			}
		}()
		next.ServeHTTP(answer, inner)
	})
}

// rescue answers for a handler that panicked; an answer that has begun is cut
// off, so that nobody takes half of it for the whole.
func (a *api) rescue(w *begun, r *http.Request, cause any) {
	a.Log.Error("rest: panic", "request_id", visitOf(r.Context()).id, "route", r.Pattern, "panic", cause, "stack", string(debug.Stack()))
	if w.yes {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Unix(1, 0))
		return
	}
	a.write(w, r, problemOf(fault.New(fault.CodeInternal, "internal error"), visitOf(r.Context()).id))
}

// begun remembers whether an answer has begun.
type begun struct {
	http.ResponseWriter
	yes bool
}

func (b *begun) Unwrap() http.ResponseWriter { return b.ResponseWriter }

func (b *begun) WriteHeader(status int) {
	b.yes = true
	b.ResponseWriter.WriteHeader(status)
}

func (b *begun) Write(p []byte) (int, error) {
	b.yes = true
	return b.ResponseWriter.Write(p)
}

// authenticated puts a viewer into the visit, or refuses.
func (a *api) authenticated(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := visitOf(r.Context())
		v.token = bearer(r)
		var err error
		if v.viewer, err = a.Accounts.Authenticate(r.Context(), v.token); err != nil {
			a.refuse(w, r, err)
			return
		}
		next(w, r)
	}
}

// bearer returns the token of the one Authorization header, "" without one.
func bearer(r *http.Request) string {
	all := r.Header.Values("Authorization")
	if len(all) != 1 {
		return ""
	}
	scheme, token, _ := strings.Cut(all[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
