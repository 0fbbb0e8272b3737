package directory

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/pinyin"
)

const (
	// searchKept is how long what people are searched by stays in memory after the
	// last search.
	searchKept = 10 * time.Minute
	// searchLate is how many people may have changed before everything is read again.
	searchLate = 10_000
)

// searched is what the people of an organization are searched by, about 40 bytes of
// each. Whoever changes is taken out at once, as an erased person must be, and read
// again by the next search. It is guarded by its tenant's mutex.
type searched struct {
	text   []byte            // as searchText has it, of one ordinal after the other
	starts []int             // in text, by ordinal; the end comes last
	begins []pinyin.Letters  // what of a name may begin with, by ordinal: most names need no look
	late   map[uint32][]byte // of those who changed since
	stale  map[uint32]int    // who changed and was not read yet: the change's number
	moves  int               // how many changes there were
	idle   *time.Timer
}

// searchText is what somebody is searched by: nothing of erased people.
func searchText(to []byte, userid, name, jobNumber string) []byte {
	if isTombstone(userid) {
		return to
	}
	for _, part := range [...]string{name, userid, jobNumber} {
		to = append(append(to, strings.ToLower(part)...), 0)
	}
	return to
}

// forget takes people out whose rows have changed.
func (a *searched) forget(members []Member) {
	for _, m := range members {
		if int(m.Ordinal)+1 < len(a.starts) {
			clear(a.text[a.starts[m.Ordinal]:a.starts[m.Ordinal+1]])
		}
		clear(a.late[m.Ordinal])
		delete(a.late, m.Ordinal)
		a.moves++
		a.stale[m.Ordinal] = a.moves
	}
}

// nameIn is the name in what somebody is searched by.
func nameIn(text []byte) []byte {
	name, _, _ := bytes.Cut(text, []byte{0})
	return name
}

// find returns who has a text, or a name that is read so.
func (a *searched) find(text string) *roaring.Bitmap {
	found, needle := roaring.New(), []byte(strings.ToLower(text))
	if len(needle) == 0 || bytes.IndexByte(needle, 0) >= 0 {
		return found
	}
	spoken := pinyin.NewQuery(text)
	a.findSpoken(spoken, found)
	for at := 0; ; {
		hit := bytes.Index(a.text[at:], needle)
		if hit < 0 {
			break
		}
		next := sort.SearchInts(a.starts, at+hit+1) // the first that begins behind it
		found.Add(uint32(next - 1))
		at = a.starts[next]
	}
	for ordinal, text := range a.late {
		if bytes.Contains(text, needle) || spoken.In(nameIn(text)) {
			found.Add(ordinal)
		}
	}
	return found
}

// findSpoken adds whose name is read so, but for those who changed.
func (a *searched) findSpoken(q pinyin.Query, to *roaring.Bitmap) {
	first := q.First()
	if first == 0 {
		return
	}
	for ordinal, begins := range a.begins {
		if begins&first != 0 && q.In(nameIn(a.text[a.starts[ordinal]:a.starts[ordinal+1]])) {
			to.Add(uint32(ordinal))
		}
	}
}

// FindPeople returns the ordinals of everybody with a text in the name, the userid
// or the job number, in capitals or not, or whose name is read so, as package pinyin
// says: of departed people too, but not of erased ones. Fails with organization_unknown.
func (s *Service) FindPeople(ctx context.Context, organization int64, text string) (*roaring.Bitmap, error) {
	t, err := s.current(ctx, organization)
	if err != nil {
		return nil, err
	}
	release, err := take(ctx, t.searching)
	if err != nil {
		return nil, err
	}
	defer release()
	a, err := s.searched(ctx, t)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	return a.find(text), nil
}

// searched returns what people are searched by, as of now. t.searching is held.
func (s *Service) searched(ctx context.Context, t *tenant) (*searched, error) {
	t.mu.RLock()
	a := t.search
	again := a == nil || len(a.stale)+len(a.late) > searchLate
	t.mu.RUnlock()
	if again {
		var err error
		if a, err = s.loadSearched(ctx, t); err != nil {
			return nil, err
		}
	}
	a.idle.Reset(searchKept)
	return a, s.refresh(ctx, t, a)
}

// loadSearched reads everybody. Whoever changes meanwhile is stale afterwards.
func (s *Service) loadSearched(ctx context.Context, t *tenant) (*searched, error) {
	a := &searched{late: map[uint32][]byte{}, stale: map[uint32]int{}}
	a.idle = time.AfterFunc(searchKept, func() { t.dropSearched(a) })
	t.mu.Lock()
	if t.search != nil {
		t.search.idle.Stop()
	}
	t.search = a
	people := len(t.snap.people)
	t.mu.Unlock()
	text, starts, begins := make([]byte, 0, 25*people), make([]int, 0, people+1), make([]pinyin.Letters, 0, people)
	err := s.store.NamesBetween(ctx, t.id, 0, uint32(people), func(n Named) {
		for len(starts) <= int(n.Ordinal) {
			starts, begins = append(starts, len(text)), append(begins, 0)
		}
		text = searchText(text, n.Userid, n.Name, n.JobNumber)
		begins[n.Ordinal] = pinyin.Begins(nameIn(text[starts[n.Ordinal]:]))
	})
	if err != nil {
		t.dropSearched(a)
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	a.text, a.starts, a.begins = text, append(starts, len(text)), begins
	for ordinal := range a.stale {
		if int(ordinal)+1 < len(a.starts) {
			clear(a.text[a.starts[ordinal]:a.starts[ordinal+1]])
		}
	}
	return a, nil
}

func (t *tenant) dropSearched(a *searched) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if a.idle.Stop(); t.search == a {
		t.search = nil
	}
}

// refresh reads those who have changed.
func (s *Service) refresh(ctx context.Context, t *tenant, a *searched) error {
	t.mu.RLock()
	stale := maps.Clone(a.stale)
	t.mu.RUnlock()
	if len(stale) == 0 {
		return nil
	}
	people, err := s.PeopleByOrdinal(ctx, t.id, slices.Collect(maps.Keys(stale)))
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for ordinal, move := range stale {
		if a.stale[ordinal] != move {
			continue // changed again: what was read may be old
		}
		delete(a.stale, ordinal)
		if u, there := people[ordinal]; there {
			a.late[ordinal] = searchText(nil, u.Userid, u.Name, u.JobNumber)
		}
	}
	return nil
}
