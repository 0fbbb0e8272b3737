package store_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// Every statement about apps and tokens finds its rows by an index. Only a
// person's own few tokens and sessions are sorted.
func TestPlansOfAppsAndTokens(t *testing.T) {
	t.Parallel()
	const (
		appRow   = "sqlite_autoindex_app_2 (organization=? AND id=?)|app_pkey"
		agentRow = "sqlite_autoindex_agent_"
		secret   = "sqlite_autoindex_app_secret_1 (organization=? AND app_id=? AND id=?)|app_secret_pkey"
		secrets  = "sqlite_autoindex_app_secret_1 (organization=? AND app_id=?)|app_secret_pkey"
		token    = "sqlite_autoindex_access_token_1 (organization=? AND id=?)|access_token_pkey"
		tokens   = "access_token_secret (organization=? AND app_id=? AND secret_id=? AND expires_at"
		state    = "sqlite_autoindex_node_state_1 (name=?)|node_state_pkey"
		person   = "PRIMARY KEY (organization=? AND ordinal=?)|employee_pkey"
		link     = "sqlite_autoindex_sign_in_link_1 (organization=? AND id=?)|sign_in_link_pkey"
		session  = "sqlite_autoindex_session_1 (organization=? AND id=?)|session_pkey"
		ofOwner  = "session_owner (organization=? AND ordinal=?)|session_owner"
	)
	id := []any{1, "id"}
	args := map[string][]any{
		"internal apps": {1}, "composers": {1}, "secrets of apps": {1}, "secrets of app": {1, 2}, "secret used": {1, 2, 3, 4}, "organization known": {1}, "api token known": {1, 2, "id"},
		"secrets by key": {"key", 5, "%-1-%"}, "secrets by corp": {"corp1", 5, "%-1-%"}, "secret stands": {1, 2, 3, 4}, "live token": {1, 2, 3, 4, "%-1-%"},
		"keys write": {"{}", 1}, "token end": {1, "id", 3}, "node leave": {1}, "node follow": {7, 1}, "secrets sealed": {1, 2, 3, 1, 100}, "tickets sealed": {1, 2, 1, 100},
		"secret reseal": {1, 2, 3, 1, 2, []byte{}}, "ticket reseal": {1, 2, 1, 2, []byte{}},
		"expired": {1, 2, 3, 4}, "renew": {1, "id", 3, 4}, "token stands": {1, "id"}, "agent view": {1, 2}, "agent acts": {1, 2}, "trusted hosts": {1}, "icons elsewhere": {1}, "apps of file": {1, 2, "@l"}, "lock": {1, 2}, "locked": {1, 2},
		"agent": {1, 2}, "app update": {1, 2, "", "", "", "", "", "", 0, nil}, "agent update": {1, 2, 0, "", "", "", "", 0, nil, nil, "{}", "[]", "[]"},
		"audit subject": {1, 2}, "secret count": {1, 2}, "secret known": {1, 2, 3}, "secret end": {1, 2, 3, 4, []byte{}}, "end of app": {1, 2, 3}, "end of agent": {1, 2, 3, 4},
		"end of secret": {1, 2, 3, 4}, "api token": id, "api tokens": {1, 2}, "api token revoke": {1, 2, "id", 4},
		"suite by key": {"key"}, "app by key": {"key"}, "app by id": {1, 2}, "suite ticket": {1, 2}, "suite ticket change": {1, 2, 1, []byte{}, 0, 5}, "suite secrets": {1, 2},
		"suite stands": {1, 2, 3}, "suite of token": {1, "id", 5}, "suites": {1}, "tokens living": {1, 2, 3, 4},
		"installation": {1, 2, "corp1"}, "installed": {1}, "agent of app": {1, 2, 3}, "agent stands": {1, 2},
		"agents of provider": {1}, "any agent": {1, 2}, "organizations of app": {1, 2}, "third party": {1, 2}, "third party agent": {1, 2},
		"link": id, "links over": {1, 2, 3, 4}, "people stand": {1, 2, 3}, "link use": {1, "id", 3}, "link reusable": {1, "id", 3},
		"session": id, "sessions": {1, 2, 3, 4}, "session replace": {1, "id", []byte{}}, "sessions over": {1, 2, 3, 4},
		"session end": {1, 2, "id"}, "sessions end": {1, 2}, "session seen": {1, "id", 3, 4}, "sessions many": {1, 2, 19},
		"person stands": {1, 2}, "links lost": {1, 2}, "sessions lost": {1, 2}, "tokens lost": {1, 5, 2},
	}
	indexes := map[string][]string{
		"composers":      {"sqlite_autoindex_agent_2 (organization=?)|using agent_"},
		"internal apps":  {"sqlite_autoindex_app_2 (organization=?)|app_pkey", "agent_installed (app_organization=? AND app_id=? AND organization=?)|using agent_"},
		"secrets of app": {secrets}, "secret used": {secret},
		"secrets of apps":    {"sqlite_autoindex_app_secret_1 (organization=?)|app_secret_pkey"},
		"organization known": {"sqlite_autoindex_organization_1 (id=?)|organization_pkey"},
		"api token known":    {"sqlite_autoindex_api_token_1 (organization=? AND id=?)|using api_token_"},
		"secrets by key":     {"sqlite_autoindex_app_1 (app_key=?)|app_app_key_key", "agent_installed", secrets, tokens + "|access_token_secret"},
		"secrets by corp":    {"sqlite_autoindex_organization_2 (corp_id=?)|organization_corp_id_key", "sqlite_autoindex_app_secret_1 (organization=?|app_secret_pkey", "app_2 (organization=?|app_pkey", "agent_installed", tokens + "|access_token_secret"},
		"secret stands":      {appRow, agentRow + "|agent_", secret},
		"live token":         {tokens + "|access_token_secret"}, "expired": {tokens + "|access_token_secret"}, "end of secret": {tokens + "|access_token_secret"},
		"end of app": {"access_token_secret (organization=? AND app_id=?)|access_token_secret"}, "end of agent": {"access_token_secret (organization=? AND app_id=?)|access_token_secret"},
		"keys": {state}, "key in use": {state}, "keys write": {state}, "token end": {token}, "node leave": {"sqlite_autoindex_node_1 (id=?)|node_pkey"}, "node follow": {"sqlite_autoindex_node_1 (id=?)|node_pkey"}, "last mark": {state},
		"secrets sealed": {"sqlite_autoindex_app_secret_1 ((organization,app_id,id)>(?,?,?))|app_secret_pkey"}, "secret reseal": {secret},
		"tickets sealed": {"sqlite_autoindex_suite_1 ((organization,app_id)>(?,?))|suite_pkey"}, "ticket reseal": {"sqlite_autoindex_suite_1 (organization=? AND app_id=?)|suite_pkey"},
		"renew": {token}, "token stands": {token, agentRow + "|agent_", appRow, secret}, "agent view": {agentRow + "|agent_", appRow}, "agent acts": {agentRow + "|agent_", appRow},
		"icons elsewhere": {agentRow + "2 (organization=?|agent_pkey", appRow},
		"apps of file":    {"app_2 (organization=?|app_pkey"},
		"trusted hosts":   {"sqlite_autoindex_organization_1 (id=?)|organization_pkey", agentRow + "2 (organization=?|agent_pkey", appRow},
		"revocations":     {state}, "endings": {state}, "advance": {state}, "lock": {appRow}, "locked": {appRow}, "app update": {appRow},
		"agent": {agentRow + "|agent_"}, "agent update": {agentRow + "|agent_"}, "audit subject": {appRow, "agent_installed (app_organization=? AND app_id=? AND organization=?)|agent_installed"}, "secret count": {secrets}, "secret known": {secret}, "secret end": {secret},
		"app by key": {"sqlite_autoindex_app_1 (app_key=?)|app_app_key_key"}, "app by id": {appRow},
		"suite by key": {"sqlite_autoindex_app_1 (app_key=?)|app_app_key_key"}, "suite ticket": {"sqlite_autoindex_suite_1 (organization=? AND app_id=?)|suite_pkey"},
		"suite ticket change": {"sqlite_autoindex_suite_1 (organization=? AND app_id=?)|suite_pkey"}, "suite secrets": {secrets},
		"suite stands": {appRow, secret}, "suite of token": {token, appRow, secret}, "tokens living": {tokens + "|access_token_secret"},
		"suites":       {"sqlite_autoindex_suite_1 (organization=?|suite_pkey", "app_2 (organization=?|app_pkey"},
		"installation": {"organization_2 (corp_id=?)|organization_corp_id_key", "agent_installed (app_organization=? AND app_id=? AND organization=?)|agent_installed", appRow},
		"installed":    {agentRow + "2 (organization=?|agent_installed", appRow}, "agent of app": {"agent_installed (app_organization=? AND app_id=? AND organization=?)|agent_installed"},
		"agent stands": {agentRow + "|agent_"}, "agents of provider": {"agent_installed (app_organization=?)|agent_installed"}, "any agent": {"agent_installed (app_organization=? AND app_id=?)|agent_installed"},
		"organizations of app": {"agent_installed (app_organization=? AND app_id=?|agent_installed"}, "third party": {appRow}, "third party agent": {agentRow + "|agent_", appRow},
		"api token":        {"sqlite_autoindex_api_token_1 (organization=? AND id=?)|api_token_pkey", person},
		"api tokens":       {"api_token_owner (organization=? AND ordinal=?)|api_token_owner"},
		"api token revoke": {"sqlite_autoindex_api_token_1 (organization=? AND id=?)|api_token_"},
		"link":             {link, person}, "links over": {"sign_in_link_owner (organization=? AND ordinal=?)|sign_in_link_owner"},
		"people stand": {person},
		"link use":     {link}, "link reusable": {link},
		"session": {session, person}, "session replace": {session}, "session seen": {session}, "session end": {"sqlite_autoindex_session_1 (organization=? AND id=?)|session_"},
		"sessions": {ofOwner}, "sessions over": {ofOwner}, "sessions end": {ofOwner}, "sessions many": {ofOwner},
		"person stands": {person}, "links lost": {"sign_in_link_owner (organization=? AND ordinal=?)|sign_in_link_owner"}, "sessions lost": {ofOwner},
		"tokens lost": {"api_token_owner (organization=? AND ordinal=?)|api_token_owner"},
	}
	scans, sorts := regexp.MustCompile(`SCAN |Seq Scan on `), regexp.MustCompile(`TEMP B-TREE|\bSort\b`)
	for _, engine := range storetest.BothEngines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := appsSeeded(t, engine)
			for name, text := range store.AppStatements() {
				plan := s.Plan(text, args[name]...)
				if len(indexes[name]) == 0 {
					t.Errorf("%s: nobody said which index it uses:\n%s", name, plan)
				}
				for _, index := range indexes[name] {
					sqlite, postgres, _ := strings.Cut(index, "|")
					if !strings.Contains(plan, sqlite) && (postgres == "" || !strings.Contains(plan, postgres)) {
						t.Errorf("%s does not use %s:\n%s", name, index, plan)
					}
				}
				if scans.MatchString(plan) || name != "api tokens" && name != "sessions" && name != "sessions many" && sorts.MatchString(plan) {
					t.Errorf("%s scans or sorts:\n%s", name, plan)
				}
			}
		})
	}
}

