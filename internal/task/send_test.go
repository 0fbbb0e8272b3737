package task_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/task"
)

// sender is u0's right to send by hand in the name of the first app, with roles.
func (f *fixture) sender(roles ...policy.Role) policy.Grant {
	f.Helper()
	of := policy.Resource{Organization: f.org.ID, App: 1, ReceivedBy: f.org.ID}
	g, err := policy.Check(f.asker(roles...), policy.SendsWrite, of, task.Unknown(0))
	f.must(err)
	return g
}

func (f *fixture) draft(words string, a directory.Audience, unreadOf int64) task.Draft {
	return task.Draft{AgentID: 1, Message: fmt.Appendf(nil, `{"msgtype":"text","text":{"content":%q}}`, words), Audience: a, UnreadOf: unreadOf}
}

// planned sends a draft as it is planned.
func (f *fixture) planned(d task.Draft) (task.Plan, int64) {
	f.Helper()
	g := f.sender(policy.Owner)
	p, err := f.Service.Plan(f.Context(), g, d)
	f.must(err)
	id, err := f.Service.Send(f.Context(), g, d, task.Seen{Audience: p.To.Audience, AtMost: int64(p.To.Sent.GetCardinality()), NamesOrganization: true})
	f.must(err)
	return p, id
}

// Those who have not read a task are sent another one: who reads between the plan and
// the send, has left, or was taken out is not, and nothing is refused for it.
func TestSendingToWhoHasNotRead(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		first := f.send(0, to("u1", "u2", "u3", "u4", "u5", "u6"), "Read this")
		f.must(f.people.DisableUser(f.Context(), audit.ByOperator(), f.org.ID, "u6"))
		f.read(first, "u1")
		d := f.draft("Please read", directory.Audience{Userids: []string{"u9"}, Without: directory.Without{Userids: []string{"u5"}}}, first)
		g := f.sender(policy.Administrator)
		p, err := f.Service.Plan(f.Context(), g, d)
		f.must(err)
		if p.To.Sent.GetCardinality() != 4 || p.To.Without != 1 || len(p.Departments) != 1 || p.Departments[0].People != 4 {
			f.Fatalf("planned %v of %+v", p.To.Sent, p.Departments)
		}
		f.read(first, "u2")
		f.clock.forward(10e9) // until readers are read again
		id, err := f.Service.Send(f.Context(), g, d, task.Seen{Audience: p.To.Audience, AtMost: 4})
		f.must(err)
		one, read, err := f.Find(f.Context(), f.asker(policy.Owner), policy.RecipientsRead, f.org.ID, id)
		f.must(err)
		if one.UnreadOf != first || one.Without != 1 || one.Sent != 3 || one.By != f.asker().By.Actor {
			f.Errorf("sent: %+v", one.Summary)
		}
		page, err := f.Service.Recipients(f.Context(), read, one, task.RecipientQuery{List: task.ListSent}, nil, 10)
		f.must(err)
		var userids []string
		for _, r := range page.Items {
			userid, _ := f.people.Userid(f.org.ID, r.Ordinal)
			userids = append(userids, userid)
		}
		if !slices.Equal(userids, []string{"u3", "u4", "u9"}) {
			f.Errorf("sent to %v", userids)
		}
	})
}

// Whose reading is no longer kept, or not for the asker to know, is no audience.
func TestSendingToWhoeverNobodyKnows(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		first := f.send(0, to("u1"), "Long ago")
		f.exec(`INSERT INTO agent (organization, id, app_organization, app_id, range_everyone, range_dept_ids, range_userids, limits, created_at,
			receipts_floor) VALUES ($1, 1, $1, 1, 1, '[]', '[]', '{}', 0, 100)`, f.org.ID)
		f.exec(`UPDATE org_revision SET receipts_floor = 100 WHERE organization = $1`, f.org.ID)
		for id, want := range map[int64]fault.Code{first: fault.CodeReceiptsDropped, first + 1000: fault.CodeTaskUnknown} {
			_, err := f.Service.Plan(f.Context(), f.sender(policy.Owner), f.draft("Again", directory.Audience{}, id))
			if got := fault.From(err); !fault.Is(err, want) || got.Field != "audience.unread_of" {
				f.Errorf("the unread of %d: %v", id, err)
			}
		}
		read, err := policy.Check(f.asker(policy.Owner), policy.TasksList, policy.Resource{Organization: f.org.ID}, task.Unknown(0))
		f.must(err)
		if _, err := f.Service.Send(f.Context(), read, f.draft("Another right", to("u1"), 0), task.Seen{}); fault.From(err).Kind != fault.Internal {
			f.Errorf("with a grant of another right: %v", err)
		}
	})
}

// Whoever is planned is listed, each in one list, and those lists are what is sent.
func TestListsOfAPlan(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.callers[0].Range = directory.Range{Userids: []string{"u1", "u2", "u3", "u4"}}
		f.sendMessage(0, to("u1"), `{"msgtype":"text","text":{"content":"Once"}}`)
		d := f.draft("Once", directory.Audience{Userids: []string{"u1", "u9", "ghost"}, DeptIDs: []int64{f.dept, 99}}, 0)
		for list, want := range map[task.List]int{task.ListSent: 3, task.ListHeld: 7, task.ListInvalid: 2} {
			seen := 0
			for after := (*task.Place)(nil); ; {
				page, err := f.Service.Planned(f.Context(), f.sender(policy.Owner), d, task.RecipientQuery{List: list}, after, 2)
				f.must(err)
				if seen += len(page.Items); page.Total != want {
					f.Fatalf("%s: %+v", list, page)
				}
				if after = page.Next; after == nil {
					break
				}
			}
			if seen != want {
				f.Errorf("%s: %d listed, want %d", list, seen, want)
			}
		}
		p, id := f.planned(d)
		one, _, err := f.Find(f.Context(), f.asker(policy.Owner), policy.TasksRead, f.org.ID, id)
		f.must(err)
		if one.Sent != 3 || one.Held != 7 || one.Invalid != 2 || p.To.Named() != 10 || len(p.Held) != 3 {
			f.Errorf("planned %+v, sent %+v", p.Held, one.Summary)
		}
	})
}
