package model_test

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"github.com/tidings-im/tidings/client"
)

// flood is more messages to the same people than a client that was away can be
// told of one by one. They are sent side by side; pages tell in which order
// they were accepted.
func (h *history) flood(t *rapid.T) {
	const mostFloods, fewest, lanes = 2, 204, 16
	if h.floods == mostFloods {
		t.Skip("enough floods")
	}
	h.floods++
	s, to := h.senders[machine], client.Audience{Userids: []string{h.owner(t).userid, h.someone(t).userid}}
	if rapid.IntRange(0, 2).Draw(t, "large") == 2 {
		to.Userids = append(to.Userids, h.row(t, 66)...)
	}
	n := rapid.IntRange(fewest, fewest+20).Draw(t, "messages")
	sent := make([]sending, n)
	var group errgroup.Group
	group.SetLimit(lanes)
	h.w.pass(step)
	for i := range sent {
		sent[i] = sending{by: s, to: to, content: h.fresh("text")}
		group.Go(func() error {
			sent[i].asked = h.w.tick()
			sent[i].id, sent[i].err = s.Send(context.Background(), to, sent[i].content.message, "")
			return nil
		})
	}
	must(t, group.Wait())
	h.settleFlood(t, sent)
}

func (h *history) settleFlood(t *rapid.T, sent []sending) {
	t.Helper()
	p := h.m.named(sent[0].to.Userids[0])
	all, err := walkPages(h.reader(t, p), query{limit: 100})
	must(t, err)
	if len(all.items) < len(sent) {
		t.Fatalf("%s has %d messages after a flood of %d", p.userid, len(all.items), len(sent))
	}
	at := map[int64]int{} // task → its place among them, oldest first
	for i, item := range all.items[:len(sent)] {
		at[item.Task()] = len(sent) - 1 - i
	}
	ordered := make([]sending, len(sent))
	for _, one := range sent {
		must(t, one.err)
		i, ok := at[one.id]
		if !ok {
			t.Fatalf("task %d is not among the newest of %s", one.id, p.userid)
		}
		ordered[i] = one
	}
	for _, one := range ordered {
		h.settle(t, one)
	}
	// Now the model says which revision each of them has.
	must(t, h.m.samePage(p, all.items, h.m.inboxOf(p, 0, false)))
	h.w.pass(time.Second)
}

// owner draws somebody with a device, if anybody has one.
func (h *history) owner(t *rapid.T) *person {
	owners := slices.DeleteFunc(slices.Clone(h.devices), func(d *device) bool { return !d.person.active() })
	if len(owners) == 0 {
		return h.someone(t)
	}
	return rapid.SampledFrom(owners).Draw(t, "device").person
}
