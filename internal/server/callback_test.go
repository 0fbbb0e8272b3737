package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	eventcall "github.com/tidings-im/tidings/internal/callback"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/outbound"
)

const (
	hookToken = "tok123"
	hookKey   = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456"
)

// hook is an app's own server, which hears of events.
type hook struct {
	t      *testing.T
	url    string
	cipher *eventcall.Cipher

	mu     sync.Mutex
	heard  []map[string]any                             // but for checks
	answer func(w http.ResponseWriter, r *http.Request) // nil: as it should
	failed int
	others bool          // it is called with others' secrets
	hold   time.Duration // how long it thinks before its next answer
}

func (h *hook) meet(others bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.others = others
}

// mustHook starts one that expects a key id.
func mustHook(t *testing.T, keyID string) *hook {
	t.Helper()
	c, err := eventcall.NewCipher(hookToken, hookKey, keyID)
	must(t, err)
	h := &hook{t: t, cipher: c}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	h.url = s.URL + "/hook?own=1"
	return h
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	q := r.URL.Query()
	var body struct{ Encrypt string }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || q.Get("own") != "1" || r.Method != http.MethodPost || q.Get("signature") != q.Get("msg_signature") {
		h.t.Errorf("posted %s %s: %v", r.Method, r.URL, err)
	}
	text, err := h.cipher.Open(q.Get("signature"), q.Get("timestamp"), q.Get("nonce"), body.Encrypt)
	if err != nil && h.others {
		h.succeed(w)
		return
	}
	if err != nil {
		h.t.Errorf("an event cannot be opened: %v", err)
	}
	if hold := h.hold; hold > 0 {
		h.hold = 0
		<-time.After(hold)
	}
	if h.answer != nil {
		h.failed++
		h.answer(w, r)
		return
	}
	var event map[string]any
	if err := json.Unmarshal([]byte(text), &event); err != nil {
		h.t.Errorf("%q: %v", text, err)
	}
	if !strings.HasPrefix(event["EventType"].(string), "check_") {
		h.heard = append(h.heard, event)
	}
	h.succeed(w)
}

func (h *hook) succeed(w http.ResponseWriter) {
	sealed := h.cipher.Seal("success")
	now := time.Now().UnixMilli()
	_ = json.NewEncoder(w).Encode(map[string]any{
		"msg_signature": h.cipher.Sign(strconv.FormatInt(now, 10), "n", sealed), "timeStamp": now, "nonce": "n", "encrypt": sealed,
	})
}

func (h *hook) set(answer func(http.ResponseWriter, *http.Request)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answer, h.failed = answer, 0
}

func (h *hook) think(hold time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hold = hold
}

func (h *hook) failures() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.failed
}

// events are what was heard, in the order of hearing: "user_add_org [eve]".
func (h *hook) events() (all []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.heard {
		about := e["UserId"]
		if about == nil {
			about = e["DeptId"]
		}
		if about == nil { // an event about a third-party app itself
			about = e["AuthCorpId"]
		}
		all = append(all, fmt.Sprint(e["EventType"], " ", about))
	}
	return all
}

// mustHear waits for exactly these events.
func (h *hook) mustHear(t *testing.T, want ...string) {
	t.Helper()
	until(t, "events", func() bool { return len(h.events()) >= len(want) })
	if got := h.events(); strings.Join(got, "; ") != strings.Join(want, "; ") {
		t.Fatalf("heard %q, want %q", got, want)
	}
}

func (h *hook) registration(tags string) string {
	return url.Values{"url": {h.url}, "token": {hookToken}, "aes_key": {hookKey}, "call_back_tag": {tags}}.Encode()
}

// loopback lets apps name servers of the test.
func loopback() outbound.Allowed {
	return outbound.Allowed{Prefixes: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}
}

const everyEvent = `["user_add_org","user_modify_org","user_leave_org","org_dept_create","org_dept_modify","org_dept_remove"]`

