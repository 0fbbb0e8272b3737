package message

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// LinkKind says what a link turned out to be.
type LinkKind string

// The kinds. Only a web link leads anywhere.
const (
	LinkWeb     LinkKind = "web"      // http or https, directly or inside a dingtalk:// link
	LinkMiniApp LinkKind = "mini_app" // eapp://, a page of the sender's own mini program, which has no page address
	LinkOther   LinkKind = "other"    // to be shown, never opened
)

// Link is what a sender's link means. Desktop and Mobile are absolute http(s)
// addresses made of printable ASCII, both set if Kind is LinkWeb and both empty
// otherwise; Host is that of Desktop, lower-case and without port, as to be
// shown to people and compared with trusted hosts.
type Link struct {
	Kind    LinkKind `json:"kind" doc:"What the link opens."`
	Text    string   `json:"-"` // the link as sent, as one plain line
	Desktop string   `json:"desktop,omitempty" doc:"The address for a desktop."`
	Mobile  string   `json:"mobile,omitempty" doc:"The address for a phone."`
	Host    string   `json:"host,omitempty" doc:"The host, as a browser would show it."`
	Slide   bool     `json:"slide,omitempty" doc:"The sender wants a side panel on a desktop."` // the sender wants a side panel on a desktop
}

// maxUnwrap is how many dingtalk:// links may stand inside each other.
const maxUnwrap = 4

// Resolve decides what a link is. It is the only place that does, for every
// field of every type.
//
// http and https are the schemes that open. dingtalk://dingtalkclient/ is
// unwrapped (page/link: url; action/openapp: redirect_url;
// action/open_platform_link: pcLink and mobileLink, each standing in for the
// other), and what is inside must pass the same test. An address with control
// or invisible characters, a user name, a backslash before its query, or a host
// that browsers would read differently is not opened. A host of Chinese
// characters becomes its ASCII form; one of other non-ASCII letters, whose
// look-alikes deceive, is not opened. Nor is the address of a sign-in link.
//
// A page of a mini program leads to the page address of its app, if that has
// one; Resolve knows of none.
func Resolve(raw string) Link { return resolver{}.link(raw) }

// resolver reads links in the name of one app. pageURL is where people find
// in a browser what is a mini program elsewhere; "" is nowhere.
type resolver struct{ pageURL string }

func (r resolver) link(raw string) Link {
	l := r.resolve(raw, maxUnwrap)
	l.Text = oneLine(raw)
	return l
}

// webOnly is resolve for what is no link of the app: pictures, and addresses
// in a text.
func webOnly(raw string) Link { return resolver{}.resolve(raw, maxUnwrap) }

func (r resolver) resolve(raw string, depth int) Link {
	none := Link{Kind: LinkOther}
	s := strings.Trim(raw, " \t\r\n")
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || depth == 0 || !strings.HasPrefix(rest, "//") || hasInvisible(s) {
		return none
	}
	switch strings.ToLower(scheme) {
	case "http", "https":
		target, host, ok := webAddress(strings.ToLower(scheme), rest[2:])
		if !ok || signsIn(target) {
			return none
		}
		return Link{Kind: LinkWeb, Desktop: target, Mobile: target, Host: host}
	case "dingtalk":
		return r.unwrap(rest[2:], depth)
	case "eapp":
		return r.page()
	}
	return none
}

// signsIn reports whether an address is that of a sign-in link, of whatever
// server. Such a link makes a browser somebody's: people open the one they were
// given themselves, and no card opens one for them.
func signsIn(address string) bool {
	_, fragment, _ := strings.Cut(address, "#")
	return strings.HasPrefix(fragment, "sign-in=")
}

// page is what every link to the app's mini program becomes. Only a plain web
// address can be one: nothing is unwrapped.
func (r resolver) page() Link {
	if l := (resolver{}).resolve(r.pageURL, 1); l.Kind == LinkWeb {
		return l
	}
	return Link{Kind: LinkMiniApp}
}

