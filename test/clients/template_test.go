package clients_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/zhaoyunxing92/dingtalk/v2"
	"github.com/zhaoyunxing92/dingtalk/v2/cache"
	"github.com/zhaoyunxing92/dingtalk/v2/request"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/test/harness"
)

// A provider's code sends the demo's templates as it is, with its suite ticket,
// to people and departments, and follows what it sent to its recall.
func TestTemplateClient(t *testing.T) { //nolint:paralleltest // the address of the service is the process's
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) { //nolint:paralleltest // see above
			home := harness.NewHome(t, engine)
			server := home.Demo(t)
			serveAt(t, server.BaseURL)
			for _, o := range server.Organizations {
				t.Run(o.Name, func(t *testing.T) { //nolint:paralleltest // see above
					d := &drive{t: t, organization: o, people: harness.NewPeople(o.Departments, o.Users), base: server.BaseURL}
					d.templates(home, o.Apps[1])
				})
			}
			server.Stop(t)
		})
	}
}

// byTemplate is the typed library with a template's values for a message.
type byTemplate struct {
	*typed
	template string
	values   map[string]string
}

func (c *byTemplate) send(to client.Audience, _ sample) (int64, error) {
	b := request.NewSendTemplateMessage(c.agent, c.template).SetMessage(c.values)
	if len(to.Userids) > 0 {
		// Of a copy: the library removes repeats in the slice it is given.
		b.SetUserIds(to.Userids[0], slices.Clone(to.Userids[1:])...)
	}
	if len(to.DeptIDs) > 0 {
		b.SetDeptIds(int(to.DeptIDs[0]))
	}
	answer, err := c.client.SendTemplateMessage(b.Build())
	return int64(answer.TaskId), err
}

// templates sends all of them, in turn to people with one nobody knows, and to
// a department.
func (d *drive) templates(home *harness.Home, suite harness.Credentials) {
	d.t.Helper()
	suiteClient, err := dingtalk.NewClient(suite.Key, suite.Secret, dingtalk.WithTicket(suite.Ticket),
		dingtalk.WithCorpId(d.organization.CorpID), dingtalk.WithCache(cache.NewFileCache(d.t.TempDir(), suite.Key)))
	if err != nil {
		d.t.Fatal(err)
	}
	kinds := map[string]string{"markdown": "markdown", "action_card_single": "action_card", "action_card_buttons": "action_card", "form": "oa"}
	sent := 0
	for key, id := range suite.Templates {
		c := &byTemplate{&typed{client: suiteClient, agent: int(suite.AgentID)}, id, valuesFor(d.t, home, suite.Key, id)}
		d.library = c
		people := client.Audience{Userids: []string{d.organization.Users[0].Userid, d.organization.Users[1].Userid}}
		kind, usable := kinds[key]
		if !usable {
			if _, err := d.send(people, sample{}); err == nil || !strings.Contains(err.Error(), "code:885006") {
				d.t.Errorf("%s: %v, want 885006", key, err)
			}
			continue
		}
		sent++
		s := sample{name: key, kind: kind, shows: "Müller &amp; 王 *&lt;b&gt;*"}
		d.message(s, client.Audience{Userids: append(people.Userids, "nobody")})
		c.values["order"], c.values["name"] = "again", "again" // something else for those who are in the department too
		s.shows = "again"
		dept := client.Audience{DeptIDs: []int64{d.organization.Departments[2].ID}}
		d.message(s, dept)
		task, err := d.send(client.Audience{Userids: d.people.Resolve(dept).People[:1]}, s)
		if err != nil {
			d.t.Fatal(err)
		}
		if r, err := d.result(task); err != nil || len(r.Held) != 1 || r.Held[0].Code != "143206" {
			d.t.Errorf("%s again: %+v, %v", key, r, err)
		}
		delete(c.values, "order")
		delete(c.values, "name")
		if _, err := d.send(people, s); err == nil || !strings.Contains(err.Error(), "code:400002") {
			d.t.Errorf("%s without a value: %v", key, err)
		}
	}
	if sent != len(kinds) || len(suite.Templates) != len(kinds)+2 {
		d.t.Errorf("%d templates were sent of %v", sent, suite.Templates)
	}
}

// valuesFor is something for each parameter, as the administrator's command
// line tells them.
func valuesFor(t *testing.T, home *harness.Home, key, id string) map[string]string {
	t.Helper()
	var shown struct {
		Version struct {
			Form struct {
				Parameters []struct {
					Name string `json:"name"`
				} `json:"parameters"`
			} `json:"form"`
		} `json:"version"`
	}
	home.Admin(t, &shown, "template", "show", key, id)
	values := map[string]string{}
	for _, p := range shown.Version.Form.Parameters {
		values[p.Name] = "Müller & 王 *<b>*"
	}
	return values
}
