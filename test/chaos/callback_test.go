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

// An app hears of every person that was created, in the order of their creation, while
// the server is killed again and again and its own address fails now and then. It may
// hear of somebody twice, and of nobody who was not created.
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
			h := newHearer(t)
			key := strings.Repeat("k", 43)
			var err error
			if h.cipher, err = callback.NewCipher("token", key, app.Key); err != nil {
				t.Fatal(err)
			}
			secrets := filepath.Join(t.TempDir(), "secrets.json")
			if err := os.WriteFile(secrets, []byte(`{"token":"token","aes_key":"`+key+`"}`), 0o600); err != nil {
				t.Fatal(err)
			}
			home.Admin(t, nil, "app", "callback", "set", app.Key, h.url, "--secret-file", secrets, "--org", org.CorpID)
			var made []string // in the order of what was answered
			tried := map[string]bool{}
			for kill := range kills {
				h.fail(kill%3 == 1)
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
			h.fail(false)
			err = harness.Poll(2*time.Minute, func() (bool, error) { return h.has(made), nil })
			if err != nil {
				t.Fatalf("heard of %d of %d people: %v", len(h.first()), len(made), err)
			}
			first := h.first()
			if !slices.Equal(slices.DeleteFunc(slices.Clone(first), func(u string) bool { return !slices.Contains(made, u) }), made) {
				t.Errorf("heard of them in another order: %q, want %q", first, made)
			}
			for _, userid := range first {
				if !tried[userid] {
					t.Errorf("heard of %q, whom nobody created", userid)
				}
			}
			t.Logf("%d kills, %d people, %d events heard, of them %d again", kills, len(made), h.count(), h.count()-len(first))
		})
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
