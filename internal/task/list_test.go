package task_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/task"
)

// A list tells of each task whom it named and what became of it.
func TestListTellsWhatBecameOfATask(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.run()
		first := f.sendMessage(0, directory.Audience{Userids: []string{"u1", "u2", "nobody"}}, `{"msgtype":"text","text":{"content":"Lunch at noon"}}`)
		f.sendMessage(0, directory.Audience{Userids: []string{"u2", "u3"}, DeptIDs: []int64{f.dept, 99}}, `{"msgtype":"text","text":{"content":"Lunch at noon"}}`)
		items := f.list(task.Query{}).Items
		if len(items) != 2 || items[1].TaskID != first {
			t.Fatalf("%+v", items)
		}
		a, b := items[1], items[0]
		if a.Title != "Lunch at noon" || a.Type != "text" || a.AppKey != "key1" || !a.By.IsNobody() || a.Test || !a.SentAt.Equal(f.clock.now()) {
			t.Errorf("first: %+v", a)
		}
		if a.Userids != 3 || a.Sent != 2 || a.Held != 0 || a.Invalid != 1 || a.Named() != 2 || a.Depts != 0 {
			t.Errorf("first: %+v", a)
		}
		if b.Sent != 8 || b.Held != 2 || b.Named() != 10 || b.Invalid != 1 || b.Depts != 2 || !slices.Equal(b.DeptIDs, []int64{f.dept, 99}) || b.Everyone {
			t.Errorf("second: %+v", b)
		}
	})
}

// Walking a list either way shows every task once.
func TestPagesShowEveryTaskOnce(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		var sent []int64
		for range 23 {
			sent = append(sent, f.send(0, to("u1"), "Page"))
		}
		var older []int64
		q := task.Query{Limit: 5}
		for {
			p := f.list(q)
			older = append(older, ids(p)...)
			if p.NextBefore == 0 {
				break
			}
			q.Before = p.NextBefore
		}
		if !slices.Equal(older, reversed(sent)) {
			t.Errorf("older and older: %v", older)
		}
		var newer []int64
		q = task.Query{Limit: 5, After: 1}
		for {
			p := f.list(q)
			newer = append(newer, reversed(ids(p))...)
			if back := f.list(task.Query{Limit: 1, Before: p.NextBefore}); len(p.Items) > 0 && back.Items[0].Revision != q.After {
				t.Errorf("before a page after %d comes %d", q.After, back.Items[0].Revision)
			}
			if p.NextAfter == 0 {
				break
			}
			q.After = p.NextAfter
		}
		if !slices.Equal(newer, sent[1:]) {
			t.Errorf("newer and newer: %v", newer)
		}
	})
}

// Each filter shows those tasks that it names, and no others.
func TestFilters(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		yes, no := true, false
		ordinal, _ := f.people.Ordinal(f.org.ID, "u0")
		begin := f.clock.now()
		people := f.send(0, to("u1", "u2"), "Straße")
		f.clock.forward(time.Hour)
		everyone := f.send(1, directory.Audience{Everyone: true, Userids: []string{"u1"}}, "All")
		f.clock.forward(time.Hour)
		dept := f.sendMessage(0, directory.Audience{DeptIDs: []int64{f.dept}}, `{"msgtype":"markdown","markdown":{"title":"Head","text":"body"}}`)
		held := f.sendMessage(0, directory.Audience{DeptIDs: []int64{f.dept}}, `{"msgtype":"markdown","markdown":{"title":"Head","text":"body"}}`)
		tested := f.test("u0")
		f.must(f.notify.Recall(f.Context(), f.callers[0], 1, dept))
		for name, c := range map[string]struct {
			q    task.Query
			want []int64
		}{
			"everything": {task.Query{}, []int64{tested, held, dept, everyone, people}},
			"app":        {task.Query{AgentID: 2}, []int64{everyone}},
			"sent":       {task.Query{State: task.Sent}, []int64{tested, held, everyone, people}},
			"recalled":   {task.Query{State: task.Recalled}, []int64{dept}},
			"type":       {task.Query{Type: "markdown"}, []int64{tested, held, dept}},
			"template":   {task.Query{Template: "0123456789abcdef0123456789abcdef"}, []int64{tested}},
			"everyone":   {task.Query{Audience: task.Everyone}, []int64{everyone}},
			"dept":       {task.Query{Audience: task.Departments}, []int64{held, dept}},
			"people":     {task.Query{Audience: task.People}, []int64{tested, people}},
			"held":       {task.Query{Held: &yes}, []int64{held}},
			"not held":   {task.Query{Held: &no}, []int64{tested, dept, everyone, people}},
			"test":       {task.Query{Test: &yes}, []int64{tested}},
			"no test":    {task.Query{Test: &no}, []int64{held, dept, everyone, people}},
			"by":         {task.Query{By: &ordinal}, []int64{tested}},
			"from":       {task.Query{From: begin.Add(time.Hour)}, []int64{tested, held, dept, everyone}},
			"to":         {task.Query{To: begin.Add(2 * time.Hour)}, []int64{everyone, people}},
			"between":    {task.Query{From: begin.Add(time.Minute), To: begin.Add(2 * time.Hour)}, []int64{everyone}},
			"text":       {task.Query{Text: "sTRASSE"}, []int64{}},
			"text again": {task.Query{Text: "sTRAß"}, []int64{people}},
			"id":         {task.Query{Text: fmt.Sprint(dept)}, []int64{dept}},
			"both":       {task.Query{AgentID: 1, State: task.Sent, Audience: task.Departments}, []int64{held}},
		} {
			if got := ids(f.list(c.q)); !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
		}
	})
}

