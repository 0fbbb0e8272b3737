package node

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/retry"
)

// Silence is after how long a node that has not said that it stops is taken for
// gone. It says that it is there four times as often.
const Silence = time.Minute

// Node is a server that runs, or did and has not said that it stops.
type Node struct {
	Name      string         // as operators know it
	Keys      map[int]string // fingerprints of the master keys it holds, by number
	StartedAt time.Time
	Silent    time.Duration // since it was heard of
	Followed  int64         // the highest mark that it has followed
}

// Alive reports whether the node may be working.
func (n Node) Alive() bool { return n.Silent < Silence }

// Store keeps marks, and how far nodes have followed them.
type Store interface {
	// Mark makes a mark: a number above all that were made before.
	Mark(ctx context.Context) (int64, error)
	// LastMark returns the highest; 0 before the first.
	LastMark(ctx context.Context) (int64, error)
	// Follow notes that this process works with what was committed before a
	// mark. False where its row is not there (any more), and has to be written
	// first.
	Follow(ctx context.Context, mark int64) (bool, error)
	// Nodes returns those that serve, as far as they have said that they do, by
	// name.
	Nodes(ctx context.Context) ([]Node, error)
}

// Await has all nodes look, and returns once they work with what was committed
// before, or with those that do not when patience is over. gone are those that were
// not waited for, unless another of their name is there. Fails with CodeBusy when
// the database cannot be asked: then nothing is known.
func Await(ctx context.Context, store Store, patience time.Duration) (behind, gone []Node, err error) {
	mark, err := store.Mark(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("node.Await: %w", err)
	}
	const look = 100 * time.Millisecond
	for left := patience; ; left -= look {
		nodes, err := store.Nodes(ctx)
		if err != nil {
			return nil, nil, fmt.Errorf("node.Await: %w", err)
		}
		if behind, gone = lagging(nodes, mark); len(behind) == 0 || left <= 0 {
			return behind, gone, nil
		}
		if !retry.Sleep(ctx, look) {
			return nil, nil, ctx.Err()
		}
	}
}

// lagging returns the nodes that have not followed a mark.
func lagging(nodes []Node, mark int64) (behind, gone []Node) {
	for _, n := range nodes {
		switch {
		case n.Followed >= mark:
		case n.Alive():
			behind = append(behind, n)
		case !slices.ContainsFunc(nodes, func(other Node) bool { return other.Name == n.Name && other.Alive() }):
			gone = append(gone, n)
		}
	}
	return behind, gone
}
