package notify_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// Whatever became of somebody, and however they were named, is told afterwards.
func TestWhy(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		f := mustFixture(t, db, wrap{})
		c := f.mustOrganization(t, 6, func(l *policy.Limits) { l.MessagesPerDay = 2 })
		parent, sub := mustDepts(t, f, c.Organization)
		e := notify.Explainer{Store: db.Outcomes(), People: f.directory}
		must(t, f.directory.DisableUser(ctx, audit.ByOperator(), c.Organization, "u2"))
		must(t, f.directory.DeleteUser(ctx, audit.ByOperator(), c.Organization, "u4"))
		send := func(content string, a directory.Audience, r directory.Range) int64 {
			t.Helper()
			c := c
			c.Range = r
			id, err := f.Send(ctx, request(c, content, a))
			must(t, err)
			return id
		}
		all := directory.Range{Everyone: true}
		mixed := send("mixed", directory.Audience{Userids: []string{"u0", "u2", "u4", "ghost"}, DeptIDs: []int64{sub}}, all)
		again := send("mixed", to("u1"), all)
		narrow := send("narrow", directory.Audience{Userids: []string{"u0"}, DeptIDs: []int64{parent}}, directory.Range{DeptIDs: []int64{sub}})
		everyone := send("everyone", directory.Audience{Everyone: true, Userids: []string{"u3"}}, all)
		f.clock.forward(time.Minute)
		_, err := f.directory.CreateUser(ctx, audit.ByOperator(), c.Organization, directory.NewUser{Userid: "late", Name: "Late"})
		must(t, err)
		ordinal, _ := f.directory.Ordinal(c.Organization, "u1")
		read := f.clock.now().UTC().Truncate(time.Millisecond)
		must(t, db.Receipts().Create(ctx, []inbox.Receipt{{Organization: c.Organization, TaskID: mixed, Ordinal: ordinal, ReadAt: read}}))

		for _, w := range []struct {
			task   int64
			userid string
			want   string
		}{
			{mixed, "u0", "sent, by userid"},
			{mixed, "u1", fmt.Sprintf("sent, read, departments [%d]", sub)},
			{mixed, "u2", "invalid disabled, by userid"},
			{mixed, "u4", "invalid deleted, by userid"},
			{mixed, "ghost", "invalid unknown, by userid"},
			{mixed, "nobody", "never_named"},
			{mixed, "late", "never_named"},
			{again, "u1", "held " + policy.SameInternal + " 1, by userid"},
			{again, "u0", "never_named"},
			{narrow, "u0", "held " + policy.OutsideRangeUser + fmt.Sprintf(", by userid, departments [%d]", parent)},
			{narrow, "u3", fmt.Sprintf("sent, departments [%d]", parent)},
			{everyone, "u3", "held " + policy.DailyInternal + " 2, by userid, everyone"},
			{everyone, "late", "never_named, everyone"},
		} {
			got, err := e.Userid(ctx, c.Organization, w.task, w.userid)
			must(t, err)
			if len(got) != 1 || summary(got[0]) != w.want {
				t.Errorf("task %d, %s: %q, want %q", w.task, w.userid, summary(got[0]), w.want)
			}
		}
		x, err := e.Ordinal(ctx, c.Organization, mixed, ordinal)
		must(t, err)
		if x.Person.Userid != "u1" || !x.ReadAt.Equal(read) || x.Task.AgentID != c.AgentID {
			t.Errorf("%+v", x)
		}
		// Somebody new with the userid of one who had the message: both are told apart.
		must(t, f.directory.DeleteUser(ctx, audit.ByOperator(), c.Organization, "u0"))
		_, err = f.directory.CreateUser(ctx, audit.ByOperator(), c.Organization, directory.NewUser{Userid: "u0", Name: "New"})
		must(t, err)
		got, err := e.Userid(ctx, c.Organization, mixed, "u0")
		must(t, err)
		if len(got) != 1 || got[0].Person.DeletedAt.IsZero() || got[0].Outcome != notify.OutcomeSent {
			t.Errorf("%+v", got)
		}
		for _, organization := range []int64{c.Organization + 1, c.Organization} {
			if _, err := e.Ordinal(ctx, organization, 1<<50, 0); !fault.Is(err, fault.CodeTaskUnknown) {
				t.Errorf("an unknown task: %v", err)
			}
		}
	})
}

func summary(x notify.Explanation) string {
	text := string(x.Outcome)
	if x.Reason != "" {
		text += " " + string(x.Reason)
	}
	if x.Code != "" {
		text += " " + x.Code
	}
	if x.Count > 0 {
		text += fmt.Sprint(" ", x.Count)
	}
	if !x.ReadAt.IsZero() {
		text += ", read"
	}
	if x.ByUserid {
		text += ", by userid"
	}
	if x.Everyone {
		text += ", everyone"
	}
	if len(x.Depts) > 0 {
		text += fmt.Sprint(", departments ", x.Depts)
	}
	return text
}
