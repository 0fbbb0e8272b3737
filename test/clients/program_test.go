package clients_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/test/harness"
)

// callback is where the programs have the browsers of people sent back to.
const callback = "https://program.example.com/login/callback"

// Every program in testdata/programs works: what it sends, byte for byte but for its
// credentials, is answered with what it reads. The README there says which these are.
func TestPrograms(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/programs/*.http")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d programs, %v", len(files), err)
	}
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			home := harness.NewHome(t, engine)
			server := home.Demo(t)
			o := server.Organizations[0]
			home.Admin(t, nil, "--org", o.CorpID, "user", "update", o.Users[0].Userid, "--mobile", "13800000000")
			sendsDirectly(t, home, server, o)
			t.Run("all", func(t *testing.T) { // ends when all of them have
				for _, file := range files {
					t.Run(strings.TrimSuffix(filepath.Base(file), ".http"), func(t *testing.T) {
						t.Parallel()
						steps := mustSteps(t, file)
						p := newProgram(t, home, server)
						for _, s := range steps {
							p.take(t, s)
						}
					})
				}
			})
			server.Stop(t)
		})
	}
}

// newProgram makes an app for a program, and somebody of the organization for it to find.
func newProgram(t *testing.T, home *harness.Home, server *harness.Server) *program {
	t.Helper()
	o := server.Organizations[0]
	user, colleague, suite := o.Users[0], o.Users[1], o.Apps[1]
	var app harness.Credentials
	admin := func(into any, args ...string) { home.Admin(t, into, append([]string{"--org", o.CorpID}, args...)...) }
	create := []string{"app", "create", t.Name(), "--send-to-everyone", "--page-url", "https://program.example.com/page"}
	for _, scope := range []string{"work_notification.send", "work_notification.result", "media.upload", "contacts.read", "contacts.write"} {
		create = append(create, "--scope", scope)
	}
	admin(&app, create...)
	admin(nil, "app", "redirect", "add", app.Key, callback)
	who, err := client.New(server.BaseURL, client.Options{}).App(app.AgentID, client.AppKey{Key: app.Key, Secret: app.Secret}).User(t.Context(), user.Userid)
	if err != nil {
		t.Fatal(err)
	}
	return &program{
		address: strings.TrimPrefix(server.BaseURL, "http://"), person: user, secret: app.Secret, suite: suite,
		known: map[string]string{
			"app_key": app.Key, "app_secret": app.Secret, "agent_id": strconv.FormatInt(app.AgentID, 10), "corp_id": o.CorpID,
			"suite_key": suite.Key, "suite_secret": suite.Secret, "suite_ticket": suite.Ticket, "suite_agent_id": strconv.FormatInt(suite.AgentID, 10),
			"user": user.Userid, "name": user.Name, "unionid": who.UnionID, "mobile": who.Mobile, "email": who.Email,
			"dept": strconv.FormatInt(user.DeptIDs[0], 10), "colleague": colleague.Userid, "callback": callback,
			"picture": picture(t), "template": suite.Templates["markdown"],
		},
	}
}

// sendsDirectly lets the third-party app send without templates, and waits until the server
// has learned that.
func sendsDirectly(t *testing.T, home *harness.Home, server *harness.Server, o harness.Organization) {
	t.Helper()
	suite := o.Apps[1]
	home.Admin(t, nil, "--org", o.CorpID, "suite", "direct-send", strconv.FormatInt(suite.AgentID, 10), "on")
	ticket := func(context.Context) (string, error) { return suite.Ticket, nil }
	app := client.New(server.BaseURL, client.Options{}).App(suite.AgentID, client.Suite{Key: suite.Key, Secret: suite.Secret, CorpID: o.CorpID, Ticket: ticket})
	err := harness.Poll(time.Minute, func() (bool, error) {
		_, err := app.Send(t.Context(), client.Audience{Userids: []string{"nobody"}}, client.Text{Content: "Is that so?"}, "")
		return err == nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// picture is the content of a small one.
func picture(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(writeFiles(t)["image"])
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
