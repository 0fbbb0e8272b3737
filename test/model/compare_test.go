package model_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tidings-im/tidings/test/harness"
)

// compareSome compares somebody who has a device, and somebody else.
func (h *history) compareSome(t *rapid.T) {
	if all := h.live(); len(all) > 0 {
		h.glance(t, rapid.SampledFrom(all).Draw(t, "device").person)
	}
	h.glance(t, h.someone(t))
}

// compareAll compares everything with everybody, after all devices have come
// back.
func (h *history) compareAll(t *rapid.T) {
	for _, d := range h.closed() {
		if d.person.active() {
			h.connect(t, d, byHeader, d.last)
		}
	}
	for _, p := range h.m.active() {
		// A large flood is the same for all who are in it.
		const much, some = 150, 5
		if p.ordinal%some == 0 || len(h.m.inboxOf(p, 0, false)) < much || h.hasDevice(p) {
			h.compare(t, p)
		} else {
			h.glance(t, p)
		}
	}
	for _, d := range h.devices {
		if d.now != nil {
			d.mu.Lock() // it goes on meanwhile
			h.note(d.now)
			d.mu.Unlock()
		}
	}
	for _, one := range h.m.tasks {
		for _, x := range one.held {
			h.w.seen["held "+x.code]++
		}
	}
	h.w.seen["revisions"] += int(h.m.revision)
	for i, one := range h.m.tasks {
		// Floods are many of a kind.
		if one.agent != h.senders[machine].agent || i%10 == 0 {
			must(t, h.sameResult(one))
		}
	}
	must(t, h.sameReceipts())
	must(t, h.w.neighbour.untouched())
}

func (h *history) hasDevice(p *person) bool {
	return slices.ContainsFunc(h.devices, func(d *device) bool { return d.person == p })
}

// glance compares the beginning of somebody's inbox and all of their devices.
func (h *history) glance(t *rapid.T, p *person) {
	t.Helper()
	r := h.reader(t, p)
	const limit = 20
	first, err := getPage(r, query{})
	must(t, err)
	want := h.m.inboxOf(p, 0, false)
	must(t, h.m.samePage(p, first.Items, want[:min(len(want), limit)]))
	must(t, h.sameRevision(first.Revision))
	must(t, h.sameBadge(p, r))
	must(t, h.sameDevices(p, first.Items))
}

// compare compares all that somebody can see: pages, what is unread, and what
// their open devices show.
func (h *history) compare(t *rapid.T, p *person) {
	t.Helper()
	r := h.reader(t, p)
	all, err := walkPages(r, query{limit: 100})
	must(t, err)
	must(t, h.m.samePage(p, all.items, h.m.inboxOf(p, 0, false)))
	must(t, h.sameRevision(strconv.FormatInt(all.revision, 10)))
	h.w.seen["people"]++
	h.w.seen["items"] += len(all.items)
	const some = 4 // the badge tells of the others
	if p.ordinal%some == 0 {
		unread, err := walkPages(r, query{limit: 100, unread: true})
		must(t, err)
		must(t, h.m.samePage(p, unread.items, h.m.inboxOf(p, 0, true)))
	}
	must(t, h.sameBadge(p, r))
	must(t, h.sameDevices(p, all.items))
}

func (h *history) sameRevision(got string) error {
	if got != strconv.FormatInt(h.m.revision, 10) {
		return fmt.Errorf("a page is of revision %s, not %d", got, h.m.revision)
	}
	return nil
}

// sameBadge compares a badge, which names no messages.
func (h *history) sameBadge(p *person, r *harness.Reader) error {
	got, err := r.Unread(context.Background())
	if err != nil {
		return err
	}
	want := h.m.badge(p)
	want.MessageIDs = nil
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("unread of %s:\n%s", p.userid, diff)
	}
	return nil
}

// sameDevices compares somebody's open devices, and what came over connections
// that have ended.
func (h *history) sameDevices(p *person, pages []shown) error {
	for _, d := range h.devices {
		if d.person != p {
			continue
		}
		if d.now != nil {
			if err := h.m.sync(d, pages); err != nil {
				return err
			}
			h.w.seen["devices caught up"]++
		}
		for _, c := range d.before {
			if err := h.m.checkConnection(p, c, true); err != nil {
				return fmt.Errorf("%s: %w", d.name, err)
			}
			h.note(c)
		}
		d.before = nil
	}
	return nil
}

// note counts what came over a connection that is done with.
func (h *history) note(c *connection) {
	h.w.seen["connections"]++
	for _, e := range c.events {
		h.w.seen[e.Name+" events"]++
	}
}
