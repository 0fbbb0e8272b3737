package store

import (
	"context"
	"fmt"
	"sync"

	"github.com/tidings-im/tidings/internal/store/engine"
)

// blockSize is how many ids a node takes from the table at once. What a node
// has not used when it stops is never used: gaps are fine.
const blockSize = 1000

// blocks holds the ids this node has taken and not yet given out, by name.
type blocks struct {
	mu   sync.Mutex
	free map[string]span
}

const sqlUpdateIDBlock = `UPDATE id_block SET next_id = next_id + $2 WHERE name = $1 RETURNING next_id`

type span struct{ next, end int64 }

// NextIDs returns n fresh ids of a sequence ("task", "agent", …), unique over
// all nodes and restarts, below 2^53. n is at most 1,000.
func (d *DB) NextIDs(ctx context.Context, name string, n int) ([]int64, error) {
	d.ids.mu.Lock()
	defer d.ids.mu.Unlock()
	ids := make([]int64, 0, n)
	for len(ids) < n {
		s := d.ids.free[name]
		if s.next == s.end {
			var err error
			if s, err = d.takeBlock(ctx, name); err != nil {
				return nil, fmt.Errorf("store.NextIDs: %w", err)
			}
		}
		take := min(int64(n-len(ids)), s.end-s.next)
		for i := range take {
			ids = append(ids, s.next+i)
		}
		s.next += take
		if d.ids.free == nil {
			d.ids.free = map[string]span{}
		}
		d.ids.free[name] = s
	}
	return ids, nil
}

func (d *DB) takeBlock(ctx context.Context, name string) (span, error) {
	var s span
	class := engine.Directory
	if name == "task" {
		class = engine.Sends
	}
	// All nodes need this row, whatever organization they write for: none may
	// hold it while it is stalled. A block taken and not heard of is a gap.
	err := d.noted(class, d.engine.WriteOne(ctx, class, func(ctx context.Context, tx engine.Querier) error {
		return tx.QueryRowContext(ctx, sqlUpdateIDBlock, name, blockSize).Scan(&s.end)
	}))
	s.next = s.end - blockSize
	return s, err
}