// appsSeeded returns a Sender to a database with two organizations of 30 apps
// and 30 people, each with a token and three sessions.
func appsSeeded(t *testing.T, engine string) *storetest.Sender {
	t.Helper()
	ctx, address := t.Context(), storetest.Address(t, engine)
	db := storetest.At(t, address, nil)
	keys, err := masterkey.Create(filepath.Join(t.TempDir(), "key"))
	mustWork(t, err)
	people := directory.New(directory.Deps{Store: db.Directory(), Now: time.Now})
	apps, accounts := app.New(app.Deps{Store: db.Apps(), Organizations: people, Keys: keys, Now: time.Now}), account.New(account.Deps{Store: db.Accounts(), People: people, Now: time.Now})
	for i := range 2 {
		o, err := people.CreateOrganization(ctx, audit.ByOperator(), directory.NewOrganization{Name: "Example", CorpID: fmt.Sprintf("corp%d", i+1)})
		mustWork(t, err)
		for n := range 30 {
			a, _, secret, err := apps.CreateInternal(ctx, audit.ByOperator(), o.ID, app.NewApp{Name: fmt.Sprintf("App %d", n)})
			mustWork(t, err)
			_, err = apps.TokenByKey(ctx, a.Key, secret)
			mustWork(t, err)
			userid := fmt.Sprintf("u%d", n)
			_, err = people.CreateUser(ctx, audit.ByOperator(), o.ID, directory.NewUser{Userid: userid, Name: userid})
			mustWork(t, err)
			_, err = accounts.CreateToken(ctx, audit.ByOperator(), o.ID, userid, "laptop", time.Hour)
			mustWork(t, err)
			for range 3 {
				link, err := accounts.CreateSignInLink(ctx, audit.ByOperator(), o.ID, userid, time.Hour, true)
				mustWork(t, err)
				_, err = accounts.SignIn(ctx, account.SignInRequest{Link: link})
				mustWork(t, err)
			}
		}
	}
	s := storetest.NewSender(t, address)
	s.Analyze()
	return s
}
