package chaos_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/test/harness"
)

// Every checker is given something true, of which it must not complain, and
// then the same with one thing wrong, of which it must.

const agent = 7

// corrupted is one thing wrong.
type corrupted[T any] struct {
	name  string
	spoil func(*T)
	want  string // in a complaint
}

// mustComplain runs a checker on a fresh truth for each corruption.
func mustComplain[T any](t *testing.T, truth func() T, check func(T) []string, cases []corrupted[T]) {
	t.Helper()
	if c := check(truth()); len(c) != 0 {
		t.Fatalf("complains of the truth: %v", c)
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			x := truth()
			tt.spoil(&x)
			got := check(x)
			if !slices.ContainsFunc(got, func(c string) bool { return strings.Contains(c, tt.want) }) {
				t.Errorf("complaints are %q, want one with %q", got, tt.want)
			}
		})
	}
}

// people are a, b and c in department 2, and d at the root.
func people() *harness.People {
	return harness.NewPeople(
		[]harness.Department{{ID: 1}, {ID: 2, ParentID: 1}},
		[]harness.User{
			{Userid: "a", DeptIDs: []int64{2}},
			{Userid: "b", DeptIDs: []int64{2}},
			{Userid: "c", DeptIDs: []int64{2}},
			{Userid: "d", DeptIDs: []int64{1}},
		})
}

func sendCall(op int64, key string, to client.Audience, content, outcome string, task int64) harness.Call {
	return harness.Call{
		Op: op, Kind: "send", Agent: agent, Key: key, Audience: to, Message: text(content),
		Answer: harness.Answer{Op: op, Outcome: outcome, Task: task},
	}
}

func storedTask(id, revision int64, content string, to ...string) stored {
	return stored{
		ID: id, Agent: agent, Revision: revision, Day: 1, Message: string(text(content)),
		outcome: outcome{Sent: to, Held: map[string][]string{}, Count: map[string]int64{}},
	}
}

// history is two sends with the tasks they made, and two that are unknown.
type history struct {
	calls []harness.Call
	tasks map[int64]stored
}

func trueHistory() history {
	team := client.Audience{DeptIDs: []int64{2}}
	one := client.Audience{Userids: []string{"d"}}
	return history{
		calls: []harness.Call{
			sendCall(1, "", team, "x", harness.OutcomeOK, 101),
			sendCall(2, "k", one, "y", harness.OutcomeUnknown, 0),
			sendCall(3, "k", one, "y", harness.OutcomeOK, 102),
			sendCall(4, "", team, "z", harness.OutcomeUnknown, 0),
			sendCall(5, "", team, "w", harness.OutcomeUnknown, 0),
			sendCall(6, "", team, "v", harness.OutcomeRefused, 0),
		},
		tasks: map[int64]stored{
			101: storedTask(101, 1, "x", "a", "b", "c"),
			102: storedTask(102, 2, "y", "d"),
			103: storedTask(103, 3, "z", "a", "b", "c"), // of the unknown ones this happened
			104: {ID: 104, Agent: 8, Revision: 4},       // somebody else's
		},
	}
}

func TestExistenceCanFail(t *testing.T) {
	t.Parallel()
	check := func(h history) []string {
		_, complaints := checkExistence(h.calls, people(), h.tasks, map[int64]bool{8: true})
		return complaints
	}
	mustComplain(t, trueHistory, check, []corrupted[history]{
		{"lost", func(h *history) { delete(h.tasks, 101) }, "101, acknowledged to call 1, is not there"},
		{"doubled", func(h *history) { h.tasks[105] = storedTask(105, 5, "x", "a", "b", "c") }, "105 at revision 5 exists"},
		{"refused and there", func(h *history) { h.tasks[105] = storedTask(105, 5, "v", "a", "b", "c") }, "105 at revision 5 exists"},
		{"unknown and there twice", func(h *history) {
			h.tasks[105] = storedTask(105, 5, "w", "a", "b", "c")
			h.tasks[106] = storedTask(106, 6, "w", "a", "b", "c")
		}, "106 at revision 6 exists"},
		{"unknown to others", func(h *history) { h.tasks[103] = storedTask(103, 3, "z", "a", "b", "d") }, "103 at revision 3 exists"},
		{"a key with two tasks", func(h *history) { h.tasks[105] = storedTask(105, 5, "y", "d") }, "105 at revision 5 exists"},
		{"a key answered twice", func(h *history) {
			h.calls = append(h.calls, sendCall(7, "k", client.Audience{Userids: []string{"d"}}, "y", harness.OutcomeOK, 101))
		}, "key k was answered with task 102 and with task 101"},
		{"one task for two calls", func(h *history) {
			h.calls = append(h.calls, sendCall(7, "", client.Audience{DeptIDs: []int64{2}}, "x", harness.OutcomeOK, 101))
		}, "101 was the answer to call 1 and to call 7"},
	})
}

