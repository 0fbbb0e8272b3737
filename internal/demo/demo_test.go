package demo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/demo"
	"github.com/tidings-im/tidings/internal/server"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// stage is a server for demos to run on, and what they printed.
type stage struct {
	server *server.Server
	config config.Config
	base   string
	out    bytes.Buffer
	end    func()
}

func settings(tb testing.TB, engine string) config.Config {
	tb.Helper()
	dir := tb.TempDir()
	return config.Config{
		Listen: "127.0.0.1:0", Data: dir, Database: storetest.Ready(tb, engine),
		KeyFile: filepath.Join(dir, "key"), MakeKey: true, Media: config.MediaDatabase, Preset: "standard",
	}
}

func mustStage(tb testing.TB, c config.Config) *stage {
	tb.Helper()
	st := mustStageAt(tb, c, time.Now)
	tb.Cleanup(func() { st.end() })
	return st
}

// mustStageAt runs a server with a clock of its own until end is called.
func mustStageAt(tb testing.TB, c config.Config, now func() time.Time) *stage {
	tb.Helper()
	s, err := server.New(context.Background(), c, server.Options{
		Log: slog.New(slog.DiscardHandler), Fatal: func(err error) { panic(err) }, Now: now, HoldData: true,
	})
	if err != nil {
		tb.Fatal(err)
	}
	if err := s.Start(context.Background()); err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	st := &stage{server: s, config: c, base: fmt.Sprintf("http://127.0.0.1:%d", s.Port())}
	st.end = func() {
		cancel()
		if err, running := <-ended; running && err != nil {
			tb.Errorf("server: %v", err)
		}
		st.end = func() {}
	}
	return st
}

func (s *stage) options() demo.Options {
	return demo.Options{
		Dir: s.config.Data, Describe: filepath.Join(s.config.Data, "describe.json"), Preset: s.config.Preset,
		BaseURL: s.base, Local: s.base, Out: &s.out, Now: time.Now,
		Directory: s.server.Directory(), Apps: s.server.Apps(), Accounts: s.server.Accounts(), Templates: s.server.Templates(),
		HTTP: &http.Client{},
	}
}

func (s *stage) mustDemo(tb testing.TB) description {
	tb.Helper()
	if err := demo.Run(context.Background(), s.options()); err != nil {
		tb.Fatal(err)
	}
	return s.mustDescription(tb)
}

type description struct {
	BaseURL       string `json:"base_url"`
	Organizations []struct {
		CorpID  string `json:"corp_id"`
		Name    string `json:"name"`
		Reviews bool   `json:"reviews_others"`
		Apps    []struct {
			Name      string `json:"name"`
			Kind      string `json:"kind"`
			AppKey    string `json:"app_key"`
			AppSecret string `json:"app_secret"`
			AgentID   int64  `json:"agent_id"`

			SuiteTicket string            `json:"suite_ticket"`
			Templates   map[string]string `json:"templates"`
		} `json:"apps"`
		Departments []struct {
			DeptID   int64  `json:"dept_id"`
			Name     string `json:"name"`
			ParentID int64  `json:"parent_id"`
		} `json:"departments"`
		Users []struct {
			Userid   string   `json:"userid"`
			Name     string   `json:"name"`
			DeptIDs  []int64  `json:"dept_ids"`
			Roles    []string `json:"roles"`
			APIToken string   `json:"api_token"`

			SignInURL string `json:"sign_in_url"`
		} `json:"users"`
	} `json:"organizations"`
}

// anywhere is what is described, wherever the server listens.
func (d description) anywhere() description {
	for _, o := range d.Organizations {
		for i := range o.Users {
			o.Users[i].SignInURL = strings.TrimPrefix(o.Users[i].SignInURL, d.BaseURL)
		}
	}
	d.BaseURL = ""
	return d
}

func (s *stage) mustDescription(tb testing.TB) description {
	tb.Helper()
	path := filepath.Join(s.config.Data, "describe.json")
	info, err := os.Stat(path)
	if err != nil {
		tb.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		tb.Errorf("the description has mode %v", info.Mode())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	var d description
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		tb.Fatal(err)
	}
	return d
}

