package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/server"
)

// browser is a client with cookies.
type browser struct {
	*http.Client
	base string
}

func (n *node) mustBrowser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{&http.Client{Jar: jar}, n.base}
}

// mustAsk returns status and body.
func (b *browser) mustAsk(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, b.base+"/api/v1/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0")
	w, err := b.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.StatusCode, string(text)
}

func (b *browser) mustSignIn(t *testing.T, n *node, f firm, userid string) {
	t.Helper()
	link, err := n.Accounts().CreateSignInLink(context.Background(), audit.ByOperator(), f.id, userid, account.LinkLife, false)
	if err != nil {
		t.Fatal(err)
	}
	body := fmt.Sprintf(`{"link":%q}`, link)
	if status, text := b.mustAsk(t, http.MethodPost, "sessions", body); status != http.StatusCreated || !strings.Contains(text, f.corpID) {
		t.Fatalf("sign in: %d %s", status, text)
	}
	if status, _ := b.mustAsk(t, http.MethodPost, "sessions", body); status != http.StatusUnauthorized {
		t.Fatalf("a link's second use: %d", status)
	}
}

// mustFollow opens a stream and returns a channel that closes when it ends.
func (b *browser) mustFollow(t *testing.T) <-chan struct{} {
	t.Helper()
	w, err := b.Get(b.base + "/api/v1/inbox/events")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Body.Close() })
	in := bufio.NewReader(w.Body)
	if line, err := in.ReadString('\n'); err != nil || w.StatusCode != http.StatusOK {
		t.Fatalf("stream: %d %q %v", w.StatusCode, line, err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, in)
	}()
	return ended
}

// One browser in two organizations, from link to signing out.
func TestSigningInAndOut(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		n := mustRun(t, settings(t, engine), nil)
		ours, theirs := n.mustFirm("Ours", "ann"), n.mustFirm("Theirs", "ann")
		b := n.mustBrowser(t)
		if status, _ := b.mustAsk(t, http.MethodGet, "me/organizations", ""); status != http.StatusUnauthorized {
			t.Fatalf("nobody is signed in: %d", status)
		}
		b.mustSignIn(t, n, theirs, "ann")
		b.mustSignIn(t, n, ours, "ann")
		b.mustSignIn(t, n, ours, "ann") // again: the session before ends
		want := fmt.Sprintf(`{"items":[{"corp_id":%q,"name":"Ours","userid":"ann","user_name":"ann","contact":""},{"corp_id":%q,"name":"Theirs","userid":"ann","user_name":"ann","contact":""}]}`, ours.corpID, theirs.corpID)
		if _, text := b.mustAsk(t, http.MethodGet, "me/organizations", ""); strings.TrimSpace(text) != want {
			t.Errorf("organizations %s, want %s", text, want)
		}
		for _, f := range []firm{ours, theirs} {
			status, text := b.mustAsk(t, http.MethodGet, "sessions?org="+f.corpID, "")
			if status != http.StatusOK || strings.Count(text, "session_id") != 1 || !strings.Contains(text, `"device":"Firefox · Linux"`) || !strings.Contains(text, `"current":true`) {
				t.Errorf("sessions: %d %s", status, text)
			}
		}
		if status, _ := b.mustAsk(t, http.MethodDelete, "sessions/current?org="+ours.corpID, ""); status != http.StatusNoContent {
			t.Errorf("sign out: %d", status)
		}
		if status, _ := b.mustAsk(t, http.MethodGet, "inbox/messages?org="+ours.corpID, ""); status != http.StatusUnauthorized {
			t.Errorf("signed out, and yet %d", status)
		}
		if status, text := b.mustAsk(t, http.MethodGet, "me", ""); status != http.StatusOK || !strings.Contains(text, theirs.corpID) {
			t.Errorf("the other organization: %d %s", status, text)
		}
	})
}

// An open stream ends within a second when its session ends or its person
// leaves, whoever saw to that: this process, or administration beside it.
func TestStreamEndsWithinASecond(t *testing.T) {
	t.Parallel()
	const slow = 2 * time.Second // on top, for a machine that does much else
	eachEngine(t, func(t *testing.T, engine string) {
		c := settings(t, engine)
		n := mustRun(t, c, nil)
		f := n.mustFirm("Firm", "ann", "bob", "cleo", "dora", "elsa", "finn")
		beside, err := server.Open(context.Background(), c, options(nil))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = beside.Close() })
		if err := beside.Directory.Load(context.Background()); err != nil {
			t.Fatal(err)
		}
		ordinal := func(userid string) uint32 {
			o, _ := n.Directory().Ordinal(f.id, userid)
			return o
		}
		ctx := context.Background()
		for userid, end := range map[string]func(b *browser, userid string) error{
			"ann": func(b *browser, _ string) error {
				_, _ = b.mustAsk(t, http.MethodDelete, "sessions/current", "")
				return nil
			},
			"bob": func(_ *browser, userid string) error {
				_, err := beside.Accounts.EndSessions(ctx, audit.ByOperator(), f.id, ordinal(userid))
				return err
			},
			"cleo": func(_ *browser, userid string) error {
				return n.Directory().DisableUser(ctx, audit.ByOperator(), f.id, userid)
			},
			"dora": func(_ *browser, userid string) error {
				return beside.Directory.DisableUser(ctx, audit.ByOperator(), f.id, userid)
			},
			"elsa": func(_ *browser, userid string) error {
				return n.Directory().DeleteUser(ctx, audit.ByOperator(), f.id, userid)
			},
			"finn": func(_ *browser, userid string) error {
				return beside.Directory.DeleteUser(ctx, audit.ByOperator(), f.id, userid)
			},
		} {
			b := n.mustBrowser(t)
			b.mustSignIn(t, n, f, userid)
			ended := b.mustFollow(t)
			if err := end(b, userid); err != nil {
				t.Fatalf("%s: %v", userid, err)
			}
			begin := time.Now()
			select {
			case <-ended:
				t.Logf("%s: the stream ended after %v", userid, time.Since(begin).Round(time.Millisecond))
			case <-time.After(time.Second + slow):
				t.Errorf("%s: the stream is open", userid)
			}
		}
	})
}
