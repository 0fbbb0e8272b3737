package inbox

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
)

// newestPerApp looks for the newest large send of every app that somebody is a
// member of. It goes in rounds that look further each time, so that an app
// which rarely writes to this person does not use up the room of the others.
type newestPerApp struct {
	sends    *largeSends
	list     *sendList
	ordinal  uint32
	left     int           // large sends that may still be examined
	newestOf map[int64]Key // by agent; what the search finds goes in here
}

// trail is one app's large sends, ascending; those before at are to be
// examined.
type trail struct {
	sends []*send
	at    int
}

func (c *newestPerApp) run(ctx context.Context, revision int64) (all bool, err error) {
	open := c.list.trails(revision)
	for depth := 1; ; depth *= 4 {
		open = slices.DeleteFunc(open, func(t *trail) bool {
			return t.at == 0 || !c.isNews(t.sends[t.at-1])
		})
		if len(open) == 0 {
			return true, nil
		}
		if c.left == 0 {
			return false, nil
		}
		var next []*send
		for _, t := range open {
			n := min(depth, t.at, c.left)
			for _, one := range slices.Backward(t.sends[t.at-n : t.at]) {
				next = append(next, one)
			}
			t.at -= n
			c.left -= n
		}
		if err := c.examine(ctx, next); err != nil {
			return false, err
		}
	}
}

// examine looks at sends, those of one app newest first.
func (c *newestPerApp) examine(ctx context.Context, sends []*send) error {
	const most = 128 // sets in memory beside the budget's
	for piece := range slices.Chunk(sends, most) {
		sets := make(map[*send]*roaring.Bitmap, len(piece))
		var missing []*send
		for _, one := range piece {
			if set := one.set.Load(); set != nil {
				sets[one] = set
			} else if c.isNews(one) {
				missing = append(missing, one)
			}
		}
		if len(missing) > 0 {
			read, err := c.sends.fetch(ctx, c.list, missing)
			if err != nil {
				return err
			}
			maps.Copy(sets, read)
		}
		for _, one := range piece {
			if set := sets[one]; c.isNews(one) && set.Contains(c.ordinal) {
				c.newestOf[one.AgentID] = one.Key
			}
		}
	}
	return nil
}

// isNews reports whether a send is newer than what is known of its app.
func (c *newestPerApp) isNews(one *send) bool { return one.Revision > c.newestOf[one.AgentID].Revision }

// trails returns every app's large sends up to revision, that of the latest
// first.
func (l *sendList) trails(revision int64) []*trail {
	l.mu.RLock()
	defer l.mu.RUnlock()
	all := make([]*trail, 0, len(l.byAgent))
	for _, list := range l.byAgent {
		if n := below(list, revision+1); n > 0 {
			all = append(all, &trail{sends: list, at: n})
		}
	}
	slices.SortFunc(all, func(a, b *trail) int {
		return cmp.Compare(b.sends[b.at-1].Revision, a.sends[a.at-1].Revision)
	})
	return all
}
