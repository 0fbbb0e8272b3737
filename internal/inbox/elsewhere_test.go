package inbox_test

import (
	"context"
	"database/sql"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// far hears of other nodes' receipts.
type far struct {
	ears

	looks int
}

func (f *far) ReadElsewhere(organization int64, ordinals []uint32) {
	f.Read(organization, nil, ordinals)
}

func (f *far) Look() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.looks++
}

// taken returns what was heard and forgets it.
func (f *far) taken() (heard []read, looks int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	heard, looks = f.heard, f.looks
	f.heard, f.looks = nil, 0
	return heard, looks
}

// others is Elsewhere as a list.
type others struct {
	mu      sync.Mutex
	rows    []inbox.RecentRead
	mark    int64
	down    bool
	deleted int64
}

func (o *others) ReadsSince(_ context.Context, since int64, limit int) ([]inbox.RecentRead, int64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.down {
		return nil, 0, fault.New(fault.CodeBusy, "down")
	}
	var found []inbox.RecentRead
	for _, r := range o.rows {
		if r.Transaction >= since && len(found) < limit {
			found = append(found, r)
		}
	}
	return found, o.mark, nil
}

func (o *others) DeleteReadsBefore(_ context.Context, mark int64) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.deleted = mark
	o.rows = slices.DeleteFunc(o.rows, func(r inbox.RecentRead) bool { return r.Transaction < mark })
	return nil
}

// left returns the mark of the last deletion and how many rows there are.
func (o *others) left() (deleted int64, rows int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.deleted, len(o.rows)
}

// commit adds rows of a transaction; mark is the oldest one under way then.
func (o *others) commit(transaction, mark int64, ordinals ...uint32) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.mark = mark
	o.rows = append(o.rows, inbox.RecentRead{
		ReadKey: inbox.ReadKey{Transaction: transaction, Organization: 7, Node: 1}, Ordinals: ordinals,
	})
}

// follow follows o until the test ends. Its clock is the bubble's.
func follow(t *testing.T, o *others) *far {
	t.Helper()
	f := &far{}
	s, err := inbox.New(inbox.Deps{
		Store: struct{ inbox.Store }{}, Receipts: struct{ inbox.Receipts }{}, Cards: cards{}, Now: time.Now,
		Elsewhere: o, Listener: f,
	})
	if err != nil {
		t.Fatal(err)
	}
	storetest.Run(t, s.Run)
	return f
}

func settle(d time.Duration) {
	time.Sleep(d) //nolint:forbidigo // inside a bubble: the clock is synctest's
	synctest.Wait()
}

func (f *far) want(t *testing.T, looks int, people ...uint32) {
	t.Helper()
	heard, looked := f.taken()
	var got []uint32
	for _, one := range heard {
		got = append(got, one.ordinals...)
	}
	if looked != looks || !slices.Equal(got, people) {
		t.Errorf("told %v and to look %d times, want %v and %d", got, looked, people, looks)
	}
}

func TestFollowTellsEachReadingOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &others{mark: 50}
		o.commit(49, 50, 1) // before this node was there
		f := follow(t, o)
		settle(time.Second)
		f.want(t, 0)
		o.commit(51, 50, 2) // 50 is under way
		settle(time.Second)
		o.commit(52, 50, 3)
		settle(5 * time.Second)
		f.want(t, 0, 2, 3)
		o.commit(50, 53, 4) // and ends late
		settle(5 * time.Second)
		f.want(t, 0, 4)
		o.commit(53, 54, 5)
		settle(5 * time.Second)
		f.want(t, 0, 5)
	})
}

func TestFollowLooksWhenItCannotTell(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &others{mark: 50}
		f := follow(t, o)
		settle(time.Second)
		for transaction := range int64(6000) {
			o.commit(100+transaction, 6100, 1)
		}
		settle(time.Second)
		f.want(t, 1)
		o.mu.Lock()
		o.rows = nil
		o.mu.Unlock()
		o.commit(20, 21, 1) // another server has taken over, with lower numbers
		settle(time.Second)
		f.want(t, 1)
		o.commit(22, 23, 2)
		settle(time.Second)
		f.want(t, 0, 2)

		o.mu.Lock()
		o.down = true
		o.mu.Unlock()
		settle(10 * time.Second)
		o.commit(24, 25, 3)
		o.mu.Lock()
		o.down = false
		o.mu.Unlock()
		settle(time.Second)
		f.want(t, 0, 3) // nothing was missed
		o.mu.Lock()
		o.down = true
		o.mu.Unlock()
		settle(3 * time.Minute)
		o.mu.Lock()
		o.down = false
		o.mu.Unlock()
		settle(time.Second)
		f.want(t, 1) // rows may have been deleted
	})
}

