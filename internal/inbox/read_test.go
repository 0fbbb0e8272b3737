package inbox_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

func TestTheFirstReadIsKept(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		s, v := w.service(t, 0), inbox.Viewer{Organization: 1, Ordinal: 1}
		w.Send(1, text(t, 1, 5, "hello", true, 1), text(t, 2, 5, "hello", false, 1))
		first := w.pass(time.Minute)
		mustRead(t, s, v, inbox.MessageID(1, 1), inbox.MessageID(1, 1), inbox.MessageID(2, 1))
		w.Recall(1, 2, w.pass(time.Minute))
		w.pass(time.Minute)
		mustRead(t, s, v, inbox.MessageID(1, 1), inbox.MessageID(2, 1))
		// A node that had not seen the first one yet writes its own.
		late := []inbox.Receipt{{Organization: 1, TaskID: 1, Ordinal: 1, ReadAt: w.clock()}}
		if err := w.db.Receipts().Create(context.Background(), late); err != nil {
			t.Fatal(err)
		}
		for _, item := range mustPage(t, s, v, inbox.Query{}).Items {
			if item.ReadAt == nil || !item.ReadAt.Equal(first) {
				t.Errorf("task %s read at %v, want %v", item.TaskID, item.ReadAt, first)
			}
		}
		want := []read{{1, []int64{1, 2}, []uint32{1}}}
		if diff := cmp.Diff(want, w.ears.all(), cmp.AllowUnexported(read{})); diff != "" {
			t.Errorf("hints: what changes nothing is not told\n%s", diff)
		}
	})
}

func TestARecalledMessageCanBeRead(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		s, v := w.service(t, 0), inbox.Viewer{Organization: 1, Ordinal: 1}
		w.Send(1, text(t, 1, 5, "hello", false, 1))
		w.Recall(1, 1, start)
		mustRead(t, s, v, inbox.MessageID(1, 1))
		if readers, _, err := w.db.Tasks().Readers(context.Background(), 1, 1); err != nil || !readers.Contains(1) {
			t.Errorf("readers %v, %v", readers, err)
		}
	})
}

func TestMarkReadRefusesTooMany(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		s, v := w.service(t, 0), inbox.Viewer{Organization: 1, Ordinal: 1}
		err := s.MarkRead(context.Background(), v, make([]string, 1001))
		if f := fault.From(err); f.Code != fault.CodeParameterInvalid || f.Limit != 1000 || f.Actual != 1001 {
			t.Errorf("%v", err)
		}
		if err := s.MarkRead(context.Background(), v, make([]string, 1000)); err != nil {
			t.Errorf("%v", err)
		}
	})
}

// Many readers at once share commits, and every one of them is told of.
func TestReceiptsOfManyAtOnce(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		const readers, messages = 24, 30
		w.Organization(2, "ding2")
		everybody := make([]uint32, readers)
		for i := range everybody {
			everybody[i] = uint32(i)
		}
		for organization := int64(1); organization <= 2; organization++ {
			for id := int64(1); id <= messages; id++ {
				w.Send(organization, text(t, id, 5, "hello", id%2 == 0, everybody...))
			}
		}
		nodes := []*inbox.Service{w.service(t, 0), w.service(t, 0)}
		var group sync.WaitGroup
		for _, ordinal := range everybody {
			group.Go(func() {
				for id := int64(1); id <= messages; id++ {
					v := inbox.Viewer{Organization: 1 + id%2, Ordinal: ordinal}
					other := messages + 1 - id // the nodes meet in the middle
					if err := nodes[id%2].MarkRead(context.Background(), v, []string{
						inbox.MessageID(id, ordinal), inbox.MessageID(other, ordinal),
					}); err != nil {
						t.Errorf("MarkRead: %v", err)
					}
				}
			})
		}
		group.Wait()
		for organization := int64(1); organization <= 2; organization++ {
			for id := int64(1); id <= messages; id++ {
				got, _, err := w.db.Tasks().Readers(context.Background(), organization, id)
				if err != nil || !slices.Equal(got.ToArray(), everybody) {
					t.Errorf("readers of %d in %d: %v, %v", id, organization, got, err)
				}
			}
		}
		told := map[int64]map[uint32]bool{1: {}, 2: {}}
		for _, hint := range w.ears.all() {
			for _, ordinal := range hint.ordinals {
				told[hint.organization][ordinal] = true
			}
		}
		if len(told[1]) != readers || len(told[2]) != readers {
			t.Errorf("told of %d and %d people", len(told[1]), len(told[2]))
		}
	})
}

