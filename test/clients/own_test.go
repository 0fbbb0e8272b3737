package clients_test

import (
	"context"
	"net/http"
	"os"
	"slices"
	"testing"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/test/harness"
)

// own is the project's own client.
type own struct{ app *client.App }

func (o own) send(to client.Audience, s sample) (int64, error) {
	return o.app.Send(context.Background(), to, client.Raw(s.json), "")
}

func (o own) progress(task int64) (client.Progress, error) {
	return o.app.Progress(context.Background(), task)
}

func (o own) result(task int64) (client.Result, error) {
	return o.app.Result(context.Background(), task)
}

func (o own) statusBar(task int64, value, background string) error {
	return o.app.SetStatusBar(context.Background(), task, client.StatusBar{Value: value, Background: background})
}

func (o own) recall(task int64) error { return o.app.Recall(context.Background(), task) }

func (o own) upload(kind, path string) (string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	return o.app.Upload(context.Background(), kind, path, content)
}

// The project's own client does what the libraries do, looks people up, and follows
// an inbox, on both engines.
func TestOwnClient(t *testing.T) { //nolint:paralleltest // the address of the service is the process's
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) { //nolint:paralleltest // see above
			home := harness.NewHome(t, engine)
			server := home.Demo(t)
			o := server.Organizations[0]
			c := client.New(server.BaseURL, client.Options{HTTP: http.DefaultClient})
			app := c.App(o.Apps[0].AgentID, client.AppKey{Key: o.Apps[0].Key, Secret: o.Apps[0].Secret})
			d := &drive{t: t, library: own{app}, organization: o, people: harness.NewPeople(o.Departments, o.Users), base: server.BaseURL}
			d.everything()
			looksUp(t, app, o)
			follows(t, c.Inbox(o.Users[0].APIToken), app, o.Users[0].Userid)
			worksForOthers(t, c, o)
			server.Stop(t)
		})
	}
}

// looksUp: what the demo says about itself is what contacts tell.
func looksUp(t *testing.T, app *client.App, o harness.Organization) {
	t.Helper()
	ctx := context.Background()
	somebody := o.Users[0]
	u, err := app.User(ctx, somebody.Userid)
	if err != nil || u.Name != somebody.Name || !slices.Equal(slices.Sorted(slices.Values(u.DeptIDs)), slices.Sorted(slices.Values(somebody.DeptIDs))) {
		t.Errorf("user %+v, %v; want %+v", u, err, somebody)
	}
	if userid, err := app.UserByUnionID(ctx, u.UnionID); err != nil || userid != somebody.Userid {
		t.Errorf("by unionid %q, %v; want %q", userid, err, somebody.Userid)
	}
	if u.Mobile != "" {
		if userid, err := app.UserByMobile(ctx, u.Mobile); err != nil || userid != somebody.Userid {
			t.Errorf("by mobile %q, %v; want %q", userid, err, somebody.Userid)
		}
	}
	if _, err := app.User(ctx, "nobody"); !client.IsCode(err, 60121) {
		t.Errorf("nobody: %v, want 60121", err)
	}
	if n, err := app.CountUsers(ctx); err != nil || n != len(o.Users) {
		t.Errorf("%d people, %v; want %d", n, err, len(o.Users))
	}
	for _, d := range o.Departments {
		inDepartment(t, app, o, d)
	}
}

func inDepartment(t *testing.T, app *client.App, o harness.Organization, d harness.Department) {
	t.Helper()
	ctx := context.Background()
	var want, got []string
	for _, u := range o.Users {
		if slices.Contains(u.DeptIDs, d.ID) {
			want = append(want, u.Userid)
		}
	}
	for u, err := range app.Users(ctx, d.ID) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, u.Userid)
	}
	ids, err := app.Userids(ctx, d.ID)
	slices.Sort(want)
	slices.Sort(got)
	slices.Sort(ids)
	if !slices.Equal(got, want) || !slices.Equal(ids, want) || err != nil {
		t.Errorf("department %d has %v and %v, %v; want %v", d.ID, got, ids, err, want)
	}
	if one, err := app.Department(ctx, d.ID); err != nil || one.Name != d.Name || one.ParentID != d.ParentID {
		t.Errorf("department %+v, %v; want %+v", one, err, d)
	}
	below, err := app.Departments(ctx, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range below {
		if above, err := app.Above(ctx, b.ID); err != nil || len(above) < 2 || above[0] != b.ID || above[1] != d.ID {
			t.Errorf("above %d: %v, %v; want %d second", b.ID, above, err, d.ID)
		}
	}
}

// follows: a stream tells what is sent, and pages and counts agree.
func follows(t *testing.T, inbox *client.Inbox, app *client.App, userid string) {
	t.Helper()
	ctx := t.Context()
	page, err := inbox.Page(ctx, client.PageQuery{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	task, err := app.Send(ctx, client.Audience{Userids: []string{userid}}, client.Text{Content: "The lift works again"}, "lift")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := app.Send(ctx, client.Audience{Userids: []string{userid}}, client.Text{Content: "The lift works again"}, "lift"); err != nil || again != task {
		t.Errorf("the same key: task %d, %v; want %d", again, err, task)
	}
	var item client.Item
	err = inbox.Follow(ctx, page.Revision, func(e client.Event) (err error) {
		if e.Name != "message" {
			return nil
		}
		if item, err = e.Item(); err == nil {
			err = os.ErrExist // enough
		}
		return err
	})
	if item.Task() != task || item.SentRevision() <= page.Revision || err == nil {
		t.Errorf("followed %+v, %v; want task %d", item, err, task)
	}
	if u, err := inbox.Unread(ctx); err != nil || u.Count == 0 {
		t.Errorf("unread %+v, %v", u, err)
	}
	if err := inbox.MarkRead(ctx, item.MessageID); err != nil {
		t.Error(err)
	}
	for first, err := range inbox.Messages(ctx) {
		if err != nil || first.MessageID != item.MessageID || first.ReadAt == nil {
			t.Errorf("newest %+v, %v; want %s, read", first, err, item.MessageID)
		}
		break
	}
	if err := inbox.MarkAllRead(ctx, item.SentRevision(), 0); err != nil {
		t.Error(err)
	}
	if u, err := inbox.Unread(ctx); err != nil || u.Count != 0 {
		t.Errorf("unread %+v, %v; want none", u, err)
	}
}

// worksForOthers: a third-party app sends a template, with a ticket and without.
func worksForOthers(t *testing.T, c *client.Client, o harness.Organization) {
	t.Helper()
	suite := o.Apps[1]
	ticket := func(context.Context) (string, error) { return suite.Ticket, nil }
	for what, by := range map[string]client.Credentials{
		"with a ticket":    client.Suite{Key: suite.Key, Secret: suite.Secret, CorpID: o.CorpID, Ticket: ticket},
		"without a ticket": client.ClientCredentials{Key: suite.Key, Secret: suite.Secret, CorpID: o.CorpID},
	} {
		_, err := c.App(suite.AgentID, by).SendTemplate(t.Context(), client.Audience{Userids: []string{o.Users[0].Userid}}, suite.Templates["markdown"], nil, "")
		if !client.IsCode(err, 400002) { // its parameters are missing: the token is good, and the template is found
			t.Errorf("%s: %v, want 400002", what, err)
		}
	}
}
