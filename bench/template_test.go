package bench_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/dingtalk"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/internal/template"
)

const templateRecipients = 100_000

// BenchmarkTemplate sends to 100,000 people in a hundred departments, in turn by
// template, with a user's and a department's id to be translated, and by
// asyncsend_v2 with the same text written out. Both go through the wire's
// handler. It reports the processor time of this process for a send, and the
// ratio of the two.
func BenchmarkTemplate(b *testing.B) {
	for _, engine := range storetest.BothEngines() {
		b.Run(engine, func(b *testing.B) {
			i := mustInstall(b, engine, templateRecipients)
			i.caller.Limits.TemplatesForInternalApps, i.caller.Limits.MessagesPerDay = true, 0
			i.caller.Provider, i.caller.Scopes = i.caller.Organization, app.Scopes()
			id := i.mustTemplate(b)
			wire := dingtalk.Handler(dingtalk.Deps{Tokens: knownToken{caller: i.caller}, Notifications: i.notify, Log: slog.New(slog.DiscardHandler)})
			depts := i.mustTeams(b)
			var byTemplate, composed time.Duration
			number := 0
			for b.Loop() {
				number++
				byTemplate += mustAnswer(b, wire, "sendbytemplate", fmt.Sprintf(
					`{"agent_id":1,"template_id":"%s","dept_id_list":"%s","data":{"order":"%d","who":"$userName=%s$","where":"$departmentName=%s$"}}`,
					id, depts, number, userid(7), strings.Split(depts, ",")[0]))
				composed += mustAnswer(b, wire, "asyncsend_v2", fmt.Sprintf(
					`{"agent_id":1,"dept_id_list":"%s","msg":{"msgtype":"markdown","markdown":{"title":"Order","text":"**Order** a%d of User 7, Team 0, has been sent."}}}`,
					depts, number))
			}
			sends := float64(number)
			b.ReportMetric(float64(byTemplate.Microseconds())/sends, "template-cpu-µs")
			b.ReportMetric(float64(composed.Microseconds())/sends, "composed-cpu-µs")
			b.ReportMetric(float64(byTemplate)/float64(composed), "ratio")
		})
	}
}

// mustTemplate makes a template and lets it pass.
func (i *installation) mustTemplate(b *testing.B) string {
	b.Helper()
	ctx := context.Background()
	r := review.New(review.Deps{Store: i.db.Templates(), People: i.people, Now: time.Now})
	a := app.App{Organization: i.caller.Organization, ID: i.caller.AppID, Kind: app.Internal}
	parameter := func(name string) template.Parameter {
		return template.Parameter{Name: name, Description: name, Sample: "x"}
	}
	must(b, i.db.Apps().CreateApp(ctx, a, app.Agent{Organization: a.Organization, ID: i.caller.AgentID, AppOrganization: a.Organization, AppID: a.ID},
		app.StoredSecret{Organization: a.Organization, AppID: a.ID, ID: 1, Ciphertext: []byte{0}},
		audit.Entry{Organization: a.Organization, By: audit.ByOperator(), Action: audit.AppCreate}))
	operator := policy.Asker{By: audit.ByOperator()}
	write, err := policy.Check(operator, policy.TemplatesWrite, a.Resource(), review.Unknown())
	must(b, err)
	made, err := r.Create(ctx, write, template.Form{
		Kind: template.KindMarkdown, Name: "Order", UseCase: "Tells of an order", Title: "Order",
		Content:    "**Order** ${order} of ${who}, ${where}, has been sent.",
		Parameters: []template.Parameter{parameter("order"), parameter("who"), parameter("where")},
	})
	must(b, err)
	_, err = r.Submit(ctx, write, made.ID, 0)
	must(b, err)
	// The operator wrote it; somebody else lets it pass.
	other := policy.Asker{By: audit.By{Actor: audit.Person(a.Organization, 1)}, Roles: policy.RoleSet(policy.Reviewer)}
	decide, err := policy.Check(other, policy.TemplatesReview, a.Resource(), review.Unknown())
	must(b, err)
	_, err = r.Approve(ctx, decide, made.ID, 1)
	must(b, err)
	return made.ID
}

// mustTeams returns the ids of all departments that people are in.
func (i *installation) mustTeams(b *testing.B) string {
	b.Helper()
	all, err := i.people.Departments(context.Background(), i.caller.Organization)
	must(b, err)
	var ids []string
	for _, d := range all {
		if strings.HasPrefix(d.Name, "Team ") {
			ids = append(ids, fmt.Sprint(d.ID))
		}
	}
	return strings.Join(ids, ",")
}

// knownToken takes every token for the caller's.
type knownToken struct {
	dingtalk.Tokens
	caller app.Caller
}

func (k knownToken) Authenticate(context.Context, string) (app.Caller, error) { return k.caller, nil }

func (knownToken) CountCall(context.Context, app.Caller, string) error { return nil }

// mustAnswer returns the processor time that a request has taken.
func mustAnswer(b *testing.B, wire http.Handler, call, body string) time.Duration {
	b.Helper()
	r := httptest.NewRequest(http.MethodPost, "/topapi/message/corpconversation/"+call+"?access_token=x", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	before := processorTime(b)
	wire.ServeHTTP(w, r)
	took := processorTime(b) - before
	if !strings.HasPrefix(w.Body.String(), `{"errcode":0,`) {
		b.Fatalf("%s: %s", call, w.Body)
	}
	return took
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
