package model_test

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/client"
)

// sync waits until an open device knows everything, and compares what it shows
// with the model and with pages just read.
func (m *model) sync(d *device, pages []shown) error {
	c := d.now
	if err := m.catchUp(d); err != nil {
		return err
	}
	if err := m.learnFrom(d); err != nil {
		return fmt.Errorf("%s: %w", d.name, err)
	}
	want := m.badge(d.person)
	err := d.await("its badge", func() bool { return d.badge != nil && cmp.Equal(want, *d.badge) })
	if err != nil {
		var last client.Unread
		if d.badge != nil {
			last = *d.badge
		}
		return fmt.Errorf("%w:\n%s", err, cmp.Diff(want, last))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := m.sameItems(d, pages); err != nil {
		return fmt.Errorf("%s: %w", d.name, err)
	}
	if err := m.checkConnection(d.person, c, false); err != nil {
		return fmt.Errorf("%s: %w", d.name, err)
	}
	return nil
}

// catchUp waits for the newest event that is theirs, or for being told to
// reload, and then loads.
func (m *model) catchUp(d *device) error {
	c := d.now
	need := int64(0)
	if own := m.own(d.person, 0); len(own) > 0 {
		need = own[len(own)-1].revision
	}
	reload := m.mustReload(d.person, c)
	err := d.await(fmt.Sprintf("revision %d (reload %v)", need, reload), func() bool {
		if reload && len(c.events) < 2 || len(c.events) == 0 {
			return false
		}
		at, events := c.start()
		for _, e := range events {
			at = max(at, e.Revision)
		}
		return at >= need
	})
	if err != nil {
		return err
	}
	d.mu.Lock()
	stale := d.stale
	d.mu.Unlock()
	if stale {
		// Nothing happens meanwhile, so pages hold more than any event.
		return d.load()
	}
	return nil
}

// learnFrom takes note of the message ids that a device was told.
func (m *model) learnFrom(d *device) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	mine := map[string]*task{}
	for _, t := range m.inboxOf(d.person, 0, false) {
		mine[strconv.FormatInt(t.id, 10)] = t
	}
	for id, item := range d.items {
		if t := mine[item.TaskID]; t != nil {
			if err := m.learn(copyKey{d.person, t}, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// sameItems compares what a device shows with what it must show. Pages tell
// whether events and pages show the same cards.
func (m *model) sameItems(d *device, pages []shown) error {
	inPages := map[string]shown{}
	for _, item := range pages {
		inPages[item.MessageID] = item
	}
	want := m.inboxOf(d.person, 0, false)
	for _, t := range want {
		item, ok := d.items[m.ids[copyKey{d.person, t}]]
		if !ok {
			return fmt.Errorf("task %d at %d is not shown", t.id, t.revision)
		}
		expected, got := t.view(d.person), viewOf(item, t)
		expected.Read = got.Read // badges tell, events need not
		if t.recalled != 0 {
			// An event's tombstone says less than a page's.
			expected.Agent, expected.App, expected.Type, expected.At = got.Agent, got.App, got.Type, got.At
		}
		if expected != got {
			return fmt.Errorf("task %d is shown so:\n%s", t.id, cmp.Diff(expected, got))
		}
		if page, there := inPages[item.MessageID]; there && t.recalled == 0 && !sameCard(page.Item, item.Item) {
			return fmt.Errorf("task %d is shown so:\n%s", t.id, cmp.Diff(page.Item, item.Item))
		}
	}
	if len(d.items) != len(want) {
		return fmt.Errorf("%d messages are shown, there are %d", len(d.items), len(want))
	}
	return nil
}

// sameCard compares all that people see of a card.
func sameCard(a, b client.Item) bool {
	return a.Title == b.Title && a.Preview == b.Preview && a.HTML == b.HTML && bytes.Equal(a.Body, b.Body) && a.App == b.App
}
