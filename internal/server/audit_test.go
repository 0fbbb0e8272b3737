package server_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/server"
)

// What somebody changes over our own API is in the log with the credential they
// used, never its value, and with where they asked from.
func TestEntriesSayWhereSomebodyAskedFrom(t *testing.T) {
	t.Parallel()
	c := settings(t, "sqlite")
	c.TrustedProxies, c.ProxyHeader = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, "X-Forwarded-For"
	n := mustRun(t, c, nil)
	beside, err := server.Open(t.Context(), c, options(nil))
	must(t, err)
	defer beside.Close()
	f := n.mustFirm("Ours", "ann")
	all, err := n.Accounts().Tokens(t.Context(), f.id, "ann")
	must(t, err)
	agent := "Example/1.0 " + strings.Repeat("é", 200)
	status, _, _ := n.call(t, "192.0.2.7", http.MethodDelete, "/api/v1/tokens/current", "",
		"Authorization", "Bearer "+f.tokens["ann"], "User-Agent", agent)
	if status != http.StatusNoContent {
		t.Fatalf("revoking: %d", status)
	}
	page, err := beside.AuditLog.Page(t.Context(), f.id, audit.Query{Action: audit.APITokenEnd, Limit: 5})
	must(t, err)
	ann, _ := n.Directory().Ordinal(f.id, "ann")
	want := audit.By{
		Actor: audit.Person(f.id, ann), Credential: "token:" + all[0].ID, Peer: "192.0.2.7", Device: agent[:200],
	}
	if len(page.Entries) != 1 || page.Entries[0].By != want {
		t.Fatalf("logged %+v, want by %+v", page.Entries, want)
	}
}
