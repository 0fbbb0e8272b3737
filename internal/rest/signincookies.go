package rest

import (
	"iter"
	"net/http"
	"strings"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/signin"
)

// tryCookies are how a browser keeps what it has begun: one cookie for each try.
type tryCookies struct{ account.Cookies }

func (c tryCookies) cookie(name, value string, life int) http.Cookie {
	return http.Cookie{
		Name: c.Prefix() + name, Value: value, Path: "/", MaxAge: life, HttpOnly: true, Secure: c.Secure, SameSite: http.SameSiteLaxMode,
	}
}

const (
	tryName   = "try-"
	trialName = "tried"
	gone      = -1 // the life of a cookie that is to be forgotten
)

func (c tryCookies) keep(k signin.Kept) http.Cookie {
	return c.cookie(tryName+k.Name, k.Value, int(signin.KeepFor.Seconds()))
}

func (c tryCookies) drop(name string) http.Cookie { return c.cookie(tryName+name, "", gone) }

func (c tryCookies) keepTrial(sealed string) http.Cookie {
	return c.cookie(trialName, sealed, int(signin.TryLife.Seconds()))
}

// maxTriesRead bounds what one request has looked at: a browser that we have told what to
// keep sends fewer.
const maxTriesRead = 16

// kept returns the tries of a request's Cookie headers.
func (c tryCookies) kept(headers []string) (all []signin.Kept) {
	for name, value := range c.values(headers) {
		if name, ok := strings.CutPrefix(name, tryName); ok && len(all) < maxTriesRead {
			all = append(all, signin.Kept{Name: name, Value: value})
		}
	}
	return all
}

// trial returns what the browser brings from a trial.
func (c tryCookies) trial(headers []string) string {
	for name, value := range c.values(headers) {
		if name == trialName {
			return value
		}
	}
	return ""
}

// values yields the cookies whose names begin with our prefix, by what stands behind it.
func (c tryCookies) values(headers []string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, header := range headers {
			for pair := range strings.SplitSeq(header, ";") {
				cookie, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
				if name, ok := strings.CutPrefix(cookie, c.Prefix()); ok && !yield(name, value) {
					return
				}
			}
		}
	}
}
