package audit

import (
	"crypto/rand"
	"maps"
	"slices"
	"time"
)

// Run is work of several transactions, such as an import. It writes two entries,
// begun and done, which name the same run: one that was begun and never done was
// interrupted.
type Run struct {
	entry Entry
	id    string
}

// NewRun returns a run; e is what its entries have in common.
func NewRun(e Entry) Run { return Run{entry: e, id: rand.Text()} }

// Begun is the entry that comes with the first change, or before it.
func (r Run) Begun() Entry { return r.step("begun", r.entry.At, nil) }

// Done is the entry that comes after the last change; more tells what was done.
// Where it was asked from is in Begun.
func (r Run) Done(at time.Time, more Details) Entry {
	e := r.step("done", at, more)
	e.By.Peer, e.By.Device, e.Reason = "", "", ""
	return e
}

func (r Run) step(name string, at time.Time, more Details) Entry {
	e := r.entry
	e.At, e.Details = at, Details{}
	maps.Copy(e.Details, r.entry.Details)
	maps.Copy(e.Details, more)
	e.Details["run"], e.Details["step"] = r.id, name
	return e
}

// Changed are the names of the fields that a change has changed, in order.
func Changed(fields map[string]bool) []string {
	names := []string{}
	for name, changed := range fields {
		if changed {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