type inboxPage struct {
	Items []struct {
		Type    string `json:"type"`
		Title   string `json:"title"`
		Preview string `json:"preview"`
		HTML    string `json:"html"`
		App     struct {
			Name string `json:"name"`
		} `json:"app"`
		StatusBar *struct {
			Value string `json:"value"`
		} `json:"status_bar"`
	} `json:"items"`
}

func (s *stage) mustInbox(tb testing.TB, token string) inboxPage {
	tb.Helper()
	r, err := http.NewRequest(http.MethodGet, s.base+"/api/v1/inbox/messages?limit=100", http.NoBody)
	if err != nil {
		tb.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	defer w.Body.Close()
	var p inboxPage
	if err := json.NewDecoder(w.Body).Decode(&p); err != nil || w.StatusCode != http.StatusOK {
		tb.Fatalf("inbox: status %d, %v", w.StatusCode, err)
	}
	return p
}

// inboxes lists what people got, by organization and userid: every seventh,
// which takes some from every branch of the tree.
func (s *stage) inboxes(tb testing.TB, d description) map[string][]string {
	tb.Helper()
	got := map[string][]string{}
	for _, o := range d.Organizations {
		for n, u := range o.Users {
			if n%7 != 5 && u.Userid != "linxiaoyu" {
				continue
			}
			list := []string{}
			for _, i := range s.mustInbox(tb, u.APIToken).Items {
				list = append(list, i.Type)
			}
			slices.Sort(list) // a message that was completed later comes later
			got[o.Name+" "+u.Userid] = list
		}
	}
	return got
}

func TestDescription(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := mustStage(t, settings(t, engine))
			d := s.mustDemo(t)
			if d.BaseURL != s.base || len(d.Organizations) != 2 {
				t.Fatalf("base %s, %d organizations", d.BaseURL, len(d.Organizations))
			}
			if n := len(d.Organizations[0].Users); n < 60 {
				t.Errorf("%d users in the first organization", n)
			}
			if n := len(d.Organizations[1].Users); n < 20 {
				t.Errorf("%d users in the second organization", n)
			}
			if d.Organizations[0].Reviews || !d.Organizations[1].Reviews {
				t.Error("the second organization reviews the first one's app, and says so")
			}
			for _, o := range d.Organizations {
				if len(o.Apps) != 2 || o.Apps[0].Kind != "internal" || o.Apps[0].AppSecret == "" || o.Apps[0].AgentID == 0 ||
					o.Apps[1].Kind != "third_party" || o.Apps[1].AgentID == 0 || o.Apps[1].AgentID == d.Organizations[0].Apps[0].AgentID {
					t.Fatalf("%s: apps %+v", o.Name, o.Apps)
				}
				suite := o.Apps[1]
				if suite.AppKey != d.Organizations[0].Apps[1].AppKey || suite.SuiteTicket == "" {
					t.Errorf("%s: third-party app %+v", o.Name, suite)
				}
				proof := app.SuiteProof{Key: suite.AppKey, Secret: suite.AppSecret, Ticket: suite.SuiteTicket}
				if token, err := s.server.Apps().CorpToken(t.Context(), proof, o.CorpID); err != nil {
					t.Errorf("%s: the described ticket: %v", o.Name, err)
				} else if c, err := s.server.Apps().Authenticate(t.Context(), token.Value); err != nil || c.AgentID != suite.AgentID || c.DirectSend {
					t.Errorf("%s: caller %+v, %v", o.Name, c, err)
				}
				checkTree(t, d, o.Name)
				roles := map[string]bool{}
				for _, u := range o.Users {
					for _, role := range u.Roles {
						roles[role] = true
					}
				}
				for _, role := range []string{"author", "reviewer", "administrator", "owner", "developer", "auditor", "employee"} {
					if !roles[role] {
						t.Errorf("%s: nobody is %s", o.Name, role)
					}
				}
			}
			types := map[string]bool{}
			for _, list := range s.inboxes(t, d) {
				for _, name := range list {
					types[name] = true
				}
			}
			if len(types) != 8 {
				t.Errorf("people got the types %v, want all eight", types)
			}
			for _, i := range s.mustInbox(t, d.Organizations[0].Users[0].APIToken).Items {
				if i.App.Name == d.Organizations[0].Apps[0].Name {
					t.Errorf("the described app has sent: %+v", i)
				}
			}
			checkOutput(t, s.out.String(), d)
		})
	}
}

