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
	spoken []pinyin.Code     // the names, of one ordinal after the other
	names  []uint32          // in spoken, by ordinal; the end comes last
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
			a.clear(m.Ordinal)
		}
		clear(a.late[m.Ordinal])
		delete(a.late, m.Ordinal)
		a.moves++
		a.stale[m.Ordinal] = a.moves
	}
}

// clear takes somebody out of what was read at first.
func (a *searched) clear(ordinal uint32) {
	clear(a.text[a.starts[ordinal]:a.starts[ordinal+1]])
	pinyin.Forget(a.spoken[a.names[ordinal]:a.names[ordinal+1]])
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
	spoken.Find(a.spoken, func(n int) { found.Add(uint32(n)) })
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
	read := searched{
		text: make([]byte, 0, 25*people), starts: make([]int, 0, people+1),
		spoken: make([]pinyin.Code, 0, 4*people), names: make([]uint32, 0, people+1),
	}
	err := s.store.NamesBetween(ctx, t.id, 0, uint32(people), read.add)
	if err != nil {
		t.dropSearched(a)
		return nil, err
	}
	read.add(Named{Ordinal: uint32(len(read.starts)), Userid: tombstonePrefix}) // where the last one ends
	t.mu.Lock()
	defer t.mu.Unlock()
	a.text, a.starts, a.spoken, a.names = read.text, read.starts, read.spoken, read.names
	for ordinal := range a.stale {
		if int(ordinal)+1 < len(a.starts) {
			a.clear(ordinal)
		}
	}
	return a, nil
}

// add reads the next person. Ordinals that have none are passed over.
func (a *searched) add(n Named) {
	for len(a.starts) < int(n.Ordinal) {
		a.starts, a.names = append(a.starts, len(a.text)), append(a.names, uint32(len(a.spoken)))
		a.spoken = pinyin.Append(a.spoken, nil)
	}
	start := len(a.text)
	a.starts, a.names = append(a.starts, start), append(a.names, uint32(len(a.spoken)))
	a.text = searchText(a.text, n.Userid, n.Name, n.JobNumber)
	a.spoken = pinyin.Append(a.spoken, nameIn(a.text[start:]))
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
