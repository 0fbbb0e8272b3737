package rest_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"testing"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/policy"
)

var update = flag.Bool("update", false, "write the description to where the web app takes its types from")

// The web app's types are generated from a committed copy of the description:
//
//	go test ./internal/rest -run WebApp -update && (cd web && npm run api)
func TestTheWebAppHasThisDescription(t *testing.T) {
	t.Parallel()
	const file = "../../web/shared/api/openapi.json"
	served := ask(t, newHouse().handler(), http.MethodGet, "/api/v1/openapi.json", "", "")
	var now bytes.Buffer
	if err := json.Indent(&now, served.Body.Bytes(), "", "  "); err != nil {
		t.Fatal(err)
	}
	now.WriteByte('\n')
	keep(t, file, now.Bytes())
}

// The web app says which roles open a page that somebody's roles do not, as the table
// of rights has it.
func TestTheWebAppHasTheRolesOfPages(t *testing.T) {
	t.Parallel()
	roles := map[policy.Page][]policy.Role{}
	for _, role := range policy.AllRoles() {
		a := policy.Asker{By: audit.By{Actor: audit.Person(1, 1)}, Roles: policy.RoleSet(role)}
		for _, page := range a.Pages() {
			roles[page] = append(roles[page], role)
		}
	}
	now, err := json.MarshalIndent(roles, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	keep(t, "../../web/shared/api/pages.json", append(now, '\n'))
}

// keep compares a committed file with what it should be, or writes it.
func keep(t *testing.T, file string, now []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, now, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, now) {
		t.Errorf("%s is old: see the comment of TestTheWebAppHasThisDescription", file)
	}
}
