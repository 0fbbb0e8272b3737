package inbox_test

import (
	"context"
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

func TestPageRefusesBadQueries(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		s := w.service(t, 0)
		for field, q := range map[string]inbox.Query{
			"limit": {Limit: 101}, "before": {Before: "x"},
		} {
			_, err := s.Page(context.Background(), inbox.Viewer{Organization: 1}, q)
			if !fault.Is(err, fault.CodeParameterInvalid) || fault.From(err).Field != field {
				t.Errorf("Page(%+v): %v", q, err)
			}
		}
		for _, q := range []inbox.Query{{Limit: -1}, {Before: "0"}, {Before: "-1"}, {Before: "9223372036854775808"}} {
			if _, err := s.Page(context.Background(), inbox.Viewer{Organization: 1}, q); !fault.Is(err, fault.CodeParameterInvalid) {
				t.Errorf("Page(%+v): %v", q, err)
			}
		}
	})
}

func TestUnknownOrganization(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		s, ctx, v := w.service(t, 0), context.Background(), inbox.Viewer{Organization: 404}
		calls := map[string]func() error{
			"Revision":    func() error { _, err := s.Revision(ctx, 404); return err },
			"Page":        func() error { _, err := s.Page(ctx, v, inbox.Query{}); return err },
			"Page unread": func() error { _, err := s.Page(ctx, v, inbox.Query{Unread: true}); return err },
			"Unread":      func() error { _, err := s.Unread(ctx, v); return err },
			"MarkAllRead": func() error { return s.MarkAllRead(ctx, v, 0, 1) },
			"Changes":     func() error { _, _, _, err := s.Changes(ctx, 404, 0); return err },
			"Resume":      func() error { _, _, _, err := s.Resume(ctx, v, 0); return err },
		}
		for name, call := range calls {
			if err := call(); !fault.Is(err, fault.CodeOrganizationUnknown) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := s.MarkRead(ctx, v, []string{inbox.MessageID(1, 0)}); err != nil {
			t.Errorf("MarkRead ignores what is not there: %v", err)
		}
	})
}

// A page examines 2,000 large sends and then says how far it got.
func TestPageIsBounded(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		v := inbox.Viewer{Organization: 1, Ordinal: 1}
		tasks := []storetest.Sent{text(t, 1, 5, "for you", false, 1), text(t, 2, 5, "filed for you", true, 1)}
		one := text(t, 0, 5, "for others", false, 2, 3)
		for id := int64(3); id <= 2500; id++ {
			one.ID = id
			tasks = append(tasks, one)
		}
		w.Send(1, tasks...)
		s := w.service(t, 0)
		first := mustPage(t, s, v, inbox.Query{})
		if len(first.Items) != 0 || first.NextBefore == nil || *first.NextBefore != "501" {
			t.Fatalf("first page: %d items, next %v", len(first.Items), first.NextBefore)
		}
		second := mustPage(t, s, v, inbox.Query{Before: *first.NextBefore})
		if diff := cmp.Diff([]string{"2", "1"}, taskIDsOf(second.Items)); diff != "" || second.NextBefore != nil {
			t.Fatalf("second page, next %v:\n%s", second.NextBefore, diff)
		}
		if first.Revision != "2500" {
			t.Errorf("revision %s", first.Revision)
		}
		if u := mustUnread(t, s, v); u.Count != 2 {
			t.Errorf("the badge is not bounded: %+v", u)
		}
	})
}

// A page is full exactly at the end of an inbox: no next page is promised.
func TestPageEndsAtTheLastMessage(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		for id := int64(1); id <= 4; id++ {
			w.Send(1, text(t, id, 5, "hello", id%2 == 0, 1))
		}
		s := w.service(t, 0)
		p := mustPage(t, s, inbox.Viewer{Organization: 1, Ordinal: 1}, inbox.Query{Limit: 4})
		if len(p.Items) != 4 || p.NextBefore != nil {
			t.Errorf("%d items, next %v", len(p.Items), p.NextBefore)
		}
		p = mustPage(t, s, inbox.Viewer{Organization: 1, Ordinal: 1}, inbox.Query{Limit: 3})
		if len(p.Items) != 3 || p.NextBefore == nil {
			t.Errorf("%d items, next %v", len(p.Items), p.NextBefore)
		}
		p = mustPage(t, s, inbox.Viewer{Organization: 1, Ordinal: 9}, inbox.Query{})
		if raw, _ := json.Marshal(p); string(raw) != `{"items":[],"next_before":null,"revision":"4"}` {
			t.Errorf("an empty inbox is %s", raw)
		}
	})
}

