package demo_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"rsc.io/qr"

	"github.com/tidings-im/tidings/internal/demo"
)

// mustSignIn uses a link as the page does and returns the answer.
func (s *stage) mustSignIn(t *testing.T, url string) string {
	t.Helper()
	_, link, _ := strings.Cut(url, "#sign-in=")
	w, err := http.Post(s.base+"/api/v1/sessions", "application/json", strings.NewReader(fmt.Sprintf(`{"link":%q}`, link)))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil || w.StatusCode != http.StatusCreated {
		t.Fatalf("signing in with %s: %d %s", url, w.StatusCode, text)
	}
	return string(text)
}

// Everybody's link signs them in, again and again, and after a second start too.
func TestSignInLinks(t *testing.T) {
	t.Parallel()
	c := settings(t, "sqlite")
	s := mustStage(t, c)
	d := s.mustDemo(t)
	for range 2 {
		for _, o := range d.Organizations {
			for _, u := range o.Users {
				if !strings.HasPrefix(u.SignInURL, d.BaseURL+"/#sign-in=tdl_") {
					t.Fatalf("%s has the link %q", u.Userid, u.SignInURL)
				}
			}
			for _, u := range o.Users[:3] {
				answer := s.mustSignIn(t, u.SignInURL)
				if !strings.Contains(answer, `"userid":"`+u.Userid+`"`) || !strings.Contains(answer, o.CorpID) {
					t.Errorf("%s is signed in as %s", u.Userid, answer)
				}
			}
		}
		s.end()
		s = mustStage(t, c)
		s.mustDemo(t)
	}
}

// The guide has one link for each organization, and a code only when asked.
func TestGuideSignsIn(t *testing.T) {
	t.Parallel()
	s := mustStage(t, settings(t, "sqlite"))
	d := s.mustDemo(t)
	out := s.out.String()
	for _, line := range []string{"\n  林晓雨, 云帆科技（演示）\n  ", "\n  Dawid Kowalski, Northwharf Trading (Demo)\n  "} {
		_, after, found := strings.Cut(out, line)
		link, _, _ := strings.Cut(after, "\n")
		if !found {
			t.Fatalf("no line %q in\n%s", line, out)
		}
		s.mustSignIn(t, link)
	}
	for _, role := range []string{"author", "reviewer", "administrator"} {
		desks := regexp.MustCompile(`, `+role+` +(http\S+)`).FindAllStringSubmatch(out, -1)
		if len(desks) != 2 {
			t.Fatalf("%d links to the console for the %s in\n%s", len(desks), role, out)
		}
		for _, link := range desks {
			if !strings.HasPrefix(link[1], d.BaseURL+"/?then=/console#sign-in=tdl_") {
				t.Fatalf("the link for the %s is %s", role, link[1])
			}
			s.mustSignIn(t, link[1])
		}
	}
	if strings.ContainsAny(out, "█▀▄\x1b") {
		t.Error("a code that nobody asked for")
	}

	s.out.Reset()
	o := s.options()
	o.BaseURL, o.QR = "https://tidings.example.com", true
	if err := demo.Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	out = s.out.String()
	_, after, _ := strings.Cut(out, "On a phone, as 林晓雨:\n\n")
	drawn, below, _ := strings.Cut(after, "\n\n")
	link, _, _ := strings.Cut(strings.TrimSpace(below), "\n")
	if !strings.HasPrefix(link, "https://tidings.example.com/#sign-in=tdl_") || strings.Contains(out, s.base) {
		t.Errorf("below the code stands %q", link)
	}
	checkCode(t, drawn, link)
	if again := s.mustDescription(t); again.BaseURL != o.BaseURL || d.BaseURL == again.BaseURL ||
		!strings.HasPrefix(again.Organizations[1].Users[0].SignInURL, o.BaseURL+"/#") {
		t.Errorf("described is %s", again.BaseURL)
	}
}

// checkCode reads the modules back from what was drawn.
func checkCode(t *testing.T, drawn, text string) {
	t.Helper()
	const quiet, begin, end = 4, "  \x1b[38;5;16;48;5;231m", "\x1b[0m"
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(drawn, "\n")
	if want := (code.Size + 2*quiet + 1) / 2; len(lines) != want {
		t.Fatalf("%d lines, want %d", len(lines), want)
	}
	for i, line := range lines {
		if !strings.HasPrefix(line, begin) || !strings.HasSuffix(line, end) {
			t.Fatalf("line %d does not say its colours: %q", i, line)
		}
		modules := []rune(strings.TrimSuffix(strings.TrimPrefix(line, begin), end))
		if len(modules) != code.Size+2*quiet {
			t.Fatalf("line %d has %d columns", i, len(modules))
		}
		for x, drawn := range modules {
			upper, lower := drawn == '█' || drawn == '▀', drawn == '█' || drawn == '▄'
			if upper != code.Black(x-quiet, 2*i-quiet) || lower != code.Black(x-quiet, 2*i+1-quiet) {
				t.Fatalf("module %d of line %d is wrong", x, i)
			}
		}
	}
}

// The organizations trust the hosts their messages lead to, until somebody
// changes that.
func TestTrustedHosts(t *testing.T) {
	t.Parallel()
	s := mustStage(t, settings(t, "sqlite"))
	d := s.mustDemo(t)
	for _, o := range d.Organizations {
		organization, err := s.server.Directory().ByCorpID(context.Background(), o.CorpID)
		if err != nil || len(organization.TrustedHosts) == 0 {
			t.Fatalf("%s trusts %v, %v", o.Name, organization.TrustedHosts, err)
		}
		for _, host := range organization.TrustedHosts {
			if !strings.HasSuffix(host, ".example.com") {
				t.Errorf("%s trusts %s", o.Name, host)
			}
		}
		for _, u := range o.Users {
			if u.Userid != "linxiaoyu" && u.Userid != "dkowalski" {
				continue
			}
			for _, i := range s.mustInbox(t, u.APIToken).Items {
				if strings.Contains(i.HTML, `data-host="`) && !strings.Contains(i.HTML, `data-trusted="true"`) {
					t.Errorf("a link of %q is not trusted: %s", i.Title, i.HTML)
				}
			}
		}
	}
}
