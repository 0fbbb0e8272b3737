package server

import "net/http"

// header is one that every answer has, unless the room that answers says
// something else.
type header struct{ name, value string }

// everywhere are the headers of all answers, whoever asks for what. The page
// and our API add theirs: a policy of contents, what may be kept.
var everywhere = []header{
	{"X-Content-Type-Options", "nosniff"},
	{"Referrer-Policy", "no-referrer"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	// Nothing here needs the devices or sensors of whoever reads.
	{"Permissions-Policy", "accelerometer=(), bluetooth=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), " +
		"magnetometer=(), microphone=(), midi=(), payment=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()"},
}

// Where people reach the server by https, browsers never try it without.
var secured = header{"Strict-Transport-Security", "max-age=31536000"}

// setHeaders writes the headers of every answer.
func setHeaders(h http.Header, rule *pathRule, https bool) {
	for _, one := range everywhere {
		h.Set(one.name, one.value)
	}
	if https {
		h.Set(secured.name, secured.value)
	}
	if rule.foreign {
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
}