func TestWholeCanFail(t *testing.T) {
	t.Parallel()
	truth := func() sent {
		s := sent{stored: storedTask(101, 1, "x", "a"), Call: sendCall(1, "", client.Audience{}, "x", harness.OutcomeOK, 101)}
		s.Named = people().Resolve(client.Audience{DeptIDs: []int64{2, 9}, Userids: []string{"nobody"}})
		s.Held[heldSame], s.Held[heldDaily] = []string{"b"}, []string{"c"}
		s.InvalidUserids, s.InvalidDeptIDs = []string{"nobody"}, []int64{9}
		return s
	}
	mustComplain(t, truth, checkWhole, []corrupted[sent]{
		{"somebody missing", func(s *sent) { s.Sent = nil }, "lack 1 [a]"},
		{"in two lists", func(s *sent) { s.Sent = []string{"a", "b"} }, "too much [b]"},
		{"twice in one", func(s *sent) { s.Sent = []string{"a", "a"} }, "too much [a]"},
		{"not named", func(s *sent) { s.Failed = []string{"d"} }, "too much [d]"},
		{"another message", func(s *sent) { s.Message = string(text("y")) }, "sent was"},
		{"invalid user forgotten", func(s *sent) { s.InvalidUserids = nil }, "invalid users"},
		{"invalid department made up", func(s *sent) { s.InvalidDeptIDs = []int64{2, 9} }, "invalid departments"},
	})
}

func TestAnswerCanFail(t *testing.T) {
	t.Parallel()
	stands := storedTask(101, 1, "x", "a", "b")
	stands.Held[heldSame], stands.Count[heldSame] = []string{"c"}, 1
	truth := func() outcome {
		return outcomeOf(client.Result{
			Read: []string{"b"}, Unread: []string{"a"},
			Held: []client.Held{{Code: heldSame, Count: 1, Userid: "c"}},
		})
	}
	check := func(o outcome) []string { return checkAnswer(stands, o) }
	mustComplain(t, truth, check, []corrupted[outcome]{
		{"read twice", func(o *outcome) { o.Sent = []string{"a", "b", "b"} }, "too much [b]"},
		{"another reason", func(o *outcome) { o.Held = map[string][]string{heldDaily: {"c"}} }, "told as held for [143105]"},
		{"somebody else held", func(o *outcome) { o.Held[heldSame] = []string{"d"} }, "too much [d]"},
		{"another threshold", func(o *outcome) { o.Count[heldSame] = 2 }, "told as held for 143106"},
	})
}

func TestRevisionsCanFail(t *testing.T) {
	t.Parallel()
	check := func(r []int64) []string { return checkRevisions(4, r) }
	truth := func() []int64 { return []int64{3, 1, 2, 4} }
	mustComplain(t, truth, check, []corrupted[[]int64]{
		{"gap", func(r *[]int64) { *r = []int64{1, 2, 4} }, "revision 4 follows 2"},
		{"twice", func(r *[]int64) { *r = []int64{1, 2, 2, 3, 4} }, "revision 2 follows 2"},
		{"last lost", func(r *[]int64) { *r = []int64{1, 2, 3} }, "is at revision 4, and 3 were taken"},
		{"beyond", func(r *[]int64) { *r = []int64{1, 2, 3, 4, 5} }, "is at revision 4, and 5 were taken"},
	})
}

// decisions are three sends to a and b under a quota of two: the second is
// identical to the first, the last exceeds the quota of a.
func decisions() []sent {
	both := client.Audience{Userids: []string{"a", "b"}}
	made := func(id int64, content string, to ...string) sent {
		return sent{stored: storedTask(id, id, content, to...), Call: sendCall(id, "", both, content, harness.OutcomeOK, id), Named: people().Resolve(both)}
	}
	hold := func(s sent, code string, count int64, list ...string) sent {
		s.Held[code], s.Count[code] = list, count
		return s
	}
	first := made(1, "x", "a")
	first.Named.People = []string{"a"}
	return []sent{
		first,
		hold(made(2, "x", "b"), heldSame, 1, "a"),
		made(3, "y", "a", "b"),
		hold(made(4, "z"), heldDaily, 2, "a", "b"),
	}
}

