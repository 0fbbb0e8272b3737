package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
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

// The list of apps says how old the oldest active secret of an own app is, and the list
// of a third-party app's secrets how old its suite ticket is: to whoever keeps the secrets.
func TestAgesOfSecretsAndTickets(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		s := stage{node: mustRun(t, settings(t, engine), nil)}
		theirs, ours := s.mustFirm("Theirs", "dev", "auditor", "author"), s.mustFirm("Ours", "owner")
		for userid, role := range map[string]string{"dev": "developer", "auditor": "auditor", "author": "author"} {
			s.mustRoles(theirs, userid, role)
		}
		s.mustRoles(ours, "owner", "owner")
		ctx, by := t.Context(), audit.ByOperator()
		internal, _, err := s.Apps().AppOfAgent(ctx, theirs.agent)
		must(t, err)
		suite := func(name string, anyTicket bool) app.App {
			made, _, err := s.Apps().CreateThirdParty(ctx, by, theirs.id, app.NewApp{Name: name}, anyTicket)
			must(t, err)
			return made
		}
		nowhere, away := suite("Nowhere", true), suite("Away", false)
		_, err = s.Apps().Install(ctx, by, theirs.id, away.ID, ours.id, app.Installation{Range: directory.Range{Everyone: true}})
		must(t, err)

		told := s.ages(t, theirs.tokens["dev"])
		for _, a := range []app.App{internal, nowhere, away} {
			if at := told[a.Name]; at == nil || !at.Equal(a.CreatedAt) {
				t.Errorf("%s: the oldest secret is from %v, want %v", a.Name, at, a.CreatedAt)
			}
		}
		all, err := s.Apps().Secrets(ctx, theirs.id, internal.ID)
		must(t, err)
		must(t, s.Apps().EndSecret(ctx, by, theirs.id, internal.ID, all[0].ID))
		if told := s.ages(t, theirs.tokens["dev"]); len(told) != 3 || told[internal.Name] != nil {
			t.Errorf("without an active secret: %v", told)
		}
		for asker, token := range map[string]string{"auditor": theirs.tokens["auditor"], "author": theirs.tokens["author"], "receiver": ours.tokens["owner"]} {
			told := s.ages(t, token)
			if at, shown := told["Away"]; !shown || at != nil {
				t.Errorf("%s is told of another's secrets: %v", asker, told)
			}
		}

		ticket := func(key string) (told *aTicket) {
			var list struct {
				SuiteTicket *aTicket `json:"suite_ticket"`
			}
			s.tell(t, theirs.tokens["dev"], http.MethodGet, "apps/"+key+"/secrets", "", http.StatusOK, &list)
			return list.SuiteTicket
		}
		if told := ticket(internal.Key); told != nil {
			t.Errorf("an internal app has the ticket %v", told)
		}
		for a, anyTicket := range map[*app.App]bool{&nowhere: true, &away: false} {
			if told := ticket(a.Key); told == nil || told.AcceptsAny != anyTicket || !told.CreatedAt.Equal(a.CreatedAt) {
				t.Errorf("the ticket of %s: %v", a.Name, told)
			}
		}
	})
}

// aTicket is a suite ticket as our own API tells it.
type aTicket struct {
	CreatedAt  time.Time `json:"created_at"`
	AcceptsAny bool      `json:"accepts_any"`
}

// ages are, by the names of the apps, when the oldest secrets were made.
func (s stage) ages(t *testing.T, token string) map[string]*time.Time {
	t.Helper()
	var list struct {
		Items []struct {
			Name           string
			OldestSecretAt *time.Time `json:"oldest_secret_at"`
		}
	}
	s.tell(t, token, http.MethodGet, "apps", "", http.StatusOK, &list)
	told := map[string]*time.Time{}
	for _, one := range list.Items {
		told[one.Name] = one.OldestSecretAt
	}
	return told
}
