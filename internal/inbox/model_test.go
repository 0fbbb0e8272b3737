package inbox_test

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/inbox"
)

// model is one organization by the plainest means: lists that are searched
// from end to end.
type model struct {
	organization int64
	revision     int64
	tasks        []*task
	log          []entry
}

type task struct {
	id, agent, revision int64
	filed               bool
	to                  *roaring.Bitmap
	words               string
	bar                 *inbox.StatusBar
	recalledAt          *time.Time
	readAt              map[uint32]time.Time
}

type entry struct {
	revision int64
	kind     inbox.Kind
	task     *task
}

// inboxOf lists somebody's messages, newest first.
func (m *model) inboxOf(ordinal uint32, agent int64, unread bool) []*task {
	var list []*task
	for _, t := range m.tasks {
		_, read := t.readAt[ordinal]
		hidden := unread && (read || t.recalledAt != nil)
		if t.to.Contains(ordinal) && (agent == 0 || t.agent == agent) && !hidden {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, func(a, b *task) int { return cmp.Compare(b.revision, a.revision) })
	return list
}

// looks is what of an Item the model knows.
type looks struct {
	MessageID, TaskID, Revision, Agent, Type, Preview string
	HTML                                              bool
	Bar                                               inbox.StatusBar
	Read, Recalled                                    time.Time
}

func looksOf(i inbox.Item) looks {
	l := looks{
		MessageID: i.MessageID, TaskID: i.TaskID, Revision: i.Revision, Agent: i.App.AgentID,
		Type: i.Type, Preview: i.Preview, HTML: i.HTML != "",
	}
	if i.StatusBar != nil {
		l.Bar = *i.StatusBar
	}
	if i.ReadAt != nil {
		l.Read = *i.ReadAt
	}
	if i.RecalledAt != nil {
		l.Recalled = *i.RecalledAt
	}
	return l
}

// looks of a task to somebody, or with ordinal nil to nobody in particular.
func (t *task) looks(ordinal *uint32) looks {
	l := looks{
		TaskID: strconv.FormatInt(t.id, 10), Revision: strconv.FormatInt(t.revision, 10),
		Agent: strconv.FormatInt(t.agent, 10), Type: "text", Preview: t.words, HTML: true,
	}
	if t.bar != nil {
		l.Bar = *t.bar
	}
	if t.recalledAt != nil {
		l.Preview, l.HTML, l.Bar, l.Recalled = "", false, inbox.StatusBar{}, *t.recalledAt
	}
	if ordinal != nil {
		l.MessageID = inbox.MessageID(t.id, *ordinal)
		l.Read = t.readAt[*ordinal]
	}
	return l
}

// happening is what of an Event the model knows.
type happening struct {
	Revision   int64
	Kind       inbox.Kind
	Task, Sent int64
	To         string
	Item       looks
}

func happenings(events []inbox.Event) []happening {
	var list []happening
	for _, e := range events {
		h := happening{Revision: e.Revision, Kind: e.Kind, Task: e.TaskID, Sent: e.SentRevision, Item: looksOf(e.Item)}
		if e.Recipients != nil {
			h.To = fmt.Sprint(e.Recipients.ToArray())
		}
		list = append(list, h)
	}
	return list
}

// reach is how far the service under test goes.
type reach struct{ examine, events, unread int }

var usual = reach{examine: 2000, events: 200, unread: 100}

// changes is what Changes answers.
func (m *model) changes(after int64, r reach) (list []happening, complete bool) {
	if after < 0 || after > m.revision {
		return nil, false
	}
	for _, e := range m.log {
		if e.revision > after {
			list = append(list, happening{
				Revision: e.revision, Kind: e.kind, Task: e.task.id, Sent: e.task.revision,
				To: fmt.Sprint(e.task.to.ToArray()), Item: e.task.looks(nil),
			})
		}
	}
	if len(list) > r.examine {
		return nil, false
	}
	return list, true
}

// resume is what Resume answers.
func (m *model) resume(ordinal uint32, after int64, r reach) (list []happening, reload bool) {
	if after < 0 || after > m.revision {
		return nil, true
	}
	examined := 0
	for _, e := range m.log {
		if e.revision <= after {
			continue
		}
		if e.kind != inbox.KindMessage || !e.task.filed {
			examined++
		}
		if e.task.to.Contains(ordinal) {
			list = append(list, happening{
				Revision: e.revision, Kind: e.kind, Task: e.task.id, Sent: e.task.revision, Item: e.task.looks(&ordinal),
			})
		}
	}
	if examined > r.examine || len(list) > r.events {
		return nil, true
	}
	return list, false
}

// unread is what Unread answers.
func (m *model) unread(ordinal uint32, r reach) inbox.Unread {
	u := inbox.Unread{ByApp: map[string]int{}, MessageIDs: []string{}}
	for _, t := range m.inboxOf(ordinal, 0, true) {
		if u.Count < r.unread {
			u.Count++
			u.MessageIDs = append(u.MessageIDs, inbox.MessageID(t.id, ordinal))
		}
		if agent := strconv.FormatInt(t.agent, 10); u.ByApp[agent] < r.unread {
			u.ByApp[agent]++
		}
	}
	return u
}

// apps lists the agents that have sent somebody something, the latest first.
func (m *model) apps(ordinal uint32) (agents []string) {
	for _, t := range m.inboxOf(ordinal, 0, false) {
		if agent := strconv.FormatInt(t.agent, 10); !slices.Contains(agents, agent) {
			agents = append(agents, agent)
		}
	}
	return agents
}

// take gives the next revision to a task.
func (m *model) take(kind inbox.Kind, t *task) {
	m.revision++
	m.log = append(m.log, entry{m.revision, kind, t})
}

// readAll marks what an app, or with agent 0 anybody, sent up to a revision read.
func (m *model) readAll(ordinal uint32, agent, through int64, at time.Time) {
	for _, t := range m.inboxOf(ordinal, agent, true) {
		if t.revision <= through {
			t.readAt[ordinal] = at
		}
	}
}

const forever = math.MaxInt64
