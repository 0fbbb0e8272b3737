package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
)

// aNewApp is an app as it is told once.
type aNewApp struct {
	anApp
	AppKey string `json:"app_key"`
	Secret string
}

// An app that somebody creates works at once, with the secret that is told once. A
// developer, who may not say whom apps reach, gets one that reaches nobody else.
func TestCreateAppOverTheAPI(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		s := stage{node: mustRun(t, settings(t, engine), nil)}
		f := s.mustFirm("Ours", "owner", "dev", "ann")
		s.mustRoles(f, "owner", "owner")
		s.mustRoles(f, "dev", "developer")
		for userid, people := range map[string]int{"owner": 3, "dev": 1} {
			var made aNewApp
			s.tell(t, f.tokens[userid], http.MethodPost, "apps", `{"name":" News ","description":"What is new."}`, http.StatusCreated, &made)
			if made.Name != "News" || made.Installation.Range.People != people || len(made.Installation.Grants.Scopes) != len(app.NewScopes(app.Internal)) || made.Installation.Grants.SendToEveryone {
				t.Errorf("%s made %+v with %+v", userid, made, made.Installation)
			}
			if s.mustLogin(firm{key: made.AppKey, secret: made.Secret}) == "" {
				t.Errorf("%s: no token for its secret", userid)
			}
			status, told := s.ask(http.MethodGet, "apps/"+made.AgentID, f.tokens[userid], "")
			if status != http.StatusOK || strings.Contains(told, made.Secret) {
				t.Errorf("the secret is told again: %d %s", status, told)
			}
			var task aTask
			s.hand(t, f.tokens[userid], "sends/test", "", `{"agent_id":"`+made.AgentID+`","message":`+aText+`}`, http.StatusCreated, &task)
			if !made.May.Test || task.By.Person == nil || task.By.Person.Userid != userid || *task.Counts["sent"] != 1 {
				t.Errorf("%s tries it: %+v", userid, task)
			}
			var log struct {
				Items []struct {
					Action audit.Action
					Actor  struct{ Userid string }
				}
			}
			s.tell(t, f.tokens["owner"], http.MethodGet, "audit?subject="+made.AgentID, "", http.StatusOK, &log)
			if len(log.Items) == 0 || log.Items[0].Action != audit.AppCreate || log.Items[0].Actor.Userid != userid {
				t.Errorf("%s: the log has %+v", userid, log.Items)
			}
		}
		for body, want := range map[string]string{
			`{"name":" "}`: "name",
			`{"name":"` + strings.Repeat("x", 65) + `"}`:                    "name",
			`{"name":"x","description":"` + strings.Repeat("x", 501) + `"}`: "description",
			`{"name":"x","icon":"https://example.com/a.png"}`:               "icon",
			`{"name":"x","range":{}}`:                                       "range",
		} {
			var refused refusal
			s.tell(t, f.tokens["owner"], http.MethodPost, "apps", body, http.StatusBadRequest, &refused)
			if refused.Field != want {
				t.Errorf("%s: %+v", body, refused)
			}
		}
		if all, err := s.Apps().Apps(t.Context(), f.id); err != nil || len(all) != 3 {
			t.Errorf("%d apps, %v", len(all), err)
		}
	})
}

// What people see of an app is changed by whoever has read it as it is. Its icon is a
// picture that everybody sees from then on, where it is installed too.
func TestSaveAppOverTheAPI(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		s := stage{node: mustRun(t, settings(t, engine), nil)}
		f, elsewhere := s.mustFirm("Ours", "dev", "ann"), s.mustFirm("Theirs", "bob")
		s.mustRoles(f, "dev", "developer")
		dev, path := f.tokens["dev"], fmt.Sprint("apps/", f.agent)
		var icon, pdf struct {
			MediaID string `json:"media_id"`
		}
		contentType, body := form(t, aPart{"type", "", "image"}, aPart{"file", "a.png", string(tinyPNG(t))})
		s.post(t, dev, path+"/media", contentType, body, &icon)
		contentType, body = form(t, aPart{"type", "", "file"}, aPart{"file", "a.pdf", "%PDF-1"})
		s.post(t, dev, path+"/media", contentType, body, &pdf)

		save := func(edition, mediaID, hosts string) string {
			return fmt.Sprintf(`{"edition":%q,"name":"Reports","description":"d","icon":%q,"page_url":"https://example.com/app","trusted_hosts":%s}`, edition, mediaID, hosts)
		}
		var saved struct {
			anApp
			Icon         string
			IconMediaID  string   `json:"icon_media_id"`
			PageURL      string   `json:"page_url"`
			TrustedHosts []string `json:"trusted_hosts"`
		}
		s.tell(t, dev, http.MethodPut, path, save("1", icon.MediaID, `["Example.com"]`), http.StatusOK, &saved)
		if saved.Name != "Reports" || saved.PageURL != "https://example.com/app" || !slices.Equal(saved.TrustedHosts, []string{"example.com"}) || saved.IconMediaID != icon.MediaID {
			t.Fatalf("saved: %+v", saved)
		}
		if status, _ := s.ask(http.MethodGet, strings.TrimPrefix(saved.Icon, "/api/v1/"), f.tokens["ann"], ""); status != http.StatusOK {
			t.Errorf("ann looks at the icon: %d", status)
		}
		for body, want := range map[string]string{
			save("1", "", `[]`):                          "409 app_changed edition",
			save(saved.Edition, pdf.MediaID, `[]`):       "400 parameter_invalid icon",
			save(saved.Edition, "@unknown", `[]`):        "400 parameter_invalid icon",
			save(saved.Edition, "", `["example.com/x"]`): "400 parameter_invalid trusted_hosts",
			strings.Replace(save(saved.Edition, "", `[]`), "https://example.com/app", "ftp://example.com", 1): "400 parameter_invalid page_url",
			strings.Replace(save(saved.Edition, "", `[]`), "Reports", "", 1):                                  "400 parameter_invalid name",
		} {
			var refused anApp
			var status int
			_, _ = fmt.Sscan(want, &status)
			s.tell(t, dev, http.MethodPut, path, body, status, &refused)
			if is := fmt.Sprint(status, " ", refused.Code, " ", refused.Field); is != want {
				t.Errorf("%s: %s, want %s", body, is, want)
			}
		}

		third, _, err := s.Apps().CreateThirdParty(t.Context(), audit.ByOperator(), f.id, app.NewApp{Name: "Approvals", Icon: icon.MediaID}, true)
		must(t, err)
		g, err := s.Apps().Install(t.Context(), audit.ByOperator(), f.id, third.ID, elsewhere.id, app.Installation{})
		must(t, err)
		look := fmt.Sprintf("media/%s", strings.ReplaceAll(icon.MediaID, "@", "%40"))
		if status, text := s.ask(http.MethodGet, look, elsewhere.tokens["bob"], ""); status != http.StatusOK {
			t.Errorf("bob looks at the icon of agent %d: %d %s", g.ID, status, text)
		}
		if status, _ := s.ask(http.MethodGet, strings.Replace(look, icon.MediaID[1:], pdf.MediaID[1:], 1), elsewhere.tokens["bob"], ""); status != http.StatusNotFound {
			t.Errorf("bob looks at another file: %d", status)
		}
	})
}