func TestFollowDeletesWhatEverybodyHasSeen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &others{mark: 50}
		follow(t, o)
		settle(time.Second)
		o.commit(60, 61, 1)
		settle(time.Minute)
		if deleted, _ := o.left(); deleted != 0 {
			t.Errorf("deleted before %d within a minute", deleted)
		}
		settle(5 * time.Minute)
		if deleted, rows := o.left(); deleted != 61 || rows != 0 {
			t.Errorf("deleted before %d, %d rows are left", deleted, rows)
		}
	})
}

// On PostgreSQL what another node reads is found whatever order the commits
// take, and rows of this node are no news.
func TestReadingOnAnotherNode(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "postgres")
	w.Organization(1, "ding1")
	w.Send(1, text(t, 1, 1, "one", true, 3, 4), text(t, 2, 1, "two", true, 3, 4))
	elsewhere := storetest.At(t, w.address, nil)
	f := &far{}
	there, err := inbox.New(inbox.Deps{
		Store: elsewhere.Inbox(), Receipts: elsewhere.Receipts(), Cards: cards{}, Now: w.clock, Elsewhere: elsewhere.RecentReads(), Listener: f,
	})
	if err != nil {
		t.Fatal(err)
	}
	storetest.Run(t, there.Run)

	late, err := sql.Open("pgx", w.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = late.Close() })
	tx, err := late.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback() // does nothing after the commit
	if _, err := tx.Exec(`INSERT INTO recent_read (xact, organization, node, ordinals)
		SELECT pg_current_xact_id()::text::bigint, 1, 99, '\x3a300000010000000000000010000000'::bytea || '\x0900'::bytea`); err != nil {
		t.Fatal(err)
	}

	// Reading until it is heard: the first look tells nothing.
	v := inbox.Viewer{Organization: 1, Ordinal: 3}
	receipt := inbox.Receipt{Organization: 1, TaskID: 1, Ordinal: v.Ordinal, ReadAt: start}
	hear := func(ordinal uint32, again func()) {
		t.Helper()
		deadline := time.After(30 * time.Second)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			heard, _ := f.taken()
			for _, one := range heard {
				if one.organization == 1 && slices.Contains(one.ordinals, ordinal) {
					return
				}
			}
			select {
			case <-tick.C:
				again()
			case <-deadline:
				t.Fatalf("nobody heard that %d has read", ordinal)
			}
		}
	}
	hear(3, func() {
		if err := w.db.Receipts().Create(context.Background(), []inbox.Receipt{receipt}); err != nil {
			t.Fatal(err)
		}
	})
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	hear(9, func() {})

	reads, mark, err := w.db.RecentReads().ReadsSince(context.Background(), 0, 100)
	if err != nil || len(reads) != 1 || reads[0].Node != 99 {
		t.Errorf("its own are news to a node: %+v, %v", reads, err)
	}
	if _, err := late.Exec(`INSERT INTO recent_read (xact, organization, node, ordinals) VALUES (4611686018427387904, 1, 98, '\x')`); err != nil {
		t.Fatal(err) // left behind by a copy of the database
	}
	// A transaction anywhere on the server may hold the mark back for a while.
	deadline := time.Now().Add(30 * time.Second)
	for {
		if err := w.db.RecentReads().DeleteReadsBefore(context.Background(), mark); err != nil {
			t.Fatal(err)
		}
		reads, next, err := elsewhere.RecentReads().ReadsSince(context.Background(), 0, 100)
		if err == nil && len(reads) == 0 {
			break
		}
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("after deleting: %+v, %v", reads, err)
		}
		mark = next
	}
}

func TestOnSQLiteANodeIsAlone(t *testing.T) {
	t.Parallel()
	if storetest.Open(t, "sqlite").RecentReads() != nil {
		t.Error("there are other nodes")
	}
}
