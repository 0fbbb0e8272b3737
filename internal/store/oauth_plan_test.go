package store_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// Every statement about signing in to programs finds its rows by an index. Only a
// person's own few consents and tokens are sorted. PostgreSQL chooses among the indexes
// of an empty table as it likes.
func TestPlansOfSigningInToPrograms(t *testing.T) {
	t.Parallel()
	const (
		client   = "agent_installed (app_organization=? AND app_id=? AND organization=?)|agent_installed"
		appRow   = "sqlite_autoindex_app_2 (organization=? AND id=?)|app_pkey"
		person   = "PRIMARY KEY (organization=? AND ordinal=?)|employee_pkey"
		grant    = "sqlite_autoindex_oauth_grant_1 (organization=? AND ordinal=? AND app_id=?)|oauth_grant_pkey"
		grants   = "sqlite_autoindex_oauth_grant_1 (organization=? AND ordinal=?)|oauth_grant_pkey"
		code     = "sqlite_autoindex_oauth_code_1 (organization=? AND id=?)|using oauth_code_"
		codes    = "oauth_code_owner (organization=? AND ordinal=?|using oauth_code_"
		token    = "sqlite_autoindex_oauth_token_1 (organization=? AND id=?)|using oauth_token_"
		tokens   = "oauth_token_owner (organization=? AND ordinal=?|using oauth_token_"
		agents   = "sqlite_autoindex_agent_2 (organization=?|using agent_"
		agent    = "sqlite_autoindex_agent_2 (organization=? AND id=?)|using agent_"
		redirect = "sqlite_autoindex_oauth_redirect_1 (organization=? AND app_id=?)|oauth_redirect_pkey"
	)
	id, ofApp, ofPerson, ofConsent := []any{1, "id"}, []any{1, 2}, []any{1, 2}, []any{1, 2, 3}
	type planned struct {
		args    []any
		indexes []string
	}
	all := map[string]planned{
		"program":       {[]any{"key"}, []string{"sqlite_autoindex_app_1 (app_key=?)|app_app_key_key"}},
		"client":        {[]any{1, 2, 3}, []string{appRow, client}},
		"client stands": {[]any{1, 2, 3}, []string{appRow, client}},
		"grant":         {ofConsent, []string{grant}}, "grant end": {ofConsent, []string{grant}},
		"grants": {ofPerson, []string{grants, appRow, agents}}, "grants erase": {ofPerson, []string{grants}}, "grants lost": {ofPerson, []string{grants}},
		"code": {id, []string{code, person}}, "code use": {[]any{1, "id", 3}, []string{code}}, "code used": {id, []string{code}},
		"codes over": {ofConsent, []string{codes}}, "codes of consent": {ofConsent, []string{codes}}, "codes erase": {ofPerson, []string{codes}},
		"codes lost": {ofPerson, []string{codes}}, "codes of app": {ofApp, []string{"oauth_code_app (organization=? AND app_id=?)|using oauth_code_"}},
		"token": {id, []string{token, person, appRow, agents}}, "token renew": {[]any{1, "id", []byte{}, []byte{}, 5, []byte{}, 7}, []string{token}}, "token end": {id, []string{token}},
		"tokens over": {ofConsent, []string{tokens}}, "tokens many": {[]any{1, 2, 3, 19}, []string{tokens}}, "tokens of consent": {ofConsent, []string{tokens}},
		"tokens erase": {ofPerson, []string{tokens}}, "tokens lost": {ofPerson, []string{tokens}},
		"tokens of app": {ofApp, []string{"oauth_token_app (organization=? AND app_id=?)|using oauth_token_"}},
		"page":          {ofApp, []string{agent, appRow}}, "page stands": {ofApp, []string{agent, appRow}}, "code spent": {[]any{1, "id", 3}, []string{code}}, "operation": {[]any{1, "id", 3, "kind", []byte{}, 6}, []string{code}},
		"redirects": {ofApp, []string{redirect}}, "redirects end": {ofApp, []string{redirect}},
	}
	scans, sorts := regexp.MustCompile(`SCAN |Seq Scan on `), regexp.MustCompile(`TEMP B-TREE|\bSort\b`)
	for _, engine := range storetest.BothEngines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := appsSeeded(t, engine)
			for name, text := range store.OAuthStatements() {
				plan := s.Plan(text, all[name].args...)
				if len(all[name].indexes) == 0 {
					t.Errorf("%s: nobody said which index it uses:\n%s", name, plan)
				}
				for _, index := range all[name].indexes {
					sqlite, postgres, _ := strings.Cut(index, "|")
					if !strings.Contains(plan, sqlite) && (postgres == "" || !strings.Contains(plan, postgres)) {
						t.Errorf("%s does not use %s:\n%s", name, index, plan)
					}
				}
				if scans.MatchString(plan) || name != "grants" && name != "tokens many" && name != "redirects" && sorts.MatchString(plan) {
					t.Errorf("%s scans or sorts:\n%s", name, plan)
				}
			}
		})
	}
}