// recorder is a Receipts that keeps what it is given and fails as told.
type recorder struct {
	mu      sync.Mutex
	batches [][]inbox.Receipt
	floors  []inbox.UnreadFloor
	errs    []error       // of the next calls
	hold    chan struct{} // each Create waits for one, when not nil
	begun   chan struct{}
}

func (r *recorder) Create(_ context.Context, receipts []inbox.Receipt) error {
	if r.hold != nil {
		r.begun <- struct{}{}
		<-r.hold
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.batches = append(r.batches, slices.Clone(receipts))
	if len(r.errs) == 0 {
		return nil
	}
	err := r.errs[0]
	r.errs = r.errs[1:]
	return err
}

func (r *recorder) MarkFloors(_ context.Context, floors []inbox.UnreadFloor) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.floors = append(r.floors, floors...)
	return nil
}

// on returns a Service that reads the world's database and writes to r.
func (r *recorder) on(t *testing.T, w *world) *inbox.Service {
	t.Helper()
	s, err := inbox.New(inbox.Deps{Store: w.db.Inbox(), Receipts: r, Cards: cards{}, Hints: w.ears, Now: w.clock})
	if err != nil {
		t.Fatal(err)
	}
	w.run(t, s)
	return s
}

func TestABusyDatabaseIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	w.Organization(1, "ding1")
	w.Send(1, text(t, 1, 5, "hello", true, 1))
	busy, unknown := fault.New(fault.CodeBusy, "busy"), fault.New(fault.CodeCommitUnknown, "unknown")
	for name, c := range map[string]struct {
		errs  []error
		tries int
		code  fault.Code
	}{
		"twice busy":      {[]error{busy, unknown}, 3, ""},
		"always busy":     {[]error{busy, busy, busy, busy}, 3, fault.CodeBusy},
		"full":            {[]error{fault.New(fault.CodeStorageFull, "full")}, 1, fault.CodeStorageFull},
		"something else":  {[]error{errors.New("broken")}, 1, fault.CodeInternal},
		"nothing at all ": {nil, 1, ""},
	} {
		r := &recorder{errs: c.errs}
		s := r.on(t, w)
		told := len(w.ears.all())
		err := s.MarkRead(context.Background(), inbox.Viewer{Organization: 1, Ordinal: 1}, []string{inbox.MessageID(1, 1)})
		w.stop(s)
		if len(r.batches) != c.tries || (err == nil) != (c.code == "") || err != nil && fault.From(err).Code != c.code {
			t.Errorf("%s: %d tries, %v", name, len(r.batches), err)
		}
		if told := len(w.ears.all()) - told; (told == 1) != (err == nil) {
			t.Errorf("%s: %d hints, %v", name, told, err)
		}
	}
}

