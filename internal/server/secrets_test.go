package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
)

// aSecret is a secret of an app as our own API tells it.
type aSecret struct {
	SecretID  string    `json:"secret_id"`
	CreatedAt time.Time `json:"created_at"`
	CreatedBy *struct {
		Userid, Name string
	} `json:"created_by"`
	LastUsedAt *time.Time `json:"last_used_at"`
	EndedAt    *time.Time `json:"ended_at"`
	Secret     string
	InForce    bool `json:"in_force"`
}

// A secret is replaced without a pause: both work until the old one is ended, and
// whoever ends it sees whether it is still in use.
func TestSecretsOverTheAPI(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		s := stage{node: mustRun(t, settings(t, engine), nil)}
		f := s.mustFirm("Ours", "dev", "owner")
		s.mustRoles(f, "dev", "developer")
		s.mustRoles(f, "owner", "owner")
		dev, path := f.tokens["dev"], fmt.Sprint("apps/", f.agent, "/secrets")
		list := func() (items []aSecret) {
			t.Helper()
			var all struct{ Items []aSecret }
			s.tell(t, dev, http.MethodGet, path, "", http.StatusOK, &all)
			return all.Items
		}
		if all := list(); len(all) != 1 || all[0].CreatedBy != nil || all[0].LastUsedAt != nil || all[0].EndedAt != nil || all[0].CreatedAt.IsZero() {
			t.Fatalf("before: %+v", all)
		}
		var added aSecret
		s.tell(t, dev, http.MethodPost, path, "", http.StatusCreated, &added)
		if added.Secret == "" || added.CreatedBy == nil || added.CreatedBy.Userid != "dev" {
			t.Fatalf("added: %+v", added)
		}
		var third refusal
		s.tell(t, dev, http.MethodPost, path, "", http.StatusConflict, &third)
		if third != (refusal{"conflict", "", 2, 3}) {
			t.Errorf("a third one: %+v", third)
		}
		old, fresh := s.mustLogin(f), s.mustLogin(firm{key: f.key, secret: added.Secret})
		all := list()
		if len(all) != 2 || all[0].LastUsedAt == nil || all[1].LastUsedAt == nil || all[1].SecretID != added.SecretID {
			t.Fatalf("both used: %+v", all)
		}
		var ended aSecret
		s.tell(t, dev, http.MethodPost, path+"/"+all[0].SecretID+"/end", "", http.StatusOK, &ended)
		if !ended.InForce || ended.EndedAt == nil || ended.SecretID != all[0].SecretID {
			t.Errorf("ended: %+v", ended)
		}
		for token, errcode := range map[string]int{old: 88, fresh: 0} {
			var answer struct{ Errcode int } // 88: the token is not valid
			s.mustCall(token, "getsendprogress", map[string]any{"agent_id": f.agent, "task_id": s.mustSend(f, fresh, "A message to "+token)}, &answer)
			if answer.Errcode != errcode {
				t.Errorf("a token is answered with %d, want %d", answer.Errcode, errcode)
			}
		}
		again := ended
		s.tell(t, dev, http.MethodPost, path+"/"+all[0].SecretID+"/end", "", http.StatusOK, &again)
		if !again.EndedAt.Equal(*ended.EndedAt) {
			t.Errorf("ended again at %v", again.EndedAt)
		}
		for _, id := range []string{"77", "0" + all[1].SecretID, "x"} {
			s.tell(t, dev, http.MethodPost, path+"/"+id+"/end", "", http.StatusNotFound, &refusal{})
		}
		status, log := s.ask(http.MethodGet, fmt.Sprint("audit?subject=", f.agent), f.tokens["owner"], "")
		for _, action := range []audit.Action{audit.SecretAdd, audit.SecretEnd} {
			if status != http.StatusOK || strings.Count(log, `"`+string(action)+`"`) != 1 || strings.Contains(log, added.Secret) {
				t.Errorf("the log of %s: %d %s", action, status, log)
			}
		}
	})
}
