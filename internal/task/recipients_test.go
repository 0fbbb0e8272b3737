package task_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/task"
)

// people walks a list to its end, two at a time, and returns whom it shows.
func (f *fixture) listed(id int64, newest bool, q task.RecipientQuery) (names string, page task.RecipientPage) {
	f.Helper()
	t, g, err := f.Find(f.Context(), f.asker(policy.Auditor), policy.RecipientsRead, f.org.ID, id)
	f.must(err)
	read := f.Recipients
	if newest {
		read = f.NewestReaders
	}
	var after *task.Place
	var all []string
	for {
		page, err = read(f.Context(), g, t, q, after, 2)
		f.must(err)
		for _, r := range page.Items {
			userid, _ := f.people.Userid(f.org.ID, r.Ordinal)
			if r.Invalid {
				userid = r.Given
			}
			all = append(all, userid+r.Code)
		}
		if after = page.Next; after == nil {
			return strings.Join(all, " "), page
		}
	}
}

// Everyone whom a task names is in one list, with what the list is about, whatever
// the filters; a department means who is in it now.
func TestRecipients(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		const words = `{"msgtype":"text","text":{"content":"Twice"}}`
		f.sendMessage(0, to("u1", "u2", "u3"), words)
		audience := directory.Audience{Userids: []string{"nobody", "u1"}, DeptIDs: []int64{f.dept, 99}}
		id := f.sendMessage(0, audience, words)
		f.read(id, "u7")
		f.clock.forward(time.Minute)
		f.read(id, "u4", "u5")
		f.must(f.people.DeleteUser(f.Context(), audit.ByOperator(), f.org.ID, "u9"))
		name := "Nine Lives"
		_, err := f.people.UpdateUser(f.Context(), audit.ByOperator(), f.org.ID, "u8", directory.UserChange{Name: &name})
		f.must(err)
		for _, c := range []struct {
			list    task.List
			newest  bool
			q       task.RecipientQuery
			want    string
			total   int
			matched int
		}{
			{list: task.ListSent, want: "u0 u4 u5 u6 u7 u8 u9", total: 7, matched: 7},
			{list: task.ListRead, want: "u4 u5 u7", total: 3, matched: 3},
			{list: task.ListRead, newest: true, want: "u5 u4 u7", total: 3, matched: 3},
			{list: task.ListRead, newest: true, q: task.RecipientQuery{Text: "U7"}, want: "u7", total: 3, matched: 1},
			{list: task.ListUnread, want: "u0 u6 u8 u9", total: 4, matched: 4},
			{list: task.ListUnread, q: task.RecipientQuery{Text: "lives"}, want: "u8", total: 4, matched: 1},
			{list: task.ListUnread, q: task.RecipientQuery{DeptID: f.dept, Text: "9"}, want: "u9", total: 4, matched: 1},
			{list: task.ListHeld, want: "u1143106 u2143106 u3143106", total: 3, matched: 3},
			{list: task.ListHeld, q: task.RecipientQuery{Code: "other"}, want: "", total: 3},
			{list: task.ListFailed, want: ""},
			{list: task.ListInvalid, want: "nobodyunknown 99unknown", total: 2, matched: 2},
			{list: task.ListInvalid, q: task.RecipientQuery{Text: "NOB"}, want: "nobodyunknown", total: 2, matched: 1},
			{list: task.ListInvalid, q: task.RecipientQuery{DeptID: 99}, want: "99unknown", total: 2, matched: 1},
		} {
			c.q.List = c.list
			got, page := f.listed(id, c.newest, c.q)
			if got != c.want || page.Total != c.total || page.Matched != c.matched {
				t.Errorf("%+v: %s of %d, %d; want %s of %d, %d", c.q, got, page.Total, page.Matched, c.want, c.total, c.matched)
			}
			if known := c.list == task.ListRead || c.list == task.ListUnread; known == page.CountedAt.IsZero() {
				t.Errorf("%s: counted at %v", c.list, page.CountedAt)
			}
			for _, r := range page.Items {
				if (c.list == task.ListRead) == r.ReadAt.IsZero() {
					t.Errorf("%s: %+v", c.list, r)
				}
			}
		}
		one, g, err := f.Find(f.Context(), f.asker(policy.Auditor), policy.RecipientsRead, f.org.ID, id)
		f.must(err)
		if _, err := f.Recipients(f.Context(), one.Grant, one, task.RecipientQuery{List: task.ListSent}, nil, 2); err == nil {
			t.Error("listed with a grant of another right")
		}
		_, err = f.Recipients(f.Context(), g, one, task.RecipientQuery{List: task.ListSent, DeptID: 12345}, nil, 2)
		if !fault.Is(err, fault.CodeDepartmentUnknown) {
			t.Errorf("in a department that is not there: %v", err)
		}
	})
}

