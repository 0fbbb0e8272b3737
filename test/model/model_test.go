package model_test

import (
	"slices"
	"strconv"
	"time"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/internal/directory"
)

// model is one organization by the plainest means: lists that are searched from
// end to end.
type model struct {
	firm
	zone     *time.Location
	revision int64
	tasks    []*task // by revision
	log      []entry // by revision

	// Message ids are the server's business. What is known of them is which
	// one the server used first, and that it must stay so.
	ids    map[copyKey]string
	copies map[string]copyKey
}

// copyKey is one person's copy of one task.
type copyKey struct {
	person *person
	task   *task
}

// agent is an installed app as the rules see it.
type agent struct {
	id        int64
	name      string
	reach     directory.Range
	grant     bool // may send to everyone
	perDay    int  // messages to one person; 0 is any number
	perMinute int  // recipients; 0 is any number
}

// task is one accepted send.
type task struct {
	id, revision int64
	agent        *agent
	content      content
	day          string
	minute       int64
	at           time.Time
	sent         []*person // by ordinal
	held         []held
	invalid      reached // only what meant nobody

	bars       []bar // the one it was sent with, then each it was changed to
	recalledAt time.Time
	read       map[*person]receipt
	recalled   int64 // when the recall was answered, in ticks; 0 before
}

// held is one person who was held back, and why.
type held struct {
	person *person
	code   string
	count  int64
}

// bar is a status bar from a revision on; nil for none.
type bar struct {
	revision int64
	shown    *client.ItemStatusBar
}

// receipt says when somebody read a message, by the server's clock, and when
// that was answered, in ticks.
type receipt struct {
	at       time.Time
	answered int64
}

// The kinds of entries, named like the events that announce them.
const (
	sentEntry     = "message"
	changedEntry  = "changed"
	recalledEntry = "recalled"
)

// entry is what took a revision.
type entry struct {
	revision int64
	kind     string
	task     *task
	asked    int64 // before it was asked for, in ticks
}

func newModel(zone *time.Location) *model {
	return &model{
		firm: firm{parents: map[int64]int64{directory.RootID: 0}}, zone: zone,
		ids: map[copyKey]string{}, copies: map[string]copyKey{},
	}
}

// decide says what becomes of a send, without doing it.
func (m *model) decide(a *agent, to client.Audience, c content, now time.Time) *task {
	r := m.resolve(to, a.reach)
	t := &task{
		agent: a, content: c, at: now.Truncate(time.Millisecond),
		day: now.In(m.zone).Format(time.DateOnly), minute: now.Unix() / 60,
		invalid: reached{invalidUserids: r.invalidUserids, invalidDeptIDs: r.invalidDeptIDs},
		read:    map[*person]receipt{},
	}
	for _, p := range r.outsideUser {
		t.held = append(t.held, held{p, "50002", 0})
	}
	for _, p := range r.outsideDept {
		t.held = append(t.held, held{p, "50004", 0})
	}
	thisMinute := m.sentInMinute(a, t.day, t.minute)
	for _, p := range r.recipients {
		had, same := m.hadToday(a, p, t.day, c.key)
		switch {
		case same:
			t.held = append(t.held, held{p, "143106", 1})
		case a.perDay > 0 && had >= a.perDay:
			t.held = append(t.held, held{p, "143105", int64(a.perDay)})
		case a.perMinute > 0 && thisMinute+len(t.sent) >= a.perMinute:
			t.held = append(t.held, held{p, "143103", int64(a.perMinute)})
		default:
			t.sent = append(t.sent, p)
		}
	}
	t.bars = []bar{{0, c.bar}}
	return t
}

// hadToday counts what an app has sent to somebody on a day, and tells whether
// this content was among it.
func (m *model) hadToday(a *agent, p *person, day, key string) (n int, same bool) {
	for _, t := range m.tasks {
		if t.agent == a && t.day == day && t.isTo(p) {
			n++
			same = same || t.content.key == key
		}
	}
	return n, same
}

func (m *model) sentInMinute(a *agent, day string, minute int64) (n int) {
	for _, t := range m.tasks {
		if t.agent == a && t.day == day && t.minute == minute {
			n += len(t.sent)
		}
	}
	return n
}

// accept files a decided send under the next revision.
func (m *model) accept(t *task, id, asked int64) {
	m.take(sentEntry, t, asked)
	t.id, t.revision = id, m.revision
	t.bars[0].revision = m.revision
	m.tasks = append(m.tasks, t)
}

// recall takes a message back; the first time counts.
func (m *model) recall(t *task, now time.Time, asked, answered int64) {
	if t.recalled != 0 {
		return
	}
	m.take(recalledEntry, t, asked)
	t.recalledAt, t.recalled = now.Truncate(time.Millisecond), answered
}

// show changes a status bar. One that was set before to the same changes
// nothing.
func (m *model) show(t *task, b client.ItemStatusBar, asked int64) {
	if last := t.bars[len(t.bars)-1]; len(t.bars) > 1 && *last.shown == b {
		return
	}
	m.take(changedEntry, t, asked)
	t.bars = append(t.bars, bar{m.revision, &b})
}

func (m *model) take(kind string, t *task, asked int64) {
	m.revision++
	m.log = append(m.log, entry{m.revision, kind, t, asked})
}

// markRead gives somebody a receipt for a message that is theirs.
func (t *task) markRead(p *person, now time.Time, answered int64) {
	if _, already := t.read[p]; !already && t.isTo(p) {
		t.read[p] = receipt{now.Truncate(time.Millisecond), answered}
	}
}

func (t *task) isTo(p *person) bool {
	_, found := slices.BinarySearchFunc(t.sent, p.ordinal, func(q *person, o uint32) int { return int(q.ordinal) - int(o) })
	return found
}

// inboxOf lists somebody's messages, newest first; agent 0 is everybody's.
func (m *model) inboxOf(p *person, agent int64, unread bool) []*task {
	var list []*task
	for _, t := range slices.Backward(m.tasks) {
		_, read := t.read[p]
		hidden := unread && (read || t.recalled != 0)
		if t.isTo(p) && (agent == 0 || t.agent.id == agent) && !hidden {
			list = append(list, t)
		}
	}
	return list
}

// mostCounted is where counting unread messages stops: of all apps together, and
// of each by itself.
const mostCounted = 100

// badge is somebody's unread, the newest counting first.
func (m *model) badge(p *person) client.Unread {
	u := client.Unread{ByApp: map[string]int{}, MessageIDs: []string{}}
	for _, t := range m.inboxOf(p, 0, true) {
		app := strconv.FormatInt(t.agent.id, 10)
		if u.ByApp[app] < mostCounted {
			u.ByApp[app]++
		}
		if u.Count < mostCounted {
			u.Count++
			u.MessageIDs = append(u.MessageIDs, m.ids[copyKey{p, t}])
		}
	}
	return u
}

// own returns what happened to somebody's messages after a revision.
func (m *model) own(p *person, after int64) []entry {
	from, _ := slices.BinarySearchFunc(m.log, after+1, func(e entry, r int64) int { return int(e.revision - r) })
	var list []entry
	for _, e := range m.log[from:] {
		if e.task.isTo(p) {
			list = append(list, e)
		}
	}
	return list
}
