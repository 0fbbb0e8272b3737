package chaos_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/test/harness"
)

// inquest finds out what became of everything that one driver's ledger tells
// of, in one organization.
type inquest struct {
	*driver
	t         *testing.T
	followers []*harness.Follower
	recalled  map[string]map[string]bool // by user: message ids seen as tombstones
	anywhere  bool                       // clients are connected to several nodes
}

// evidence is what servers say when the dust has settled.
type evidence struct {
	calls   []harness.Call           // before anybody asked
	reads   []harness.Call           // with what followers read while they were asked
	results map[int64]outcome        // as getsendresult tells, by task
	inboxes map[string][]client.Item // by user
}

// ask takes the evidence, and compares what live clients show with it.
func (q *inquest) ask() evidence {
	q.t.Helper()
	e := evidence{inboxes: map[string][]client.Item{}}
	for _, r := range q.readers {
		e.inboxes[r.Userid] = q.visit(r)
	}
	e.calls = q.calls(q.t)
	q.checkFollowers(e.calls)
	e.results = q.results(e.calls)
	e.reads = q.calls(q.t)
	for _, f := range q.followers { // they read once more
		e.inboxes[f.Userid] = q.visit(f.Reader)
	}
	return e
}

// judge compares the evidence with the database, and returns the tasks. others
// are agents of whom the ledger does not tell.
func (q *inquest) judge(e evidence, c census, r rules, others map[int64]bool) []sent {
	q.t.Helper()
	made, complaints := checkExistence(e.calls, q.people, c.Tasks, others)
	report(q.t, "existence", complaints)
	report(q.t, "revisions", checkRevisions(c.Revision, c.Revisions))
	report(q.t, "rules", checkRules(made, r))
	report(q.t, "changes", checkChanges(e.calls, made))
	report(q.t, "refusals", checkRefusals(e.calls))
	for _, s := range made {
		report(q.t, "whole", checkWhole(s))
		if told, ok := e.results[s.ID]; ok {
			report(q.t, "result", checkAnswer(s.stored, told))
		}
	}
	for _, userid := range slices.Sorted(maps.Keys(e.inboxes)) {
		report(q.t, "inbox", checkInbox(userid, e.inboxes[userid], made))
		report(q.t, "reads", checkReads(userid, e.reads, e.inboxes[userid]))
	}
	return made
}

// visit walks an inbox and notes the tombstones in it.
func (q *inquest) visit(r *harness.Reader) []client.Item {
	q.t.Helper()
	items, _, err := r.Walk(context.Background())
	if err != nil {
		q.t.Fatalf("inbox of %s: %v", r.Userid, err)
	}
	report(q.t, "after a restart", checkNoReturn(r.Userid, q.recalled[r.Userid], items))
	if q.recalled[r.Userid] == nil {
		q.recalled[r.Userid] = map[string]bool{}
	}
	for _, item := range items {
		if item.Recalled() {
			q.recalled[r.Userid][item.MessageID] = true
		}
	}
	return items
}

// results asks for the result of everything that was acknowledged.
func (q *inquest) results(calls []harness.Call) map[int64]outcome {
	q.t.Helper()
	told := map[int64]outcome{}
	for _, c := range calls {
		if c.Kind != "send" || c.Answer.Outcome != harness.OutcomeOK {
			continue
		}
		r, err := q.app.Result(context.Background(), c.Answer.Task)
		if err != nil {
			q.t.Errorf("result of task %d: %v", c.Answer.Task, err)
			continue
		}
		told[c.Answer.Task] = outcomeOf(r)
	}
	return told
}

// followWithin is how long live clients may take to know everything.
const followWithin = 15 * time.Second

// checkFollowers waits until the live clients show what the inboxes hold, or
// reports what they show instead; then lets each read all but the newest, and
// does the same with their badges.
func (q *inquest) checkFollowers(calls []harness.Call) {
	q.t.Helper()
	acknowledged := map[int64]time.Time{}
	for _, c := range calls {
		if c.Kind == "recall" && c.Answer.Outcome == harness.OutcomeOK {
			acknowledged[c.Task] = c.Answer.At
		}
	}
	for _, f := range q.followers {
		items := q.visit(f.Reader)
		q.agree(f, "shown", func() []string { return checkShown(f.Userid, f.Shown(), items) })
		// Ten stay unread: fewer than where badges stop counting.
		const unread = 10
		if len(items) > unread {
			if a := q.readAll(f.Reader, items[unread].SentRevision()); a.Outcome != harness.OutcomeOK {
				q.t.Errorf("%s cannot read all: %s", f.Userid, a.Text)
			}
		}
		items = q.visit(f.Reader)
		if q.anywhere {
			f.Reconnect() // it may have been read at another node
		}
		q.agree(f, "badge", func() []string {
			badge, _ := f.Badge()
			return checkBadge(f.Userid, badge, items)
		})
		asked, err := f.Unread(context.Background())
		if err != nil {
			q.t.Errorf("unread of %s: %v", f.Userid, err)
		}
		report(q.t, "unread", checkBadge(f.Userid, asked, items))
		report(q.t, "events", checkEvents(f.Userid, f.Events(), acknowledged))
		if err := f.Problem(); err != nil {
			q.t.Errorf("%s: %v", f.Userid, err)
		}
		q.t.Logf("%s followed over %d connections, %d events, %d items", f.Userid, f.Connections(), len(f.Events()), len(items))
	}
}

// agree waits until there is nothing to complain about.
func (q *inquest) agree(f *harness.Follower, what string, check func() []string) {
	q.t.Helper()
	err := harness.Poll(followWithin, func() (bool, error) { return len(check()) == 0, nil })
	if err != nil {
		report(q.t, what, check())
	}
}