func TestRulesCanFail(t *testing.T) {
	t.Parallel()
	check := func(made []sent) []string { return checkRules(made, rules{Daily: 2}) }
	mustComplain(t, decisions, check, []corrupted[[]sent]{
		{"one over the quota", func(m *[]sent) { (*m)[3] = decisions()[2]; (*m)[3].ID, (*m)[3].Call.Message = 4, text("z") }, "task 4 at revision 3: sent to 2 people too much"},
		{"a slot lost", func(m *[]sent) { (*m)[2].Sent = []string{"b"}; (*m)[2].Held[heldDaily] = []string{"a"} }, "task 3 at revision 3: sent to 0 people too much [] and lack 1 [a]"},
		{"identical content twice", func(m *[]sent) { (*m)[1].Sent = []string{"a", "b"}; (*m)[1].Held = map[string][]string{} }, "task 2 at revision 2: sent to 1 people too much [a]"},
		{"content on another day", func(m *[]sent) { (*m)[1].Day = 2 }, "task 2 at revision 2: sent to"},
		{"another app's content", func(m *[]sent) { (*m)[1].Agent = 8 }, "task 2 at revision 2: sent to"},
		{"wrong reason", func(m *[]sent) { (*m)[3].Held = map[string][]string{heldSame: {"a", "b"}} }, "held for [143106], want [143105]"},
		{"wrong threshold", func(m *[]sent) { (*m)[3].Count[heldDaily] = 500 }, "threshold 500, want 2"},
		{"another order", func(m *[]sent) { (*m)[0], (*m)[1] = (*m)[1], (*m)[0] }, "held for"},
	})
}

// Three people may be reached in a minute; those with the lowest ordinals are.
func TestMinuteRuleCanFail(t *testing.T) {
	t.Parallel()
	r := rules{Daily: 9, Minute: 3, Order: map[string]uint32{"c": 0, "b": 1, "a": 2}}
	truth := func() []sent {
		all := decisions()[2:3]
		all = append(all, decisions()[2], decisions()[2])
		for i := range all {
			all[i].ID, all[i].Revision, all[i].Call.Message = int64(i), int64(i), text(fmt.Sprint("m", i))
			all[i].Named.People = []string{"a", "b"}
		}
		all[1].Sent, all[1].Held, all[1].Count = []string{"b"}, map[string][]string{heldMinute: {"a"}}, map[string]int64{heldMinute: 3}
		all[2].Minute = 1
		return all
	}
	check := func(made []sent) []string { return checkRules(made, r) }
	mustComplain(t, truth, check, []corrupted[[]sent]{
		{"one over the minute", func(m *[]sent) { (*m)[1].Sent = []string{"a", "b"}; (*m)[1].Held = map[string][]string{} }, "task 1 at revision 1: sent to 1 people too much"},
		{"another order", func(m *[]sent) { (*m)[1].Sent = []string{"a"}; (*m)[1].Held[heldMinute] = []string{"b"} }, "task 1 at revision 1: sent to 1 people too much"},
		{"the next minute counted", func(m *[]sent) { (*m)[2].Minute = 0 }, "task 2 at revision 2: sent to 2 people too much"},
		{"wrong threshold", func(m *[]sent) { (*m)[1].Count[heldMinute] = 5 }, "threshold 5, want 3"},
	})
}

func TestChangesCanFail(t *testing.T) {
	t.Parallel()
	type changes struct {
		calls []harness.Call
		made  []sent
	}
	change := func(kind string, task int64, value, outcome string) harness.Call {
		return harness.Call{Kind: kind, Task: task, Value: value, Answer: harness.Answer{Outcome: outcome}}
	}
	truth := func() changes {
		c := changes{calls: []harness.Call{
			change("recall", 1, "", harness.OutcomeOK), change("recall", 2, "", harness.OutcomeUnknown),
			change("recall", 3, "", harness.OutcomeRefused),
			change("status_bar", 3, "one", harness.OutcomeOK), change("status_bar", 3, "two", harness.OutcomeUnknown),
		}}
		for id := int64(1); id <= 3; id++ {
			c.made = append(c.made, sent{stored: storedTask(id, id, "x")})
		}
		c.made[0].Recalled = true
		c.made[2].Status = "two"
		return c
	}
	check := func(c changes) []string { return checkChanges(c.calls, c.made) }
	mustComplain(t, truth, check, []corrupted[changes]{
		{"a recall undone", func(c *changes) { c.made[0].Recalled = false }, "task 1 was recalled and has its content again"},
		{"a recall nobody asked for", func(c *changes) { c.made[2].Recalled = true }, "task 3 is recalled, and nobody"},
		{"a status bar lost", func(c *changes) { c.made[2].Status = "" }, `task 3 has status bar ""`},
		{"a status bar made up", func(c *changes) { c.made[1].Status = "one" }, `task 2 has status bar "one"`},
	})
}