// Pages walked while others send hold everything up to the first page's
// revision, each once, and nothing above it.
func TestPagingWhileSendsArrive(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		v := inbox.Viewer{Organization: 1, Ordinal: 1}
		var next int64
		send := func(n int) {
			for range n {
				next++
				w.Send(1, text(t, next, 5, "hello", next%3 == 0, 1, 2))
			}
		}
		send(40)
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			for {
				select {
				case <-stop:
					return
				default:
					send(1)
				}
			}
		}()
		for _, s := range []*inbox.Service{w.service(t, 0), w.service(t, 1)} {
			for range 5 {
				q := inbox.Query{Limit: 7}
				var ids []string
				var top int64
				for {
					p := mustPage(t, s, v, q)
					if top == 0 {
						top = mustInt(t, p.Revision)
					}
					ids = append(ids, taskIDsOf(p.Items)...)
					if p.NextBefore == nil {
						break
					}
					q.Before = *p.NextBefore
				}
				var want []string
				for id := top; id > 0; id-- { // the tasks' ids are their revisions here
					want = append(want, strconv.FormatInt(id, 10))
				}
				if diff := cmp.Diff(want, ids); diff != "" {
					t.Fatalf("the walk from revision %d:\n%s", top, diff)
				}
			}
		}
		close(stop)
		<-stopped
	})
}

// between is a Store that lets something happen after each reading of the
// revision.
type between struct {
	inbox.Store
	happens func()
}

func (b between) Filed(ctx context.Context, v inbox.Viewer, s inbox.Span, limit int) (int64, []inbox.Key, error) {
	revision, keys, err := b.Store.Filed(ctx, v, s, limit)
	b.happens()
	return revision, keys, err
}

// What is sent after a request has read the revision is not in its answer,
// though another request has brought it into memory.
func TestNothingAboveTheRevisionRead(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		v, ctx := inbox.Viewer{Organization: 1, Ordinal: 1}, context.Background()
		var s *inbox.Service
		inside := false
		var next int64
		hooked := between{w.db.Inbox(), func() {
			if inside {
				return
			}
			inside = true
			defer func() { inside = false }()
			next++
			w.Send(1, text(t, next, 5, "hello", false, 1))
			mustUnread(t, s, v) // catches up to it
		}}
		s, err := inbox.New(inbox.Deps{Store: hooked, Receipts: w.db.Receipts(), Cards: cards{}, Now: w.clock})
		if err != nil {
			t.Fatal(err)
		}
		w.run(t, s)
		for n := range 3 {
			p := mustPage(t, s, v, inbox.Query{})
			if len(p.Items) != n || p.Revision != strconv.Itoa(n) {
				t.Errorf("%d items at revision %s, want %d", len(p.Items), p.Revision, n)
			}
		}
		events, through, _, err := s.Resume(ctx, v, 0)
		if err != nil || len(events) != 3 || through != 3 {
			t.Errorf("%d events through %d, %v", len(events), through, err)
		}
	})
}

func mustInt(tb failer, s string) int64 {
	tb.Helper()
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		tb.Fatalf("%q is no number", s)
	}
	return n
}

// Sets that were pushed out of memory are read back, and the memory stays
// within its budget, the newest sets in it.
func TestSetsStayWithinTheirBudget(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		const most = 20_000
		s, free := w.service(t, most), w.service(t, 0)
		w.Organization(2, "ding2")
		for organization := int64(1); organization <= 2; organization++ {
			var tasks []storetest.Sent
			for id := int64(1); id <= 60; id++ {
				one := text(t, id, 5, "hello", false)
				for ordinal := uint32(id); ordinal < 2000; ordinal += uint32(id) {
					one.Recipients.Add(ordinal)
				}
				tasks = append(tasks, one)
			}
			w.Send(organization, tasks...)
		}
		for round := range 2 {
			for organization := int64(1); organization <= 2; organization++ {
				for ordinal := uint32(0); ordinal < 200; ordinal += 19 {
					v := inbox.Viewer{Organization: organization, Ordinal: ordinal}
					q := inbox.Query{Limit: 10}
					if diff := cmp.Diff(taskIDsOf(mustWalk(t, free, v, q)), taskIDsOf(mustWalk(t, s, v, q))); diff != "" {
						t.Fatalf("round %d, %+v:\n%s", round, v, diff)
					}
					if held, charged := s.SetBytes(); held > most || charged != held {
						t.Fatalf("%d bytes of sets, taken for %d, the budget is %d", held, charged, most)
					}
				}
			}
		}
		if held, _ := free.SetBytes(); held <= most {
			t.Fatal("the sets fit into the budget: nothing was tested")
		}
	})
}

