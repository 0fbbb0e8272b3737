package inbox_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// people is how many recipients the property test has: few, so that they
// share messages.
const people = 4

// senders is how many apps there are: several, so that some are loud while
// others are quiet.
const senders = 3

// Whatever is sent, read, recalled and changed, by whichever of several nodes,
// with sets in memory or not: pages, unread, changes and resumes are those of
// a full scan.
func TestInboxIsWhatAFullScanSays(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, engine)
			small := w.service(t, 900) // a set or two
			small.Shrink(6, 5, 4, 2, 2, 1)
			nodes := []node{
				{w.service(t, 0), usual},
				{small, reach{examine: 6, events: 5, unread: 4}},
			}
			var organizations atomic.Int64
			rapid.Check(t, func(t *rapid.T) {
				h := &history{w: w, sender: w.On(t), nodes: nodes}
				// Two organizations with the same ordinals and task ids:
				// nothing of one shows in the other.
				for range 2 {
					n := organizations.Add(1)
					h.sender.Organization(n, fmt.Sprintf("ding%d", n))
					h.models = append(h.models, &model{organization: n})
				}
				t.Repeat(map[string]func(*rapid.T){
					"send":     h.send,
					"send on":  h.send,
					"read":     h.read,
					"read all": h.readAll,
					"recall":   h.recall,
					"bar":      h.statusBar,
					"look":     h.look,
					"look on":  h.look,
				})
				for _, m := range h.models {
					for ordinal := range uint32(people) {
						h.agree(t, m, ordinal)
					}
				}
			})
		})
	}
}

type node struct {
	*inbox.Service
	reach reach
}

type history struct {
	w      *world
	sender *storetest.Sender
	nodes  []node
	models []*model
}

func (h *history) model(t *rapid.T) *model {
	return rapid.SampledFrom(h.models).Draw(t, "organization")
}

func (h *history) node(t *rapid.T) node {
	return h.nodes[rapid.IntRange(0, len(h.nodes)-1).Draw(t, "node")]
}

func (h *history) viewer(t *rapid.T) (*model, inbox.Viewer) {
	m := h.model(t)
	return m, inbox.Viewer{Organization: m.organization, Ordinal: rapid.Uint32Range(0, people-1).Draw(t, "ordinal")}
}

func (h *history) someTask(t *rapid.T, m *model) *task {
	if len(m.tasks) == 0 {
		t.Skip("nothing sent")
	}
	return rapid.SampledFrom(m.tasks).Draw(t, "task")
}

func (h *history) send(t *rapid.T) {
	m := h.model(t)
	var batch []storetest.Sent
	for range rapid.IntRange(1, 16).Draw(t, "sends") {
		to := rapid.SliceOfNDistinct(rapid.Uint32Range(0, people-1), 1, people, rapid.ID).Draw(t, "to")
		one := &task{
			id: int64(len(m.tasks) + 1), agent: rapid.Int64Range(1, senders).Draw(t, "agent"), filed: rapid.Bool().Draw(t, "filed"),
			to: roaring.BitmapOf(to...), readAt: map[uint32]time.Time{},
		}
		one.words = fmt.Sprintf("words %d", one.id)
		m.take(inbox.KindMessage, one)
		one.revision = m.revision
		m.tasks = append(m.tasks, one)
		batch = append(batch, text(t, one.id, one.agent, one.words, one.filed, to...))
	}
	if revision := h.sender.Send(m.organization, batch...); revision != m.revision {
		t.Fatalf("revision %d, want %d", revision, m.revision)
	}
}

func (h *history) read(t *rapid.T) {
	m, v := h.viewer(t)
	now := h.w.pass(time.Second)
	var ids []string
	for range rapid.IntRange(1, 6).Draw(t, "reads") {
		one := h.someTask(t, m)
		whose := v.Ordinal
		if rapid.IntRange(0, 4).Draw(t, "foreign") == 0 {
			whose = rapid.Uint32Range(0, people-1).Draw(t, "whose")
		}
		ids = append(ids, inbox.MessageID(one.id, whose))
		if _, read := one.readAt[v.Ordinal]; whose == v.Ordinal && !read && one.to.Contains(v.Ordinal) {
			one.readAt[v.Ordinal] = now
		}
	}
	ids = append(ids, "", "nonsense", inbox.MessageID(1<<52, v.Ordinal))
	mustRead(t, h.node(t).Service, v, ids...)
}

func (h *history) readAll(t *rapid.T) {
	m, v := h.viewer(t)
	now := h.w.pass(time.Second)
	through := rapid.SampledFrom([]int64{-1, 0, m.revision / 2, m.revision - 1, m.revision, m.revision + 7, forever}).Draw(t, "through")
	agent := rapid.Int64Range(0, senders+1).Draw(t, "agent")
	if err := h.node(t).MarkAllRead(context.Background(), v, agent, through); err != nil {
		t.Fatalf("MarkAllRead: %v", err)
	}
	m.readAll(v.Ordinal, agent, through, now)
}

func (h *history) recall(t *rapid.T) {
	m := h.model(t)
	one := h.someTask(t, m)
	if one.recalledAt != nil {
		t.Skip("recalled already")
	}
	now := h.w.pass(time.Second)
	one.recalledAt = &now
	m.take(inbox.KindRecalled, one)
	h.sender.Recall(m.organization, one.id, now)
}

