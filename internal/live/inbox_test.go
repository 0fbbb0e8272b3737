package live_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/inbox"
)

// memory is an inbox that is a list in memory: the model of these tests. Its
// reads can be held, delayed and made to fail.
type memory struct {
	resumeMost, changesMost int // where a gap is too long

	failing  atomic.Bool
	hangs    atomic.Bool
	unreads  atomic.Int64      // derivations asked for
	between  func(read string) // called when a read is done, before its answer returns
	mu       sync.Mutex
	offices  map[int64]*office
	nextTask int64
}

// office is one organization's part.
type office struct {
	revision int64
	log      []entry
	tasks    map[int64]*task
}

// entry is what took one revision.
type entry struct {
	revision, task int64
	kind           inbox.Kind
}

type task struct {
	revision   int64
	set        *roaring.Bitmap
	status     string
	recalledAt time.Time
	readAt     map[uint32]time.Time
}

func newMemory() *memory {
	return &memory{resumeMost: 200, changesMost: 2000, offices: map[int64]*office{}, nextTask: 100}
}

var errDown = errors.New("the database is down")

func (m *memory) office(organization int64) *office {
	o := m.offices[organization]
	if o == nil {
		o = &office{tasks: map[int64]*task{}}
		m.offices[organization] = o
	}
	return o
}

func (o *office) append(id int64, kind inbox.Kind) int64 {
	o.revision++
	o.log = append(o.log, entry{revision: o.revision, task: id, kind: kind})
	return o.revision
}

// send commits a send; recall, changeStatus and markRead what their names say.
func (m *memory) send(organization int64, people ...uint32) (id, revision int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	o := m.office(organization)
	m.nextTask++
	revision = o.append(m.nextTask, inbox.KindMessage)
	o.tasks[m.nextTask] = &task{revision: revision, set: roaring.BitmapOf(people...), readAt: map[uint32]time.Time{}}
	return m.nextTask, revision
}

func (m *memory) recall(organization, id int64) (revision int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	o := m.office(organization)
	o.tasks[id].recalledAt = time.Now().UTC()
	return o.append(id, inbox.KindRecalled)
}

func (m *memory) changeStatus(organization, id int64, status string) (revision int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	o := m.office(organization)
	o.tasks[id].status = status
	return o.append(id, inbox.KindChanged)
}

func (m *memory) markRead(organization, id int64, ordinal uint32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.office(organization).tasks[id].readAt[ordinal] = time.Now().UTC()
}

func (m *memory) jump(organization, revision int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.office(organization).revision = revision
}

// mine returns a person's part of the log.
func (m *memory) mine(organization int64, ordinal uint32, after int64) []entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	o := m.office(organization)
	return slices.DeleteFunc(slices.Clone(o.log), func(e entry) bool {
		return e.revision <= after || !o.tasks[e.task].set.Contains(ordinal)
	})
}

func (m *memory) recalled(organization, id int64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.office(organization).tasks[id].recalledAt.IsZero()
}

// event returns what a task looks like now.
func (o *office) event(e entry) inbox.Event {
	t := o.tasks[e.task]
	item := inbox.Item{
		TaskID: strconv.FormatInt(e.task, 10), Revision: strconv.FormatInt(t.revision, 10),
		App: inbox.AppView{AgentID: "7", Name: "Leave"}, Type: "oa", SentAt: time.Unix(t.revision, 0).UTC(),
	}
	if t.recalledAt.IsZero() {
		item.Title, item.Preview = content(e.task), "\"read_at\":null,\"message_id\":\"\""
		item.HTML = "<p>" + content(e.task) + "</p>"
		if t.status != "" {
			item.StatusBar = &inbox.StatusBar{Value: t.status, Background: "#00ff00"}
		}
	} else {
		at := t.recalledAt
		item.RecalledAt = &at
	}
	return inbox.Event{
		Revision: e.revision, Kind: e.kind, TaskID: e.task, SentRevision: t.revision,
		Recipients: t.set, Item: item,
	}
}