func item(id string, task, revision int64) client.Item {
	i := client.Item{MessageID: id, TaskID: fmt.Sprint(task), Revision: fmt.Sprint(revision), Type: "text", Title: "x", Preview: "x", HTML: "<p>x</p>"}
	i.App.AgentID = fmt.Sprint(agent)
	return i
}

func tombstone(i client.Item) client.Item {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	i.Title, i.Preview, i.HTML, i.StatusBar, i.RecalledAt = "", "", "", nil, &at
	return i
}

// inboxOfA holds three tasks, the oldest recalled, and one of another agent.
func inboxOfA() []client.Item {
	other := item("m9", 9, 9)
	other.App.AgentID = "8"
	bar := item("m3", 3, 3)
	bar.StatusBar = &client.ItemStatusBar{Value: "done"}
	return []client.Item{other, bar, item("m2", 2, 2), tombstone(item("m1", 1, 1))}
}

func TestInboxCanFail(t *testing.T) {
	t.Parallel()
	made := []sent{{stored: storedTask(1, 1, "x", "a")}, {stored: storedTask(2, 2, "x", "a", "b")}, {stored: storedTask(3, 3, "x", "a")}, {stored: storedTask(4, 4, "x", "b")}}
	made[0].Recalled = true
	made[2].Status = "done"
	check := func(items []client.Item) []string { return checkInbox("a", items, made) }
	mustComplain(t, inboxOfA, check, []corrupted[[]client.Item]{
		{"lost", func(i *[]client.Item) { *i = slices.Delete(*i, 2, 3) }, "a lacks task 2"},
		{"twice", func(i *[]client.Item) { *i = append(*i, item("m8", 2, 1)) }, "a has task 2 twice"},
		{"somebody else's", func(i *[]client.Item) { *i = append(*i, item("m4", 4, 0)) }, "task 4, which was not sent"},
		{"another order", func(i *[]client.Item) { (*i)[1], (*i)[2] = (*i)[2], (*i)[1] }, "a has revision 3 after 2"},
		{"another revision", func(i *[]client.Item) { (*i)[3].Revision = "0" }, "at revision 0, it is at 1"},
		{"recalled with content", func(i *[]client.Item) { (*i)[3].HTML = "x" }, "recalled and still with content"},
		{"a recall undone", func(i *[]client.Item) { (*i)[3] = item("m1", 1, 1) }, "recalled: false, it is true"},
		{"recalled by nobody", func(i *[]client.Item) { (*i)[2] = tombstone((*i)[2]) }, "recalled: true, it is false"},
		{"empty", func(i *[]client.Item) { (*i)[2].HTML = "" }, "without its content"},
		{"an old status bar", func(i *[]client.Item) { (*i)[1].StatusBar = &client.ItemStatusBar{Value: "pending"} }, `status bar "pending", it is "done"`},
		{"no status bar", func(i *[]client.Item) { (*i)[1].StatusBar = nil }, "without its status bar"},
	})
	report(t, "no return", checkNoReturn("a", map[string]bool{"m1": true}, inboxOfA()))
	if len(checkNoReturn("a", map[string]bool{"m2": true}, inboxOfA())) == 0 {
		t.Error("a message that came back is not noticed")
	}
}

func TestReadsCanFail(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	calls := []harness.Call{
		{Kind: "read", User: "a", Tasks: []int64{3}, Answer: harness.Answer{Outcome: harness.OutcomeOK}},
		{Kind: "read_all", User: "a", Through: 1, Answer: harness.Answer{Outcome: harness.OutcomeUnknown}},
		{Kind: "read", User: "b", Tasks: []int64{2}, Answer: harness.Answer{Outcome: harness.OutcomeOK}},
	}
	truth := func() []client.Item {
		items := []client.Item{item("m3", 3, 3), item("m2", 2, 2), item("m1", 1, 1)}
		items[0].ReadAt = &at
		return items
	}
	check := func(items []client.Item) []string { return checkReads("a", calls, items) }
	mustComplain(t, truth, check, []corrupted[[]client.Item]{
		{"a receipt lost", func(i *[]client.Item) { (*i)[0].ReadAt = nil }, "a read task 3, and it is unread"},
		{"somebody else's receipt", func(i *[]client.Item) { (*i)[1].ReadAt = &at }, "a never read task 2"},
	})
}

