package retention_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// Whatever is sent, recalled, read and deleted, and however often what is kept
// is decided anew: pages, what is unread, results and what a client is told
// that comes back are those of a model which knows nothing but lists.
func TestRetentionAgreesWithModel(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, engine)
			var firms atomic.Int64
			seen := map[string]int{}
			rapid.Check(t, func(t *rapid.T) {
				m := &model{firm: w.firm(t, fmt.Sprint("ding", firms.Add(1))), seen: seen}
				m.zone = w.directory.Location(m.id)
				t.Repeat(map[string]func(*rapid.T){
					"": m.check, "send": m.send, "send 2": m.send, "send 3": m.send, "recall": m.recall,
					"read": m.read, "read 2": m.read, "pass": m.pass, "decide": m.decide, "sweep": m.sweep, "sweep 2": m.sweep,
					"leave": m.leave,
				})
				m.sweep(t)
				m.compare(t)
			})
			t.Logf("seen: %v", seen)
		})
	}
}

// model is an organization as lists.
type model struct {
	*firm
	zone *time.Location
	seen map[string]int

	org      policy.Retention
	own      [2]policy.Retention
	revision int64
	floor    int64 // changes at or below it are gone
	tasks    []*task
	changes  []change
	left     []int64 // revisions that clients know
	n, steps int
}

type task struct {
	id, revision int64
	app          int
	at           time.Time
	to           []uint32
	recalled     bool
	read         map[uint32]time.Time
	dropped      bool
	gone         bool
}

type change struct {
	revision int64
	at       time.Time
	task     *task
}

func (m *model) send(t *rapid.T) {
	m.tb = t
	k := &task{app: rapid.IntRange(0, 1).Draw(t, "app"), at: m.clock(), read: map[uint32]time.Time{}}
	if rapid.Bool().Draw(t, "everyone") {
		for o := range uint32(people) {
			k.to = append(k.to, o)
		}
		k.id = m.firm.send(k.app, fmt.Sprint("text ", m.n))
	} else {
		k.to = rapid.SliceOfNDistinct(rapid.Uint32Range(0, 3), 1, 3, rapid.ID).Draw(t, "to")
		k.id = m.firm.send(k.app, fmt.Sprint("text ", m.n), k.to...)
	}
	m.n++
	m.revision++
	k.revision = m.revision
	m.tasks = append(m.tasks, k)
}

// one draws a task that is kept.
func (m *model) one(t *rapid.T) *task {
	kept := slices.DeleteFunc(slices.Clone(m.tasks), func(k *task) bool { return k.gone })
	if len(kept) == 0 {
		t.Skip("no message")
	}
	m.tb = t
	return rapid.SampledFrom(kept).Draw(t, "task")
}

func (m *model) recall(t *rapid.T) {
	k := m.one(t)
	must(t, m.notify.Recall(context.Background(), m.apps[k.app], m.apps[k.app].AgentID, k.id))
	if k.recalled {
		return
	}
	k.recalled = true
	m.revision++
	m.changes = append(m.changes, change{m.revision, m.clock(), k})
}

func (m *model) read(t *rapid.T) {
	k := m.one(t)
	reader := rapid.SampledFrom(k.to).Draw(t, "reader")
	m.firm.read(reader, k.id)
	if _, again := k.read[reader]; !again && !k.dropped {
		k.read[reader] = m.clock()
	}
}

func (m *model) pass(t *rapid.T) {
	m.world.pass(rapid.SampledFrom([]time.Duration{time.Minute, 9 * time.Hour, day, 3 * day}).Draw(t, "for"))
}

// leave remembers that some client knows the revision of now.
func (m *model) leave(*rapid.T) { m.left = append(m.left, m.revision) }

func (m *model) decide(t *rapid.T) {
	m.tb = t
	days := rapid.SampledFrom([]policy.Days{0, 0, policy.Forever, 1, 2, 4})
	r := policy.Retention{Messages: days.Draw(t, "messages"), Receipts: days.Draw(t, "receipts")}
	if n := rapid.IntRange(-1, 1).Draw(t, "whose"); n >= 0 {
		m.own[n] = r
		m.keepOf(n, r)
		return
	}
	r.Changes = days.Draw(t, "changes")
	m.org = r
	m.keep(r)
}

// sweep deletes, here and in the model.
func (m *model) sweep(t *rapid.T) {
	m.tb = t
	m.firm.sweep()
	now := m.clock().In(m.zone)
	for n, own := range m.own {
		r := own.Or(m.org.Or(policy.UsualRetention()))
		for _, k := range m.tasks {
			age := int(dayOf(now).Sub(dayOf(k.at.In(m.zone))) / day)
			old := func(d policy.Days) bool { return d != policy.Forever && age > int(d) }
			if k.app != n || k.gone || !old(r.Messages) && !old(r.Receipts) {
				continue
			}
			k.dropped = true
			m.seen["dropped"]++
			if old(r.Messages) {
				k.gone = true
				m.seen["gone"]++
			}
		}
	}
	keep := m.org.Or(policy.UsualRetention()).Changes
	for keep != policy.Forever && len(m.changes) > 0 && m.changes[0].at.Before(m.clock().AddDate(0, 0, -int(keep))) {
		m.floor, m.changes = m.changes[0].revision, m.changes[1:]
		m.seen["changes gone"]++
	}
}