// A page that finds little says how far it has looked, and the next one goes on there.
func TestAPageLooksAtABoundedNumber(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		needle := f.send(0, to("u1"), "Needle")
		f.must(f.many(4500))
		q, walked := task.Query{Text: "needle"}, 0
		var found []int64
		for {
			p := f.list(q)
			found = append(found, ids(p)...)
			walked++
			if p.NextBefore == 0 {
				break
			}
			if p.ExaminedTo.IsZero() || len(p.Items) > 0 {
				t.Errorf("a page without the needle: %+v", p)
			}
			q.Before = p.NextBefore
		}
		if walked != 3 || !slices.Equal(found, []int64{needle}) {
			t.Errorf("found %v in %d pages, want it in the third of 2,000", found, walked)
		}
		// A time is found without looking at what is newer.
		if got := ids(f.list(task.Query{To: f.clock.now().Add(-time.Hour)})); len(got) != 0 {
			t.Errorf("before all: %v", got)
		}
	})
}

// many enters tasks as if they had been sent an hour later, a second apart.
func (f *fixture) many(n int) error {
	at := f.clock.now().Add(time.Hour).UnixMilli()
	tx, err := f.raw.BeginTx(f.Context(), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for i := range n {
		if _, err := tx.ExecContext(f.Context(), `INSERT INTO task (organization, id, agent_id, revision, accepted_at, day, minute, dup_key, digest, type,
			filed, everyone, sent_count, status_value, status_bg, message, named, invalid, held, sent)
			VALUES ($1, $3, 1, $2, $4, 0, 0, $3, $5, 'text', 1, 0, 1, '', '', '{"msgtype":"text","text":{"content":"Hay"}}', '', '', '', $5)`,
			f.org.ID, i+2, i+1000, at+int64(i)*1000, []byte{}); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(f.Context(), `UPDATE org_revision SET revision = $2 WHERE organization = $1`, f.org.ID, n+1); err != nil {
		return err
	}
	return tx.Commit()
}

// A jump to a time begins there, however much came later.
func TestJumpToATime(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.send(0, to("u1"), "First")
		f.must(f.many(4500))
		begin := f.clock.now().Add(time.Hour)
		p := f.list(task.Query{Limit: 3, To: begin.Add(1000 * time.Second)})
		if len(p.Items) != 3 || !p.Items[0].SentAt.Equal(begin.Add(999*time.Second)) {
			t.Errorf("%+v", p.Items)
		}
		if p := f.list(task.Query{From: begin.Add(10 * time.Second), To: begin.Add(20 * time.Second)}); len(p.Items) != 10 || p.NextBefore != 0 {
			t.Errorf("between: %d items, next %d", len(p.Items), p.NextBefore)
		}
	})
}

// What is recalled is recalled in lists: no title, and nothing finds it but its id.
func TestARecalledTaskShowsNoContent(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		id := f.send(0, to("u1"), "Secret")
		f.must(f.notify.Recall(f.Context(), f.callers[0], 1, id))
		for _, item := range f.list(task.Query{}).Items {
			if item.Title != "" || item.Preview != "" || !item.RecalledAt.Equal(f.clock.now()) {
				t.Errorf("%+v", item)
			}
		}
		if got := ids(f.list(task.Query{Text: "secret"})); len(got) != 0 {
			t.Errorf("found by its title: %v", got)
		}
		if got := ids(f.list(task.Query{State: task.Sent})); len(got) != 0 {
			t.Errorf("sent: %v", got)
		}
		if got := ids(f.list(task.Query{Text: fmt.Sprint(id)})); !slices.Equal(got, []int64{id}) {
			t.Errorf("by its id: %v", got)
		}
		found, _, err := f.Find(f.Context(), f.asker(policy.Owner), policy.TasksRead, f.org.ID, id)
		if err != nil || found.Title != "" || found.Preview != "" {
			t.Errorf("%+v, %v", found, err)
		}
	})
}

// Authors see their own tests, and nothing that others sent.
func TestAuthorsSeeTheirTests(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.send(0, to("u0"), "From the app")
		mine, theirs := f.test("u0"), f.test("u1")
		other, _ := f.people.Ordinal(f.org.ID, "u1")
		if got := ids(f.list(task.Query{}, policy.Author)); !slices.Equal(got, []int64{mine}) {
			t.Errorf("%v, want %d", got, mine)
		}
		if got := ids(f.list(task.Query{By: &other}, policy.Author)); len(got) != 0 {
			t.Errorf("another's: %v", got)
		}
		if got := ids(f.list(task.Query{}, policy.Auditor)); len(got) != 3 {
			t.Errorf("an auditor sees %v", got)
		}
		if _, _, err := f.Find(f.Context(), f.asker(policy.Author), policy.TasksRead, f.org.ID, theirs); err == nil {
			t.Error("an author found another's test")
		}
	})
}