func TestShownCanFail(t *testing.T) {
	t.Parallel()
	check := func(shown []client.Item) []string { return checkShown("a", shown, inboxOfA()) }
	mustComplain(t, inboxOfA, check, []corrupted[[]client.Item]{
		{"missed", func(i *[]client.Item) { *i = slices.Delete(*i, 2, 3) }, "a is not shown task 2"},
		{"made up", func(i *[]client.Item) { *i = append(*i, item("m4", 4, 4)) }, "task 4, which is not in the inbox"},
		{"a recall missed", func(i *[]client.Item) { (*i)[3] = item("m1", 1, 1) }, "shown task 1 as it is not"},
		{"a status bar missed", func(i *[]client.Item) { (*i)[1].StatusBar = nil }, "shown task 3 as it is not"},
		{"cut", func(i *[]client.Item) { (*i)[2].HTML = "<p>" }, "shown task 2 as it is not"},
		{"another body", func(i *[]client.Item) { (*i)[2].Body = json.RawMessage(`{}`) }, "shown task 2 as it is not"},
	})
}

func TestEventsCanFail(t *testing.T) {
	t.Parallel()
	noon := time.Now()
	event := func(connection int, name string, id int64, i client.Item) harness.Event {
		data, err := json.Marshal(i)
		if err != nil {
			t.Fatal(err)
		}
		return harness.Event{Connection: connection, Connected: noon.Add(time.Duration(connection) * time.Minute), Event: client.Event{Name: name, Revision: id, Data: data}}
	}
	truth := func() []harness.Event {
		return []harness.Event{
			{Connection: 1, Event: client.Event{Name: "unread"}},
			event(1, "message", 2, item("m2", 2, 2)), event(1, "recalled", 3, tombstone(item("m2", 2, 2))),
			{Connection: 2, Event: client.Event{Name: "unread"}},
			event(2, "message", 2, tombstone(item("m2", 2, 2))),
		}
	}
	recalled := map[int64]time.Time{2: noon.Add(90 * time.Second)}
	check := func(events []harness.Event) []string {
		return append(checkEvents("a", events, recalled), checkNoReload("a", events)...)
	}
	mustComplain(t, truth, check, []corrupted[[]harness.Event]{
		{"recalled content again", func(e *[]harness.Event) { (*e)[4] = event(2, "message", 2, item("m2", 2, 2)) }, "brings back task 2"},
		{"backwards", func(e *[]harness.Event) { (*e)[2].Revision = 1 }, "revision 1 after 2"},
		{"lost what was told", func(e *[]harness.Event) { (*e)[4].Name = "reload" }, "told to reload on connection 2"},
		{"no badge first", func(e *[]harness.Event) { *e = slices.Delete(*e, 3, 4) }, "connection 2 begins with message"},
		{"a tombstone with content", func(e *[]harness.Event) { (*e)[2] = event(1, "recalled", 3, item("m2", 2, 2)) }, "the tombstone of task 2 has content"},
		{"no item", func(e *[]harness.Event) { (*e)[1].Data = []byte("{") }, "event 2"},
	})
}

func TestBadgeCanFail(t *testing.T) {
	t.Parallel()
	truth := func() client.Unread { return client.Unread{Count: 3, ByApp: map[string]int{"7": 2, "8": 1}} }
	check := func(u client.Unread) []string { return checkBadge("a", u, inboxOfA()) }
	mustComplain(t, truth, check, []corrupted[client.Unread]{
		{"the recalled counts", func(u *client.Unread) { u.Count = 4 }, "told 4 unread, there are 3"},
		{"another app", func(u *client.Unread) { u.ByApp["7"] = 3 }, "told 3 unread of agent 7, there are 2"},
	})
}

func TestRefusalsCanFail(t *testing.T) {
	t.Parallel()
	refused := func(code int) []string {
		return checkRefusals([]harness.Call{{Kind: "send", Answer: harness.Answer{Outcome: harness.OutcomeRefused, Code: code}}})
	}
	if len(refused(client.CodeBusy)) != 0 || len(refused(40035)) != 1 {
		t.Error("only a busy server may refuse")
	}
}