// checkTree wants the root first, parents that exist, and three levels.
func checkTree(t *testing.T, d description, name string) {
	t.Helper()
	for _, o := range d.Organizations {
		if o.Name != name {
			continue
		}
		depth := map[int64]int{}
		if o.Departments[0].DeptID != 1 {
			t.Errorf("%s: the first department is %+v", name, o.Departments[0])
		}
		parents := map[int64]int64{}
		for _, dept := range o.Departments {
			parents[dept.DeptID] = dept.ParentID
		}
		deepest := 0
		for id := range parents {
			for at := id; at != 0; at = parents[at] {
				depth[id]++
			}
			deepest = max(deepest, depth[id])
		}
		if deepest != 3 {
			t.Errorf("%s: a tree of %d levels", name, deepest)
		}
		for _, u := range o.Users {
			for _, id := range u.DeptIDs {
				if depth[id] == 0 {
					t.Errorf("%s: %s is in department %d, which is not there", name, u.Userid, id)
				}
			}
		}
	}
}

func checkOutput(t *testing.T, out string, d description) {
	t.Helper()
	for _, name := range []string{"text", "image", "voice", "file", "link", "oa", "markdown", "action_card"} {
		if n := strings.Count(out, "\n  "+name+" "); n != 2 {
			t.Errorf("%d lines of the table are about %s", n, name)
		}
	}
	if strings.Contains(out, "not sent") || strings.Contains(out, "\x1b") || strings.Contains(out, "held back:") {
		t.Errorf("output:\n%s", out)
	}
	for _, want := range []string{d.BaseURL, d.Organizations[0].Apps[0].AppKey, "ServerUrl", "DefaultDingTalkClient", "new DingTalk"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in the output", want)
		}
	}
}

// The printed command works as it stands, twice, and the second shows it.
func TestPrintedCommands(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Fatal("curl is not installed: the printed commands cannot be run")
	}
	s := mustStage(t, settings(t, "sqlite"))
	s.mustDemo(t)
	var commands []string
	for line := range strings.Lines(s.out.String()) {
		if strings.HasPrefix(line, "  curl ") {
			commands = append(commands, strings.TrimSpace(line))
		}
	}
	if len(commands) != 2 {
		t.Fatalf("commands %q", commands)
	}
	for range 2 {
		if out := mustShell(t, commands[0]); !strings.Contains(out, `"errcode":0`) {
			t.Errorf("answer %s", out)
		}
	}
	if out := mustShell(t, commands[1]); !strings.Contains(out, "林晓雨") || !strings.Contains(out, `"items"`) {
		t.Errorf("inbox %s", out)
	}
}

func mustShell(t *testing.T, command string) string {
	t.Helper()
	out, err := exec.Command("sh", "-c", command).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

func TestSecondStart(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			c := settings(t, engine)
			s := mustStage(t, c)
			first := s.mustDemo(t)
			before := s.inboxes(t, first)
			s.end()

			s = mustStage(t, c)
			o, wire := s.options(), &watchedWire{}
			o.HTTP = &http.Client{Transport: wire}
			if err := demo.Run(context.Background(), o); err != nil {
				t.Fatal(err)
			}
			if len(wire.sends) != 0 {
				t.Errorf("the second start called %v", wire.sends)
			}
			second := s.mustDescription(t)
			if diff := cmp.Diff(first.anywhere(), second.anywhere()); diff != "" {
				t.Errorf("the second start describes something else: %s", diff)
			}
			if diff := cmp.Diff(before, s.inboxes(t, second)); diff != "" {
				t.Errorf("the second start changed inboxes: %s", diff)
			}
		})
	}
}

// watchedWire notes the requests that send or upload.
type watchedWire struct{ sends []string }

func (w *watchedWire) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/asyncsend_v2") || strings.HasSuffix(r.URL.Path, "/upload") {
		w.sends = append(w.sends, r.URL.Path)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// What was changed between two starts is described, not undone.
