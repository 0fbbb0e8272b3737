package server_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
)

const (
	byCode     = "/topapi/message/corpconversation/asyncsendbycode"
	tellByCode = "/message/sendByCode"
)

// mustOperateCode is what a page gets for what ann has just done there.
func (p *program) mustOperateCode(t *testing.T, b *browser) string {
	t.Helper()
	code, text, status := askPage(t, b, p.agent, `"origin":"`+pageOrigin+`","kind":"requestOperateAuthCode"`)
	if status != http.StatusCreated || !strings.HasPrefix(code, "tdc_") {
		t.Fatalf("operate code: %d %s", status, text)
	}
	return code
}

// sentByCode is what a send by code answers.
type sentByCode struct {
	Errcode   int
	TaskID    int64  `json:"task_id"`
	MessageID string `json:"messageId"`
}

// sendByCode sends a text to bob, unless more says otherwise, and returns the answer.
func (p *program) sendByCode(token, code, text string, more ...string) (a sentByCode) {
	form := url.Values{
		"access_token": {token}, "agent_id": {fmt.Sprint(p.agent)}, "agentid": {fmt.Sprint(p.agent)}, "code": {code}, "user_id_list": {"bob"}, "touser": {"bob"},
		"msgtype": {"text"}, "msgcontent": {`{"content":"` + text + `"}`}, "text": {`{"content":"` + text + `"}`},
	}
	path, key := byCode, ""
	for i := 0; i < len(more); i += 2 {
		switch more[i] {
		case "path":
			path = more[i+1]
		case "key":
			key = more[i+1]
		default:
			form.Set(more[i], more[i+1])
		}
	}
	r, err := http.NewRequest(http.MethodPost, p.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		p.fail("%v", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	p.mustJSON(r, &a)
	return a
}

// mustGot are the texts that bob has.
func (p *program) mustGot(t *testing.T) string {
	t.Helper()
	var page struct{ Items []struct{ Preview string } }
	if status := p.mustInbox(http.MethodGet, "messages", p.tokens["bob"], nil, &page); status != http.StatusOK {
		t.Fatalf("bob's inbox: %d", status)
	}
	var all []string
	for _, item := range page.Items {
		all = append(all, item.Preview)
	}
	return strings.Join(all, ", ")
}

// A code of what somebody has done is good for one send of the app: one that is accepted.
// Whatever is refused leaves it, and sends nothing.
func TestASendSpendsItsCode(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		p := mustProgram(t, engine)
		p.mustHavePage(p.firm, p.appID, pageURL)
		ann, token := p.mustBrowserOf(t, "ann"), p.mustLogin(p.firm)
		is := func(what string, a sentByCode, want int) {
			t.Helper()
			if a.Errcode != want || (a.TaskID != 0 || a.MessageID != "") != (want == 0) {
				t.Errorf("%s: %+v, want %d", what, a, want)
			}
		}
		one := p.mustOperateCode(t, ann)
		is("a type that there is not", p.sendByCode(token, one, "no", "msgtype", "sonnet"), 40008)
		is("another agent", p.sendByCode(token, one, "no", "agent_id", "1"), 40056)
		is("nobody", p.sendByCode(token, one, "no", "user_id_list", ""), 40035)
		is("too long", p.sendByCode(token, one, strings.Repeat("x", 5001)), 34016)
		is("a code that was never made", p.sendByCode(token, strings.Replace(one, one[len(one)-4:], "2222", 1), "no"), 40078)
		if got := p.mustGot(t); got != "" {
			t.Errorf("what was refused has sent %s", got)
		}
		is("the first send", p.sendByCode(token, one, "one"), 0)
		is("the second", p.sendByCode(token, one, "two"), 40078)
		is("the second, told", p.sendByCode(token, one, "two", "path", tellByCode), 40078)
		is("told", p.sendByCode(token, p.mustOperateCode(t, ann), "told", "path", tellByCode), 0)
		late := p.mustOperateCode(t, ann)
		p.clock.Add(int64(5*time.Minute + time.Second))
		is("after five minutes", p.sendByCode(token, late, "late"), 40078)

		keyed := p.mustOperateCode(t, ann)
		first := p.sendByCode(token, keyed, "keyed", "key", "k")
		is("with a key", first, 0)
		if again := p.sendByCode(token, keyed, "keyed", "key", "k"); again != first {
			t.Errorf("again with the key: %+v, at first %+v", again, first)
		}
		is("another code with the key", p.sendByCode(token, p.mustOperateCode(t, ann), "keyed", "key", "k"), 40035)
		if got := p.mustGot(t); got != "keyed, told, one" {
			t.Errorf("bob has got %s", got)
		}
	})
}

