package model_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/test/harness"
)

// rush is several people doing things at once: one app after the other sends,
// recalls and changes status bars, while people read, walk their pages, lose
// their connections and come back. What each lane does, and in which order, is
// decided before; what the outcome is does not depend on how they interleave.
func (h *history) rush(t *rapid.T) {
	h.w.pass(step)
	var lanes errgroup.Group
	sends := h.drawSends(t)
	lanes.Go(func() error { return h.runSends(sends) })
	reads := h.drawReads(t)
	for _, r := range reads {
		lanes.Go(func() (err error) {
			err = r.by.Read(context.Background(), r.ids)
			r.answered = h.w.tick()
			return err
		})
	}
	from := h.m.revision
	for _, d := range h.devices {
		if d.person.active() {
			visits := h.drawVisits(t)
			lanes.Go(func() error { return d.comeAndGo(visits, from) })
		}
	}
	walks := h.drawWalks(t)
	for _, w := range walks {
		lanes.Go(func() (err error) {
			w.began = h.w.tick()
			w.got, err = walkPages(w.by, query{limit: w.limit})
			return err
		})
	}
	must(t, lanes.Wait())

	for _, s := range sends {
		h.settleOp(t, s)
	}
	for _, r := range reads {
		for _, one := range r.tasks {
			one.markRead(r.person, h.w.now(), r.answered)
		}
	}
	for _, w := range walks {
		must(t, h.m.checkWalk(w, from))
	}
}

// op is one call of an app in a rush, and what came back.
type op struct {
	sending        // a send, unless there is a task
	task     *task // to be recalled or changed
	bar      *client.ItemStatusBar
	answered int64
}

func (h *history) drawSends(t *rapid.T) []*op {
	var ops []*op
	for range rapid.IntRange(2, 6).Draw(t, "calls") {
		o := &op{}
		switch kind := rapid.SampledFrom([]string{"send", "send", "recall", "bar"}).Draw(t, "call"); {
		case kind == "recall" && len(h.m.tasks) > 0:
			o.task = h.someTask(t)
		case kind == "bar" && len(h.m.tasks) > 0:
			b := drawBar(t)
			o.task, o.bar = h.someCard(t), &b
		default:
			o.by = h.senders[rapid.SampledFrom([]int{strict, narrow, machine}).Draw(t, "app")]
			o.to, o.content = h.drawAudience(t), h.drawContent(t)
		}
		ops = append(ops, o)
	}
	return ops
}

func (h *history) runSends(ops []*op) error {
	ctx := context.Background()
	for _, o := range ops {
		o.asked = h.w.tick()
		switch {
		case o.task == nil:
			o.id, o.err = o.by.Send(ctx, o.to, o.content.message, "")
		case o.bar == nil:
			o.err = h.senderOf(o.task).Recall(ctx, o.task.id)
		default:
			o.err = h.senderOf(o.task).SetStatusBar(ctx, o.task.id, o.bar.Value, o.bar.Background)
		}
		o.answered = h.w.tick()
	}
	return nil
}

func (h *history) settleOp(t *rapid.T, o *op) {
	t.Helper()
	switch {
	case o.task == nil:
		h.settle(t, o.sending)
	case o.bar == nil:
		must(t, o.err)
		h.m.recall(o.task, h.w.now(), o.asked, o.answered)
	default:
		h.settleBar(t, o.task, *o.bar, o.asked, o.err)
	}
}

// reading is somebody who reads in a rush.
type reading struct {
	person   *person
	by       *harness.Reader
	ids      []string
	tasks    []*task
	answered int64
}

func (h *history) drawReads(t *rapid.T) []*reading {
	var all []*reading
	for range rapid.IntRange(0, 2).Draw(t, "readers") {
		p := h.someone(t)
		mine := h.known(p)
		if len(mine) == 0 || slices.ContainsFunc(all, func(r *reading) bool { return r.person == p }) {
			continue
		}
		r := &reading{person: p, by: h.reader(t, p)}
		for range rapid.IntRange(1, 4).Draw(t, "reads") {
			one := rapid.SampledFrom(mine).Draw(t, "message")
			r.tasks, r.ids = append(r.tasks, one), append(r.ids, h.m.ids[copyKey{p, one}])
		}
		all = append(all, r)
	}
	return all
}

// visit is one connection of a device in a rush.
type visit struct {
	how  resume
	wait bool // for its first event
}

func (h *history) drawVisits(t *rapid.T) []visit {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) visit {
		return visit{
			how:  rapid.SampledFrom([]resume{byHeader, byQuery, byBoth}).Draw(t, "by"),
			wait: rapid.IntRange(0, 2).Draw(t, "wait") > 0,
		}
	}), 0, 3).Draw(t, "visits")
}

// comeAndGo reconnects again and again, each time from where it was.
func (d *device) comeAndGo(visits []visit, revision int64) error {
	for _, v := range visits {
		d.drop()
		d.mu.Lock()
		after := d.last
		d.mu.Unlock()
		if err := d.open(v.how, after, revision, true); err != nil {
			return err
		}
		if v.wait {
			if err := d.begun(); err != nil {
				return err
			}
		}
	}
	return nil
}

// walking is somebody who walks their pages in a rush.
type walking struct {
	person *person
	by     *harness.Reader
	limit  int
	began  int64
	got    walk
}

func (h *history) drawWalks(t *rapid.T) []*walking {
	var all []*walking
	for range rapid.IntRange(0, 2).Draw(t, "walkers") {
		p := h.someone(t)
		all = append(all, &walking{person: p, by: h.reader(t, p), limit: rapid.SampledFrom([]int{7, 20, 100}).Draw(t, "limit")})
	}
	return all
}

// checkWalk: whatever happens meanwhile, a walk shows everything up to the
// revision it began at, each once, and nothing of what was recalled before.
func (m *model) checkWalk(w *walking, from int64) error {
	if w.got.revision < from || w.got.revision > m.revision {
		return fmt.Errorf("a page is of revision %d, it was between %d and %d", w.got.revision, from, m.revision)
	}
	want := slices.DeleteFunc(m.inboxOf(w.person, 0, false), func(t *task) bool { return t.revision > w.got.revision })
	if len(want) != len(w.got.items) {
		return fmt.Errorf("%s walks past %d messages, there are %d", w.person.userid, len(w.got.items), len(want))
	}
	for i, t := range want {
		item := w.got.items[i]
		v := viewOf(item, t)
		switch {
		case item.TaskID != strconv.FormatInt(t.id, 10) || item.Revision != strconv.FormatInt(t.revision, 10):
			return fmt.Errorf("%s walks past task %s at %s, not %d at %d", w.person.userid, item.TaskID, item.Revision, t.id, t.revision)
		case v.Says == v.Silent:
			return fmt.Errorf("%s walks past half of task %d: %s", w.person.userid, t.id, item.raw)
		case v.Silent && (t.recalled == 0 || v.Recalled != t.recalledAt):
			return fmt.Errorf("%s walks past task %d, recalled at %v", w.person.userid, t.id, v.Recalled)
		case v.Says && t.recalled != 0 && t.recalled < w.began:
			return fmt.Errorf("%s walks past task %d, which was recalled before", w.person.userid, t.id)
		}
		if err := m.learn(copyKey{w.person, t}, item.MessageID); err != nil {
			return err
		}
	}
	return nil
}
