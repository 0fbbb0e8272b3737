package inbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// failer is what testing.TB and *rapid.T have in common.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// cards is a desk of senders and uploads that never fails.
type cards struct{}

func (cards) Sender(_ context.Context, _, agentID int64) (inbox.Sender, error) {
	if agentID == goneAgent {
		return inbox.Sender{}, fault.New(fault.CodeAgentUnknown, "no such agent")
	}
	return inbox.Sender{Name: "Approvals", Icon: "/icon.png", PageURL: "https://app.example.com/home", TrustedHosts: []string{"example.com", "*.example.org"}}, nil
}

func (cards) MediaURL(_ context.Context, organization, task int64, media string) (string, bool) {
	return fmt.Sprintf("/api/v1/media/%s?org=ding%d&task=%d", media, organization, task), true
}

func (cards) Files(_ context.Context, _ int64, ids []string) (map[string]message.Upload, error) {
	uploads := map[string]message.Upload{}
	for _, id := range ids {
		u, ok := map[string]message.Upload{
			"@file":  {Name: "plan.pdf", Size: 1234, ContentType: "application/pdf"},
			"@voice": {Name: "note.amr", Size: 99, ContentType: "audio/amr"},
			"@pic":   {Name: "pic.png", Size: 5, ContentType: "image/png", Width: 640, Height: 480},
		}[id]
		if ok {
			uploads[id] = u
		}
	}
	return uploads, nil
}

// goneAgent is an agent that nobody knows.
const goneAgent = 13

// read is a hint as it was told.
type read struct {
	organization int64
	tasks        []int64
	ordinals     []uint32
}

// ears collects hints.
type ears struct {
	mu    sync.Mutex
	heard []read
}

func (e *ears) Read(organization int64, tasks []int64, ordinals []uint32) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = append(e.heard, read{organization, tasks, ordinals})
}

func (e *ears) all() []read {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]read(nil), e.heard...)
}

// world is a database with a sender of its own and a clock that stands still
// until it is moved.
type world struct {
	stops sync.Map // *inbox.Service → func()
	*storetest.Sender
	address string
	db      *store.DB
	ears    *ears

	mu  sync.Mutex
	now time.Time
}

func newWorld(tb testing.TB, engine string) *world {
	tb.Helper()
	w := &world{address: storetest.Ready(tb, engine), ears: &ears{}, now: start}
	w.db = storetest.At(tb, w.address, nil)
	w.Sender = storetest.NewSender(tb, w.address)
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
	return w.now
}

// service returns a Service on the world's database.
func (w *world) service(tb testing.TB, setBytes int64) *inbox.Service {
	tb.Helper()
	s, err := inbox.New(inbox.Deps{
		Store: w.db.Inbox(), Receipts: w.db.Receipts(), Cards: cards{}, Hints: w.ears,
		Now: w.clock, SetBytes: setBytes,
	})
	if err != nil {
		tb.Fatalf("inbox.New: %v", err)
	}
	w.run(tb, s)
	return s
}

// run runs a Service until stop, or the test's end.
func (w *world) run(tb testing.TB, s *inbox.Service) { w.stops.Store(s, storetest.Run(tb, s.Run)) }

// stop ends a Service that runs: what it accepted is written.
func (w *world) stop(s *inbox.Service) {
	if stop, ok := w.stops.Load(s); ok {
		stop.(func())()
	}
}

// eachWorld runs fn on every engine.
func eachWorld(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, engine)
			w.Organization(1, "ding1")
			fn(t, w)
		})
	}
}

// canonical returns a message as it is stored.
func canonical(tb failer, typ string, inner map[string]any) string {
	tb.Helper()
	raw, err := json.Marshal(map[string]any{"msgtype": typ, typ: inner})
	if err != nil {
		tb.Fatalf("marshal: %v", err)
	}
	m, err := message.Decode(raw, message.Limits{})
	if err != nil {
		tb.Fatalf("decode: %v", err)
	}
	return string(m.Canonical())
}

// text is a text message to send.
func text(tb failer, id, agent int64, words string, filed bool, to ...uint32) storetest.Sent {
	tb.Helper()
	return storetest.Sent{
		ID: id, AgentID: agent, Type: "text", Message: canonical(tb, "text", map[string]any{"content": words}),
		Filed: filed, Recipients: roaring.BitmapOf(to...), At: start,
	}
}

func mustPage(tb failer, s *inbox.Service, v inbox.Viewer, q inbox.Query) inbox.Page {
	tb.Helper()
	p, err := s.Page(context.Background(), v, q)
	if err != nil {
		tb.Fatalf("Page(%+v): %v", q, err)
	}
	return p
}

// mustWalk returns a whole inbox, page by page.
func mustWalk(tb failer, s *inbox.Service, v inbox.Viewer, q inbox.Query) []inbox.Item {
	tb.Helper()
	var all []inbox.Item
	for range 10_000 {
		p := mustPage(tb, s, v, q)
		if limit := max(q.Limit, 1); q.Limit > 0 && len(p.Items) > limit {
			tb.Fatalf("%d items on a page of %d", len(p.Items), limit)
		}
		all = append(all, p.Items...)
		if p.NextBefore == nil {
			return all
		}
		q.Before = *p.NextBefore
	}
	tb.Fatalf("the pages of %+v never end", q)
	return nil
}

func mustRead(tb failer, s *inbox.Service, v inbox.Viewer, ids ...string) {
	tb.Helper()
	if err := s.MarkRead(context.Background(), v, ids); err != nil {
		tb.Fatalf("MarkRead: %v", err)
	}
}

func mustUnread(tb failer, s *inbox.Service, v inbox.Viewer) inbox.Unread {
	tb.Helper()
	u, err := s.Unread(context.Background(), v)
	if err != nil {
		tb.Fatalf("Unread: %v", err)
	}
	return u
}

func taskIDsOf(items []inbox.Item) []string {
	ids := []string{}
	for _, i := range items {
		ids = append(ids, i.TaskID)
	}
	return ids
}
