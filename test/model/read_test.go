package model_test

import (
	"context"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/tidings-im/tidings/internal/inbox"
)

// kept is a place in somebody's pages to go on from later.
type kept struct {
	query query
	at    cursor
}

// read marks messages by their ids, among them ids that are nobody's, somebody
// else's, and made up for a task that may never have been theirs.
func (h *history) read(t *rapid.T) {
	p := h.someone(t)
	mine := h.known(p)
	now := h.w.pass(step)
	var ids []string
	var read []*task
	for range rapid.IntRange(1, 6).Draw(t, "reads") {
		switch kind := rapid.SampledFrom([]string{"own", "own", "own", "foreign", "forged", "garbage"}).Draw(t, "id"); {
		case kind == "own" && len(mine) > 0:
			one := rapid.SampledFrom(mine).Draw(t, "message")
			ids, read = append(ids, h.m.ids[copyKey{p, one}]), append(read, one)
		case kind == "foreign":
			other := h.someone(t)
			if all := h.known(other); other != p && len(all) > 0 {
				ids = append(ids, h.m.ids[copyKey{other, rapid.SampledFrom(all).Draw(t, "message")}])
			}
			ids = append(ids, h.w.neighbour.before[0].MessageID)
		case kind == "forged" && len(h.m.tasks) > 0:
			one := h.someTask(t)
			ids, read = append(ids, inbox.MessageID(one.id, p.ordinal)), append(read, one)
		default:
			ids = append(ids, rapid.SampledFrom([]string{"", "nonsense", strings.Repeat("A", 16), inbox.MessageID(h.w.neighbour.task, p.ordinal)}).Draw(t, "garbage"))
		}
	}
	must(t, h.reader(t, p).Read(context.Background(), ids))
	answered := h.w.tick()
	for _, one := range read {
		one.markRead(p, now, answered) // which asks whether it is theirs
	}
}

// readMany marks a long run of messages by their ids, as a client does that has
// been scrolled through. Often so many that the server remembers the rest.
func (h *history) readMany(t *rapid.T) {
	p := h.owner(t)
	mine := h.known(p)
	if len(mine) == 0 {
		h.glance(t, p)
		return
	}
	from := rapid.IntRange(0, min(40, len(mine)-1)).Draw(t, "from")
	mine = mine[from:max(from+1, len(mine)-rapid.IntRange(0, 40).Draw(t, "left"))]
	now := h.w.pass(step)
	ids := make([]string, len(mine))
	for i, one := range mine {
		ids[i] = h.m.ids[copyKey{p, one}]
	}
	must(t, h.reader(t, p).Read(context.Background(), ids))
	answered := h.w.tick()
	for _, one := range mine {
		one.markRead(p, now, answered)
	}
	h.glance(t, p)
}

// known returns somebody's messages whose ids a client of theirs has seen.
func (h *history) known(p *person) []*task {
	return slices.DeleteFunc(h.m.inboxOf(p, 0, false), func(t *task) bool { return h.m.ids[copyKey{p, t}] == "" })
}

func (h *history) readAll(t *rapid.T) {
	p, r := h.someone(t), h.m.revision
	through := rapid.SampledFrom([]int64{r, r, r / 2, max(0, r-1), r + 7, 0}).Draw(t, "through")
	now := h.w.pass(step)
	must(t, h.reader(t, p).ReadAll(context.Background(), through))
	answered := h.w.tick()
	for _, one := range h.m.inboxOf(p, 0, true) {
		if one.revision <= through {
			one.markRead(p, now, answered)
		}
	}
}

// look compares somebody's pages in one of the many ways to ask for them.
func (h *history) look(t *rapid.T) {
	p := h.someone(t)
	if rapid.Bool().Draw(t, "of an owner") {
		p = h.owner(t)
	}
	r := h.reader(t, p)
	if k, ok := h.cursors[p]; ok && rapid.Bool().Draw(t, "go on") {
		q := k.query
		q.before = k.at.before
		got, err := walkPages(r, q)
		must(t, err)
		want := h.m.inboxOf(p, q.agent, q.unread)
		want = slices.DeleteFunc(want, func(one *task) bool { return one.revision >= k.at.above })
		must(t, h.m.samePage(p, got.items, want))
		return
	}
	q := query{
		limit:  rapid.SampledFrom([]int{0, 1, 2, 3, 7, 19, 60}).Draw(t, "limit"),
		agent:  rapid.SampledFrom([]int64{0, 0, h.senders[strict].id, h.senders[machine].id, h.w.neighbour.app.id}).Draw(t, "of"),
		unread: rapid.Bool().Draw(t, "unread"),
	}
	want := h.m.inboxOf(p, q.agent, q.unread)
	const large = 40
	if len(want) > large {
		q.limit += large // a flood takes long in small steps
	}
	got, err := walkPages(r, q)
	must(t, err)
	must(t, h.m.samePage(p, got.items, want))
	if got.revision != h.m.revision {
		t.Fatalf("a page is of revision %d, not %d", got.revision, h.m.revision)
	}
	if len(got.cursors) == 0 {
		return
	}
	if at := rapid.SampledFrom(got.cursors).Draw(t, "keep"); at.above > 0 {
		h.cursors[p] = kept{q, at}
	}
}
