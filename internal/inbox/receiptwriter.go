package inbox

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/queue"
)

// receiptWriter writes those receipts that have queued up in one transaction,
// sorted: nodes that write the same receipts in different orders would lock
// each other out.
type receiptWriter struct {
	receipts Receipts
	hints    Hints // nil: nobody is told
	queue    *queue.Queue[submission]
}

// submission is handed over without room to wait in: either the writer has it,
// and the caller waits for the outcome, or the caller withdraws it.
type submission struct {
	receipts []Receipt
	answer   chan error
}

func newReceiptWriter(r Receipts, h Hints) *receiptWriter {
	return &receiptWriter{receipts: r, hints: h, queue: queue.New[submission](0)}
}

// submit returns after the commit that holds the receipts.
func (w *receiptWriter) submit(ctx context.Context, receipts []Receipt) error {
	if len(receipts) == 0 {
		return nil
	}
	s := submission{receipts: receipts, answer: make(chan error, 1)}
	err := w.queue.Put(ctx, s)
	switch {
	case errors.Is(err, queue.ErrEnded):
		return fault.New(fault.CodeBusy, "the server is stopping, try again")
	case err != nil:
		return err
	}
	return <-s.answer
}

func (w *receiptWriter) run(ctx context.Context) { w.queue.Run(ctx, w.write) }

func (w *receiptWriter) write(waiting iter.Seq[submission]) {
	const most = 1024 // receipts of a transaction, but for a single larger submission
	var served []submission
	var batch []Receipt
	for s := range waiting {
		served = append(served, s)
		if batch = append(batch, s.receipts...); len(batch) >= most {
			break
		}
	}
	batch = inOrder(batch)
	err := w.create(batch)
	if err == nil && w.hints != nil {
		w.tell(batch)
	}
	for _, s := range served {
		s.answer <- err
	}
}

// create writes a batch. Receipts may be written again, so a batch is tried
// again even when nobody knows whether it was committed.
func (w *receiptWriter) create(batch []Receipt) error {
	const attempts = 3
	var err error
	for range attempts {
		err = w.receipts.Create(context.Background(), batch)
		if !fault.Is(err, fault.CodeBusy) && !fault.Is(err, fault.CodeCommitUnknown) {
			return err
		}
	}
	return err
}

// tell names the tasks and people of a batch, organization by organization.
func (w *receiptWriter) tell(batch []Receipt) {
	for len(batch) > 0 {
		organization := batch[0].Organization
		n := 0
		var tasks []int64
		var people []uint32
		for n < len(batch) && batch[n].Organization == organization {
			tasks, people = append(tasks, batch[n].TaskID), append(people, batch[n].Ordinal)
			n++
		}
		slices.Sort(people)
		w.hints.Read(organization, slices.Compact(tasks), slices.Compact(people)) // the batch is in order of the tasks
		batch = batch[n:]
	}
}

// inOrder sorts a batch by key and keeps the first receipt of each.
func inOrder(batch []Receipt) []Receipt {
	key := func(a, b Receipt) int {
		return cmp.Or(cmp.Compare(a.Organization, b.Organization),
			cmp.Compare(a.TaskID, b.TaskID), cmp.Compare(a.Ordinal, b.Ordinal))
	}
	slices.SortFunc(batch, func(a, b Receipt) int { return cmp.Or(key(a, b), a.ReadAt.Compare(b.ReadAt)) })
	return slices.CompactFunc(batch, func(a, b Receipt) bool { return key(a, b) == 0 })
}
