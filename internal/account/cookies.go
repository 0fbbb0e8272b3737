package account

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// MaxHeld is how many of a browser's sessions one request has looked up.
const MaxHeld = 8

// Cookies are how a browser keeps its sessions: one cookie for each
// organization, so that it may be signed in to several at once. Requests give
// their Cookie headers as they came.
type Cookies struct {
	// Secure says that people reach the server by https: then a cookie's name
	// begins with __Host-, which no other host and no plain connection can set.
	Secure bool
}

// Held is a session's value that came in the cookie of its organization. It
// may be worth nothing.
type Held struct {
	Organization int64
	Value        string
}

// HeldList is what a browser's cookies hold, by ascending organization, each
// once. Reading it costs no look-up; First and Of bound how many follow.
type HeldList []Held

// First returns those of the lowest organizations, at most MaxHeld.
func (l HeldList) First() HeldList { return l[:min(len(l), MaxHeld)] }

// Of returns those of one organization, at most MaxHeld.
func (l HeldList) Of(organization int64) HeldList {
	var of HeldList
	for _, h := range l {
		if h.Organization == organization {
			of = append(of, h)
		}
	}
	return of.First()
}

// Name returns the name of the cookie for an organization.
func (c Cookies) Name(organization int64) string {
	return c.Prefix() + strconv.FormatInt(organization, 10)
}

// Prefix is what the names of all cookies of ours begin with.
func (c Cookies) Prefix() string {
	if c.Secure {
		return "__Host-tidings-"
	}
	return "tidings-"
}

// Held returns the sessions in a request's Cookie headers. What is not of a
// session's form is left out.
func (c Cookies) Held(headers []string) HeldList {
	var all HeldList
	for _, header := range headers {
		for pair := range strings.SplitSeq(header, ";") {
			cookie, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			if !strings.HasPrefix(cookie, c.Prefix()) {
				continue
			}
			if n, ok := parse(SessionPrefix, value); ok && cookie == c.Name(n.organization) {
				all = append(all, Held{n.organization, value})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Held) int { return cmp.Compare(a.Organization, b.Organization) })
	return slices.Compact(all)
}
