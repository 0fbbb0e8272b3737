package clients_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zhaoyunxing92/dingtalk/v2"
	"github.com/zhaoyunxing92/dingtalk/v2/cache"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/test/harness"
)

// A provider's code works as it is, with its suite ticket: it sends where the
// organization lets it, and nowhere else.
func TestThirdPartyClient(t *testing.T) { //nolint:paralleltest // the address of the service is the process's
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) { //nolint:paralleltest // see above
			home := harness.NewHome(t, engine)
			server := home.Demo(t)
			serveAt(t, server.BaseURL)
			provider, receiver := server.Organizations[0], server.Organizations[1]
			var suite struct {
				Key    string `json:"suite_key"`
				Secret string `json:"suite_secret"`
				Ticket string `json:"suite_ticket"`
			}
			home.Admin(t, &suite, "--org", provider.CorpID, "suite", "create", "Orders")
			var installed struct {
				Agent int `json:"agent_id"`
			}
			home.Admin(t, &installed, "--org", provider.CorpID, "suite", "install", suite.Key, "--in", receiver.CorpID)

			suiteClient, err := dingtalk.NewClient(suite.Key, suite.Secret, dingtalk.WithTicket(suite.Ticket),
				dingtalk.WithCorpId(receiver.CorpID), dingtalk.WithCache(cache.NewFileCache(t.TempDir(), suite.Key)))
			if err != nil {
				t.Fatal(err)
			}
			if token, err := suiteClient.GetCorpAccessToken(); err != nil || token == "" {
				t.Fatalf("token: %q, %v", token, err)
			}
			d := &drive{
				t: t, library: &typed{client: suiteClient, agent: installed.Agent}, organization: receiver,
				people: harness.NewPeople(receiver.Departments, receiver.Users), base: server.BaseURL,
			}
			text, to := samples(nil)[0], client.Audience{Userids: []string{receiver.Users[0].Userid, receiver.Users[1].Userid}}
			if _, err := d.send(to, text); err == nil || !strings.Contains(err.Error(), "41044") && !strings.Contains(err.Error(), "禁止发送消息") {
				t.Fatalf("sent what nobody reviewed: %v", err)
			}
			home.Admin(t, nil, "--org", receiver.CorpID, "suite", "direct-send", strconv.Itoa(installed.Agent), "on")
			// Another process has switched it on: this one learns of it within two seconds.
			err = harness.Poll(time.Minute, func() (bool, error) {
				_, err := d.send(client.Audience{Userids: []string{receiver.Users[2].Userid}}, text)
				return err == nil, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			d.message(text, to)
			if _, err := d.send(client.Audience{Everyone: true}, text); err == nil {
				t.Error("sent to everyone")
			}
			task, err := d.send(to, text)
			if err != nil {
				t.Fatal(err)
			}
			if r, err := d.result(task); err != nil || len(r.Held) != 2 || r.Held[0].Code != "143206" {
				t.Errorf("held back %+v, %v", r.Held, err)
			}
			server.Stop(t)
		})
	}
}
