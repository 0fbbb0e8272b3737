package live

import (
	"sync"
	"sync/atomic"

	"github.com/tidings-im/tidings/internal/inbox"
)

// fates knows, for one organization, the tasks whose content is somewhere
// between the database and a socket, so that a recall reaches all of it.
type fates struct {
	mu       sync.Mutex // held for map operations only
	tasks    map[int64]*fate
	readings map[*reading]struct{}
}

// fate is shared by all events of one task.
type fate struct {
	recalled atomic.Bool
	events   int // how many share it; guarded by fates.mu
}

// reading is one read of the database under way. A recall that comes meanwhile
// may or may not be in its answer, so it is remembered here.
type reading struct{ recalled map[int64]struct{} }

func newFates() *fates {
	return &fates{tasks: map[int64]*fate{}, readings: map[*reading]struct{}{}}
}

// begin is called before a read, settle or abandon after it.
func (f *fates) begin() *reading {
	r := &reading{}
	f.mu.Lock()
	f.readings[r] = struct{}{}
	f.mu.Unlock()
	return r
}

// abandon ends a reading that brought nothing.
func (f *fates) abandon(r *reading) {
	f.mu.Lock()
	delete(f.readings, r)
	f.mu.Unlock()
}

// settle ends a reading and returns the events it brought, not yet encoded,
// each bound to its task's fate. Every one of them must be released.
func (f *fates) settle(r *reading, read []inbox.Event) []*event {
	events := make([]*event, len(read))
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.readings, r)
	for _, in := range read {
		// Another node's recall is known from here on, with or without a hint.
		if in.Item.RecalledAt != nil {
			f.withhold(in.TaskID)
		}
	}
	for i, in := range read {
		e := &event{name: nameOf(in), revision: in.Revision, taskID: in.TaskID, sent: in.SentRevision}
		e.uses.Store(1)
		events[i] = e
		if e.name == eventRecalled {
			continue // holds no content
		}
		e.fate = f.tasks[in.TaskID]
		if e.fate == nil {
			e.fate = &fate{}
			f.tasks[in.TaskID] = e.fate
		}
		e.fate.events++
		if _, gone := r.recalled[in.TaskID]; gone {
			e.fate.recalled.Store(true)
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
func (f *fates) recall(taskID int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.withhold(taskID)
}

// withhold is recall with the lock held.
func (f *fates) withhold(taskID int64) {
	if t := f.tasks[taskID]; t != nil {
		t.recalled.Store(true)
	}
	for r := range f.readings {
		if r.recalled == nil {
			r.recalled = map[int64]struct{}{}
		}
		r.recalled[taskID] = struct{}{}
	}
}

// release gives up one use of an event; after the last its task is forgotten.
func (f *fates) release(e *event) {
	if e.fate == nil || e.uses.Add(-1) > 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if e.fate.events--; e.fate.events == 0 {
		delete(f.tasks, e.taskID)
	}
}
