package notify_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

const oaMessage = `{"msgtype":"oa","oa":{"message_url":"https://example.com","head":{"bgcolor":"FFBBBBBB","text":"x"},"body":{"title":"t"}}}`

func TestRecall(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		f := mustFixture(t, db, wrap{})
		c := f.mustOrganization(t, 4, func(l *policy.Limits) { l.RecallWindow = policy.Dur(time.Hour) })
		id, err := f.Send(ctx, request(c, "hello", to("u1")))
		must(t, err)
		must(t, f.Recall(ctx, c, c.AgentID, id))
		must(t, f.Recall(ctx, c, c.AgentID, id)) // twice is fine
		if got := f.hints.committed[c.Organization]; got != 2 || !slices.Equal(f.hints.recalled, []int64{id}) {
			t.Errorf("revision %d, recalled %v", got, f.hints.recalled)
		}
		if got := f.mustOutcome(t, c, id).Unread; !slices.Equal(got, []string{"u1"}) {
			t.Errorf("the result lists %v after the recall", got)
		}
		// A recall frees neither the day's slot nor the content.
		again, err := f.Send(ctx, request(c, "hello", to("u1")))
		must(t, err)
		if got := f.mustOutcome(t, c, again).Held["u1"]; got != policy.SameInternal {
			t.Errorf("the same content after a recall: %q", got)
		}
		f.clock.forward(time.Hour + time.Millisecond)
		if err := f.Recall(ctx, c, c.AgentID, again); !fault.Is(err, fault.CodeWindowClosed) {
			t.Errorf("recall after the window: %v", err)
		}
	})
}

func TestStatusBar(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		f := mustFixture(t, db, wrap{})
		c := f.mustOrganization(t, 4, nil)
		r := request(c, "", to("u1"))
		r.Message = []byte(oaMessage)
		id, err := f.Send(ctx, r)
		must(t, err)
		must(t, f.SetStatusBar(ctx, c, c.AgentID, id, "agreed", "0xFF78C06E"))
		must(t, f.SetStatusBar(ctx, c, c.AgentID, id, "agreed", "0xFF78C06E"))
		if got := f.hints.committed[c.Organization]; got != 2 {
			t.Errorf("revision %d, want 2: the second change changed nothing", got)
		}
		plain, err := f.Send(ctx, request(c, "plain", to("u1")))
		must(t, err)
		if err := f.SetStatusBar(ctx, c, c.AgentID, plain, "agreed", ""); !fault.Is(err, fault.CodeStatusBarType) {
			t.Errorf("status bar of a text: %v", err)
		}
		must(t, f.Recall(ctx, c, c.AgentID, id))
		if err := f.SetStatusBar(ctx, c, c.AgentID, id, "late", ""); !fault.Is(err, fault.CodeTaskRecalled) {
			t.Errorf("status bar after recall: %v", err)
		}
		if err := f.SetStatusBar(ctx, c, c.AgentID, id, "", ""); !fault.Is(err, fault.CodeParameterMissing) {
			t.Errorf("status bar without a value: %v", err)
		}
	})
}

func TestWindowsAndSizes(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	f := mustFixture(t, storetest.Open(t, "sqlite"), wrap{})
	c := f.mustOrganization(t, 4, func(l *policy.Limits) {
		l.ResultRecipients, l.ProgressWindow, l.ResultWindow = 2, policy.Dur(2*time.Hour), policy.Dur(time.Hour)
	})
	small, err := f.Send(ctx, request(c, "small", to("u1", "u2")))
	must(t, err)
	large, err := f.Send(ctx, request(c, "large", to("u1", "u2", "u3")))
	must(t, err)
	f.mustOutcome(t, c, small)
	if _, err := f.Result(ctx, c, c.AgentID, large); !fault.Is(err, fault.CodeResultTooLarge) {
		t.Errorf("large result: %v", err)
	}
	f.clock.forward(90 * time.Minute)
	if _, err := f.Result(ctx, c, c.AgentID, small); !fault.Is(err, fault.CodeWindowClosed) {
		t.Errorf("late result: %v", err)
	}
	if p, err := f.Progress(ctx, c, c.AgentID, small); err != nil || p.Percent != 100 || p.Status != 2 {
		t.Errorf("progress: %+v, %v", p, err)
	}
	f.clock.forward(time.Hour)
	if _, err := f.Progress(ctx, c, c.AgentID, small); !fault.Is(err, fault.CodeWindowClosed) {
		t.Errorf("late progress: %v", err)
	}
}

// Another app's task, another organization's, and one that never was answer
// alike.
func TestNotYoursAnswersLikeNotThere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		f := mustFixture(t, db, wrap{})
		c, stranger := f.mustOrganization(t, 4, nil), f.mustOrganization(t, 4, nil)
		colleague := c
		colleague.AgentID = stranger.AgentID + 1000
		id, err := f.Send(ctx, request(c, "hello", directory.Audience{Everyone: true}))
		must(t, err)
		for name, try := range map[string]func() error{
			"progress, other app": func() error { _, err := f.Progress(ctx, colleague, colleague.AgentID, id); return err },
			"result, other app":   func() error { _, err := f.Result(ctx, colleague, colleague.AgentID, id); return err },
			"result, other org":   func() error { _, err := f.Result(ctx, stranger, stranger.AgentID, id); return err },
			"recall, other org":   func() error { return f.Recall(ctx, stranger, stranger.AgentID, id) },
			"recall, other app":   func() error { return f.Recall(ctx, colleague, colleague.AgentID, id) },
			"status, other org":   func() error { return f.SetStatusBar(ctx, stranger, stranger.AgentID, id, "x", "") },
			"result, never was":   func() error { _, err := f.Result(ctx, c, c.AgentID, id+1); return err },
		} {
			if err := try(); !fault.Is(err, fault.CodeTaskUnknown) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := f.Result(ctx, c, stranger.AgentID, id); !fault.Is(err, fault.CodeAgentUnknown) {
			t.Errorf("another agent id: %v", err)
		}
	})
}
