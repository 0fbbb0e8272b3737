package store_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// mustReceipts has 50 people read 100 tasks each.
func mustReceipts(tb testing.TB, db *store.DB, organization int64) {
	tb.Helper()
	var batch []inbox.Receipt
	for task := int64(1); task <= 100; task++ {
		for ordinal := range uint32(50) {
			batch = append(batch, inbox.Receipt{Organization: organization, TaskID: task, Ordinal: ordinal, ReadAt: time.UnixMilli(1)})
		}
	}
	if err := db.Receipts().Create(context.Background(), batch); err != nil {
		tb.Fatalf("Create: %v", err)
	}
}

func TestReceipts(t *testing.T) {
	t.Parallel()
	storetest.OnBoth(t, func(t *testing.T, db *store.DB) {
		ctx, r := context.Background(), db.Receipts()
		mustReceipts(t, db, 1)
		mustReceipts(t, db, 1)                // a second time changes nothing
		many := make([]inbox.Receipt, 10_000) // so far apart that they are read in pieces
		for i := range many {
			many[i] = inbox.Receipt{Organization: 2, TaskID: 1, Ordinal: uint32(i) * 37, ReadAt: time.UnixMilli(5)}
		}
		if err := r.Create(ctx, many); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			organization, task int64
			first              uint32
			count              uint64
		}{{1, 1, 0, 50}, {1, 100, 0, 50}, {1, 101, 0, 0}, {2, 1, 0, 10_000}, {3, 1, 0, 0}} {
			set, _, err := db.Tasks().Readers(ctx, c.organization, c.task)
			if err != nil || set.GetCardinality() != c.count {
				t.Errorf("readers of %d in %d: %d, %v", c.task, c.organization, set.GetCardinality(), err)
			}
		}
		set, _, err := db.Tasks().Readers(ctx, 2, 1)
		want := roaring.New()
		for _, one := range many {
			want.Add(one.Ordinal)
		}
		if err != nil || !set.Equals(want) {
			t.Errorf("readers: %v, %v", set, err)
		}
	})
}

// The hint with the highest floor stays, whoever writes last.
func TestHints(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.BothEngines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			address := storetest.Ready(t, engine)
			db, ctx := storetest.At(t, address, nil), context.Background()
			storetest.NewSender(t, address).Organization(1, "ding1")
			var hints []inbox.UnreadFloor
			for ordinal := range uint32(60) {
				hints = append(hints, inbox.UnreadFloor{
					Viewer: inbox.Viewer{Organization: 1, Ordinal: ordinal}, Floor: 10,
					Candidates: []inbox.Candidates{
						{AgentID: 5, Rest: 1 << 51, Tasks: []int64{1 << 52, 7}, Revisions: []int64{0, 1 << 50}},
						{AgentID: 1 << 50, Tasks: []int64{1 + int64(ordinal)}, Revisions: []int64{3}},
					},
				})
			}
			last := inbox.UnreadFloor{Viewer: hints[7].Viewer, Floor: 11}
			older := inbox.UnreadFloor{Viewer: hints[7].Viewer, Floor: 9, Candidates: []inbox.Candidates{{AgentID: 5, Tasks: []int64{3}, Revisions: []int64{0}}}}
			for _, batch := range [][]inbox.UnreadFloor{hints, {last}, {older}} {
				if err := db.Receipts().MarkFloors(ctx, batch); err != nil {
					t.Fatal(err)
				}
			}
			hints[7] = last
			for _, want := range hints {
				b, err := db.Inbox().Badge(ctx, want.Viewer, 1<<40, 10)
				if err != nil || b.Floor != want.Floor || !reflect.DeepEqual(b.Candidates, want.Candidates) {
					t.Errorf("hint of %d: %+v, %v", want.Viewer.Ordinal, b, err)
				}
			}
		})
	}
}
