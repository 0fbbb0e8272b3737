// Package queue lets many goroutines hand work over to one. It decides in which
// order that one does the work, and what becomes of the rest at the end.
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
// When ctx ends, the queue takes nothing more, Run does the work that was taken,
// and returns.
package queue
