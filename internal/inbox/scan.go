package inbox

import (
	"context"
	"fmt"
	"math"

	"github.com/RoaringBitmap/roaring/v2"
)

// scan walks somebody's inbox, newest first: filed rows and membership in
// large sends, merged by revision. It looks no further than it is asked to,
// and not beyond its limit of examined sends.
type scan struct {
	sends  *largeSends
	viewer Viewer
	agent  int64          // only this sender's; 0 is everybody's
	limit  int            // large sends, and as many filed rows, that may be examined
	chunk  int            // filed rows to ask for at a time
	skip   func(Key) bool // messages to pass by; nil is none

	floor      int64 // only what was sent above it
	filed      []Key // read and not yet given
	filedDepth int64 // every filed row at or above it has been read
	filedMore  bool  // there may be more below filedDepth
	filedSeen  int

	list      *sendList
	large     []*send // ascending; those before `at` are to be examined
	at        int
	largeSeen int
	sets      map[*send]*roaring.Bitmap // read from the database on this walk
	batch     int

	stopped bool  // at the limit; there may be more below reached
	reached int64 // everything at or above it has been given
}

// some returns about n further messages; none at the end of the inbox or, with
// c.stopped set, at the limit.
func (c *scan) some(ctx context.Context, n int) ([]Key, error) {
	keys := make([]Key, 0, n)
	for len(keys) < n {
		k, ok, err := c.next(ctx)
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// open begins a walk at before. rows are the newest filed rows above the floor
// and below before, as many as asked; revision is of the same moment.
func (s *Service) open(ctx context.Context, v Viewer, w walk, revision int64, rows []Key) (*scan, error) {
	list, large, err := s.sends.upTo(ctx, v.Organization, revision, w.agent)
	if err != nil {
		return nil, err
	}
	c := &scan{
		sends: s.sends, viewer: v, agent: w.agent, limit: w.limit, chunk: s.bounds.filed, floor: w.floor,
		list: list, large: large, at: below(large, w.before), batch: 8,
	}
	if w.enough != nil {
		c.skip = func(k Key) bool { return w.enough(k.AgentID) }
	}
	c.take(rows, w.asked)
	return c, nil
}

// walk is where a scan goes.
type walk struct {
	before, floor int64
	agent         int64
	limit         int
	asked         int                    // how many filed rows were asked for
	enough        func(agent int64) bool // of which apps no more is wanted; nil is none
}

// take adds filed rows just read.
func (c *scan) take(rows []Key, asked int) {
	c.filedSeen += len(rows)
	c.filedMore = len(rows) == asked
	if c.filedMore {
		c.filedDepth = rows[len(rows)-1].Revision
	}
	for _, k := range rows {
		if c.agent == 0 || k.AgentID == c.agent {
			c.filed = append(c.filed, k)
		}
	}
}

// next returns the next message; ok is false at the end of the inbox or, with
// c.stopped set, at the limit.
func (c *scan) next(ctx context.Context) (k Key, ok bool, err error) {
	for {
		// What is filed at or below the barrier is not known yet, or is next.
		barrier := c.floor
		if len(c.filed) > 0 {
			barrier = c.filed[0].Revision
		} else if c.filedMore {
			barrier = c.filedDepth
		}
		k, ok, err := c.nextLarge(ctx, barrier)
		if ok || err != nil || c.stopped {
			return k, ok, err
		}
		if len(c.filed) > 0 {
			k, c.filed = c.filed[0], c.filed[1:]
			if c.skips(k) {
				continue
			}
			return k, true, nil
		}
		if !c.filedMore {
			return Key{}, false, nil
		}
		if c.filedSeen >= c.limit {
			c.stopped, c.reached = true, c.filedDepth
			return Key{}, false, nil
		}
		span := Span{After: c.floor, Before: c.filedDepth}
		_, rows, err := c.sends.store.Filed(ctx, c.viewer, span, c.chunk)
		if err != nil {
			return Key{}, false, fmt.Errorf("read filed rows: %w", err)
		}
		c.take(rows, c.chunk)
	}
}

// nextLarge returns the next large send above the barrier that the viewer is
// a member of.
func (c *scan) nextLarge(ctx context.Context, barrier int64) (Key, bool, error) {
	for c.at > 0 {
		s := c.large[c.at-1]
		if s.Revision <= barrier {
			break
		}
		if c.largeSeen >= c.limit {
			c.stopped, c.reached = true, s.Revision+1
			return Key{}, false, nil
		}
		if c.skips(s.Key) {
			c.at--
			c.largeSeen++
			continue
		}
		set := s.set.Load()
		if set == nil {
			var err error
			if set, err = c.missing(ctx, s, barrier); err != nil {
				return Key{}, false, err
			}
		}
		c.at--
		c.largeSeen++
		if set.Contains(c.viewer.Ordinal) {
			return s.Key, true, nil
		}
	}
	return Key{}, false, nil
}

func (c *scan) skips(k Key) bool { return c.skip != nil && c.skip(k) }

// missing returns a set that is not in memory, and reads those that the walk
// will need next with it, more of them the further it goes.
func (c *scan) missing(ctx context.Context, s *send, barrier int64) (*roaring.Bitmap, error) {
	if set := c.sets[s]; set != nil {
		return set, nil
	}
	wanted := make([]*send, 0, c.batch)
	for i := c.at - 1; i >= 0 && len(wanted) < c.batch; i-- {
		if next := c.large[i]; next.Revision <= barrier || c.at-i > c.limit-c.largeSeen {
			break
		} else if c.skips(next.Key) {
			continue
		} else if next.set.Load() == nil || next == s {
			wanted = append(wanted, next)
		}
	}
	const most = 128
	c.batch = min(4*c.batch, most)
	var err error
	c.sets, err = c.sends.fetch(ctx, c.list, wanted)
	return c.sets[s], err
}

// newest is the walk from the top of an inbox to its end.
const newest = math.MaxInt64
