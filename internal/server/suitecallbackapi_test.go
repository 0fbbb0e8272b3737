package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	eventcall "github.com/tidings-im/tidings/internal/callback"
)

// A developer of the provider sets, changes, tests and removes the callback of a
// third-party app that is installed nowhere, and later elsewhere. Who has it installed
// learns nothing of it, and for everybody else the app is not there.
func TestSuiteCallbackOverTheAPI(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		s, of, _ := callbackStage(t, engine)
		ours, elsewhere := s.mustFirm("Receiver", "owner"), s.mustFirm("Elsewhere", "owner")
		s.mustRoles(ours, "owner", "owner", "developer")
		s.mustRoles(elsewhere, "owner", "owner", "developer")
		a, _, err := s.Apps().CreateThirdParty(t.Context(), audit.ByOperator(), of.id, app.NewApp{Name: "Approvals", Scopes: []string{app.ScopeSend}}, false)
		must(t, err)
		p := &provider{hook: mustHook(t, a.Key), t: t, n: s.node, app: a, key: eventcall.Key{Organization: of.id, AppID: a.ID}}
		dev, path := of.tokens["dev"], "apps/"+a.Key+"/callback"

		var told toldCallback
		s.tell(t, dev, http.MethodGet, path, "", 200, &told)
		if told.Callback != nil || !slices.Equal(told.Available, eventcall.SuiteTags()) {
			t.Errorf("before: %+v", told)
		}
		if names := fmt.Sprint(told.TwoNames); names != "[{tmp_auth_code org_suite_auth} {change_auth org_suite_change} {suite_relieve org_suite_relieve}]" {
			t.Errorf("both names of events: %s", names)
		}
		var wrong struct{ Code, Field string }
		s.tell(t, dev, http.MethodPut, path, callbackBody(p.url, `"tmp_auth_code","org_suite_auth"`), 400, &wrong)
		if wrong.Code != "callback_event_unknown" || wrong.Field != "events" {
			t.Errorf("two names of one event: %+v", wrong)
		}
		s.tell(t, dev, http.MethodPut, path, callbackBody("http://10.0.0.1/", `"suite_ticket"`), 400, &wrong)
		if wrong.Code != "callback_unreachable" || wrong.Field != "url" {
			t.Errorf("a private address: %+v", wrong)
		}
		s.tell(t, dev, http.MethodPut, path, callbackBody(p.url, `"suite_ticket","org_suite_auth"`), 200, &told)
		if c := told.Callback; c == nil || c.KeyID != "suite_key" || c.ByOperator || len(c.Events) != 2 {
			t.Fatalf("set: %+v", c)
		}
		if own := fmt.Sprint(told.Available[len(eventcall.Tags()):]); own != "[suite_ticket org_suite_auth org_suite_change org_suite_relieve]" {
			t.Errorf("a callback that calls one event by its newer name is offered %s", own)
		}
		if ticket := p.last("suite_ticket", 0, "SuiteTicket"); ticket == "" {
			t.Error("no ticket")
		}
		p.install(ours)
		if corpID := p.last("org_suite_auth", 0, "AuthCorpId"); corpID != ours.corpID {
			t.Errorf("installed in %s", corpID)
		}
		s.tell(t, dev, http.MethodPut, path, `{"events":["suite_ticket"]}`, 200, &told)
		if c := told.Callback; c == nil || len(c.Events) != 1 || c.KeyID != "suite_key" {
			t.Errorf("changed: %+v", c)
		}
		var tested toldTest
		s.tell(t, dev, http.MethodPost, path+"/test", "", 200, &tested)
		if !tested.Delivered {
			t.Errorf("tested: %+v", tested)
		}
		p.set(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "away", http.StatusServiceUnavailable) })
		s.tell(t, dev, http.MethodPost, path+"/test", "", 200, &tested)
		if tested.Failure == nil || *tested.Failure != (toldFailure{"status", 503}) {
			t.Errorf("tested while it is away: %+v", tested)
		}
		p.set(nil)

		told = toldCallback{}
		s.tell(t, ours.tokens["owner"], http.MethodGet, path, "", 200, &told)
		if told.Callback != nil || len(told.Available) != 0 || len(told.TwoNames) != 0 {
			t.Errorf("told to a receiver: %+v", told)
		}
		for by, asker := range map[string]string{"a receiver": ours.tokens["owner"], "another organization": elsewhere.tokens["owner"]} {
			for call, body := range map[string]string{
				"PUT " + path: callbackBody(p.url, `"suite_ticket"`), "DELETE " + path: "", "POST " + path + "/test": "", "GET " + path: "",
			} {
				method, path, _ := strings.Cut(call, " ")
				status, text := s.ask(method, path, asker, body)
				redirects, _ := s.ask(http.MethodPut, "apps/"+a.Key+"/redirect-uris", asker, `{"items":[]}`)
				if method == http.MethodGet {
					redirects, _ = s.ask(http.MethodGet, "apps/"+a.Key+"/redirect-uris", asker, "")
				}
				if status != redirects || method != http.MethodGet && status < 403 {
					t.Errorf("%s by %s: %d %s; of redirect addresses %d", call, by, status, text, redirects)
				}
			}
		}

		if status, text := s.ask(http.MethodDelete, path, dev, ""); status != http.StatusNoContent {
			t.Errorf("removed: %d %s", status, text)
		}
		told = toldCallback{}
		s.tell(t, dev, http.MethodGet, path, "", 200, &told)
		if told.Callback != nil || fmt.Sprint(told.Available) != fmt.Sprint(eventcall.SuiteTags()) {
			t.Errorf("afterwards: %+v", told)
		}
	})
}