func TestChangesAreKept(t *testing.T) {
	t.Parallel()
	c := settings(t, "sqlite")
	s := mustStage(t, c)
	first := s.mustDemo(t)
	ctx := context.Background()
	o, err := s.server.Directory().ByCorpID(ctx, first.Organizations[0].CorpID)
	if err != nil {
		t.Fatal(err)
	}
	gone, disabled := first.Organizations[0].Users[10].Userid, first.Organizations[0].Users[11].Userid
	if err := errors.Join(s.server.Directory().DeleteUser(ctx, audit.ByOperator(), o.ID, gone), s.server.Directory().DisableUser(ctx, audit.ByOperator(), o.ID, disabled)); err != nil {
		t.Fatal(err)
	}
	second := s.mustDemo(t)
	for _, u := range second.Organizations[0].Users {
		if u.Userid == gone || u.Userid == disabled {
			t.Errorf("%s is described", u.Userid)
		}
	}
	if a, b := len(first.Organizations[0].Users), len(second.Organizations[0].Users); b != a-2 {
		t.Errorf("%d users, then %d", a, b)
	}
}

// A start that ends before any one of its steps is completed by the next.
func TestStartEndedBetweenSteps(t *testing.T) {
	t.Parallel()
	c := settings(t, "sqlite")
	whole := mustStage(t, c)
	o := whole.options()
	steps := 0
	o.Note = func(string) { steps++ }
	if err := demo.Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	want := whole.inboxes(t, whole.mustDescription(t))
	for n := 1; n <= steps; n++ {
		// Making the first organization, and some of the rest.
		first, every := 4, 6
		if testing.Short() {
			first, every = 2, steps/4
		}
		if n > first && n%every != 0 {
			continue
		}
		t.Run(fmt.Sprintf("step %d of %d", n, steps), func(t *testing.T) {
			t.Parallel()
			c := settings(t, "sqlite")
			s := mustStage(t, c)
			o := s.options()
			ctx, kill := context.WithCancel(context.Background())
			defer kill()
			step := 0
			o.Note = func(string) {
				if step++; step == n {
					kill()
				}
			}
			if err := demo.Run(ctx, o); !errors.Is(err, context.Canceled) {
				t.Fatalf("a killed start: %v", err)
			}
			s.end()
			s = mustStage(t, c)
			d := s.mustDemo(t)
			if diff := cmp.Diff(want, s.inboxes(t, d)); diff != "" {
				t.Errorf("after completion: %s", diff)
			}
			checkOutput(t, s.out.String(), d)
			checkEnds(t, s.mustTemplates(t, d))
		})
	}
}

var errKilled = errors.New("killed")

// killedApps does what it is asked and dies before anybody hears of it.
type killedApps struct{ *app.Service }

func (k killedApps) CreateInternal(ctx context.Context, by audit.By, organization int64, n app.NewApp) (app.App, app.Agent, string, error) {
	if _, _, _, err := k.Service.CreateInternal(ctx, by, organization, n); err != nil {
		return app.App{}, app.Agent{}, "", err
	}
	return app.App{}, app.Agent{}, "", errKilled
}

func (k killedApps) CreateThirdParty(ctx context.Context, by audit.By, provider int64, n app.NewApp, anyTicket bool) (app.App, string, error) {
	if _, _, err := k.Service.CreateThirdParty(ctx, by, provider, n, anyTicket); err != nil {
		return app.App{}, "", err
	}
	return app.App{}, "", errKilled
}

func (k killedApps) Install(ctx context.Context, by audit.By, provider, appID, organization int64, i app.Installation) (app.Agent, error) {
	if _, err := k.Service.Install(ctx, audit.ByOperator(), provider, appID, organization, i); err != nil {
		return app.Agent{}, err
	}
	return app.Agent{}, errKilled
}

// killedWire loses the answer to the nth request.
type killedWire struct{ left int }

func (k *killedWire) RoundTrip(r *http.Request) (*http.Response, error) {
	w, err := http.DefaultTransport.RoundTrip(r)
	if k.left--; k.left == 0 && err == nil {
		_, _ = io.Copy(io.Discard, w.Body)
		_ = w.Body.Close()
		return nil, errKilled
	}
	return w, err
}

