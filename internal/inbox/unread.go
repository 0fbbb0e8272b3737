package inbox

import (
	"context"
	"fmt"
	"math"
)

// Unread returns what somebody has not read. CodeOrganizationUnknown.
func (s *Service) Unread(ctx context.Context, v Viewer) (Unread, error) {
	keys, err := s.unread(ctx, v)
	if err != nil {
		return Unread{}, fmt.Errorf("inbox.Unread: %w", err)
	}
	u := Unread{Count: len(keys), ByApp: map[string]int{}, MessageIDs: make([]string, len(keys))}
	for i, k := range keys {
		u.ByApp[id(k.AgentID)]++
		u.MessageIDs[i] = MessageID(k.TaskID, v.Ordinal)
	}
	return u, nil
}

// unread returns the newest of what is unread, at most as many as are counted.
func (s *Service) unread(ctx context.Context, v Viewer) ([]Key, error) {
	u, err := s.openUnread(ctx, v, walk{before: newest, limit: math.MaxInt, asked: s.bounds.unread})
	if err != nil {
		return nil, err
	}
	var keys []Key
	for len(keys) < s.bounds.unread && !u.done {
		more, err := u.more(ctx, s.bounds.unread-len(keys))
		if err != nil {
			return nil, err
		}
		keys = append(keys, more...)
	}
	if u.done {
		s.keep(u, hintFor(v, u.badge.Revision, keys, s.bounds.candidates))
	}
	return keys[:min(len(keys), s.bounds.unread)], nil
}

// unreadKeys is a page of what is unread.
func (s *Service) unreadKeys(ctx context.Context, v Viewer, before, agent int64, limit int) (found, error) {
	u, err := s.openUnread(ctx, v, walk{before: before, agent: agent, limit: s.bounds.examine, asked: limit + 1})
	if err != nil {
		return found{}, err
	}
	var keys []Key
	for len(keys) <= limit && !u.done && !u.scan.stopped {
		more, err := u.more(ctx, limit+1-len(keys))
		if err != nil {
			return found{}, err
		}
		keys = append(keys, more...)
	}
	return cut(keys, limit, u.badge.Revision, u.scan), nil
}

// unreadWalk gives what is unread, newest first: what was sent above the floor
// and is neither read nor recalled, then what is left of the candidates.
type unreadWalk struct {
	store   Store
	viewer  Viewer
	walk    walk
	badge   Badge
	scan    *scan
	settled int  // how many turned out to be read or recalled
	done    bool // everything below walk.before has been looked at
}

func (s *Service) openUnread(ctx context.Context, v Viewer, w walk) (*unreadWalk, error) {
	badge, err := s.store.Badge(ctx, v, w.before, w.asked)
	if err != nil {
		return nil, err
	}
	w.floor = badge.Floor
	c, err := s.open(ctx, v, w, badge.Revision, badge.Filed)
	if err != nil {
		return nil, err
	}
	return &unreadWalk{store: s.store, viewer: v, walk: w, badge: badge, scan: c}, nil
}

// more looks at about n further messages and returns those that are unread.
func (u *unreadWalk) more(ctx context.Context, n int) ([]Key, error) {
	const fewest, most = 32, 128 // one question to the database
	n = min(max(n, fewest), most)
	keys := make([]Key, 0, n)
	for len(keys) < n {
		k, ok, err := u.scan.next(ctx)
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		keys = append(keys, k)
	}
	if len(keys) > 0 {
		return u.pending(ctx, taskIDs(keys))
	}
	if u.scan.stopped {
		return nil, nil
	}
	u.done = true
	keys, err := u.pending(ctx, u.badge.Candidates)
	if err != nil {
		return nil, err
	}
	return u.wanted(keys), nil
}

// pending returns those of the tasks that are unread, newest first.
func (u *unreadWalk) pending(ctx context.Context, tasks []int64) ([]Key, error) {
	if len(tasks) == 0 {
		return nil, nil
	}
	keys, err := u.store.Pending(ctx, u.viewer, tasks)
	if err != nil {
		return nil, err
	}
	u.settled += len(tasks) - len(keys)
	newestFirst(keys)
	return keys, nil
}

// wanted leaves out the candidates that this walk does not ask for.
func (u *unreadWalk) wanted(candidates []Key) []Key {
	kept := candidates[:0]
	for _, k := range candidates {
		if k.Revision < u.walk.before && (u.walk.agent == 0 || k.AgentID == u.walk.agent) {
			kept = append(kept, k)
		}
	}
	return kept
}
