package bench_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/internal/task"
)

// BenchmarkRecipients lists 100 of the million people of a task that 900,000 have
// read: with who has read it in memory, and at first; and searches for some of them,
// with what people are searched by in memory, and at first.
func BenchmarkRecipients(b *testing.B) {
	for _, engine := range storetest.BothEngines() {
		b.Run(engine, func(b *testing.B) {
			i := mustInstall(b, engine, million)
			i.mustSend(b, directory.Audience{Everyone: true})
			_, raw := storetest.Raw(b, i.address)
			var id int64
			must(b, raw.QueryRowContext(context.Background(), `SELECT id FROM task WHERE organization = $1`, i.caller.Organization).Scan(&id))
			_, err := raw.ExecContext(context.Background(), `INSERT INTO receipt (organization, task_id, ordinal, read_at)
				SELECT organization, CAST($2 AS BIGINT), ordinal, 1 FROM employee WHERE organization = $1 AND ordinal % 10 > 0`, i.caller.Organization, id)
			must(b, err)
			kept := recipientsOf(i, i.people)
			for name, q := range map[string]task.RecipientQuery{
				"read": {List: task.ListRead}, "unread": {List: task.ListUnread}, "search": {List: task.ListUnread, Text: "99999"},
				"department": {List: task.ListUnread, DeptID: 5},
			} {
				b.Run(name, func(b *testing.B) { spread(b, func() { mustListRecipients(b, kept, i, id, q) }) })
			}
			b.Run("first", func(b *testing.B) {
				spread(b, func() {
					mustListRecipients(b, recipientsOf(i, i.people), i, id, task.RecipientQuery{List: task.ListUnread})
				})
			})
			b.Run("first-search", func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					people := directory.New(directory.Deps{Store: i.db.Directory(), Now: time.Now})
					must(b, people.Load(context.Background()))
					b.StartTimer()
					_, err := people.FindPeople(context.Background(), i.caller.Organization, "99999")
					must(b, err)
				}
			})
		})
	}
}

func recipientsOf(i *installation, people *directory.Service) *task.Service {
	return task.New(task.Deps{
		Store: i.db.TaskLists(), Apps: oneApp{i.caller}, People: people, Sender: i.notify, Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})
}

func mustListRecipients(b *testing.B, s *task.Service, i *installation, id int64, q task.RecipientQuery) {
	b.Helper()
	ctx, organization := context.Background(), i.caller.Organization
	asker := policy.Asker{By: audit.By{Actor: audit.Person(organization, 1)}, Roles: policy.RoleSet(policy.Owner)}
	t, g, err := s.Find(ctx, asker, policy.RecipientsRead, organization, id)
	must(b, err)
	page, err := s.Recipients(ctx, g, t, q, nil, 100)
	must(b, err)
	ordinals := make([]uint32, 0, len(page.Items))
	for _, r := range page.Items {
		ordinals = append(ordinals, r.Ordinal)
	}
	people, err := i.people.PeopleByOrdinal(ctx, organization, ordinals)
	must(b, err)
	if len(people) == 0 || len(people) != len(page.Items) {
		b.Fatal(fmt.Errorf("%+v: %d people", q, len(people)))
	}
}