// An app registers, hears in order of every change whichever way it is made, goes on
// where it was after it was away, and is told of nothing once it has deleted its eventcall.
func TestCallbacks(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		c := settings(t, engine)
		c.OutboundAllow = loopback()
		n := mustRun(t, c, nil)
		f, theirs := n.twins(t)
		n.mustGrant(t, f)
		n.mustGrant(t, theirs)
		token, other := n.mustLogin(f), n.mustLogin(theirs)
		h := mustHook(t, f.corpID)

		if a := n.onWire("/call_back/get_call_back", token, ""); !strings.HasPrefix(a, `{"errcode":71007,`) {
			t.Errorf("before: %s", a)
		}
		n.mustChange(t, token, "/call_back/register_call_back?"+h.registration(everyEvent))
		if a := n.onWire("/call_back/register_call_back", token, h.registration(everyEvent)); !strings.HasPrefix(a, `{"errcode":71006,`) {
			t.Errorf("registered twice: %s", a)
		}
		if a := n.onWire("/call_back/get_call_back", token, ""); !strings.Contains(a, `"token":"`+hookToken+`","aes_key":"`+hookKey+`"`) || !strings.Contains(a, `"call_back_tag":["org_dept_create"`) {
			t.Errorf("registered: %s", a)
		}
		if a := n.onWire("/call_back/get_call_back", other, ""); !strings.HasPrefix(a, `{"errcode":71007,`) {
			t.Errorf("of another organization: %s", a)
		}
		n.mustChange(t, other, "/topapi/v2/user/create?userid=eve&name=Eve&mobile=13800000009&dept_id_list=1") // of no concern here

		n.mustChange(t, token, "/topapi/v2/user/create?userid=eve&name=Eve&mobile=13800000009&dept_id_list=2")
		n.mustChange(t, token, "/topapi/v2/user/update?userid=eve&name=Eva")
		id := between(n.mustChange(t, token, "/topapi/v2/department/create?name=New&parent_id=2"), `"dept_id":`, `}`)
		n.mustChange(t, token, "/topapi/v2/department/update?dept_id="+id+"&name=Newer")
		n.mustChange(t, token, "/topapi/v2/department/delete?dept_id="+id)
		n.mustChange(t, token, "/topapi/v2/user/delete?userid=eve")
		heard := []string{"user_add_org [eve]", "user_modify_org [eve]", "org_dept_create [" + id + "]", "org_dept_modify [" + id + "]", "org_dept_remove [" + id + "]", "user_leave_org [eve]"}
		h.mustHear(t, heard...)

		// The node stops while the app does not answer; another one goes on.
		h.set(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "away", http.StatusInternalServerError) })
		_, err := n.Directory().CreateUser(t.Context(), audit.ByOperator(), f.id, directory.NewUser{Userid: "fay", Name: "Fay"})
		must(t, err)
		until(t, "an attempt", func() bool { return h.failures() > 0 })
		must(t, n.mustEnd())
		h.set(nil)
		n = mustRun(t, c, nil)
		csv := "userid,name\ngus,Gus\nhal,Hal\n"
		_, err = n.Directory().Import(t.Context(), audit.ByOperator(), f.id, strings.NewReader(csv), directory.ImportOptions{})
		must(t, err)
		heard = append(heard, "user_add_org [fay]")
		until(t, "the imported", func() bool { return strings.Contains(strings.Join(h.events(), ";"), "gus hal") })
		if got := h.events(); got[len(heard)-1] != "user_add_org [fay]" {
			t.Errorf("heard %q after %q", got, heard)
		}
		h.mu.Lock()
		if last := h.heard[len(h.heard)-1]; last["CorpId"] != f.corpID || len(fmt.Sprint(last["TimeStamp"])) != 13 {
			t.Errorf("an event says %v", last)
		}
		h.mu.Unlock()

		n.mustChange(t, token, "/call_back/update_call_back?call_back_tag="+url.QueryEscape(`["user_leave_org"]`))
		before := len(h.events())
		n.mustChange(t, token, "/topapi/v2/user/update?userid=gus&name=Augustus")
		n.mustChange(t, token, "/topapi/v2/user/delete?userid=gus")
		until(t, "only the leaver", func() bool { return len(h.events()) > before })
		if got := h.events()[before:]; len(got) != 1 || got[0] != "user_leave_org [gus]" {
			t.Errorf("heard %q, want the leaver only", got)
		}
		n.mustChange(t, token, "/call_back/delete_call_back")
		if a := n.onWire("/call_back/delete_call_back", token, ""); !strings.HasPrefix(a, `{"errcode":71007,`) {
			t.Errorf("deleted twice: %s", a)
		}
	})
}

