package notify

import (
	"context"
	"fmt"
	"iter"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

// saveEvery is after how many tasks of a day what they add up to is saved. A
// node that starts reads no more than about these before an app's first send.
const saveEvery = 8192

// DayFold is what an agent's tasks of a day add up to, through a revision. It is
// derived from committed tasks, which stay as they are for as long as they are
// counted: an old one costs time, and never gives another number.
type DayFold struct {
	Organization, AgentID int64

	Day, Through    int64
	Tasks, Everyone int
	Minutes         []DayMinute // the latest, newest first
	Tally           []byte      // a policy.Tally; nil where it was not counted per recipient
}

// DayMinute is how many recipients were counted for a minute.
type DayMinute struct{ Minute, Sent int64 }

// SavedDays keeps the newest DayFold of every agent.
type SavedDays interface {
	// SavedDay returns an agent's; false when there is none.
	SavedDay(ctx context.Context, organization, agentID int64) (DayFold, bool, error)
	// SaveDay keeps a DayFold, unless there is one of a later day or revision.
	SaveDay(ctx context.Context, d DayFold) error
}

// saved is a fold as it is kept.
func (f *fold) saved(organization, agentID int64) (DayFold, error) {
	d := DayFold{Organization: organization, AgentID: agentID, Day: f.day, Through: f.through, Tasks: f.tasks, Everyone: f.everyone}
	for _, m := range f.minutes {
		if m != (DayMinute{}) {
			d.Minutes = append(d.Minutes, m)
		}
	}
	if f.tally == nil {
		return d, nil
	}
	var err error
	d.Tally, err = f.tally.MarshalBinary()
	return d, err
}

// restored is the fold that was kept.
func restored(d DayFold) (*fold, error) {
	f := &fold{day: d.Day, through: d.Through, tasks: d.Tasks, everyone: d.Everyone, kept: d.Tasks}
	copy(f.minutes[:], d.Minutes)
	if d.Tally != nil {
		f.tally = &policy.Tally{}
		if err := f.tally.UnmarshalBinary(d.Tally); err != nil {
			return nil, fmt.Errorf("tally: %w", err)
		}
	}
	return f, nil
}

// begin returns what was saved of an agent's day, or a fold of nothing.
func (d *days) begin(ctx context.Context, organization, agentID, day int64) *fold {
	f := &fold{day: day}
	kept, ok, err := d.deps.Store.SavedDay(ctx, organization, agentID)
	if err == nil && ok && kept.Day == day {
		f, err = restored(kept)
	}
	if err != nil {
		d.deps.Log.Warn("notify: what was saved of an app's day cannot be used; all of it is read", "organization", organization, "agent", agentID, "error", err)
		return &fold{day: day}
	}
	return f
}

// offer has a fold saved when enough was added to it since the last time. All
// of its tasks are committed.
func (d *days) offer(organization, agentID int64, f *fold) {
	if f.tasks-f.kept < d.every {
		return
	}
	saved, err := f.saved(organization, agentID)
	if err != nil {
		d.deps.Log.Error("notify: an app's day cannot be saved", "organization", organization, "agent", agentID, "error", err)
		return
	}
	if d.saving.Offer(saved) {
		f.kept = f.tasks
	}
}

// run saves what is offered until ctx ends.
func (d *days) run(ctx context.Context) {
	d.saving.Run(ctx, func(waiting iter.Seq[DayFold]) {
		newest := map[agentOf]DayFold{}
		for f := range waiting {
			newest[agentOf{f.Organization, f.AgentID}] = f
		}
		for _, f := range newest {
			// Nobody waits for it, so its time is its own.
			err := d.deps.Store.SaveDay(context.WithoutCancel(ctx), f)
			if err != nil && !fault.Is(err, fault.CodeStorageFull) {
				d.deps.Log.Warn("notify: an app's day was not saved; its first send after a start takes longer", "organization", f.Organization, "agent", f.AgentID, "error", err)
			}
		}
	})
}
