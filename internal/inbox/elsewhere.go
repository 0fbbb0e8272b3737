package inbox

import (
	"context"
	"math"
	"time"
)

const (
	elsewhereEvery  = 500 * time.Millisecond // how often follow looks for other nodes' receipts
	elsewhereWithin = 5 * time.Second        // a database that answers later has failed
	elsewhereAtOnce = 5000                   // rows of one look; more means that anybody may have read
	elsewhereKept   = 2 * time.Minute        // rows are there at least that long
	elsewhereBlind  = time.Minute            // not having looked for so long, one may have missed rows
)

// Elsewhere is what other nodes say, in the transactions of their receipts,
// about who has read. Transactions have ascending numbers, but do not end in
// that order.
type Elsewhere interface {
	// ReadsSince returns at most limit of the rows of transactions numbered
	// since or higher, this node's own left out, and a mark: every transaction
	// whose rows are not seen yet has that number or a higher one.
	ReadsSince(ctx context.Context, since int64, limit int) (reads []RecentRead, mark int64, err error)
	// DeleteReadsBefore deletes the rows of transactions below a mark, and
	// those of transactions that cannot have been yet.
	DeleteReadsBefore(ctx context.Context, mark int64) error
}

// RecentRead says that some people have read something.
type RecentRead struct {
	ReadKey
	Ordinals []uint32
}

// ReadKey names a RecentRead.
type ReadKey struct{ Transaction, Organization, Node int64 }

// Listener is told of other nodes' receipts. It must not block.
type Listener interface {
	// ReadElsewhere says that these people's unread may have moved. It may come
	// more than once for the same receipts.
	ReadElsewhere(organization int64, ordinals []uint32)
	// Look says that anybody's may have.
	Look()
}

// follow looks twice a second for what people have read on other nodes, until
// ctx ends. Hints say the same sooner, but may be lost.
func (s *Service) follow(ctx context.Context) {
	f := follower{from: s.deps.Elsewhere, to: s.deps.Listener, mark: math.MaxInt64, now: time.Now}
	tick := time.NewTicker(elsewhereEvery)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := f.look(ctx)
		if err != nil && !failing && ctx.Err() == nil {
			s.deps.Log.Warn("inbox: other nodes' receipts cannot be read, trying again", "error", err)
		}
		failing = err != nil
	}
}

// follower is where follow stands.
type follower struct {
	from Elsewhere
	to   Listener
	now  func() time.Time // for how long ago something was, not for what is stored

	mark   int64 // MaxInt64 before the first look
	looked time.Time
	seen   map[ReadKey]struct{} // told already, numbered mark or higher

	kept   int64 // a mark that was reached at keptAt
	keptAt time.Time
}

func (f *follower) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, elsewhereWithin)
	defer cancel()
	began := f.now()
	reads, mark, err := f.from.ReadsSince(ctx, f.mark, elsewhereAtOnce)
	if err != nil {
		return err
	}
	switch {
	case f.looked.IsZero(): // whoever connects from now on reads the rows
	case mark < f.mark, len(reads) == elsewhereAtOnce, began.Sub(f.looked) > elsewhereBlind:
		f.to.Look() // another server, too much to tell, or away for too long
	default:
		f.tell(reads)
	}
	f.mark, f.looked = mark, began
	f.remember(reads)
	return f.tidy(ctx, began)
}

// tell passes on what was not seen before.
func (f *follower) tell(reads []RecentRead) {
	for _, one := range reads {
		if _, known := f.seen[one.ReadKey]; !known {
			f.to.ReadElsewhere(one.Organization, one.Ordinals)
		}
	}
}

// remember keeps what the next look will find again.
func (f *follower) remember(reads []RecentRead) {
	seen := map[ReadKey]struct{}{}
	for _, one := range reads {
		if one.Transaction >= f.mark {
			seen[one.ReadKey] = struct{}{}
		}
	}
	f.seen = seen
}

// tidy deletes rows that everybody has had time to see.
func (f *follower) tidy(ctx context.Context, now time.Time) error {
	if f.keptAt.IsZero() || f.mark < f.kept {
		f.kept, f.keptAt = f.mark, now
	}
	if now.Sub(f.keptAt) < elsewhereKept {
		return nil
	}
	if err := f.from.DeleteReadsBefore(ctx, f.kept); err != nil {
		return err
	}
	f.kept, f.keptAt = f.mark, now
	return nil
}