// What cannot be registered changes nothing, and what is inside stays untold.
func TestCallbacksRefused(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		c := settings(t, engine)
		c.OutboundAllow = loopback()
		n := mustRun(t, c, nil)
		f, _ := n.twins(t)
		n.mustGrant(t, f)
		token := n.mustLogin(f)
		h := mustHook(t, f.corpID)
		register := func(with ...string) string {
			v, _ := url.ParseQuery(h.registration(`["user_add_org"]`))
			for i := 0; i < len(with); i += 2 {
				v.Set(with[i], with[i+1])
			}
			return n.onWire("/call_back/register_call_back", token, v.Encode())
		}
		for _, c := range []struct {
			want string
			with []string
		}{
			{"40035", []string{"url", ""}},
			{"40035", []string{"token", ""}},
			{"40035", []string{"token", strings.Repeat("x", 65)}},
			{"40035", []string{"aes_key", "short"}},
			{"40035", []string{"call_back_tag", ""}},
			{"71008", []string{"call_back_tag", `["user_add_org","bpms_task_change"]`}},
			{"71008", []string{"call_back_tag", "check_url"}},
			{"71011", []string{"url", "example.com"}},
			{"71011", []string{"url", "ftp://example.com/"}},
			{"71011", []string{"url", "http://user:secret@example.com/"}},
			{"71012", []string{"url", "http://10.0.0.1/"}},
			{"71012", []string{"url", "http://[::1]:1/"}},
			{"71012", []string{"url", "http://169.254.169.254/latest/"}},
			{"71012", []string{"url", "http://127.0.0.1:1/"}},
			{"71009", []string{"token", "another"}},
			{"71009", []string{"aes_key", strings.Repeat("a", 43)}},
		} {
			h.meet(c.want == "71009")
			a := register(c.with...)
			if !strings.HasPrefix(a, `{"errcode":`+c.want+`,`) {
				t.Errorf("%q: %s", c.with, a)
			}
			if strings.Contains(a, "10.0.0.1") || strings.Contains(a, "refused") || strings.Contains(a, "outbound-allow") {
				t.Errorf("%q tells what is inside: %s", c.with, a)
			}
		}
		h.meet(false)
		for name, answer := range map[string]func(http.ResponseWriter, *http.Request){
			"status 500": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", 500) },
			"a word":     func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("success")) },
			"failure": func(w http.ResponseWriter, _ *http.Request) {
				sealed := h.cipher.Seal("failure")
				_ = json.NewEncoder(w).Encode(map[string]string{"msg_signature": h.cipher.Sign("1", "n", sealed), "timeStamp": "1", "nonce": "n", "encrypt": sealed})
			},
			"no signature": func(w http.ResponseWriter, _ *http.Request) {
				_ = json.NewEncoder(w).Encode(map[string]string{"timeStamp": "1", "nonce": "n", "encrypt": h.cipher.Seal("success")})
			},
			"a redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, h.url, http.StatusPermanentRedirect) },
		} {
			h.set(answer)
			if a := register(); !strings.HasPrefix(a, `{"errcode":71009,`) {
				t.Errorf("an address that answers with %s: %s", name, a)
			}
		}
		h.set(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) })
		if a := register(); !strings.HasPrefix(a, `{"errcode":71012,`) {
			t.Errorf("an address that answers too much: %s", a)
		}
		if a := n.onWire("/call_back/get_call_back", token, ""); !strings.HasPrefix(a, `{"errcode":71007,`) {
			t.Errorf("afterwards: %s", a)
		}
		// Without the scope, and for the operator's own address, which an app does not inherit.
		n.operatorsOwn(t, f, h, token)
		must(t, n.Apps().SetGrants(t.Context(), audit.ByOperator(), f.id, n.appID(t, f), app.Grants{Scopes: []string{app.ScopeSend}}))
		if a := n.onWire("/call_back/get_call_back", token, ""); !strings.HasPrefix(a, `{"errcode":88,`) && !strings.HasPrefix(a, `{"errcode":60011,`) {
			t.Errorf("without the scope: %s", a)
		}
	})
}