// dayOf counts days of a calendar, whatever their length.
func dayOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

func (m *model) check(t *rapid.T) {
	const often = 6
	if m.steps++; m.steps%often == 0 {
		m.compare(t)
	}
}

func (m *model) compare(t *rapid.T) {
	for _, person := range []uint32{0, 1, 3, people - 1} {
		for _, node := range []*inbox.Service{m.inbox, m.other} {
			m.comparePages(t, node, person)
			m.compareResumes(t, node, person)
		}
	}
	m.compareResults(t)
}

// shown is what is compared of an item.
type shown struct {
	ID       string
	ReadAt   time.Time
	Recalled bool
}

func (m *model) comparePages(t *rapid.T, node *inbox.Service, person uint32) {
	want, unread := []shown{}, []string{}
	for _, k := range slices.Backward(m.tasks) {
		if k.gone || !slices.Contains(k.to, person) {
			continue
		}
		read := k.read[person]
		if k.dropped {
			read = k.at
		}
		id := inbox.MessageID(k.id, person)
		want = append(want, shown{id, read, k.recalled})
		if read.IsZero() && !k.recalled {
			unread = append(unread, id)
		}
	}
	got := []shown{}
	for _, i := range walk(t, node, m.viewer(person), inbox.Query{Limit: 7}) {
		s := shown{ID: i.MessageID, Recalled: i.RecalledAt != nil}
		if i.ReadAt != nil {
			s.ReadAt = *i.ReadAt
		}
		got = append(got, s)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("inbox of %d:\n%s", person, diff)
	}
	badge, err := node.Unread(context.Background(), m.viewer(person))
	must(t, err)
	if diff := cmp.Diff(unread[:min(len(unread), 100)], badge.MessageIDs); diff != "" {
		t.Fatalf("unread of %d:\n%s", person, diff)
	}
	listed := []string{}
	for _, i := range walk(t, node, m.viewer(person), inbox.Query{Limit: 7, Unread: true}) {
		listed = append(listed, i.MessageID)
	}
	if diff := cmp.Diff(unread, listed); diff != "" {
		t.Fatalf("unread pages of %d:\n%s", person, diff)
	}
	m.seen["messages"] += len(want)
}

// compareResumes has clients come back that know a revision.
func (m *model) compareResumes(t *rapid.T, node *inbox.Service, person uint32) {
	ctx := context.Background()
	for _, after := range append([]int64{0}, m.left...) {
		mine, all := []int64{}, []int64{}
		note := func(k *task, revision int64) {
			if k.gone || revision <= after {
				return
			}
			all = append(all, revision)
			if slices.Contains(k.to, person) {
				mine = append(mine, revision)
			}
		}
		for _, k := range m.tasks {
			note(k, k.revision)
		}
		for _, c := range m.changes {
			note(c.task, c.revision)
		}
		slices.Sort(mine)
		slices.Sort(all)
		events, through, reload, err := node.Resume(ctx, m.viewer(person), after)
		must(t, err)
		m.told(t, after, events, through, reload, mine)
		events, through, complete, err := node.Changes(ctx, m.id, after)
		must(t, err)
		m.told(t, after, events, through, !complete, all)
	}
}

// told compares events with what is due. A client is told to load anew where
// changes after its revision are gone, and only there.
func (m *model) told(t *rapid.T, after int64, events []inbox.Event, through int64, reload bool, want []int64) {
	if reload != (after < m.floor) {
		t.Fatalf("after %d, floor %d: reload is %v", after, m.floor, reload)
	}
	if through != m.revision {
		t.Fatalf("after %d: complete up to %d, not %d", after, through, m.revision)
	}
	if reload {
		m.seen["reloads"]++
		want = nil
	}
	var got []int64
	for _, e := range events {
		got = append(got, e.Revision)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("after %d came %v, due was %v", after, got, want)
	}
	m.seen["events"] += len(got)
}

func (m *model) compareResults(t *rapid.T) {
	for _, k := range m.tasks {
		r, err := m.result(k.app, k.id)
		if k.gone {
			if !fault.Is(err, fault.CodeTaskUnknown) {
				t.Fatalf("the result of a deleted task: %v", err)
			}
			continue
		}
		must(t, err)
		var read, unread []string
		for _, o := range slices.Sorted(slices.Values(k.to)) {
			userid := "u" + strconv.Itoa(int(o))
			if _, ok := k.read[o]; ok || k.dropped {
				read = append(read, userid)
			} else {
				unread = append(unread, userid)
			}
		}
		if r.Dropped != k.dropped || !slices.Equal(slices.Collect(r.Read), read) || !slices.Equal(slices.Collect(r.Unread), unread) {
			t.Fatalf("task %d: dropped %v, read by %v; should be %v, %v", k.id, r.Dropped, slices.Collect(r.Read), k.dropped, read)
		}
		if readers, _, err := m.db.Tasks().Readers(context.Background(), m.id, k.id); err != nil || k.dropped && !readers.IsEmpty() {
			t.Fatalf("task %d: receipts of %v, %v", k.id, readers, err)
		}
	}
}