// Who has read is known as of five seconds ago at most, and is not told at all once
// receipts are no longer kept.
func TestRecipientsFollowReceipts(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		id := f.send(0, to("u1", "u2", "u3"), "Read me")
		step := func(want string) {
			f.Helper()
			if got, _ := f.listed(id, false, task.RecipientQuery{List: task.ListRead}); got != want {
				t.Errorf("read: %q, want %q", got, want)
			}
		}
		step("")
		f.read(id, "u2")
		f.clock.forward(4 * time.Second)
		step("")
		f.clock.forward(time.Second)
		step("u2")
		one, g, err := f.Find(f.Context(), f.asker(policy.Auditor), policy.RecipientsRead, f.org.ID, id)
		f.must(err)
		f.exec(`INSERT INTO agent (organization, id, app_organization, app_id, range_everyone, range_dept_ids, range_userids, limits, created_at,
			receipts_floor) VALUES ($1, 1, $1, 1, 1, '[]', '[]', '{}', 0, 100)`, f.org.ID)
		f.exec(`UPDATE org_revision SET receipts_floor = 100 WHERE organization = $1`, f.org.ID)
		for _, list := range []task.List{task.ListRead, task.ListUnread} {
			if _, err := f.Recipients(f.Context(), g, one, task.RecipientQuery{List: list}, nil, 2); !fault.Is(err, fault.CodeReceiptsDropped) {
				t.Errorf("%s without receipts: %v", list, err)
			}
		}
		if got, _ := f.listed(id, false, task.RecipientQuery{List: task.ListSent}); got != "u1 u2 u3" {
			t.Errorf("sent: %s", got)
		}
	})
}

// An export holds everybody whom the list shows, with the same facts, and the audit log
// says that it left, and nothing where they were only counted. Four at a time are written;
// others hear when to come again.
func TestExport(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		const words = `{"msgtype":"text","text":{"content":"Twice"}}`
		f.sendMessage(0, to("u1"), words)
		id := f.sendMessage(0, directory.Audience{Userids: []string{"nobody", "u1", "u2", "u3", "u4"}}, words)
		f.read(id, "u4", "u2")
		one, g, err := f.Find(f.Context(), f.asker(policy.Auditor), policy.RecipientsRead, f.org.ID, id)
		f.must(err)
		for _, list := range []task.List{task.ListSent, task.ListRead, task.ListUnread, task.ListHeld, task.ListFailed, task.ListInvalid} {
			q := task.RecipientQuery{List: list}
			page, err := f.Recipients(f.Context(), g, one, q, nil, task.MaxRecipients)
			f.must(err)
			e, err := f.Export(f.Context(), g, one, q, task.Format{Name: "csv"})
			f.must(err)
			rows, err := f.CountExport(f.Context(), g, one, q, task.Format{Name: "csv"})
			f.must(err)
			all := []task.Recipient{}
			for some := range e.People {
				all = append(all, some...)
			}
			if !reflect.DeepEqual(all, page.Items) || e.Rows != len(all) || rows != len(all) {
				t.Errorf("%s: %d rows, %d counted, %+v, want %+v", list, e.Rows, rows, all, page.Items)
			}
			e.Close()
		}
		for range 2 {
			var open []*task.Export
			for range 4 {
				e, err := f.Export(f.Context(), g, one, task.RecipientQuery{List: task.ListSent, Text: "u2", DeptID: f.dept}, task.Format{Name: "xlsx"})
				f.must(err)
				open = append(open, e)
			}
			_, err := f.Export(f.Context(), g, one, task.RecipientQuery{List: task.ListSent}, task.Format{Name: "csv"})
			if !fault.Is(err, fault.CodeBusy) || fault.From(err).RetryAfter <= 0 {
				t.Errorf("the fifth: %v", err)
			}
			if _, err := f.CountExport(f.Context(), g, one, task.RecipientQuery{List: task.ListSent}, task.Format{Name: "csv"}); err != nil {
				t.Errorf("counting takes no place: %v", err)
			}
			for _, e := range open {
				e.Close()
			}
		}
		for range 5 {
			if _, err := f.Export(f.Context(), g, one, task.RecipientQuery{List: task.ListSent, DeptID: 12345}, task.Format{Name: "csv"}); !fault.Is(err, fault.CodeDepartmentUnknown) {
				t.Fatalf("one that fails takes no place: %v", err)
			}
			small := task.Format{Name: "xlsx", MaxRows: 2}
			if _, err := f.Export(f.Context(), g, one, task.RecipientQuery{List: task.ListSent}, small); !fault.Is(err, fault.CodeParameterInvalid) {
				t.Fatalf("three people where two have room: %v", err)
			}
			if _, err := f.CountExport(f.Context(), g, one, task.RecipientQuery{List: task.ListSent}, small); !fault.Is(err, fault.CodeParameterInvalid) {
				t.Fatalf("three people where two have room, counted: %v", err)
			}
		}
		log, err := f.db.AuditLog().AuditPage(f.Context(), f.org.ID, audit.Query{Subject: audit.TaskSubject(id), Limit: 50})
		f.must(err)
		if len(log.Entries) != 6+8 || log.Entries[0].Action != audit.ResultExport || log.Entries[0].By.Actor != f.asker().By.Actor ||
			log.Entries[0].Details.String() != fmt.Sprintf("dept id %d; format xlsx; list sent; rows 1; searched yes", f.dept) {
			t.Errorf("%d entries, the newest: %v", len(log.Entries), log.Entries[0].Details.String())
		}
	})
}
