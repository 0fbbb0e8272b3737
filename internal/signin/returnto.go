package signin

import "net/url"

// maxReturnTo is the most bytes of an address to return to.
const maxReturnTo = 2048

// ReturnTo returns where a browser goes after signing in: the address that was asked for,
// or / for one that might lead to another site. Browsers read an address in ways of their
// own (they leave out tabs and take a backslash for a slash), so only what all of them read
// alike passes: a path of visible ASCII, such as /console/apps?org=1#top.
func ReturnTo(asked string) string {
	if asked == "" || len(asked) > maxReturnTo || asked[0] != '/' || len(asked) > 1 && asked[1] == '/' {
		return "/"
	}
	for _, c := range []byte(asked) {
		if c < 0x21 || c > 0x7e || c == '\\' {
			return "/"
		}
	}
	u, err := url.Parse(asked)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return "/"
	}
	return asked
}
