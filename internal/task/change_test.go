package task_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/retention"
	"github.com/tidings-im/tidings/internal/task"
)

const oa = `{"msgtype":"oa","oa":{"message_url":"https://example.com","head":{"bgcolor":"FFBBBBBB","text":"head"},` +
	`"body":{"title":"An oa message"},"status_bar":{"status_value":"Open","status_bg":"0xFFF65E5E"}}}`

func (f *fixture) change(id int64) (task.Task, policy.Grant) {
	f.Helper()
	t, g, err := f.Find(f.Context(), f.asker(policy.Administrator), policy.TasksChange, f.org.ID, id)
	f.must(err)
	return t, g
}

// log is a task's events as text, with who is meant.
func (f *fixture) log(id int64) string {
	f.Helper()
	t, g, err := f.Find(f.Context(), f.asker(policy.Administrator), policy.TasksRead, f.org.ID, id)
	f.must(err)
	events, err := f.Events(f.Context(), g, t)
	f.must(err)
	text := ""
	for _, e := range events {
		text += fmt.Sprintf("%s by %v; ", e.What, e.By)
	}
	return text
}

// What somebody does by hand is done, told in the task's log, and in the audit log. A
// grant of another right does nothing.
func TestByHand(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		id := f.sendMessage(0, to("u1"), oa)
		one, g := f.change(id)
		if !f.MayRecall(&one) || !f.MaySetStatusBar(&one) {
			t.Error("neither is possible")
		}
		if _, err := f.Recall(f.Context(), one.Grant, one); err == nil {
			t.Error("recalled with a grant to read")
		}
		if _, err := f.SetStatusBar(f.Context(), one.Grant, one, "Done", ""); err == nil {
			t.Error("changed with a grant to read")
		}
		_, err := f.SetStatusBar(f.Context(), g, one, "Done", "")
		f.must(err)
		f.must(f.notify.SetStatusBar(f.Context(), f.callers[0], 1, id, "Closed", ""))
		one, err = f.Recall(f.Context(), g, one)
		f.must(err)
		if one.RecalledAt.IsZero() || one.Title != "" || f.MayRecall(&one) || f.MaySetStatusBar(&one) {
			t.Errorf("recalled: %+v", one)
		}
		_, err = f.Recall(f.Context(), g, one)
		f.must(err)
		me := f.asker().By
		if got, want := f.log(id), fmt.Sprintf("send by nobody; status_bar by %v; status_bar by nobody; recall by %v; ", me.Actor, me.Actor); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		page, err := f.db.AuditLog().AuditPage(f.Context(), f.org.ID, audit.Query{Subject: audit.TaskSubject(id), Limit: 10})
		f.must(err)
		if len(page.Entries) != 2 || page.Entries[0].Action != audit.TaskRecall || page.Entries[1].Action != audit.TaskStatusBar || page.Entries[0].By.Actor != me.Actor {
			t.Errorf("audit log: %+v", page.Entries)
		}
		if _, err := f.SetStatusBar(f.Context(), g, one, "Late", ""); !fault.Is(err, fault.CodeTaskRecalled) {
			t.Errorf("a status bar after the recall: %v", err)
		}
	})
}

// The windows of the app hold by hand as well.
func TestByHandWithinTheWindows(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.callers[0].Limits.RecallWindow, f.callers[0].Limits.StatusBarWindow = policy.Dur(time.Hour), policy.Dur(time.Hour)
		id := f.sendMessage(0, to("u1"), oa)
		f.clock.forward(2 * time.Hour)
		one, g := f.change(id)
		if f.MayRecall(&one) || f.MaySetStatusBar(&one) {
			t.Error("told as possible")
		}
		if _, err := f.Recall(f.Context(), g, one); !fault.Is(err, fault.CodeWindowClosed) {
			t.Errorf("recall: %v", err)
		}
		if _, err := f.SetStatusBar(f.Context(), g, one, "Late", ""); !fault.Is(err, fault.CodeWindowClosed) {
			t.Errorf("status bar: %v", err)
		}
		if got := f.log(id); got != "send by nobody; " {
			t.Errorf("log: %s", got)
		}
	})
}

// What retention deletes leaves nothing beside it.
func TestADeletedTaskLeavesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		id := f.test("u0")
		f.must(f.notify.Recall(f.Context(), f.callers[0], 1, id))
		beside := func() (n int) {
			f.must(f.raw.QueryRowContext(f.Context(), `SELECT (SELECT COUNT(*) FROM task_sender) + (SELECT COUNT(*) FROM task_change)`).Scan(&n))
			return n
		}
		if n := beside(); n != 2 {
			t.Fatalf("%d rows beside a test that was recalled", n)
		}
		_, err := f.db.Retention().DeleteMessages(f.Context(), f.org.ID, 1, retention.Bounds{Day: 20270101, Revision: 1 << 40, Accepted: f.clock.now().AddDate(1, 0, 0)}, 10)
		f.must(err)
		if n := beside(); n != 0 || len(f.list(task.Query{}).Items) != 0 {
			t.Errorf("%d rows remain beside tasks that are deleted", n)
		}
	})
}
