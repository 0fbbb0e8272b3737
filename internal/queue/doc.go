// Package queue decides in which order what many hand over is worked off by
// one, and what becomes of it at the end.
//
// Make a Queue with New, hand over with Put or Offer, and let one goroutine
// Run it. Run gives its worker everything that has queued up, so that what
// costs the same for one and for a hundred, such as a transaction, is done
// once for all of them:
//
//	q.Run(ctx, func(waiting iter.Seq[row]) {
//		var batch []row
//		for r := range waiting {
//			if batch = append(batch, r); len(batch) == most {
//				break // the others come with the next call
//			}
//		}
//		write(batch)
//	})
//
// When ctx ends, nothing more is taken, what was taken is worked off, and Run
// returns.
package queue