// content is the text that only a task's own content holds.
func content(id int64) string { return "secret-" + strconv.FormatInt(id, 10) + "-" }

func (m *memory) done(read string) error {
	if m.between != nil {
		m.between(read)
	}
	if m.failing.Load() {
		return errDown
	}
	return nil
}

func (m *memory) Revision(ctx context.Context, organization int64) (int64, error) {
	if m.hangs.Load() {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	m.mu.Lock()
	revision := m.office(organization).revision
	m.mu.Unlock()
	return revision, m.done("revision")
}

func (m *memory) Changes(_ context.Context, organization, after int64) ([]inbox.Event, int64, bool, error) {
	m.mu.Lock()
	o := m.office(organization)
	var events []inbox.Event
	for _, e := range o.log {
		if e.revision > after {
			events = append(events, o.event(e))
		}
	}
	through := o.revision
	m.mu.Unlock()
	if err := m.done("changes"); err != nil {
		return nil, 0, false, err
	}
	if len(events) > m.changesMost || after > through {
		return nil, through, false, nil
	}
	return events, through, true, nil
}

func (m *memory) Resume(_ context.Context, v inbox.Viewer, after int64) ([]inbox.Event, int64, bool, error) {
	m.mu.Lock()
	o := m.office(v.Organization)
	through := o.revision
	var events []inbox.Event
	for _, e := range o.log {
		if e.revision <= after || !o.tasks[e.task].set.Contains(v.Ordinal) {
			continue
		}
		event := o.event(e)
		event.Recipients = nil
		event.Item.MessageID = inbox.MessageID(e.task, v.Ordinal)
		event.Item.ReadAt = o.tasks[e.task].readBy(v.Ordinal)
		events = append(events, event)
	}
	m.mu.Unlock()
	if err := m.done("resume"); err != nil {
		return nil, 0, false, err
	}
	if len(events) > m.resumeMost || after > through {
		return nil, 0, true, nil
	}
	return events, through, false, nil
}

func (t *task) readBy(ordinal uint32) *time.Time {
	if at, ok := t.readAt[ordinal]; ok {
		return &at
	}
	return nil
}

func (m *memory) Page(_ context.Context, v inbox.Viewer, q inbox.Query) (inbox.Page, error) {
	before, err := strconv.ParseInt(q.Before, 10, 64)
	if err != nil {
		return inbox.Page{}, err
	}
	m.mu.Lock()
	o := m.office(v.Organization)
	var page inbox.Page
	for _, e := range slices.Backward(o.log) {
		if e.kind == inbox.KindMessage && e.revision < before && o.tasks[e.task].set.Contains(v.Ordinal) {
			item := o.event(e).Item
			item.ReadAt = o.tasks[e.task].readBy(v.Ordinal)
			page.Items = append(page.Items, item)
			break
		}
	}
	m.mu.Unlock()
	return page, m.done("page")
}

func (m *memory) Unread(_ context.Context, v inbox.Viewer) (inbox.Unread, error) {
	m.unreads.Add(1)
	u := m.unread(v)
	return u, m.done("unread")
}

// unread is the truth, without holding anybody up.
func (m *memory) unread(v inbox.Viewer) inbox.Unread {
	m.mu.Lock()
	defer m.mu.Unlock()
	o := m.office(v.Organization)
	u := inbox.Unread{ByApp: map[string]int{}}
	for _, e := range slices.Backward(o.log) {
		t := o.tasks[e.task]
		if e.kind != inbox.KindMessage || !t.recalledAt.IsZero() || !t.set.Contains(v.Ordinal) || t.readBy(v.Ordinal) != nil {
			continue
		}
		u.Count++
		u.ByApp["7"]++
		u.MessageIDs = append(u.MessageIDs, inbox.MessageID(e.task, v.Ordinal))
	}
	return u
}