// Of many sends with one code, at the same time, one is accepted.
func TestACodeIsSpentOnce(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		p := mustProgram(t, engine)
		p.mustHavePage(p.firm, p.appID, pageURL)
		token, code := p.mustLogin(p.firm), p.mustOperateCode(t, p.mustBrowserOf(t, "ann"))
		codes := make([]int, 8)
		var all sync.WaitGroup
		for i := range codes {
			all.Go(func() { codes[i] = p.sendByCode(token, code, fmt.Sprint("send ", i)).Errcode })
		}
		all.Wait()
		good := 0
		for _, code := range codes {
			switch code {
			case 0:
				good++
			case 40078:
			default:
				t.Errorf("errcode %d", code)
			}
		}
		if got := p.mustGot(t); good != 1 || strings.Count(got, "send") != 1 {
			t.Errorf("%d accepted; bob has got %s", good, got)
		}
	})
}

// Codes of one kind are refused for the other, and those of another app, another
// organization, or somebody who has been disabled since, for every send.
func TestWhoseCodeASendTakes(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		p := mustProgram(t, engine)
		p.mustHavePage(p.firm, p.appID, pageURL)
		ann, token := p.mustBrowserOf(t, "ann"), p.mustLogin(p.firm)
		other, otherAgent, secret, err := p.Apps().CreateInternal(t.Context(), audit.ByOperator(), p.id, app.NewApp{Name: "Other"})
		must(t, err)
		theirs := p.mustFirm("Theirs", "ann", "bob")
		page, operate := p.mustPageCode(t, ann), p.mustOperateCode(t, ann)
		for what, a := range map[string]sentByCode{
			"a page code": p.sendByCode(token, page, "no"),
			"another app": p.sendByCode(p.mustLogin(firm{key: other.Key, secret: secret}), operate, "no", "agent_id", fmt.Sprint(otherAgent.ID)),
			"elsewhere":   p.sendByCode(p.mustLogin(theirs), operate, "no", "agent_id", fmt.Sprint(theirs.agent)),
		} {
			if a.Errcode != 40078 {
				t.Errorf("%s: %+v", what, a)
			}
		}
		if v := p.visitor(token, operate); v.Errcode != 40078 {
			t.Errorf("getuserinfo takes it: %+v", v)
		}
		if v := p.visitor(token, page); v.Result.Userid != "ann" {
			t.Errorf("the page code is gone: %+v", v)
		}
		through := func(code string) string {
			t.Helper()
			r, err := http.PostForm(p.base+"/router/rest", url.Values{
				"session": {token}, "method": {"dingtalk.corp.message.corpconversation.asyncsendbycode"}, "agent_id": {fmt.Sprint(p.agent)}, "code": {code},
				"user_id_list": {"bob"}, "msgtype": {"text"}, "msgcontent": {`{"content":"by the gateway"}`},
			})
			must(t, err)
			defer r.Body.Close()
			text, err := io.ReadAll(r.Body)
			must(t, err)
			return string(text)
		}
		if a := through(operate); !strings.Contains(a, `"dingtalk_corp_message_corpconversation_asyncsendbycode_response":{"result":{"ding_open_errcode":0,`) {
			t.Errorf("by the gateway: %s", a)
		}
		var failed struct {
			Failure struct{ Code int } `json:"error_response"`
		}
		if a := through(operate); json.Unmarshal([]byte(a), &failed) != nil || failed.Failure.Code != 40078 {
			t.Errorf("by the gateway again: %s", a)
		}
		late := p.mustOperateCode(t, ann)
		must(t, p.Directory().DisableUser(t.Context(), audit.ByOperator(), p.id, "ann"))
		must(t, p.Directory().EnableUser(t.Context(), audit.ByOperator(), p.id, "ann"))
		if a := p.sendByCode(token, late, "no"); a.Errcode != 40078 {
			t.Errorf("of somebody who was disabled: %+v", a)
		}
		if got := p.mustGot(t); got != "by the gateway" {
			t.Errorf("bob has got %s", got)
		}
	})
}