// The worst moment to die is after something was done and before it was noted.
func TestStartEndedBeforeNoting(t *testing.T) {
	t.Parallel()
	whole := mustStage(t, settings(t, "sqlite"))
	want := whole.inboxes(t, whole.mustDemo(t))
	check := func(t *testing.T, s *stage) {
		t.Helper()
		s.out.Reset()
		d := s.mustDemo(t)
		if diff := cmp.Diff(want, s.inboxes(t, d)); diff != "" {
			t.Errorf("after completion: %s", diff)
		}
		checkOutput(t, s.out.String(), d) // a message sent twice would be held back
		for i, o := range d.Organizations {
			organization, err := s.server.Directory().ByCorpID(context.Background(), o.CorpID)
			if err != nil {
				t.Fatal(err)
			}
			apps, err := s.server.Apps().Apps(context.Background(), organization.ID)
			if err != nil || len(apps) != 2 {
				t.Errorf("%s has %d apps, %v", o.Name, len(apps), err)
			}
			if _, err := s.server.Apps().TokenByKey(context.Background(), o.Apps[0].AppKey, o.Apps[0].AppSecret); err != nil {
				t.Errorf("%s: the described secret: %v", o.Name, err)
			}
			if suites, err := s.server.Apps().Suites(context.Background(), organization.ID); err != nil || len(suites) != (1-i) {
				t.Errorf("%s has %d third-party apps, %v", o.Name, len(suites), err)
			}
			proof := app.SuiteProof{Key: o.Apps[1].AppKey, Secret: o.Apps[1].AppSecret, Ticket: o.Apps[1].SuiteTicket}
			if _, err := s.server.Apps().CorpToken(context.Background(), proof, o.CorpID); err != nil {
				t.Errorf("%s: the described suite: %v", o.Name, err)
			}
		}
	}
	t.Run("app", func(t *testing.T) {
		t.Parallel()
		s := mustStage(t, settings(t, "sqlite"))
		o := s.options()
		o.Apps = killedApps{s.server.Apps()}
		for range 5 { // five apps are made before their secrets are known
			if err := demo.Run(context.Background(), o); !errors.Is(err, errKilled) {
				break
			}
		}
		check(t, s)
	})
	for _, n := range slices.Sorted(slices.Values([]int{3, 7, 28})) {
		t.Run(fmt.Sprintf("answer %d", n), func(t *testing.T) {
			t.Parallel()
			s := mustStage(t, settings(t, "sqlite"))
			o := s.options()
			o.HTTP = &http.Client{Transport: &killedWire{left: n}}
			_ = demo.Run(context.Background(), o) // what it lost, it says in its table
			check(t, s)
		})
	}
}

func TestLively(t *testing.T) {
	t.Parallel()
	s := mustStage(t, settings(t, "sqlite"))
	o := s.options()
	o.Lively, o.Every, o.Rounds = true, time.Millisecond, 20
	if err := demo.Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	out := s.out.String()
	_, lively, _ := strings.Cut(out, "A notification every")
	if n := strings.Count(lively, ", task "); n != 20 {
		t.Errorf("%d notifications of 20:\n%s", n, lively)
	}
	if !strings.Contains(lively, `is now "已同意"`) || !strings.Contains(lively, `is now "Approved"`) || strings.Contains(lively, "errcode") {
		t.Errorf("output:\n%s", lively)
	}
	d := s.mustDescription(t)
	for _, u := range d.Organizations[0].Users {
		if u.Userid != "linxiaoyu" {
			continue
		}
		moved := false
		for _, i := range s.mustInbox(t, u.APIToken).Items {
			moved = moved || i.StatusBar != nil && i.StatusBar.Value == "已同意"
		}
		if !moved {
			t.Error("no status bar has moved in linxiaoyu's inbox")
		}
	}
}

// The limits of the hosted service hold the demo back nowhere.
func TestStrictPreset(t *testing.T) {
	t.Parallel()
	c := settings(t, "sqlite")
	c.Preset = "dingtalk"
	s := mustStage(t, c)
	d := s.mustDemo(t)
	checkOutput(t, s.out.String(), d)
}

func TestForeignState(t *testing.T) {
	t.Parallel()
	s := mustStage(t, settings(t, "sqlite"))
	s.mustDemo(t)
	other := mustStage(t, settings(t, "sqlite"))
	o := other.options()
	o.Dir = s.config.Data
	if err := demo.Run(context.Background(), o); err == nil || !strings.Contains(err.Error(), "demo.json") {
		t.Errorf("state of another database: %v", err)
	}
	if err := os.WriteFile(filepath.Join(other.config.Data, "demo.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := demo.Run(context.Background(), other.options()); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("damaged state: %v", err)
	}
}