// unwrap opens a dingtalk:// link; rest is what follows the two slashes.
func (r resolver) unwrap(rest string, depth int) Link {
	none := Link{Kind: LinkOther}
	path, query, _ := strings.Cut(rest, "?")
	const client = "dingtalkclient/"
	if len(path) < len(client) || !strings.EqualFold(path[:len(client)], client) {
		return none
	}
	inner := func(key string) Link { return r.resolve(parameter(query, key), depth-1) }
	switch strings.TrimSuffix(path[len(client):], "/") {
	case "page/link":
		l := inner("url")
		if l.Kind != LinkOther && parameter(query, "pc_slide") == "true" {
			l.Slide = l.Kind == LinkWeb
		}
		return l
	case "action/openapp":
		return inner("redirect_url")
	case "action/open_platform_link":
		pc, mobile := inner("pcLink"), inner("mobileLink")
		switch {
		case pc.Kind == LinkWeb && mobile.Kind == LinkWeb:
			pc.Mobile = mobile.Mobile
			return pc
		case pc.Kind == LinkWeb, mobile.Kind == LinkOther:
			return pc
		default:
			return mobile
		}
	}
	return none
}

// parameter returns the first value of a key, "" if there is none or it is
// damaged.
func parameter(query, key string) string {
	for pair := range strings.SplitSeq(query, "&") {
		k, v, _ := strings.Cut(pair, "=")
		if k != key {
			continue
		}
		v, err := url.QueryUnescape(v)
		if err != nil {
			return ""
		}
		return v
	}
	return ""
}

// webAddress rebuilds an address from its parts, so that what a browser reads
// is what was checked. rest is what follows "scheme://".
func webAddress(scheme, rest string) (target, host string, ok bool) {
	end := strings.IndexAny(rest, `/?#\`)
	if end < 0 {
		end = len(rest)
	}
	host, port, ok := splitHost(rest[:end])
	if !ok {
		return "", "", false
	}
	tail := rest[end:]
	if i := strings.IndexAny(tail, `?#\`); i >= 0 && tail[i] == '\\' {
		return "", "", false
	}
	authority := host
	if strings.Contains(host, ":") {
		authority = "[" + host + "]"
	}
	if port != "" {
		authority += ":" + port
	}
	return scheme + "://" + authority + encodeTail(tail), strings.TrimSuffix(host, "."), true
}

// encodeTail writes path, query and fragment with every character escaped
// that does not belong there.
func encodeTail(tail string) string {
	const keep, hex = "-._~!$&'()*+,;=:@/?[]", "0123456789ABCDEF"
	clean := true
	for i := range len(tail) {
		if !isAlphanumeric(tail[i]) && strings.IndexByte(keep, tail[i]) < 0 {
			clean = false
			break
		}
	}
	if clean {
		return tail
	}
	b := make([]byte, 0, len(tail)+16)
	fragment := false
	for i := range len(tail) {
		c := tail[i]
		switch {
		case isAlphanumeric(c) || strings.IndexByte(keep, c) >= 0:
			b = append(b, c)
		case c == '%' && isEscape(tail[i:]):
			b = append(b, c)
		case c == '#' && !fragment:
			b, fragment = append(b, c), true
		default:
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return strings.TrimSuffix(string(b), "#")
}

func isEscape(s string) bool {
	if len(s) < 3 {
		return false
	}
	_, a := hexDigit(s[1])
	_, b := hexDigit(s[2])
	return a && b
}

// hasInvisible reports characters that browsers drop or people cannot see, and
// bytes that are no characters.
func hasInvisible(s string) bool {
	for i, r := range s {
		if r < ' ' || r >= 0x7f && r <= 0xa0 || r > 0xa0 && isInvisible(r) {
			return true
		}
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return true
			}
		}
	}
	return false
}