// operatorsOwn tries that an app cannot lead an address of the operator elsewhere inside.
func (n *node) operatorsOwn(t *testing.T, f firm, h *hook, token string) {
	t.Helper()
	h.set(nil)
	own, inside := mustHook(t, f.key), "http://[::1]:1/"
	must(t, n.Callbacks().Set(t.Context(), audit.ByOperator(), eventcall.Key{Organization: f.id, AppID: n.appID(t, f)},
		eventcall.Settings{URL: own.url, Tags: eventcall.Tags(), Token: hookToken, AESKey: hookKey}))
	if a := n.onWire("/call_back/update_call_back", token, url.Values{"url": {inside}}.Encode()); !strings.HasPrefix(a, `{"errcode":71012,`) {
		t.Errorf("an app leads its callback inside: %s", a)
	}
	n.mustChange(t, token, "/topapi/v2/user/create?userid=eve&name=Eve&mobile=13800000009&dept_id_list=2")
	own.mustHear(t, "user_add_org [eve]")
}

// Two nodes deliver each event once while both are well, in order, and an app that never
// answers keeps no other one waiting.
func TestCallbacksOfTwoNodes(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, a, b *node) {
		f := a.mustFirm("Ours")
		by := audit.ByOperator()
		well := mustHook(t, f.key)
		key := eventcall.Key{Organization: f.id, AppID: a.appID(t, f)}
		to := eventcall.Settings{URL: well.url, Tags: eventcall.Tags(), Token: hookToken, AESKey: hookKey}
		must(t, a.Callbacks().Set(t.Context(), by, key, to))
		hung, _, _, err := a.Apps().CreateInternal(t.Context(), by, f.id, app.NewApp{Name: "Hangs"})
		must(t, err)
		silent := mustHook(t, hung.Key)
		to.URL = silent.url
		must(t, b.Callbacks().Set(t.Context(), by, eventcall.Key{Organization: f.id, AppID: hung.ID}, to))
		silent.set(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		// While it thinks both nodes look what there is to deliver, each once a second.
		well.think(2200 * time.Millisecond)

		var want []string
		for i := range 10 {
			n := []*node{a, b}[i%2]
			userid := fmt.Sprint("u", i)
			_, err := n.Directory().CreateUser(t.Context(), by, f.id, directory.NewUser{Userid: userid, Name: userid})
			must(t, err)
			want = append(want, "user_add_org ["+userid+"]")
		}
		began := time.Now()
		well.mustHear(t, want...)
		if took := time.Since(began); took > 6*time.Second {
			t.Errorf("another app's silence delayed events by %v", took)
		}
		_, state, err := b.Callbacks().Status(t.Context(), key)
		must(t, err)
		if state.Waiting != 0 && len(well.events()) != len(want) {
			t.Errorf("afterwards: %+v, heard %q", state, well.events())
		}
	})
}
