package server_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
)

// An organization installs another one's app by its key, and uninstalls it: then its
// tokens end, and the wire answers as for one that is not installed. What it has sent
// stays.
func TestInstallationsOverTheAPI(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		s := stage{node: mustRun(t, settings(t, engine), nil)}
		theirs, ours := s.mustFirm("Theirs", "dev"), s.mustFirm("Ours", "owner", "ann")
		s.mustRoles(theirs, "dev", "developer")
		s.mustRoles(ours, "owner", "owner")
		third, secret, err := s.Apps().CreateThirdParty(t.Context(), audit.ByOperator(), theirs.id, app.NewApp{Name: "Approvals", Scopes: []string{app.ScopeSend}}, true)
		must(t, err)
		proof := app.SuiteProof{Key: third.Key, Secret: secret, Ticket: "any"}
		var list struct {
			Items []struct {
				AgentID string `json:"agent_id"`
				AppKey  string `json:"app_key"`
				Name    string
			}
		}
		s.tell(t, theirs.tokens["dev"], http.MethodGet, "apps", "", http.StatusOK, &list)
		if len(list.Items) != 2 || list.Items[0].AppKey != third.Key || list.Items[0].AgentID != "" {
			t.Errorf("an app that is installed nowhere: %+v", list)
		}
		var one anApp
		s.tell(t, theirs.tokens["dev"], http.MethodGet, "apps/"+third.Key, "", http.StatusOK, &one)
		if one.Name != "Approvals" || one.Installation != nil {
			t.Errorf("it is told as %+v", one)
		}

		owner, body := ours.tokens["owner"], `{"suite_key":"`+third.Key+`","range":{"userids":["ann"]},"scopes":["work_notification.send"]}`
		for wrong, want := range map[string]refusal{
			`{"suite_key":"suitenone","range":{"everyone":true}}`:                                   {Code: "app_unknown", Field: "suite_key"},
			`{"suite_key":"` + ours.key + `","range":{"everyone":true}}`:                            {Code: "app_unknown", Field: "suite_key"},
			`{"suite_key":"` + third.Key + `","range":{"everyone":true},"scopes":["media.upload"]}`: {Code: "parameter_invalid", Field: "scopes"},
			`{"suite_key":"` + third.Key + `","range":{"everyone":true,"userids":["ann"]}}`:         {Code: "parameter_invalid", Field: "range.everyone"},
		} {
			status := map[string]int{"app_unknown": http.StatusNotFound}[want.Code]
			if status == 0 {
				status = http.StatusBadRequest
			}
			var got refusal
			s.tell(t, owner, http.MethodPost, "apps/install", wrong, status, &got)
			if got != want {
				t.Errorf("%s: %+v, want %+v", wrong, got, want)
			}
		}
		s.tell(t, owner, http.MethodPost, "apps/install", body, http.StatusCreated, &one)
		if one.Installation == nil || one.Installation.Range.People != 1 || len(one.Installation.Grants.Scopes) != 1 || one.Installation.Grants.DirectSend {
			t.Fatalf("installed: %+v", one)
		}
		path, agent := "apps/"+one.AgentID, one.AgentID
		s.tell(t, owner, http.MethodPost, "apps/install", body, http.StatusConflict, &refusal{})

		var where struct {
			Items []struct {
				Organization struct{ Name string }
				AgentID      string `json:"agent_id"`
				Userids      int
			}
		}
		s.tell(t, theirs.tokens["dev"], http.MethodGet, "apps/"+third.Key+"/installations", "", http.StatusOK, &where)
		if len(where.Items) != 1 || where.Items[0].Organization.Name != "Ours" || where.Items[0].AgentID != agent || where.Items[0].Userids != 1 {
			t.Errorf("installed in %+v", where)
		}

		var id int64
		_, _ = fmt.Sscan(agent, &id)
		must(t, s.Apps().SetDirectSend(t.Context(), audit.ByOperator(), ours.id, id, true))
		token, err := s.Apps().CorpToken(t.Context(), proof, ours.corpID)
		must(t, err)
		var sent struct {
			Errcode int
			TaskID  int64 `json:"task_id"`
		}
		message := map[string]any{"agent_id": agent, "userid_list": "ann", "msg": map[string]any{"msgtype": "text", "text": map[string]any{"content": "Hello"}}}
		s.mustCall(token.Value, "asyncsend_v2", message, &sent)
		if sent.TaskID == 0 {
			t.Fatalf("it cannot send: %+v", sent)
		}
		var gone struct {
			InForce bool `json:"in_force"`
		}
		s.tell(t, owner, http.MethodDelete, path, "", http.StatusOK, &gone)
		s.tell(t, owner, http.MethodDelete, path, "", http.StatusNotFound, &refusal{})
		s.mustCall(token.Value, "asyncsend_v2", message, &sent)
		if _, err := s.Apps().CorpToken(t.Context(), proof, ours.corpID); !gone.InForce || sent.Errcode == 0 || !fault.Is(err, fault.CodeNotInstalled) {
			t.Errorf("uninstalled: %+v; a send: %+v; a token: %v", gone, sent, err)
		}
		var task struct{ Title string }
		s.tell(t, owner, http.MethodGet, fmt.Sprint("tasks/", sent.TaskID), "", http.StatusOK, &task)
		s.tell(t, theirs.tokens["dev"], http.MethodGet, "apps/"+third.Key+"/installations", "", http.StatusOK, &where)
		if len(where.Items) != 0 {
			t.Errorf("still installed in %+v", where)
		}
		s.tell(t, owner, http.MethodPost, "apps/install", body, http.StatusCreated, &one)
		if one.AgentID != agent || one.Installation.Grants.DirectSend {
			t.Errorf("installed again: %+v", one)
		}

		// A token from before stays ended; a new one sends.
		must(t, s.Apps().SetDirectSend(t.Context(), audit.ByOperator(), ours.id, id, true))
		fresh, err := s.Apps().CorpToken(t.Context(), proof, ours.corpID)
		must(t, err)
		message["msg"] = map[string]any{"msgtype": "text", "text": map[string]any{"content": "Hello again"}}
		for token, want := range map[string]bool{token.Value: false, fresh.Value: true} {
			sent.Errcode, sent.TaskID = -2, 0
			s.mustCall(token, "asyncsend_v2", message, &sent)
			if is := sent.Errcode == 0; is != want {
				t.Errorf("installed again, sent by a new token %t: %+v", want, sent)
			}
		}
		var refused refusal
		s.tell(t, owner, http.MethodDelete, fmt.Sprint("apps/", ours.agent), "", http.StatusBadRequest, &refused)
	})
}
