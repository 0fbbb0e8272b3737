package rest

import (
	"errors"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/rest/route"
	"github.com/tidings-im/tidings/internal/signin"
)

// ReturnDeps is what SignInReturn works with. All are required; see Refused.
type ReturnDeps struct {
	Flow          SignInFlow
	Cookies       account.Cookies
	Organizations route.Organizations
	Log           *slog.Logger
	// Missing answers where there is nothing.
	Missing http.Handler
	// Refused hears of everything that is refused; may be nil.
	Refused func(r *http.Request, f *fault.Fault)
}

// SignInReturn answers /sign-in/SOURCE/callback, where browsers come back from a provider.
// It always sends them on: to where they were going, or back to where people sign in, with
// the code of what went wrong in the fragment, which stays in the browser.
func SignInReturn(d ReturnDeps) http.Handler {
	return &returning{d, tryCookies{d.Cookies}}
}

type returning struct {
	ReturnDeps
	tries tryCookies
}

const (
	returnPath = "/sign-in/{source}/callback"
	// throttledWord is what the page is told of CodeThrottled.
	throttledWord = "signin_throttled"
)

func (h *returning) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	source, ok := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/sign-in/"), "/callback")
	if !ok {
		h.Missing.ServeHTTP(w, r)
		return
	}
	r.Pattern = returnPath
	if r.Method != http.MethodGet { // HEAD would use up the code
		w.Header().Set("Allow", http.MethodGet)
		http.Error(w, "method not allowed: use GET", http.StatusMethodNotAllowed)
		return
	}
	headers := r.Header.Values("Cookie")
	done, err := h.Flow.Return(r.Context(), route.By(r), signin.Return{
		Source: source, Query: r.URL.RawQuery, Tries: h.tries.kept(headers), Device: account.Device(r.UserAgent()), Held: h.Cookies.Held(headers),
	})
	if fault.Is(err, fault.CodeNotFound) {
		h.Missing.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	if done.Drop != "" {
		setCookie(w, h.tries.drop(done.Drop))
	}
	to := done.ReturnTo
	switch {
	case err != nil:
		to = h.refused(r, source, done, err)
	case done.Trial != "":
		setCookie(w, h.tries.keepTrial(done.Trial))
		to = withFragment(to, "tried")
	default:
		setCookie(w, sessionCookie(h.Cookies, done.SignedIn.Viewer.Organization, done.SignedIn.Value, account.SessionLife))
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}

func setCookie(w http.ResponseWriter, c http.Cookie) { http.SetCookie(w, &c) }

func withFragment(address, fragment string) string {
	before, _, _ := strings.Cut(address, "#")
	return before + "#" + fragment
}

// refused notes why somebody was not signed in, and returns where they hear of it.
func (h *returning) refused(r *http.Request, source string, done signin.Returned, err error) string {
	f := fault.From(err)
	told := fragment(f, err, done)
	level := slog.LevelInfo // what a provider says instead of who somebody is, its operator wants to know
	switch {
	case f.Kind == fault.Internal || f.Kind == fault.Unavailable && f.Code != fault.CodeSignInSourceDown:
		level = slog.LevelError
	case f.Kind == fault.Invalid || f.Kind == fault.Exhausted || r.Context().Err() != nil:
		level = slog.LevelDebug
	}
	if f.Code == fault.CodeSignInWaiting { // its text has who it is, and what they tell their administrator
		err = errors.New("nobody is linked to the account")
	}
	h.Log.Log(r.Context(), level, "sign-in: refused", "source", source, "code", f.Code, "error", err)
	if h.Refused != nil {
		h.Refused(r, f)
	}
	if done.Trying {
		return withFragment(done.ReturnTo, told)
	}
	page := "/"
	if done.Source.Organization != 0 {
		if o, err := h.Organizations.Organization(r.Context(), done.Source.Organization); err == nil {
			page = "/o/" + url.PathEscape(o.CorpID)
		}
	}
	return withFragment(page, told)
}

// fragment tells the page what went wrong: the code, and what its words are filled with.
func fragment(f *fault.Fault, err error, done signin.Returned) string {
	word, with := string(f.Code), url.Values{}
	if done.Source.Name != "" {
		with.Set("source", done.Source.Name)
	}
	var waiting *signin.WaitingError
	switch {
	case errors.As(err, &waiting):
		with.Set("shown", waiting.Shown)
		with.Set("ref", waiting.Ref)
	case f.Code == fault.CodeThrottled:
		word = throttledWord
		with.Set("minutes", strconv.Itoa(int(math.Ceil(max(f.RetryAfter, time.Second).Minutes()))))
	}
	if done.ReturnTo != "" && done.ReturnTo != "/" && !done.Trying {
		with.Set("return_to", done.ReturnTo)
	}
	if len(with) == 0 {
		return word
	}
	return word + "&" + with.Encode()
}
