package notify

import (
	"context"
	"fmt"

	"github.com/tidings-im/tidings/internal/policy"
)

// fold is what an agent has sent on one day, added up from its tasks. It holds
// nothing that the tasks do not: a node that starts, or finds that others have
// committed, reads on from where it was.
type fold struct {
	day      int64
	through  int64 // the last revision counted
	stale    bool  // others may have committed tasks that are not counted
	kept     int   // how many tasks were counted when it was saved last
	tasks    int
	everyone int
	minutes  [minutesKept]DayMinute // the latest, newest first

	// tally counts per recipient. It is nil until the agent has as many tasks
	// today as its daily limit: below that nobody can have reached it.
	tally *policy.Tally
}

// minutesKept is how many minutes a fold remembers: more than one, since the
// clocks of several nodes need not agree on it.
const minutesKept = 4

// foldPage is how many tasks are read at once: a busy app has a million of them
// on a day.
const foldPage = 4096

// catchUp counts the tasks of the day that were committed since, per recipient
// too once there are as many as limit.
func (f *fold) catchUp(ctx context.Context, from DayTasks, organization, agentID int64, limit int) error {
	for {
		tasks, err := from.TasksOfDay(ctx, organization, agentID, f.day, f.through, foldPage, f.tally != nil)
		if err != nil {
			return fmt.Errorf("fold: %w", err)
		}
		for _, t := range tasks {
			f.add(t)
		}
		if err := f.beginTally(ctx, from, organization, agentID, limit); err != nil {
			return err
		}
		if len(tasks) < foldPage {
			f.stale = false
			return nil
		}
	}
}

func (f *fold) add(t DayTask) {
	f.through = t.Revision
	f.tasks++
	if t.Everyone {
		f.everyone++
	}
	f.countMinute(t.Minute, t.SentCount)
	if f.tally != nil {
		f.tally.Add(t.Sent)
	}
}

// beginTally starts counting per recipient once limit makes that necessary.
func (f *fold) beginTally(ctx context.Context, from DayTasks, organization, agentID int64, limit int) error {
	if limit == 0 || f.tasks < limit || f.tally != nil {
		return nil
	}
	tally, through := &policy.Tally{}, int64(0)
	for through < f.through {
		tasks, err := from.TasksOfDay(ctx, organization, agentID, f.day, through, foldPage, true)
		if err != nil {
			return fmt.Errorf("fold: %w", err)
		}
		for _, t := range tasks {
			if t.Revision <= f.through {
				tally.Add(t.Sent)
			}
			through = t.Revision
		}
		if len(tasks) < foldPage {
			break
		}
	}
	f.tally = tally
	return nil
}

func (f *fold) countMinute(minute, sent int64) {
	for i, m := range f.minutes {
		if m.Minute == minute {
			f.minutes[i].Sent += sent
			return
		}
		if m.Minute < minute {
			copy(f.minutes[i+1:], f.minutes[i:])
			f.minutes[i] = DayMinute{minute, sent}
			return
		}
	}
}

// sentIn returns the recipients counted for a minute.
func (f *fold) sentIn(minute int64) int64 {
	for _, m := range f.minutes {
		if m.Minute == minute {
			return m.Sent
		}
	}
	return 0
}

func (f *fold) clone() *fold {
	c := *f
	if f.tally != nil {
		c.tally = f.tally.Clone()
	}
	return &c
}
