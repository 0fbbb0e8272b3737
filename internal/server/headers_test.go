package server_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
)

// Every answer has the headers that say what a browser may do with it, whoever
// gives it: the page, its files, our own API, the wire, a refusal, an unknown
// path.
func TestHeadersEverywhere(t *testing.T) {
	t.Parallel()
	for _, public := range []string{"", "http://tidings.example.com", "https://tidings.example.com"} {
		c := settings(t, "sqlite")
		c.PublicURL = public
		n := mustRun(t, c, nil)
		f := n.mustFirm("Ours", "ann")
		hsts := ""
		if strings.HasPrefix(public, "https") {
			hsts = "max-age=31536000"
		}
		for _, path := range []string{
			"/", "/healthz", "/readyz", "/assets/page.css", "/assets/none", "/assets/picture.js", "/assets/picture.html", "/gettoken", "/gettoken?appkey=x&appsecret=y",
			"/topapi/message/corpconversation/asyncsend_v2?access_token=x", "/topapi/none", "/v1.0/oauth2/accessToken", "/v1.0/none",
			"/service/get_corp_token", "/media/upload", "/none", "/api/v1", "/api/v1/none", "/api/v1/me", "/api/v1/openapi.json",
			"/api/v1/sign-in-help", "/api/v1/inbox/events", "/api/v1/inbox/messages", "/api/v1/media/@x",
		} {
			for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodOptions} {
				for _, token := range []string{"", f.tokens["ann"]} {
					ctx, cancel := context.WithCancel(t.Context())
					r, err := http.NewRequestWithContext(ctx, method, n.base+path, http.NoBody)
					must(t, err)
					if token != "" {
						r.Header.Set("Authorization", "Bearer "+token)
					}
					w, err := http.DefaultTransport.RoundTrip(r)
					must(t, err)
					own := "same-origin"
					if strings.HasPrefix(path, "/assets/picture.") { // of a frame with an origin of its own
						own = "cross-origin"
					}
					for name, want := range map[string]string{
						"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
						"Cross-Origin-Resource-Policy": own, "Strict-Transport-Security": hsts,
					} {
						if got := strings.Join(w.Header.Values(name), "|"); got != want {
							t.Errorf("%s %s: %s is %q, want %q", method, path, name, got, want)
						}
					}
					if p := w.Header.Values("Permissions-Policy"); len(p) != 1 || !strings.Contains(p[0], "camera=()") {
						t.Errorf("%s %s: Permissions-Policy is %q", method, path, p)
					}
					cancel()
					_ = w.Body.Close()
				}
			}
		}
	}
}
