package chaos_test

import (
	"context"
	"time"

	"github.com/tidings-im/tidings/test/harness"
)

// followWithin is how long live clients may take to know everything.
const followWithin = 15 * time.Second

// checkFollowers waits until the live clients show what the inboxes hold, or
// reports what they show instead; then lets each read all but the newest, and
// does the same with their badges.
func (k *killer) checkFollowers(calls []harness.Call) {
	k.t.Helper()
	acknowledged := map[int64]time.Time{}
	for _, c := range calls {
		if c.Kind == "recall" && c.Answer.Outcome == harness.OutcomeOK {
			acknowledged[c.Task] = c.Answer.At
		}
	}
	for _, f := range k.followers {
		items := k.visit(f.Reader)
		k.agree(f, "shown", func() []string { return checkShown(f.Userid, f.Shown(), items) })
		// Ten stay unread: fewer than where badges stop counting.
		const unread = 10
		if len(items) > unread {
			if a := k.readAll(f.Reader, items[unread].SentRevision()); a.Outcome != harness.OutcomeOK {
				k.t.Errorf("%s cannot read all: %s", f.Userid, a.Text)
			}
		}
		items = k.visit(f.Reader)
		k.agree(f, "badge", func() []string {
			badge, _ := f.Badge()
			return checkBadge(f.Userid, badge, items)
		})
		asked, err := f.Unread(context.Background())
		if err != nil {
			k.t.Errorf("unread of %s: %v", f.Userid, err)
		}
		report(k.t, "unread", checkBadge(f.Userid, asked, items))
		report(k.t, "events", checkEvents(f.Userid, f.Events(), acknowledged))
		if err := f.Problem(); err != nil {
			k.t.Errorf("%s: %v", f.Userid, err)
		}
		k.t.Logf("%s followed over %d connections, %d events, %d items", f.Userid, f.Connections(), len(f.Events()), len(items))
	}
}

// agree waits until there is nothing to complain about.
func (k *killer) agree(f *harness.Follower, what string, check func() []string) {
	k.t.Helper()
	err := harness.Poll(followWithin, func() (bool, error) { return len(check()) == 0, nil })
	if err != nil {
		report(k.t, what, check())
	}
}
