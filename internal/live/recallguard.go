package live

import (
	"sync"
	"sync/atomic"

	"github.com/tidings-im/tidings/internal/inbox"
)

// recallGuards knows, for one organization, the tasks whose content is somewhere
// between the database and a socket, so that a recall reaches all of it.
type recallGuards struct {
	mu       sync.Mutex // held for map operations only
	tasks    map[int64]*recallGuard
	readings map[*reading]struct{}
}

// recallGuard is shared by all events of one task.
type recallGuard struct {
	recalled atomic.Bool
	events   int // how many share it; guarded by recallGuards.mu
}

// reading is one read of the database under way. A recall that comes meanwhile
// may or may not be in its answer, so it is remembered here.
type reading struct{ recalled map[int64]struct{} }

func newRecallGuards() *recallGuards {
	return &recallGuards{tasks: map[int64]*recallGuard{}, readings: map[*reading]struct{}{}}
}

// begin is called before a read, settle or abandon after it.
func (g *recallGuards) begin() *reading {
	r := &reading{}
	g.mu.Lock()
	g.readings[r] = struct{}{}
	g.mu.Unlock()
	return r
}

// abandon ends a reading that brought nothing.
func (g *recallGuards) abandon(r *reading) {
	g.mu.Lock()
	delete(g.readings, r)
	g.mu.Unlock()
}

// settle ends a reading and returns the events it brought, not yet encoded,
// each bound to the guard of its task. Every one of them must be released.
func (g *recallGuards) settle(r *reading, read []inbox.Event) []*event {
	events := make([]*event, len(read))
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.readings, r)
	for _, in := range read {
		// Another node's recall is known from here on, with or without a hint.
		if in.Item.RecalledAt != nil {
			g.withhold(in.TaskID)
		}
	}
	for i, in := range read {
		e := &event{name: nameOf(in), revision: in.Revision, taskID: in.TaskID, sent: in.SentRevision}
		e.uses.Store(1)
		events[i] = e
		if e.name == eventRecalled {
			continue // holds no content
		}
		e.guard = g.tasks[in.TaskID]
		if e.guard == nil {
			e.guard = &recallGuard{}
			g.tasks[in.TaskID] = e.guard
		}
		e.guard.events++
		if _, gone := r.recalled[in.TaskID]; gone {
			e.guard.recalled.Store(true)
		}
	}
	return events
}

// nameOf returns the event's name: whatever the kind, a recalled message has
// nothing left to tell but that.
func nameOf(in inbox.Event) string {
	if in.Item.RecalledAt != nil {
		return eventRecalled
	}
	return string(in.Kind)
}

// recall withholds all content of a task that was read before now.
func (g *recallGuards) recall(taskID int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.withhold(taskID)
}

// withhold is recall with the lock held.
func (g *recallGuards) withhold(taskID int64) {
	if t := g.tasks[taskID]; t != nil {
		t.recalled.Store(true)
	}
	for r := range g.readings {
		if r.recalled == nil {
			r.recalled = map[int64]struct{}{}
		}
		r.recalled[taskID] = struct{}{}
	}
}

// release gives up one use of an event; after the last its task is forgotten.
func (g *recallGuards) release(e *event) {
	if e.guard == nil || e.uses.Add(-1) > 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if e.guard.events--; e.guard.events == 0 {
		delete(g.tasks, e.taskID)
	}
}
