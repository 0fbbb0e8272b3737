package inbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
)

// Kind says what an event announces.
type Kind string

// The kinds.
const (
	KindMessage  Kind = "message"  // a send
	KindChanged  Kind = "changed"  // its status bar is another
	KindRecalled Kind = "recalled" // its content is gone
)

// Event is what one revision announces. Item is the task as it was when it was
// read: an event of any kind may hold the tombstone of a task that has been
// recalled since, and a change the status bar of a later one.
type Event struct {
	Revision     int64
	Kind         Kind
	TaskID       int64
	SentRevision int64
	// Recipients is everybody the task was sent to, shared and not to be
	// changed. Resume leaves it nil.
	Recipients *roaring.Bitmap
	// Item lacks MessageID and ReadAt, which differ between recipients.
	// Resume fills them in.
	Item Item
}

// Changes returns what took the organization's revisions after `after`,
// ascending, and the revision it is complete up to. complete is false, and
// there are no events, when more than 2,000 lie between, when `after` is above
// the organization's revision or below its floor, or across a restore of the
// database: whoever knows `after` has to load anew. CodeOrganizationUnknown.
func (s *Service) Changes(ctx context.Context, organization, after int64) (events []Event, through int64, complete bool, err error) {
	at, log, err := s.store.Log(ctx, organization, after, s.bounds.examine+1)
	if err != nil {
		return nil, 0, false, fmt.Errorf("inbox.Changes: %w", err)
	}
	through = at.Revision
	if after < at.Floor || after > through || len(log) > s.bounds.examine || hasReset(log) {
		return nil, through, false, nil
	}
	events, err = s.events(ctx, organization, log, Nobody)
	if err != nil {
		return nil, 0, false, fmt.Errorf("inbox.Changes: %w", err)
	}
	if err := s.addRecipients(ctx, organization, events); err != nil {
		return nil, 0, false, fmt.Errorf("inbox.Changes: %w", err)
	}
	return events, through, true, nil
}

func hasReset(log []Change) bool {
	return slices.ContainsFunc(log, func(c Change) bool { return c.Kind == changeReset })
}

// events shows the tasks of a log as reader sees them, ascending by revision.
func (s *Service) events(ctx context.Context, organization int64, log []Change, reader int64) ([]Event, error) {
	if len(log) == 0 {
		return nil, nil
	}
	slices.SortFunc(log, func(a, b Change) int { return cmp.Compare(a.Revision, b.Revision) })
	contents, err := s.store.Contents(ctx, organization, tasksOf(log), reader)
	if err != nil {
		return nil, err
	}
	items, err := s.show(ctx, organization, contents)
	if err != nil {
		return nil, err
	}
	events := make([]Event, 0, len(log))
	for _, c := range log {
		item, ok := items[c.TaskID]
		if !ok {
			continue // no longer kept
		}
		if reader != Nobody {
			item.MessageID = MessageID(c.TaskID, uint32(reader))
		}
		events = append(events, Event{
			Revision: c.Revision, Kind: kindOf(c.Kind), TaskID: c.TaskID,
			SentRevision: contents[c.TaskID].Revision, Item: item,
		})
	}
	return events, nil
}

func kindOf(change string) Kind {
	switch change {
	case changeRecall:
		return KindRecalled
	case changeStatusBar:
		return KindChanged
	default:
		return KindMessage
	}
}

// tasksOf names the tasks of a log, each once.
func tasksOf(log []Change) []int64 {
	tasks := make([]int64, len(log))
	for i, c := range log {
		tasks[i] = c.TaskID
	}
	slices.Sort(tasks)
	return slices.Compact(tasks)
}

// addRecipients gives each event the set of its task: from memory if it is a
// large send's, from the database if not.
func (s *Service) addRecipients(ctx context.Context, organization int64, events []Event) error {
	if len(events) == 0 {
		return nil
	}
	list, _, err := s.sends.upTo(ctx, organization, events[len(events)-1].Revision, 0)
	if err != nil {
		return err
	}
	sets := map[int64]*roaring.Bitmap{}
	var missing []int64
	for _, e := range events {
		if _, known := sets[e.TaskID]; known {
			continue
		}
		sets[e.TaskID] = nil
		one := list.byRevision(e.SentRevision)
		if one == nil {
			missing = append(missing, e.TaskID)
			continue
		}
		if sets[e.TaskID], err = s.sends.setOf(ctx, list, one); err != nil {
			return err
		}
	}
	if len(missing) > 0 {
		small, err := s.store.Sets(ctx, organization, missing)
		if err != nil {
			return err
		}
		for task, set := range small {
			sets[task] = set
		}
	}
	for i := range events {
		events[i].Recipients = sets[events[i].TaskID]
		if events[i].Recipients == nil {
			events[i].Recipients = roaring.New()
		}
	}
	return nil
}
