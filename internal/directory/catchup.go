package directory

import (
	"context"
	"fmt"
	"sync"

	"github.com/tidings-im/tidings/internal/fault"
)

// CatchUp returns once Resolve answers at directoryRevision or later. It reads
// only what changed; nothing when the snapshot is there already. Fails with
// organization_unknown.
func (s *Service) CatchUp(ctx context.Context, organization, directoryRevision int64) error {
	_, err := s.caughtUp(ctx, organization, directoryRevision)
	return err
}

func (s *Service) caughtUp(ctx context.Context, organization, revision int64) (*tenant, error) {
	t := s.claim(organization)
	if t.revision() >= revision {
		return t, nil
	}
	release, err := take(ctx, t.turn)
	if err != nil {
		return nil, err
	}
	defer release()
	held := t.revision()
	if held >= revision {
		return t, nil
	}
	// The revision comes first: rows read after it may be newer, never older.
	at, err := s.store.DirectoryRevision(ctx, organization)
	if err != nil {
		s.forget(t, err)
		return nil, err
	}
	if held < 0 {
		err = s.load(ctx, t, at)
	} else {
		err = t.follow(ctx, s.store, at.Directory)
	}
	if err != nil {
		return nil, fmt.Errorf("directory.CatchUp: %w", err)
	}
	if now := t.revision(); now < revision {
		return nil, fmt.Errorf("directory.CatchUp: organization %d is at revision %d, not yet at %d", organization, now, revision)
	}
	return t, nil
}

// claim returns the organization's tenant, loaded or not.
func (s *Service) claim(organization int64) *tenant {
	s.mu.RLock()
	t := s.tenants[organization]
	s.mu.RUnlock()
	if t != nil {
		return t
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.tenants[organization]; t != nil {
		return t
	}
	t = &tenant{id: organization, turn: make(chan struct{}, 1), changing: make(chan struct{}, 1), searching: make(chan struct{}, 1)}
	s.tenants[organization] = t
	return t
}

// forget drops a tenant that turned out not to exist.
func (s *Service) forget(t *tenant, err error) {
	if !fault.Is(err, fault.CodeOrganizationUnknown) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tenants[t.id] == t {
		delete(s.tenants, t.id)
	}
}

// follow reads what changed after the snapshot's revision and applies it. to
// must have been read before. Two may follow at once: a delta read by the
// slower one is either behind the snapshot, and dropped, or leads it forward
// to a revision that the delta holds whole.
func (t *tenant) follow(ctx context.Context, r Reader, to int64) error {
	from := t.revision()
	if from >= to {
		return nil
	}
	d := delta{revision: to}
	var err error
	if d.organization, err = r.OrganizationByID(ctx, t.id); err != nil {
		return err
	}
	// People before departments: a department that a person's row names is
	// then always there.
	if err = r.MembersSince(ctx, t.id, from, func(m Member) { d.members = append(d.members, m) }); err != nil {
		return err
	}
	if d.departments, err = r.DepartmentsSince(ctx, t.id, from); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.snap.revision < to {
		t.snap.apply(d)
		if t.search != nil {
			t.search.forget(d.members)
		}
	}
	return nil
}

// load reads the whole organization, people in two halves side by side.
func (s *Service) load(ctx context.Context, t *tenant, at Revision) error {
	snap := newSnapshot(int(at.NextOrdinal))
	o, err := s.store.OrganizationByID(ctx, t.id)
	if err != nil {
		return err
	}
	snap.setOrganization(o)
	if err := s.loadPeople(ctx, t.id, at, snap); err != nil {
		return err
	}
	departments, err := s.store.DepartmentsSince(ctx, t.id, 0)
	if err != nil {
		return err
	}
	for _, d := range departments {
		snap.tree.put(d)
	}
	snap.index()
	snap.revision = at.Directory
	t.mu.Lock()
	t.snap = snap
	t.mu.Unlock()
	s.mu.Lock()
	s.corps[o.CorpID] = t.id
	s.mu.Unlock()
	return nil
}

// loadPeople fills snap.people. Each half has its own range of ordinals, and
// shares only the numbering of the lists.
func (s *Service) loadPeople(ctx context.Context, organization int64, at Revision, snap *snapshot) error {
	var halves sync.WaitGroup
	var mu sync.Mutex
	var errs [2]error
	middle := at.NextOrdinal / 2
	for i, half := range [2][2]uint32{{0, middle}, {middle, at.NextOrdinal}} {
		if half[0] == half[1] {
			continue
		}
		halves.Go(func() {
			last, list := "", uint32(0)
			first := true
			errs[i] = s.store.MembersBetween(ctx, organization, half[0], half[1], func(m Member) {
				if first || m.Depts != last { // neighbours mostly share their departments
					mu.Lock()
					list = snap.list(m.Depts)
					mu.Unlock()
					first, last = false, m.Depts
				}
				snap.people[m.Ordinal] = person{userid: m.Userid, depts: list, state: m.State}
			})
		})
	}
	halves.Wait()
	if errs[0] != nil {
		return errs[0]
	}
	return errs[1]
}

// index derives everything from people and the tree.
func (s *snapshot) index() {
	for i := range s.people {
		p, ordinal := &s.people[i], uint32(i)
		if p.userid == "" {
			p.state = Deleted // a row that was not read
		}
		if p.state == Deleted {
			s.depart(p.userid, 1)
			continue
		}
		s.living[p.userid] = ordinal
		if p.state == Active {
			s.active.Add(ordinal)
		} else {
			s.disabled.Add(ordinal)
		}
		for _, id := range s.lists[p.depts] {
			n := s.tree.node(id)
			n.living++
			if p.state == Active {
				n.direct.Add(ordinal)
			}
		}
	}
	s.active.RunOptimize()
	for _, n := range s.tree.nodes {
		n.direct.RunOptimize()
	}
	s.tree.rebuild()
}
