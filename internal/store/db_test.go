package store_test

import (
	"context"
	"sync"
	"testing"

	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

func TestIDsAreUniqueOverNodesAndCallers(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.BothEngines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			address := storetest.Address(t, engine)
			nodes := []*store.DB{storetest.At(t, address, nil), storetest.At(t, address, nil)}
			var mu sync.Mutex
			seen := map[int64]bool{}
			var callers sync.WaitGroup
			for i := range 8 {
				callers.Go(func() {
					for range 40 {
						ids, err := nodes[i%2].NextIDs(context.Background(), "task", 70)
						if err != nil {
							t.Error(err)
							return
						}
						mu.Lock()
						for _, id := range ids {
							if seen[id] {
								t.Errorf("id %d given twice", id)
							}
							seen[id] = true
						}
						mu.Unlock()
					}
				})
			}
			callers.Wait()
			if want := 8 * 40 * 70; len(seen) != want {
				t.Errorf("%d ids, want %d", len(seen), want)
			}
		})
	}
}