func (h *history) statusBar(t *rapid.T) {
	m := h.model(t)
	one := h.someTask(t, m)
	if one.recalledAt != nil {
		t.Skip("recalled already")
	}
	one.bar = &inbox.StatusBar{Value: rapid.SampledFrom([]string{"agreed", "refused"}).Draw(t, "value"), Background: "0xFF00FF00"}
	m.take(inbox.KindChanged, one)
	h.sender.StatusBar(m.organization, one.id, one.bar.Value, one.bar.Background)
}

// look compares all that one person, or a hub, can ask of a node.
func (h *history) look(t *rapid.T) {
	m, v := h.viewer(t)
	n := h.node(t)
	h.samePages(t, n, m, v, inbox.Query{
		Limit:   rapid.IntRange(1, 7).Draw(t, "limit"),
		AgentID: rapid.Int64Range(0, senders+1).Draw(t, "agent"),
		Unread:  rapid.Bool().Draw(t, "unread"),
	})
	h.sameUnread(t, n, m, v)
	h.sameApps(t, n, m, v)
	after := rapid.Int64Range(-1, m.revision+1).Draw(t, "after")
	h.sameChanges(t, n, m, after)
	h.sameResume(t, n, m, v, after)
	h.floorIsTrue(t, m, v)
}

func (h *history) samePages(t *rapid.T, n node, m *model, v inbox.Viewer, q inbox.Query) {
	var want, got []looks
	for _, one := range m.inboxOf(v.Ordinal, q.AgentID, q.Unread) {
		want = append(want, one.looks(&v.Ordinal))
	}
	for _, item := range mustWalk(t, n.Service, v, q) {
		got = append(got, looksOf(item))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("pages of %+v for %+v:\n%s", q, v, diff)
	}
}

func (h *history) sameUnread(t *rapid.T, n node, m *model, v inbox.Viewer) {
	if diff := cmp.Diff(m.unread(v.Ordinal, n.reach), mustUnread(t, n.Service, v)); diff != "" {
		t.Fatalf("unread of %+v:\n%s", v, diff)
	}
}

// sameApps checks that a complete answer is the whole, and that any other
// names nothing which is not there.
func (h *history) sameApps(t *rapid.T, n node, m *model, v inbox.Viewer) {
	apps, err := n.Apps(context.Background(), v)
	if err != nil {
		t.Fatalf("Apps: %v", err)
	}
	var got []string
	for _, item := range apps.Items {
		got = append(got, item.AgentID)
		if item.Name != "Approvals" || !item.LastSentAt.Equal(start) {
			t.Fatalf("app %+v", item)
		}
	}
	want := m.apps(v.Ordinal)
	if apps.Complete || n.reach == usual {
		if diff := cmp.Diff(want, got); diff != "" || !apps.Complete {
			t.Fatalf("apps of %+v, complete %v:\n%s", v, apps.Complete, diff)
		}
	}
	for _, agent := range got {
		if !slices.Contains(want, agent) {
			t.Fatalf("apps of %+v: %v, want some of %v", v, got, want)
		}
	}
}

func (h *history) sameChanges(t *rapid.T, n node, m *model, after int64) {
	events, through, complete, err := n.Changes(context.Background(), m.organization, after)
	if err != nil {
		t.Fatalf("Changes: %v", err)
	}
	want, whole := m.changes(after, n.reach)
	if through != m.revision || complete != whole {
		t.Fatalf("changes after %d: through %d complete %v, want %d %v", after, through, complete, m.revision, whole)
	}
	if diff := cmp.Diff(want, happenings(events)); diff != "" {
		t.Fatalf("changes after %d:\n%s", after, diff)
	}
}

func (h *history) sameResume(t *rapid.T, n node, m *model, v inbox.Viewer, after int64) {
	events, through, reload, err := n.Resume(context.Background(), v, after)
	if err != nil {
		t.Fatalf("Resume: %v", err)
	}
	want, anew := m.resume(v.Ordinal, after, n.reach)
	if through != m.revision || reload != anew {
		t.Fatalf("resume after %d: through %d reload %v, want %d %v", after, through, reload, m.revision, anew)
	}
	if diff := cmp.Diff(want, happenings(events)); diff != "" {
		t.Fatalf("resume of %+v after %d:\n%s", v, after, diff)
	}
}

// floorIsTrue checks the stored floor: what is unread up to the floor is among
// its app's candidates, or below them.
func (h *history) floorIsTrue(t *rapid.T, m *model, v inbox.Viewer) {
	badge, err := h.w.db.Inbox().Badge(context.Background(), v, forever, 1)
	if err != nil {
		t.Fatalf("Badge: %v", err)
	}
	if badge.Floor > m.revision {
		t.Fatalf("floor %+v at revision %d", badge, m.revision)
	}
	of := map[int64]inbox.Candidates{}
	for _, c := range badge.Candidates {
		if len(c.Tasks) > 100 || of[c.AgentID].Tasks != nil {
			t.Fatalf("floor %+v", badge)
		}
		of[c.AgentID] = c
	}
	for _, one := range m.inboxOf(v.Ordinal, 0, true) {
		c := of[one.agent]
		if one.revision <= badge.Floor && one.revision >= c.Rest && !slices.Contains(c.Tasks, one.id) {
			t.Fatalf("task %d at %d is unread, below floor %d and not among %v", one.id, one.revision, badge.Floor, c)
		}
	}
}

// agree compares everything about one person on every node.
func (h *history) agree(t *rapid.T, m *model, ordinal uint32) {
	v := inbox.Viewer{Organization: m.organization, Ordinal: ordinal}
	for _, n := range h.nodes {
		h.samePages(t, n, m, v, inbox.Query{Limit: 40})
		h.sameUnread(t, n, m, v)
		h.sameApps(t, n, m, v)
	}
}
