package route

import (
	"context"
	"crypto/rand"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/attempt"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/policy"
)

// visitKey finds the visit in a request's context.
type visitKey struct{}

// Visit is what is known of one request.
type Visit struct {
	Viewer account.Viewer   // who asks; nobody on a route that is Open
	Held   account.HeldList // what the browser's cookies hold; nothing beside an Authorization header
	Right  policy.Right     // of the route
	Asker  policy.Asker     // with roles where the route's right needs one

	id     string
	peer   string // the address that the request comes from; "" when that is not known
	device string // its User-Agent, at most maxDevice bytes
}

// maxDevice is how much of a User-Agent goes into the audit log, in bytes.
const maxDevice = 200

// by is who asks, as the audit log has them. It is what all rights and changes of
// this API are asked for with.
func (v *Visit) by() audit.By {
	by := v.Viewer.By()
	by.Peer, by.Device = v.peer, v.device
	return by
}

// from notes where a request comes from.
func (v *Visit) from(r *http.Request) {
	if peer := attempt.Peer(r.Context()); peer.IsValid() {
		v.peer = peer.String()
	}
	agent := r.UserAgent()
	v.device = strings.ToValidUTF8(agent[:min(len(agent), maxDevice)], "")
}

// By returns from where somebody asks who has not shown who they are.
func By(r *http.Request) audit.By {
	v := &Visit{}
	v.from(r)
	return audit.By{Peer: v.peer, Device: v.device}
}

// Inbox returns whose inbox it is.
func (v *Visit) Inbox() inbox.Viewer {
	return inbox.Viewer{Organization: v.Viewer.Organization, Ordinal: v.Viewer.Ordinal}
}

// visitOf returns the request's visit. outer puts one into every context; without
// it nobody asks, which api.enter reports.
func visitOf(ctx context.Context) *Visit {
	v, ok := ctx.Value(visitKey{}).(*Visit)
	if !ok {
		return &Visit{}
	}
	return v
}

// outer is around everything: headers of every answer, an id for every
// request, and an answer even if a handler panics.
func (a *API) outer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &Visit{id: strings.ToLower(rand.Text())}
		v.from(r)
		if len(r.Header.Values(authorization)) == 0 {
			v.Held = a.Cookies.Held(r.Header.Values("Cookie"))
		}
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
func (a *API) rescue(w *begun, r *http.Request, cause any) {
	a.Log.Error("rest: panic", "request_id", visitOf(r.Context()).id, "route", r.Pattern, "panic", cause, "stack", string(debug.Stack()))
	if w.yes {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Unix(1, 0))
		return
	}
	f := fault.New(fault.CodeInternal, "internal error")
	a.told(r, f)
	a.write(w, r, problemOf(f, visitOf(r.Context()).id))
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
