package bench_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/internal/template"
)

// BenchmarkReviews reads the queue of a reviewer for whom 100 or 10,000 templates wait,
// with forms of 4 kB: the first page of 50, one in the middle, the place of one among
// all with its neighbours, and how many wait, which each open console asks for every
// five seconds. Of as many more the reviewer has written a part.
func BenchmarkReviews(b *testing.B) {
	for _, engine := range storetest.BothEngines() {
		for _, waiting := range []int{100, 10_000} {
			b.Run(fmt.Sprintf("%s/%d", engine, waiting), func(b *testing.B) {
				q := mustQueue(b, engine, waiting)
				middle := fmt.Sprintf("%032d", waiting/2)
				for name, asked := range map[string]review.WaitingQuery{
					"first":  {Limit: 50},
					"middle": {Limit: 50, After: review.Place{At: time.UnixMilli(queueSince + int64(waiting/2)), ID: middle}},
					"around": {Around: middle},
				} {
					b.Run(name, func(b *testing.B) { spread(b, func() { q.mustRead(b, asked) }) })
				}
				b.Run("count", func(b *testing.B) { spread(b, func() { q.mustCount(b) }) })
			})
		}
	}
}

// queueSince is when the first was submitted, in milliseconds.
const queueSince = 1_700_000_000_000

type reviewQueue struct {
	service *review.Service
	grant   policy.Grant
	waiting int
}

func (q reviewQueue) mustRead(b *testing.B, asked review.WaitingQuery) {
	b.Helper()
	page, err := q.service.Waiting(context.Background(), q.grant, asked)
	must(b, err)
	want := 50
	if asked.Around != "" {
		want = 3
	}
	if len(page.Items) < min(want, q.waiting/2-1) || page.Count != q.waiting {
		b.Fatalf("%d on the page of %d", len(page.Items), page.Count)
	}
}

func (q reviewQueue) mustCount(b *testing.B) {
	b.Helper()
	n, err := q.service.CountWaiting(context.Background(), q.grant)
	if must(b, err); n != q.waiting {
		b.Fatalf("%d wait", n)
	}
}

// mustQueue makes templates that wait, a millisecond apart, each second of them written
// by the reviewer in part.
func mustQueue(b *testing.B, engine string, waiting int) reviewQueue {
	b.Helper()
	ctx, i := context.Background(), mustInstall(b, engine, 10)
	service := review.New(review.Deps{Store: i.db.Templates(), People: i.people, Now: time.Now})
	a := app.App{Organization: i.caller.Organization, ID: i.caller.AppID, Kind: app.Internal, Name: "App", Key: "dingbench"}
	must(b, i.db.Apps().CreateApp(ctx, a, app.Agent{Organization: a.Organization, ID: i.caller.AgentID, AppOrganization: a.Organization, AppID: a.ID},
		app.StoredSecret{Organization: a.Organization, AppID: a.ID, ID: 1, Ciphertext: []byte{0}},
		audit.Entry{Organization: a.Organization, By: audit.ByOperator(), Action: audit.AppCreate}))
	author := policy.Asker{By: audit.By{Actor: audit.Person(a.Organization, 2)}, Roles: policy.RoleSet(policy.Author)}
	write, err := policy.Check(author, policy.TemplatesWrite, a.Resource(), review.Unknown())
	must(b, err)
	form := template.Form{Kind: template.KindMarkdown, Name: "Order", UseCase: "Tells of an order", Title: "Order", Content: fmt.Sprintf("%4000s", "x")}
	one, err := service.Create(ctx, write, form)
	must(b, err)
	_, err = service.Submit(ctx, write, one.ID, 0)
	must(b, err)
	reviewer := policy.Asker{By: audit.By{Actor: audit.Person(a.Organization, 1)}, Roles: policy.RoleSet(policy.Reviewer)}
	mustCopyWaiting(b, i.address, one.ID, a.Organization, 2*waiting)
	must(b, service.Delete(ctx, write, one.ID))
	g, err := policy.Check(reviewer, policy.ReviewsRead, policy.Own(reviewer.By), review.Unknown())
	must(b, err)
	return reviewQueue{service, g, waiting}
}

// mustCopyWaiting makes more of a template that waits. Every second one, whose id has
// another beginning, has the reviewer among its authors.
func mustCopyWaiting(b *testing.B, address, id string, organization int64, more int) {
	b.Helper()
	name, raw := storetest.Raw(b, address)
	mine := "'" + strconv.FormatInt(organization, 10) + "/1'"
	copies := fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d), made AS (
		SELECT i, i %% 2 AS mine, (CASE WHEN i %% 2 = 1 THEN 'f' ELSE '0' END) || substr('0000000000000000000000000000000', 1, 31 - length(CAST(i / 2 AS TEXT))) || CAST(i / 2 AS TEXT) AS id
		FROM n)`, more-1)
	for _, statement := range []string{
		`INSERT INTO template (organization, id, app_id, newest, live, created_at, edition) ` + copies +
			` SELECT t.organization, made.id, t.app_id, 1, 0, t.created_at, 1 FROM template t, made WHERE t.id = '` + id + `'`,
		`INSERT INTO template_version (organization, template_id, number, state, edition, authors, created_at, saved_at, submitted_at, submitted_by, decided_by, reason, form) ` + copies +
			` SELECT v.organization, made.id, 1, v.state, 1, CASE WHEN made.mine = 1 THEN v.authors || ',' || ` + mine + ` ELSE v.authors END, v.created_at, v.saved_at,
			` + strconv.FormatInt(queueSince, 10) + ` + made.i / 2, v.submitted_by, '', '', v.form FROM template_version v, made WHERE v.template_id = '` + id + `'`,
		`INSERT INTO template_part (organization, template_id, actor, third_party, submitted_at) ` + copies +
			` SELECT v.organization, made.id, ` + mine + `, 0, ` + strconv.FormatInt(queueSince, 10) + ` + made.i / 2 FROM template_version v, made WHERE v.template_id = '` + id + `' AND made.mine = 1`,
	} {
		_, err := raw.ExecContext(context.Background(), statement)
		must(b, err)
	}
	if name == "postgres" {
		_, err := raw.ExecContext(context.Background(), "VACUUM ANALYZE template, template_version, template_part")
		must(b, err)
	}
}
