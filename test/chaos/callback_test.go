package chaos_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/callback"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/test/harness"
)

// Apps hear of every person that was created, in the order of their creation, while the
// server is killed again and again and their own addresses fail now and then: an internal
// one, and a third-party one that also hears, before, its ticket and who has installed
// it. They may hear of somebody twice, and of nobody who was not created.
func TestChaosCallback(t *testing.T) {
	t.Parallel()
	const engines = 2
	kills := max(1, setting(t, "TIDINGS_CHAOS_KILLS", 20, 2)/engines)
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			home, rng := harness.NewHome(t, engine), random(seed(t), 4000)
			server := home.Demo(t)
			org := server.Organizations[0]
			app := org.Apps[0]
			home.Admin(t, nil, "app", "grant", app.Key, "--scope", "contacts.read", "--scope", "contacts.write", "--org", org.CorpID)
			h := listener(t, home, org.CorpID, app.Key)
			var suite struct {
				Key string `json:"suite_key"`
			}
			home.Admin(t, &suite, "suite", "create", "Suite", "--scope", "contacts.read", "--org", org.CorpID)
			p := listener(t, home, org.CorpID, suite.Key)
			home.Admin(t, nil, "suite", "install", suite.Key, "--in", org.CorpID, "--org", org.CorpID)
			var made []string // in the order of what was answered
			tried := map[string]bool{}
			for kill := range kills {
				h.fail(kill%3 == 1)
				p.fail(kill%3 == 0)
				until := time.Now().Add(time.Duration(300+rng.IntN(700)) * time.Millisecond)
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					after(time.Until(until))
					server.Kill()
				}()
				token := ""
				for i := 0; time.Now().Before(until.Add(200 * time.Millisecond)); i++ {
					userid := fmt.Sprintf("k%d-%d", kill, i)
					tried[userid] = true
					if token == "" {
						token = asked(server.BaseURL+"/gettoken", url.Values{"appkey": {app.Key}, "appsecret": {app.Secret}}).Token
					}
					said := asked(server.BaseURL+"/topapi/v2/user/create", url.Values{
						"access_token": {token}, "userid": {userid}, "name": {userid}, "mobile": {fmt.Sprintf("1380%03d%04d", kill, i)}, "dept_id_list": {"1"},
					})
					if said.UserID.Userid == userid {
						made = append(made, userid)
					}
				}
				<-ended
				server = home.Demo(t)
			}
			for name, h := range map[string]*hearer{"internal": h, "third-party": p} {
				h.fail(false)
				h.hears(t, name, made, tried)
				t.Logf("%s: %d kills, %d people, %d events heard, of them %d again", name, kills, len(made), h.count(), h.count()-len(h.first()))
			}
			if p.tag(0) != callback.SuiteTicket || p.tag(1) != callback.SuiteAuth {
				t.Errorf("heard %s, then %s", p.tag(0), p.tag(1))
			}
		})
	}
}

// listener is the server of an app that hears of everything that it may.
func listener(t *testing.T, home *harness.Home, corpID, appKey string) *hearer {
	t.Helper()
	h, key := newHearer(t), strings.Repeat("k", 43)
	var err error
	if h.cipher, err = callback.NewCipher("token", key, appKey); err != nil {
		t.Fatal(err)
	}
	secrets := filepath.Join(t.TempDir(), "secrets.json")
	if err := os.WriteFile(secrets, []byte(`{"token":"token","aes_key":"`+key+`"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	home.Admin(t, nil, "app", "callback", "set", appKey, h.url, "--secret-file", secrets, "--org", corpID)
	return h
}

// hears waits until an app has heard of those who were created, and compares.
func (h *hearer) hears(t *testing.T, name string, made []string, tried map[string]bool) {
	t.Helper()
	if err := harness.Poll(2*time.Minute, func() (bool, error) { return h.has(made), nil }); err != nil {
		t.Fatalf("%s: heard of %d of %d people: %v", name, len(h.first()), len(made), err)
	}
	first := h.first()
	if !slices.Equal(slices.DeleteFunc(slices.Clone(first), func(u string) bool { return !slices.Contains(made, u) }), made) {
		t.Errorf("%s: heard of them in another order: %q, want %q", name, first, made)
	}
	for _, userid := range first {
		if !tried[userid] {
			t.Errorf("%s: heard of %q, whom nobody created", name, userid)
		}
	}
}

// said is what a call answers, nothing where it does not.
type said struct {
	Token  string `json:"access_token"`
	UserID struct {
		Userid string `json:"userid"`
	} `json:"result"`
}

func asked(address string, form url.Values) (answer said) {
	c := http.Client{Timeout: 3 * time.Second}
	response, err := c.PostForm(address, form)
	if err != nil {
		return said{}
	}
	defer response.Body.Close()
	_ = json.NewDecoder(response.Body).Decode(&answer)
	return answer
}

// hearer is an app's own server.
type hearer struct {
	url    string
	cipher *callback.Cipher

	mu    sync.Mutex
	heard []string // userids
	tags  []string // of all events, one time each in a row
	down  bool
}

func newHearer(t *testing.T) *hearer {
	h := &hearer{}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	h.url = s.URL
	return h
}

func (h *hearer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.down {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	q := r.URL.Query()
	var body struct{ Encrypt string }
	_ = json.NewDecoder(r.Body).Decode(&body)
	text, err := h.cipher.Open(q.Get("signature"), q.Get("timestamp"), q.Get("nonce"), body.Encrypt)
	if err != nil {
		http.Error(w, "not for me", http.StatusForbidden)
		return
	}
	var e struct {
		EventType string
		UserId    []string
	}
	_ = json.Unmarshal([]byte(text), &e)
	if !strings.HasPrefix(e.EventType, "check_") && (len(h.tags) == 0 || h.tags[len(h.tags)-1] != e.EventType) {
		h.tags = append(h.tags, e.EventType)
	}
	if e.EventType == callback.UserAdd {
		h.heard = append(h.heard, e.UserId...)
	}
	sealed := h.cipher.Seal("success")
	_ = json.NewEncoder(w).Encode(map[string]string{"msg_signature": h.cipher.Sign("1", "n", sealed), "timeStamp": "1", "nonce": "n", "encrypt": sealed})
}

func (h *hearer) fail(down bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.down = down
}

// tag is the event that was heard at a place; repeats do not count.
func (h *hearer) tag(at int) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if at >= len(h.tags) {
		return ""
	}
	return h.tags[at]
}

func (h *hearer) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.heard)
}

// first is whom it has heard of, in the order of the first time.
func (h *hearer) first() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	seen := map[string]bool{}
	var all []string
	for _, userid := range h.heard {
		if !seen[userid] {
			all = append(all, userid)
		}
		seen[userid] = true
	}
	return all
}

func (h *hearer) has(want []string) bool {
	first := h.first()
	return !slices.ContainsFunc(want, func(userid string) bool { return !slices.Contains(first, userid) })
}
