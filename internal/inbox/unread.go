package inbox

import (
	"context"
	"fmt"
	"math"
)

// Unread returns what somebody has not read. CodeOrganizationUnknown.
func (s *Service) Unread(ctx context.Context, v Viewer) (Unread, error) {
	t, err := s.tally(ctx, v)
	if err != nil {
		return Unread{}, fmt.Errorf("inbox.Unread: %w", err)
	}
	u := Unread{Count: len(t.newest), ByApp: map[string]int{}, MessageIDs: make([]string, len(t.newest))}
	for agent, keys := range t.byApp {
		u.ByApp[id(agent)] = len(keys)
	}
	for i, k := range t.newest {
		u.MessageIDs[i] = MessageID(k.TaskID, v.Ordinal)
	}
	return u, nil
}

// tally is what is unread, newest first: of all apps together and of each, at
// most as many as are counted.
type tally struct {
	most   int
	newest []Key
	byApp  map[int64][]Key
}

func (t *tally) add(keys []Key) {
	for _, k := range keys {
		if len(t.newest) < t.most {
			t.newest = append(t.newest, k)
		}
		if !t.full(k.AgentID) {
			t.byApp[k.AgentID] = append(t.byApp[k.AgentID], k)
		}
	}
}

// full reports whether more of an app would change nothing.
func (t *tally) full(agent int64) bool { return len(t.byApp[agent]) >= t.most }

// tally walks to the end: behind a loud app there may be a quiet one. What is
// of an app that is full costs a look in passing.
func (s *Service) tally(ctx context.Context, v Viewer) (*tally, error) {
	t := &tally{most: s.bounds.unread, byApp: map[int64][]Key{}}
	u, err := s.openUnread(ctx, v, walk{before: newest, limit: math.MaxInt, asked: s.bounds.unread, enough: t.full})
	if err != nil {
		return nil, err
	}
	for !u.done {
		more, err := u.more(ctx, s.bounds.unread)
		if err != nil {
			return nil, err
		}
		t.add(more)
	}
	s.keep(u, t.floor(v, u.badge.Revision, s.bounds.candidates))
	return t, nil
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

// unreadWalk gives what is unread, newest first. Above the floor that is what
// a scan finds and is neither read nor recalled. At the floor and below it is
// what is left of the candidates, and what another scan finds of the apps that
// may have more than their candidates.
type unreadWalk struct {
	service *Service
	viewer  Viewer
	walk    walk
	badge   Badge
	scan    *scan // above the floor, then below the candidates
	looked  int   // large sends and filed rows that the scan above the floor examined

	below      bool  // at the floor or below it
	digging    bool  // the scan is the one below the candidates
	candidates []Key // those that are unread and not given yet

	settled int  // how many turned out to be read or recalled
	aged    int  // how many were dear to ask for, because the floor is old
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
	return &unreadWalk{service: s, viewer: v, walk: w, badge: badge, scan: c}, nil
}

// more looks at about n further messages and returns those that are unread.
func (u *unreadWalk) more(ctx context.Context, n int) ([]Key, error) {
	if u.below {
		return u.moreBelow(ctx, n)
	}
	keys, reached, err := u.scanned(ctx, n)
	if err == nil && reached == 0 {
		err = u.descend(ctx)
	}
	return keys, err
}

// scanned returns what is unread of about n further messages of the scan, and
// down to which revision that is everything; 0 is the end.
func (u *unreadWalk) scanned(ctx context.Context, n int) (unread []Key, reached int64, err error) {
	const fewest, most = 32, 128 // one question to the database
	keys, err := u.scan.some(ctx, min(max(n, fewest), most))
	if err != nil {
		return nil, 0, err
	}
	reached = u.scan.reached
	if len(keys) > 0 && !u.scan.stopped {
		reached = keys[len(keys)-1].Revision
	}
	unread, err = u.unread(ctx, keys, oldest(keys))
	return unread, reached, err
}

// descend goes on at the floor.
func (u *unreadWalk) descend(ctx context.Context) error {
	var keys []Key
	for _, c := range u.badge.Candidates {
		if u.asks(c.AgentID) {
			keys = append(keys, c.keys()...)
		}
	}
	keys, err := u.unread(ctx, keys, u.badge.Floor)
	u.below, u.candidates = true, u.wanted(keys)
	u.looked = u.scan.filedSeen + u.scan.largeSeen
	return err
}

// moreBelow gives the candidates, and below the rests of the apps that are
// still asked for what a scan finds there.
func (u *unreadWalk) moreBelow(ctx context.Context, n int) ([]Key, error) {
	rests, top := u.rests()
	if top == 0 {
		u.done = true
		return u.withCandidates(nil, 0), nil
	}
	if !u.digging {
		if keys := u.withCandidates(nil, top); len(keys) > 0 {
			return keys, nil // of these an app may have enough
		}
		if err := u.dig(ctx, rests, min(top, u.walk.before)); err != nil {
			return nil, err
		}
	}
	keys, reached, err := u.scanned(ctx, n)
	if err != nil {
		return nil, err
	}
	u.done = reached == 0
	return u.withCandidates(keys, reached), nil
}

// rests tells below which revision there may be more of an app that is still
// asked for, and which of these is the highest; 0 is none.
func (u *unreadWalk) rests() (rests map[int64]int64, top int64) {
	rests = map[int64]int64{}
	for _, c := range u.badge.Candidates {
		if c.Rest > 0 && u.asks(c.AgentID) {
			rests[c.AgentID] = c.Rest
			top = max(top, c.Rest)
		}
	}
	return rests, top
}

// dig opens the scan below the rests.
func (u *unreadWalk) dig(ctx context.Context, rests map[int64]int64, before int64) error {
	w := u.walk
	w.before, w.floor, w.asked = before, 0, u.service.bounds.filed
	_, rows, err := u.service.store.Filed(ctx, u.viewer, Span{Before: before}, w.asked)
	if err != nil {
		return err
	}
	if u.scan, err = u.service.open(ctx, u.viewer, w, u.badge.Revision, rows); err != nil {
		return err
	}
	u.scan.skip = func(k Key) bool { return k.Revision >= rests[k.AgentID] || !u.asks(k.AgentID) }
	u.digging = true
	return nil
}

// asks reports whether the walk is for an app's messages; app 0 may be any.
func (u *unreadWalk) asks(agent int64) bool {
	switch {
	case agent == 0:
		return true
	case u.walk.agent != 0 && u.walk.agent != agent:
		return false
	default:
		return u.walk.enough == nil || !u.walk.enough(agent)
	}
}

// withCandidates adds those candidates that were sent at or above a revision.
func (u *unreadWalk) withCandidates(keys []Key, revision int64) []Key {
	n := 0
	for n < len(u.candidates) && u.candidates[n].Revision >= revision {
		n++
	}
	keys = append(keys, u.candidates[:n]...)
	u.candidates = u.candidates[n:]
	newestFirst(keys)
	return keys
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
