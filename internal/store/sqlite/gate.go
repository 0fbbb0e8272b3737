package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"runtime/debug"

	"github.com/tidings-im/tidings/internal/store/engine"
)

// riders bounds how many receipt batches may join the transaction of a send,
// and so how long the send's answer can be held up by them.
const riders = 8

// job is one write on its way. It is handed over on an unbuffered channel:
// either the gate has it, and the caller waits for its fate, or the caller
// withdraws it. There is no state in between.
type job struct {
	run  engine.Work
	done chan error
}

// Write runs fn in a transaction of the one writer, in the order of classes.
// A ctx that ends while waiting withdraws the write; once begun it is not
// interrupted. The error is fn's own, or says why nothing was committed.
func (e *Engine) Write(ctx context.Context, class engine.Class, fn engine.Work) error {
	j := &job{run: fn, done: make(chan error, 1)}
	select {
	case e.waiting[class] <- j:
		return <-j.done
	case <-ctx.Done():
		return ctx.Err()
	case <-e.stop:
		return sql.ErrConnDone
	}
}

// WriteOne is Write: here a stalled process stalls nobody else.
func (e *Engine) WriteOne(ctx context.Context, class engine.Class, fn engine.Work) error {
	return e.Write(ctx, class, fn)
}

func (e *Engine) runGate() {
	defer e.done.Done()
	for {
		j, class := e.next()
		if j == nil {
			return
		}
		e.serve(j, class)
	}
}

// next waits for the most urgent job; nil when the engine closes.
func (e *Engine) next() (*job, engine.Class) {
	for c := range e.waiting {
		if j := e.poll(engine.Class(c)); j != nil {
			return j, engine.Class(c)
		}
	}
	select {
	case j := <-e.waiting[engine.Sends]:
		return j, engine.Sends
	case j := <-e.waiting[engine.Receipts]:
		return j, engine.Receipts
	case j := <-e.waiting[engine.Directory]:
		return j, engine.Directory
	case j := <-e.waiting[engine.Background]:
		return j, engine.Background
	case <-e.stop:
		return nil, 0
	}
}

func (e *Engine) poll(c engine.Class) *job {
	select {
	case j := <-e.waiting[c]:
		return j
	default:
		return nil
	}
}

func (e *Engine) serve(first *job, class engine.Class) {
	ctx := context.Background()
	// IMMEDIATE: a transaction that begins reading and then cannot get the
	// write lock would have to start over.
	if _, err := e.writing.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		first.done <- fmt.Errorf("begin: %w", err)
		return
	}
	if err := guard(ctx, &e.writing, first.run); err != nil {
		e.rollback(ctx)
		first.done <- err
		return
	}
	aboard := []*job{first}
	if class <= engine.Receipts {
		aboard = append(aboard, e.takeRiders(ctx)...)
	}
	err := e.commit(ctx)
	for _, j := range aboard {
		j.done <- err
	}
}

// takeRiders runs waiting receipt batches inside the transaction, each in a savepoint, and
// returns those that succeeded; the others are answered at once.
func (e *Engine) takeRiders(ctx context.Context) []*job {
	var aboard []*job
	for range riders {
		j := e.poll(engine.Receipts)
		if j == nil {
			break
		}
		if err := e.rideAlong(ctx, j); err != nil {
			j.done <- err
			continue
		}
		aboard = append(aboard, j)
	}
	return aboard
}

func (e *Engine) rideAlong(ctx context.Context, j *job) error {
	if _, err := e.writing.ExecContext(ctx, "SAVEPOINT rider"); err != nil {
		return err
	}
	jobErr := guard(ctx, &e.writing, j.run)
	if jobErr != nil {
		if _, err := e.writing.ExecContext(ctx, "ROLLBACK TO rider"); err != nil {
			return err
		}
	}
	if _, err := e.writing.ExecContext(ctx, "RELEASE rider"); err != nil {
		return err
	}
	return jobErr
}

// commit ends the process through fatal on any failure but a full disk: the
// log may or may not hold the commit, and only a fresh start can tell.
func (e *Engine) commit(ctx context.Context) error {
	_, err := e.writing.ExecContext(ctx, "COMMIT")
	if err == nil {
		return nil
	}
	e.rollback(ctx)
	if e.Classify(err) != engine.Full {
		e.fatal(fmt.Errorf("sqlite: commit: %w", err))
	}
	return fmt.Errorf("commit: %w", err)
}

// rollback ends the transaction without its writes. Some failures have ended
// it already, and then there is nothing left to roll back.
func (e *Engine) rollback(ctx context.Context) {
	_, _ = e.writing.ExecContext(ctx, "ROLLBACK")
}

// guard turns a panic of one write into its error: one bad write must not
// take the writer of everybody else with it.
func guard(ctx context.Context, tx engine.Querier, run engine.Work) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a write: %v\n%s", p, debug.Stack())
		}
	}()
	return run(ctx, tx)
}
