package model_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
)

// mostResumed is how many events a resume may send.
const mostResumed = 200

// start returns the revision from which on a connection tells everything, and
// which of its events come after that.
func (c *connection) start() (after int64, events []event) {
	after = c.revision
	if c.after != nil {
		after = *c.after
	}
	if len(c.events) > 1 && c.events[1].Name == "reload" {
		return c.events[1].Revision, c.events[2:]
	}
	return after, c.events[min(1, len(c.events)):]
}

// mustReload reports whether the gap at the beginning of a connection was
// certainly one that cannot be told.
func (m *model) mustReload(p *person, c *connection) bool {
	if c.after == nil {
		return false
	}
	gap := slices.DeleteFunc(m.own(p, *c.after), func(e entry) bool { return e.revision > c.revision })
	return len(gap) > mostResumed || *c.after > c.revision && !c.rushed
}

// checkConnection compares what came over a connection with what happened:
// everything that is theirs, once and in order. Of one that was dropped the end
// may be missing.
func (m *model) checkConnection(p *person, c *connection, dropped bool) error {
	if len(c.events) == 0 {
		return nil
	}
	if first := c.events[0]; first.Name != "unread" || first.Revision != 0 {
		return fmt.Errorf("a stream of %s begins with %s %d", p.userid, first.Name, first.Revision)
	}
	if err := m.checkReload(p, c, dropped); err != nil {
		return err
	}
	last, events := c.start()
	due := m.own(p, last)
	for _, e := range events {
		switch {
		case e.Name == "unread":
			continue
		case e.Name == "reload":
			return fmt.Errorf("%s is told to reload at %d in the middle of a stream", p.userid, e.Revision)
		case e.Name == "at":
			if e.Revision < last || e.Revision > m.revision {
				return fmt.Errorf("%s is told to be at %d after %d, the revision is %d", p.userid, e.Revision, last, m.revision)
			}
			continue
		case e.Revision <= last:
			return fmt.Errorf("%s is told of %d after %d", p.userid, e.Revision, last)
		}
		last = e.Revision
		for len(due) > 0 && due[0].revision < e.Revision && due[0].withheld() {
			due = due[1:]
		}
		if len(due) == 0 || due[0].revision != e.Revision {
			return fmt.Errorf("%s is told %s %d, next is %v", p.userid, e.Name, e.Revision, due[:min(1, len(due))])
		}
		if err := m.checkEvent(p, c, e, due[0]); err != nil {
			return fmt.Errorf("%s is told %s %d: %w", p.userid, e.Name, e.Revision, err)
		}
		due = due[1:]
	}
	due = slices.DeleteFunc(due, entry.withheld)
	if !dropped && len(due) > 0 {
		return fmt.Errorf("%s was not told of %v and %d more", p.userid, due[0], len(due)-1)
	}
	return nil
}

// checkReload: a gap is told whole or not at all.
func (m *model) checkReload(p *person, c *connection, dropped bool) error {
	if len(c.events) == 1 && dropped {
		return nil // it may have been on its way
	}
	reloaded := len(c.events) > 1 && c.events[1].Name == "reload"
	must := m.mustReload(p, c)
	switch {
	case must && !reloaded:
		return fmt.Errorf("%s is not told to reload after %d, the revision was %d", p.userid, *c.after, c.revision)
	case !must && reloaded && !c.rushed:
		return fmt.Errorf("%s is told to reload at %d", p.userid, c.events[1].Revision)
	case reloaded && (c.events[1].Revision < c.revision || c.events[1].Revision > m.revision):
		return fmt.Errorf("%s is told to reload at %d, the revision was %d", p.userid, c.events[1].Revision, c.revision)
	}
	return nil
}

func (e entry) String() string {
	return fmt.Sprintf("%s %d of task %d", e.kind, e.revision, e.task.id)
}

// withheld reports whether an entry may be left out of a stream: it held
// content that was recalled.
func (e entry) withheld() bool { return e.kind != recalledEntry && e.task.recalled != 0 }

// checkEvent compares one event with what it announces.
func (m *model) checkEvent(p *person, c *connection, e event, of entry) error {
	t := of.task
	if err := m.learn(copyKey{p, t}, e.item.MessageID); err != nil {
		return err
	}
	if e.Name == recalledEntry {
		return t.checkTombstone(e)
	}
	got, want := viewOf(e.item, t), t.view(p)
	switch {
	case e.Name != of.kind:
		return fmt.Errorf("it was %s", of.kind)
	case t.recalled != 0 && t.recalled < c.opened:
		return fmt.Errorf("task %d was recalled before the stream was opened", t.id)
	case !t.showedFrom(of.revision, got):
		return fmt.Errorf("the status bar is %v", got.Bar)
	}
	if r, read := t.read[p]; got.Read.IsZero() && read && r.answered < max(c.opened, of.asked) {
		return fmt.Errorf("task %d was read before", t.id)
	}
	// What may be older or newer than now was looked at.
	want.Bar, want.Recalled, want.Silent, want.Says = got.Bar, time.Time{}, false, true
	if got.Read.IsZero() {
		want.Read = got.Read
	}
	if want != got {
		return fmt.Errorf("it shows:\n%s", cmp.Diff(want, got))
	}
	return nil
}

// showedFrom reports whether the status bar of a view was there at a revision
// or later.
func (t *task) showedFrom(revision int64, v view) bool {
	for i, b := range t.bars {
		if i+1 < len(t.bars) && t.bars[i+1].revision <= revision {
			continue // it had gone by then
		}
		if b.shown == nil && v.Bar.Value == "" && v.Bar.Background == "" || b.shown != nil && *b.shown == v.Bar {
			return true
		}
	}
	return false
}

// checkTombstone: what is left of a recalled message says nothing else.
func (t *task) checkTombstone(e event) error {
	var fields map[string]any
	if err := json.Unmarshal(e.Data, &fields); err != nil {
		return err
	}
	names := slices.Sorted(maps.Keys(fields))
	switch {
	case t.recalled == 0:
		return fmt.Errorf("task %d was not recalled", t.id)
	case !slices.Equal(names, []string{"message_id", "recalled_at", "revision", "task_id"}):
		return fmt.Errorf("the tombstone says %v", names)
	case strings.Contains(string(e.Data), t.content.words):
		return fmt.Errorf("the tombstone says %s", e.Data)
	case e.item.TaskID != strconv.FormatInt(t.id, 10) || e.item.Revision != strconv.FormatInt(t.revision, 10):
		return fmt.Errorf("the tombstone is of task %s at %s", e.item.TaskID, e.item.Revision)
	case !when(e.item.RecalledAt).Equal(t.recalledAt):
		return fmt.Errorf("task %d was recalled at %v, not %v", t.id, t.recalledAt, *e.item.RecalledAt)
	}
	return nil
}
