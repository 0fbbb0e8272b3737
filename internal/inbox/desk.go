package inbox

import (
	"cmp"
	"context"
	"slices"

	"github.com/tidings-im/tidings/internal/fault"
)

// desk takes receipts and writes those that have queued up in one transaction,
// sorted: nodes that write the same receipts in different orders would lock
// each other out.
type desk struct {
	receipts Receipts
	hints    Hints
	queue    chan submission
	stop     chan struct{}
	done     chan struct{}
}

// submission is handed over on an unbuffered channel: either the desk has it,
// and the caller waits for its fate, or the caller withdraws it.
type submission struct {
	receipts []Receipt
	answer   chan error
}

func newDesk(r Receipts, h Hints) *desk {
	d := &desk{
		receipts: r, hints: h,
		queue: make(chan submission), stop: make(chan struct{}), done: make(chan struct{}),
	}
	go d.run()
	return d
}

func (d *desk) close() {
	close(d.stop)
	<-d.done
}

// submit returns after the commit that holds the receipts.
func (d *desk) submit(ctx context.Context, receipts []Receipt) error {
	if len(receipts) == 0 {
		return nil
	}
	s := submission{receipts: receipts, answer: make(chan error, 1)}
	select {
	case d.queue <- s:
		return <-s.answer
	case <-ctx.Done():
		return ctx.Err()
	case <-d.stop:
		return fault.New(fault.CodeBusy, "the server is stopping, try again")
	}
}

func (d *desk) run() {
	defer close(d.done)
	for {
		select {
		case s := <-d.queue:
			d.serve(s)
		case <-d.stop:
			return
		}
	}
}

func (d *desk) serve(first submission) {
	const most = 1024 // receipts of a transaction, but for a single larger submission
	served := []submission{first}
	batch := slices.Clone(first.receipts)
	for len(batch) < most {
		select {
		case s := <-d.queue:
			served = append(served, s)
			batch = append(batch, s.receipts...)
			continue
		default:
		}
		break
	}
	batch = inOrder(batch)
	err := d.create(batch)
	if err == nil && d.hints != nil {
		d.tell(batch)
	}
	for _, s := range served {
		s.answer <- err
	}
}

// create writes a batch. Receipts may be written again, so a batch is tried
// again even when nobody knows whether it was committed.
func (d *desk) create(batch []Receipt) error {
	const attempts = 3
	var err error
	for range attempts {
		err = d.receipts.Create(context.Background(), batch)
		if !fault.Is(err, fault.CodeBusy) && !fault.Is(err, fault.CodeCommitUnknown) {
			return err
		}
	}
	return err
}

// tell names the people of a batch, organization by organization.
func (d *desk) tell(batch []Receipt) {
	for len(batch) > 0 {
		organization := batch[0].Organization
		n := 0
		var people []uint32
		for n < len(batch) && batch[n].Organization == organization {
			people = append(people, batch[n].Ordinal)
			n++
		}
		slices.Sort(people)
		d.hints.Read(organization, slices.Compact(people))
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
