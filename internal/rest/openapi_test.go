package rest_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"testing"
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
	if *update {
		if err := os.WriteFile(file, now.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, now.Bytes()) {
		t.Errorf("%s is not what is served: see this test's comment", file)
	}
}
