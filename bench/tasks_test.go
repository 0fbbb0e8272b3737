package bench_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/internal/task"
)

// BenchmarkTasks lists what an organization was sent, of 10,000 and of 1,000,000
// tasks: the newest 50; the tasks around a day in the middle; the 50 newest of one
// person among them; and a search that finds nothing, which looks at 2,000 tasks.
// The large ones have messages of 1 kB and sets of 64 kB.
func BenchmarkTasks(b *testing.B) {
	for _, engine := range storetest.BothEngines() {
		for _, sent := range []sent{
			{"10000", 10_000, 20, 0}, {"1000000", 1_000_000, 20, 0}, {"large", 10_000, 1000, 64 << 10},
		} {
			b.Run(engine+"/"+sent.name, func(b *testing.B) {
				s, organization := mustTasks(b, engine, sent)
				person, middle := uint32(7), tasksSince.Add(time.Duration(sent.tasks/2)*time.Second)
				for name, q := range map[string]task.Query{
					"newest": {}, "day": {To: middle}, "person": {By: &person}, "nothing": {Text: "needle"}, "none": {Type: "oa"},
				} {
					q.Limit = 50
					b.Run(name, func(b *testing.B) { spread(b, func() { mustListTasks(b, s, organization, q) }) })
				}
			})
		}
	}
}

// sent is what an organization was sent: so many tasks, with texts and sets of so
// many bytes.
type sent struct {
	name              string
	tasks, text, sets int
}

func mustListTasks(b *testing.B, s *task.Service, organization int64, q task.Query) {
	b.Helper()
	asker := policy.Asker{By: audit.By{Actor: audit.Person(organization, 1)}, Roles: policy.RoleSet(policy.Owner)}
	g, err := policy.Check(asker, policy.TasksList, policy.Resource{Organization: organization}, task.Unknown(0))
	must(b, err)
	page, err := s.List(context.Background(), g, q)
	must(b, err)
	if want := 50; len(page.Items) != want && q.Text == "" && q.Type == "" || page.NextBefore == 0 {
		b.Fatalf("%d tasks, next %d", len(page.Items), page.NextBefore)
	}
}

// tasksSince is when the first of them was sent.
var tasksSince = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// mustTasks makes an organization with tasks, a second apart, every hundredth sent
// by hand by the same person.
func mustTasks(b *testing.B, engine string, sent sent) (*task.Service, int64) {
	b.Helper()
	i := mustInstall(b, engine, 1000)
	name, raw := storetest.Raw(b, i.address)
	numbers := `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)`
	set := `zeroblob(%d)`
	if name == "postgres" {
		numbers = `WITH n(i) AS (SELECT generate_series(1, CAST($1 AS BIGINT)))`
		set = `decode(repeat('00', %d), 'hex')`
	}
	set = fmt.Sprintf(set, sent.sets)
	message := fmt.Sprintf(`{"msgtype":"markdown","markdown":{"title":"A message of the benchmark","text":"%s"}}`, strings.Repeat("word ", sent.text/5))
	ctx, at := context.Background(), tasksSince.UnixMilli()
	_, err := raw.ExecContext(ctx, `INSERT INTO task (organization, id, agent_id, revision, accepted_at, day, minute, dup_key, digest, type,
			filed, everyone, sent_count, status_value, status_bg, message, named, invalid, held, sent) `+numbers+
		` SELECT CAST($2 AS BIGINT), i, 1, i, CAST($3 AS BIGINT) + i * 1000, 20260101, 1, i, `+strings.Replace(set, fmt.Sprint(sent.sets), "0", 1)+
		`, 'markdown', 1, 0, 1, '', '', $4, '{"userids":1}', '', '', `+set+` FROM n`,
		sent.tasks, i.caller.Organization, at, message)
	must(b, err)
	_, err = raw.ExecContext(ctx, `INSERT INTO task_sender (organization, revision, ordinal) `+numbers+
		` SELECT CAST($2 AS BIGINT), i, 7 FROM n WHERE i % 100 = 0`, sent.tasks, i.caller.Organization)
	must(b, err)
	_, err = raw.ExecContext(ctx, `UPDATE org_revision SET revision = $2 WHERE organization = $1`, i.caller.Organization, sent.tasks)
	must(b, err)
	if name == "postgres" {
		_, err := raw.ExecContext(ctx, "ANALYZE task, task_sender")
		must(b, err)
	}
	s := task.New(task.Deps{Store: i.db.TaskLists(), Apps: oneApp{i.caller}, Sender: i.notify, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	storetest.Run(b, s.Run)
	return s, i.caller.Organization
}

// oneApp is the app of all tasks.
type oneApp struct{ caller app.Caller }

func (a oneApp) AppOfAgent(context.Context, int64) (app.App, app.Agent, error) {
	return app.App{Organization: a.caller.Organization, ID: 1, Kind: app.Internal}, app.Agent{}, nil
}

func (a oneApp) Acting(context.Context, int64, int64) (app.Caller, error) { return a.caller, nil }
