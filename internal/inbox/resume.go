package inbox

import (
	"context"
	"fmt"
)

// Resume returns the viewer's own events after `after`, ascending, and the
// revision they are complete up to. reload is true, and there are no events,
// when the gap cannot be told: more than 200 events, more than 2,000 large
// sends and changes to examine, `after` above the organization's revision or
// below its floor, or a restore of the database between. CodeOrganizationUnknown.
func (s *Service) Resume(ctx context.Context, v Viewer, after int64) (events []Event, through int64, reload bool, err error) {
	through, log, reload, err := s.missed(ctx, v, after)
	if err != nil {
		return nil, 0, false, fmt.Errorf("inbox.Resume: %w", err)
	}
	if reload || len(log) > s.bounds.events {
		return nil, through, true, nil
	}
	events, err = s.events(ctx, v.Organization, log, int64(v.Ordinal))
	if err != nil {
		return nil, 0, false, fmt.Errorf("inbox.Resume: %w", err)
	}
	return events, through, false, nil
}

// missed finds what took a revision after `after` and is the viewer's.
func (s *Service) missed(ctx context.Context, v Viewer, after int64) (through int64, log []Change, reload bool, err error) {
	through, filed, err := s.store.Filed(ctx, v, Span{After: after, Before: newest}, s.bounds.events+1)
	if err != nil {
		return 0, nil, false, err
	}
	if after < 0 || after > through || len(filed) > s.bounds.events {
		return through, nil, true, nil
	}
	if after == through {
		return through, nil, false, nil
	}
	w := walk{before: newest, floor: after, limit: s.bounds.examine, asked: s.bounds.events + 1}
	c, err := s.open(ctx, v, w, through, filed)
	if err != nil {
		return 0, nil, false, err
	}
	room := s.bounds.examine - (c.at - below(c.large, after+1))
	if room < 0 {
		return through, nil, true, nil
	}
	floor, changes, err := s.store.Changed(ctx, v.Organization, Span{After: after, Before: through + 1}, room+1)
	if err != nil {
		return 0, nil, false, err
	}
	if after < floor || len(changes) > room || hasReset(changes) {
		return through, nil, true, nil
	}
	for len(log) <= s.bounds.events {
		k, ok, err := c.next(ctx)
		if err != nil {
			return 0, nil, false, err
		}
		if !ok {
			break
		}
		log = append(log, Change{Revision: k.Revision, TaskID: k.TaskID, Kind: changeSent})
	}
	mine, err := s.mine(ctx, v, tasksOf(changes))
	if err != nil {
		return 0, nil, false, err
	}
	known := make(map[int64]bool, len(mine))
	for _, a := range mine {
		known[a.TaskID] = true
	}
	for _, change := range changes {
		if known[change.TaskID] {
			log = append(log, change)
		}
	}
	return through, log, false, nil
}
