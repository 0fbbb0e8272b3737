package callback

import (
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/directory"
)

// most is how many people or departments one event names at most.
const most = 500

// Listener is an app that has a callback, with its range in an organization.
type Listener struct {
	Key
	About int64 // the organization
	Tags  []string
	Range directory.Range
}

// Place is one person or department that a change of the directory is about.
type Place struct {
	ID      int64   // an ordinal, or the id of a department
	Userid  string  // of a person
	DeptIDs []int64 // where it is and where it was, for a department itself
}

// Happening is what one change did, by event. They are told in this order: a department
// before the people in it, and its end after theirs.
type Happening struct {
	Tag    string
	Places []Place
}

// Order sorts what happened as it is told.
func Order(all []Happening) []Happening {
	rank := []string{DeptCreate, DeptModify, UserAdd, UserModify, UserLeave, DeptRemove}
	slices.SortStableFunc(all, func(a, b Happening) int { return slices.Index(rank, a.Tag) - slices.Index(rank, b.Tag) })
	return all
}

// Events returns what a listener hears of a change that the directory has made as a
// revision: of that which it listens to, and which its range has or had. inside reports
// whether a department is one of some others, or below them.
func (l Listener) Events(all []Happening, revision int64, at time.Time, inside func(dept int64, of []int64) (bool, error)) ([]Event, error) {
	var events []Event
	for _, h := range all {
		if !slices.Contains(l.Tags, h.Tag) {
			continue
		}
		var ids []int64
		for _, p := range h.Places {
			reached, err := l.reaches(p, inside)
			if err != nil {
				return nil, err
			}
			if reached {
				ids = append(ids, p.ID)
			}
		}
		for piece := range slices.Chunk(ids, most) {
			events = append(events, Event{Key: l.Key, About: l.About, Revision: revision, Part: len(events), Tag: h.Tag, IDs: piece, At: at})
		}
	}
	return events, nil
}

func (l Listener) reaches(p Place, inside func(int64, []int64) (bool, error)) (bool, error) {
	if l.Range.Everyone || slices.Contains(l.Range.DeptIDs, directory.RootID) || p.Userid != "" && slices.Contains(l.Range.Userids, p.Userid) {
		return true, nil
	}
	for _, dept := range p.DeptIDs {
		if is, err := inside(dept, l.Range.DeptIDs); is || err != nil {
			return is, err
		}
	}
	return false, nil
}