// What queues up behind a commit goes into the next one together, sorted.
func TestReceiptsGatherBehindACommit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	w.Organization(1, "ding1")
	w.Organization(2, "ding2")
	for organization := int64(1); organization <= 2; organization++ {
		w.Send(organization, text(t, 1, 5, "hello", true, 0, 1, 2, 3), text(t, 2, 5, "hello", true, 0, 1, 2, 3))
	}
	r := &recorder{hold: make(chan struct{}), begun: make(chan struct{}, 1)}
	s := r.on(t, w)
	ctx, cancel := context.WithCancel(context.Background())
	answers := make(chan error, 16)
	mark := func(ctx context.Context, organization int64, ordinal uint32) {
		answers <- s.MarkRead(ctx, inbox.Viewer{Organization: organization, Ordinal: ordinal},
			[]string{inbox.MessageID(2, ordinal), inbox.MessageID(1, ordinal)})
	}
	go mark(context.Background(), 1, 0)
	<-r.begun // the first commit is under way
	go mark(ctx, 1, 3)
	for ordinal := uint32(3); ordinal > 0; ordinal-- {
		go mark(context.Background(), 2, ordinal)
		go mark(context.Background(), 1, ordinal%3)
	}
	cancel() // this one withdraws, whether it is waiting yet or not
	if err := <-answers; !errors.Is(err, context.Canceled) {
		t.Fatalf("the first answer is %v, while a commit is held", err)
	}
	// However they meet the writer, all of them are in the end in sorted batches.
	go func() {
		for range r.begun {
		}
	}()
	close(r.hold)
	for range 7 {
		if err := <-answers; err != nil {
			t.Errorf("MarkRead: %v", err)
		}
	}
	w.stop(s)
	close(r.begun)
	total := map[inbox.Receipt]bool{}
	for _, batch := range r.batches {
		sorted := slices.IsSortedFunc(batch, func(a, b inbox.Receipt) int {
			return slices.Compare([]int64{a.Organization, a.TaskID, int64(a.Ordinal)}, []int64{b.Organization, b.TaskID, int64(b.Ordinal)})
		})
		if !sorted {
			t.Errorf("a batch is not sorted: %v", batch)
		}
		for _, one := range batch {
			total[one] = true
		}
	}
	if len(total) != 2*3+2*3 {
		t.Errorf("%d receipts of 12: %v", len(total), total)
	}
}

func TestClosedServiceRefusesReceipts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	w.Organization(1, "ding1")
	w.Send(1, text(t, 1, 5, "hello", true, 1))
	s := (&recorder{}).on(t, w)
	w.stop(s)
	err := s.MarkRead(context.Background(), inbox.Viewer{Organization: 1, Ordinal: 1}, []string{inbox.MessageID(1, 1)})
	if !fault.Is(err, fault.CodeBusy) {
		t.Errorf("%v", err)
	}
}

// Whoever examined many sends leaves a floor, and the next badge is short.
func TestALongWalkLeavesAFloor(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		v, ctx := inbox.Viewer{Organization: 1, Ordinal: 1}, context.Background()
		var tasks []storetest.Sent
		for id := int64(1); id <= 700; id++ {
			one := text(t, id, 5, "hello", false, 2, 3)
			if id%100 == 0 {
				one.Recipients.Add(v.Ordinal)
			}
			tasks = append(tasks, one)
		}
		w.Send(1, tasks[:500]...)
		s := w.service(t, 0)
		if u := mustUnread(t, s, v); u.Count != 5 {
			t.Fatalf("%+v", u)
		}
		w.stop(s) // writes what is waiting
		if b, err := w.db.Inbox().Badge(ctx, v, forever, 1); err != nil || b.Floor != 0 {
			t.Fatalf("500 examined sends are not many: %+v, %v", b, err)
		}
		w.Send(1, tasks[500:]...)
		s = w.service(t, 0)
		mustRead(t, s, v, inbox.MessageID(100, 1))
		want := mustUnread(t, s, v)
		w.stop(s)
		b, err := w.db.Inbox().Badge(ctx, v, forever, 1)
		if err != nil || b.Floor != 700 {
			t.Fatalf("%+v, %v", b, err)
		}
		six := []int64{700, 600, 500, 400, 300, 200} // a task's revision is its number here
		if diff := cmp.Diff([]inbox.Candidates{{AgentID: 5, Tasks: six, Revisions: six}}, b.Candidates); diff != "" {
			t.Error(diff)
		}
		// An older pair never replaces a newer one.
		if err := w.db.Receipts().MarkFloors(ctx, []inbox.UnreadFloor{{Viewer: v, Floor: 3}}); err != nil {
			t.Fatal(err)
		}
		s = w.service(t, 0)
		if diff := cmp.Diff(want, mustUnread(t, s, v)); diff != "" {
			t.Error(diff)
		}
	})
}