func TestNothingOfAnotherOrganization(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.Organization(2, "ding2")
		w.Send(1, text(t, 100, 5, "ours", false, 1), text(t, 101, 5, "ours", true, 1))
		w.Send(2, text(t, 200, 5, "theirs", false, 1), text(t, 201, 5, "theirs", true, 1), text(t, 202, 5, "theirs", false, 2))
		s, ctx := w.service(t, 0), context.Background()
		ours, theirs := inbox.Viewer{Organization: 1, Ordinal: 1}, inbox.Viewer{Organization: 2, Ordinal: 1}
		if diff := cmp.Diff([]string{"101", "100"}, taskIDsOf(mustWalk(t, s, ours, inbox.Query{}))); diff != "" {
			t.Error(diff)
		}
		// Reading what is theirs, or somebody else's, changes nothing.
		mustRead(t, s, ours, inbox.MessageID(200, 1), inbox.MessageID(201, 1))
		mustRead(t, s, theirs, inbox.MessageID(202, 1), inbox.MessageID(202, 2), inbox.MessageID(100, 1))
		if err := s.MarkAllRead(ctx, ours, 0, forever); err != nil {
			t.Fatal(err)
		}
		for task, want := range map[int64]uint64{100: 0, 200: 0, 201: 0, 202: 0} {
			readers, _, err := w.db.Tasks().Readers(ctx, 2, task)
			if err != nil || readers.GetCardinality() != want {
				t.Errorf("readers of %d: %v, %v", task, readers, err)
			}
		}
		if readers, _, err := w.db.Tasks().Readers(ctx, 1, 100); err != nil || !readers.Equals(roaring.BitmapOf(1)) {
			t.Errorf("readers of ours: %v, %v", readers, err)
		}
		if u := mustUnread(t, s, theirs); u.Count != 2 {
			t.Errorf("their unread: %+v", u)
		}
	})
}

// Two nodes on one database show the same, whichever wrote.
func TestTwoNodes(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		other := &world{address: w.address, db: storetest.At(t, w.address, nil), Sender: w.Sender, ears: &ears{}, now: start}
		a, b := w.service(t, 0), other.service(t, 0)
		v := inbox.Viewer{Organization: 1, Ordinal: 1}
		for id := int64(1); id <= 20; id++ {
			w.Send(1, text(t, id, 5, "hello", id%2 == 0, 1))
			if n := len(mustPage(t, a, v, inbox.Query{}).Items); n != int(id) {
				t.Fatalf("node a shows %d of %d", n, id)
			}
			if n := mustUnread(t, b, v).Count; n != 1 {
				t.Fatalf("node b counts %d", n)
			}
			mustRead(t, a, v, inbox.MessageID(id, 1))
			if n := mustUnread(t, b, v).Count; n != 0 {
				t.Fatalf("node b counts %d after node a's receipt", n)
			}
		}
	})
}

func TestTombstone(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		s := w.service(t, 0)
		oa := text(t, 1, 5, "-", false, 1)
		oa.Type = "oa"
		oa.Message = canonical(t, "oa", map[string]any{
			"message_url": "https://example.com/secret", "head": map[string]any{"bgcolor": "FFBBBBBB", "text": "secret"},
			"body":       map[string]any{"title": "secret", "content": "secret"},
			"status_bar": map[string]any{"status_value": "secret", "status_bg": "0xFFF65E5E"},
		})
		w.Send(1, oa, text(t, 2, 5, "secret", true, 1))
		v := inbox.Viewer{Organization: 1, Ordinal: 1}
		mustRead(t, s, v, inbox.MessageID(1, 1))
		w.StatusBar(1, 1, "secret now", "0xFF00FF00")
		for _, item := range mustPage(t, s, v, inbox.Query{}).Items {
			if item.HTML == "" || item.Title == "" {
				t.Fatalf("before the recall: %+v", item)
			}
		}
		at := w.pass(time.Hour)
		w.Recall(1, 1, at)
		w.Recall(1, 2, at)
		page := mustPage(t, s, v, inbox.Query{})
		want := []string{
			`{"message_id":"` + inbox.MessageID(2, 1) + `","task_id":"2","revision":"2","app":{"agent_id":"5","name":"Approvals","icon":"/icon.png"},` +
				`"type":"text","title":"","preview":"","html":"","body":{},"status_bar":null,"sent_at":"2026-03-02T08:00:00Z","read_at":null,"recalled_at":"2026-03-02T09:00:00Z"}`,
			`{"message_id":"` + inbox.MessageID(1, 1) + `","task_id":"1","revision":"1","app":{"agent_id":"5","name":"Approvals","icon":"/icon.png"},` +
				`"type":"oa","title":"","preview":"","html":"","body":{},"status_bar":null,"sent_at":"2026-03-02T08:00:00Z","read_at":"2026-03-02T08:00:00Z","recalled_at":"2026-03-02T09:00:00Z"}`,
		}
		for i, item := range page.Items {
			raw, err := json.Marshal(item)
			if err != nil || string(raw) != want[i] {
				t.Errorf("tombstone:\n%s\nwant\n%s", raw, want[i])
			}
		}
		if u := mustUnread(t, s, v); u.Count != 0 {
			t.Errorf("recalled messages count: %+v", u)
		}
		events, _, _, err := s.Changes(context.Background(), 1, 0)
		if err != nil || len(events) != 5 {
			t.Fatalf("%d events, %v", len(events), err)
		}
		for _, e := range events {
			if raw, _ := json.Marshal(e.Item); e.Item.RecalledAt == nil || e.Item.HTML != "" || e.Item.StatusBar != nil {
				t.Errorf("an event still holds content: %s", raw)
			}
		}
	})
}
