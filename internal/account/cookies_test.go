package account_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/account"
)

func TestDevice(t *testing.T) {
	t.Parallel()
	const mozilla = "Mozilla/5.0 "
	for agent, want := range map[string]string{
		mozilla + "(Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36":                         "Chrome · Windows",
		mozilla + "(Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0":           "Edge · Windows",
		mozilla + "(X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0.0.0 Safari/537.36":                           "Chrome · Linux",
		mozilla + "(X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0":                                                                  "Firefox · Linux",
		mozilla + "(Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15":                   "Safari · macOS",
		mozilla + "(iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1": "Safari · iPhone",
		mozilla + "(iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0 Mobile/15E148 Safari/604.1":  "Chrome · iPhone",
		mozilla + "(iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/127.0 Mobile/15E148 Safari/605.1.15":        "Firefox · iPad",
		mozilla + "(Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537": "Samsung Internet · Android",
		mozilla + "(Linux; Android 13) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0": "WeChat · Android",
		mozilla + "(X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36":                          "Chrome · ChromeOS",
		mozilla + "(Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1":                   "Chrome · HarmonyOS",
		"curl/8.5.0":                             "curl",
		"Something (Windows)":                    "Windows",
		"":                                       "",
		"\xff\x00<script>":                       "",
		strings.Repeat("x", 1<<20) + "Firefox/1": "",
	} {
		if got := account.Device(agent); got != want {
			t.Errorf("%.120q: %q, want %q", agent, got, want)
		}
	}
}

func TestCookies(t *testing.T) {
	t.Parallel()
	value := func(organization int64, c string) string {
		return fmt.Sprintf("tds_%d_%s_%s", organization, strings.Repeat(c, 16), strings.Repeat(c, 26))
	}
	plain, secure := account.Cookies{}, account.Cookies{Secure: true}
	if plain.Name(7) != "tidings-7" || secure.Name(7) != "__Host-tidings-7" {
		t.Errorf("names %s, %s", plain.Name(7), secure.Name(7))
	}
	a, b, c := value(3, "a"), value(12, "b"), value(3, "c")
	for _, tt := range []struct {
		cookies account.Cookies
		headers []string
		want    []account.Held
	}{
		{plain, nil, nil},
		{plain, []string{"tidings-12=" + b + "; theme=dark; tidings-3=" + a}, []account.Held{{3, a}, {12, b}}},
		{plain, []string{"tidings-12=" + b, "tidings-3=" + a}, []account.Held{{3, a}, {12, b}}},
		{plain, []string{"tidings-3=" + a + ";tidings-3=" + c + ";tidings-3=" + a}, []account.Held{{3, a}, {3, c}, {3, a}}},
		{plain, []string{"tidings-3=" + a + "; tidings-3=" + a}, []account.Held{{3, a}}},
		{secure, []string{"__Host-tidings-3=" + a + "; tidings-12=" + b}, []account.Held{{3, a}}},
		{plain, []string{"__Host-tidings-3=" + a}, nil},
		// A cookie holds its own organization's session and nothing else.
		{plain, []string{"tidings-4=" + a + "; tidings-03=" + a + "; tidings-=" + a + "; tidings-3; tidings-3=x; =; ;" + a}, nil},
		{plain, []string{"tidings-3=" + strings.Replace(a, "tds_", "tdp_", 1) + "; tidings-3=\"" + a + "\""}, nil},
	} {
		if got := tt.cookies.Held(tt.headers); !slices.Equal(got, tt.want) {
			t.Errorf("%.80q: %v, want %v", tt.headers, got, tt.want)
		}
	}
	var many []string
	for n := range 1000 {
		many = append(many, plain.Name(int64(n+1))+"="+value(int64(n+1), "a"))
	}
	got := plain.Held([]string{strings.Join(many, "; ")})
	if few := got.First(); len(few) != account.MaxHeld || few[0].Organization != 1 {
		t.Errorf("%d sessions of one request are looked at", len(few))
	}
	if of := got.Of(900); len(of) != 1 || of[0].Organization != 900 {
		t.Errorf("of one organization: %v", of)
	}
	// One organization's cookie sent again and again, with other values.
	for i := range many {
		many[i] = plain.Name(3) + "=" + value(3, string("abcdefghijklmnopqrstuvwxyz234567"[i%32]))
	}
	if of := plain.Held([]string{strings.Join(many, "; ")}).Of(3); len(of) != account.MaxHeld {
		t.Errorf("%d sessions of one organization are looked at", len(of))
	}
}
