package server_test

import (
	"bytes"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/VictoriaMetrics/metricsql"
	"go.yaml.in/yaml/v3"

	"github.com/tidings-im/tidings/internal/server"
)

var update = flag.Bool("update", false, "rewrite the table of alerts in docs/operations.md")

// rule is an alert of deploy/alerts.yaml.
type rule struct {
	Alert       string
	Expr        string
	For         string
	Labels      map[string]string
	Annotations map[string]string
}

func mustRules(t *testing.T) []rule {
	t.Helper()
	f, err := os.Open("../../deploy/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var file struct {
		Groups []struct {
			Name  string
			Rules []rule
		}
	}
	decoder := yaml.NewDecoder(f)
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil || len(file.Groups) != 1 || len(file.Groups[0].Rules) == 0 {
		t.Fatalf("%+v, %v", file, err)
	}
	return file.Groups[0].Rules
}

// Every metric and label value that an alert names is one that a new node
// shows, before anything has failed: an alert on the rate of a series that
// begins with the failure does not see it.
func TestAlertsNameWhatIsMeasured(t *testing.T) {
	t.Parallel()
	rules := mustRules(t)
	eachEngine(t, func(t *testing.T, engine string) {
		c := settings(t, engine)
		c.OpsListen, c.OpsAsked = "127.0.0.1:0", true
		n := mustRun(t, c, nil)
		n.mustJSON(mustGet(n.base+"/gettoken"), nil) // the one series that begins with a request
		f := n.mustFirm("Firm", "ann")
		n.mustSend(f, n.mustLogin(f), "hello")
		shown := mustText(t, n, "/metrics")
		for _, r := range rules {
			parsed, err := metricsql.Parse(r.Expr)
			if err != nil {
				t.Errorf("%s: %v", r.Alert, err)
				continue
			}
			metricsql.VisitAll(parsed, func(e metricsql.Expr) {
				if m, ok := e.(*metricsql.MetricExpr); ok {
					isShown(t, r.Alert, engine, m, shown)
				}
			})
			if r.Labels["severity"] == "" || r.Annotations["summary"] == "" || r.Annotations["action"] == "" {
				t.Errorf("%s says too little: %+v", r.Alert, r)
			}
		}
	})
}

func isShown(t *testing.T, alert, engine string, m *metricsql.MetricExpr, shown string) {
	t.Helper()
	for _, filters := range m.LabelFilterss {
		name := filters[0].Value // of __name__
		if name == "up" || strings.HasPrefix(name, "tidings_hints_") && engine == "sqlite" {
			return
		}
		series := regexp.MustCompile(`(?m)^`+name+`(\{.*\})? `).FindAllString(shown, -1)
		if len(series) == 0 {
			t.Errorf("%s: nothing shows %s", alert, name)
		}
		for _, f := range filters[1:] {
			values := []string{f.Value}
			if f.IsRegexp {
				values = strings.Split(f.Value, "|")
			}
			for _, v := range values {
				is := func(s string) bool { return strings.Contains(s, fmt.Sprintf("%s=%q", f.Label, v)) }
				if v != "5.." && !slices.ContainsFunc(series, is) && !slices.Contains([]string{"internal", "unavailable"}, v) {
					t.Errorf("%s: nothing shows %s with %s=%q", alert, name, f.Label, v)
				}
			}
		}
	}
}

// docs/operations.md shows the alerts as they are.
func TestAlertsAreDocumented(t *testing.T) {
	t.Parallel()
	const path, begin, end = "../../docs/operations.md", "<!-- alerts -->\n", "<!-- end of alerts -->"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(page), begin)
	old, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no marks around its table", path)
	}
	table := "| alert | means | when | what to do |\n| --- | --- | --- | --- |\n"
	for _, r := range mustRules(t) {
		when := "`" + strings.ReplaceAll(r.Expr, "|", `\|`) + "`"
		if r.For != "" {
			when += " for " + r.For
		}
		table += fmt.Sprintf("| %s | %s | %s | %s |\n", r.Alert, r.Annotations["summary"], when, r.Annotations["action"])
	}
	if old == table {
		return
	}
	if !*update {
		t.Fatalf("%s is out of date: go test ./internal/server -run TestAlerts -update", path)
	}
	if err := os.WriteFile(path, []byte(before+begin+table+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Failures that the wire answers with status 200 are counted, and credentials
// that are not good are counted and logged with who sent them. What a load
// balancer asks is counted nowhere.
func TestFailuresAreCounted(t *testing.T) {
	t.Parallel()
	c := settings(t, "sqlite")
	c.OpsListen, c.OpsAsked = "127.0.0.1:0", true
	var log bytes.Buffer
	n := mustRun(t, c, server.NewLogger(&log, slog.LevelInfo, "text"))
	post := func(path, body string) {
		t.Helper()
		w, err := http.Post(n.base+"/api/v1/"+path, "application/json", strings.NewReader(body))
		if err != nil || w.Body.Close() != nil {
			t.Fatal(err)
		}
	}
	post("setup/describe", `{"token":"tdi_hunter2"}`)
	n.mustFirm("Firm", "ann")
	for _, path := range []string{
		"/gettoken?appkey=none&appsecret=hunter2", "/readyz", "/healthz",
	} {
		n.mustJSON(mustGet(n.base+path), nil)
	}
	n.mustCall("hunter2", "getsendprogress", map[string]any{"agent_id": 1, "task_id": 1}, nil)
	n.mustCall("", "getsendprogress", map[string]any{"agent_id": 1, "task_id": 1}, nil)
	request := mustGet(n.base + "/api/v1/inbox/unread")
	request.Header.Set("Authorization", "Bearer tdp_1_1_hunter2")
	n.mustJSON(request, nil)
	post("sessions", `{"link":"tdl_1_1_hunter2"}`)
	shown := mustText(t, n, "/metrics")
	for _, want := range []string{
		`tidings_wire_failures_total{errcode="40014"} 1`, `tidings_wire_failures_total{errcode="40000"} 1`, `tidings_wire_failures_total{errcode="-1"} 0`,
		`tidings_api_failures_total{code="token_invalid"} 3`,
		`tidings_authentication_failures_total{credential="access_token"} 1`, `tidings_authentication_failures_total{credential="secret"} 1`,
		`tidings_authentication_failures_total{credential="api_token"} 1`, `tidings_authentication_failures_total{credential="sign_in_link"} 1`,
		`tidings_authentication_failures_total{credential="setup_link"} 1`,
		"tidings_ready 1", "tidings_build_info{", `tidings_db_connections_max{pool="read"} 8`, "tidings_directory_lag_seconds ",
		`tidings_sends_total{result="commit_unknown"} 0`,
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
	if strings.Contains(shown, `route="/readyz"`) || strings.Contains(shown, `route="/healthz"`) {
		t.Error("probes are counted among requests")
	}
	if err := n.mustEnd(); err != nil {
		t.Fatal(err)
	}
	text := log.String()
	for _, kind := range []string{"access_token", "secret", "api_token", "sign_in_link", "setup_link"} {
		if !regexp.MustCompile(`level=INFO msg="authentication failed" peer=127.0.0.1 kind=` + kind).MatchString(text) {
			t.Errorf("the log says nothing of a bad %s:\n%s", kind, text)
		}
	}
	if strings.Contains(text, "hunter2") {
		t.Error("the log holds a credential")
	}
}
