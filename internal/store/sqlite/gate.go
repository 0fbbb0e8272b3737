package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"runtime/debug"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/tidings-im/tidings/internal/store/engine"
)

// riders bounds how many receipt batches may join the transaction of a send,
// and so how long the send's answer can be held up by them.
const riders = 8

// job is one write on its way. It is handed over on an unbuffered channel:
// either the gate has it, and the caller waits for the outcome, or the caller
// withdraws it. There is no state in between.
type job struct {
	run  engine.Work
	done chan error
}

// Write runs fn in a transaction of the one writer, in the order of classes.
// A ctx that ends while waiting withdraws the write; once begun it is not
// interrupted. The error is fn's own, or says why nothing was committed. fn
// may run more than once, each time after a rollback.
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
	case j := <-e.waiting[engine.Recalls]:
		return j, engine.Recalls
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

// serve runs a job and what may ride with it. On a full disk what must go on
// is tried again by itself, with room from the reserve.
func (e *Engine) serve(first *job, class engine.Class) {
	if class == engine.Sends && e.Full() {
		first.done <- errNoRoom
		return
	}
	riders, err := e.transaction(first, class <= engine.Receipts)
	if e.Classify(err) != engine.Full || e.reserve == nil {
		first.done <- err
		for _, j := range riders {
			j.done <- err
		}
		return
	}
	e.becomeFull(err)
	first.done <- e.again(first, class, err)
	for _, j := range riders {
		_, err := e.transaction(j, false)
		j.done <- e.again(j, engine.Receipts, err)
	}
}

// again repeats a job that found no room for as long as its class may take
// some from the reserve.
func (e *Engine) again(j *job, class engine.Class, err error) error {
	for e.Classify(err) == engine.Full && e.reserve.give(kept[class]) {
		_, err = e.transaction(j, false)
	}
	return err
}

// transaction runs a job in a transaction, together with waiting receipts if
// riding is allowed. The error is also that of the riders returned.
func (e *Engine) transaction(first *job, riding bool) (riders []*job, err error) {
	ctx := context.Background()
	// IMMEDIATE: a transaction that begins reading and then cannot get the
	// write lock would have to start over.
	if _, err := e.writing.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	err = guard(ctx, &e.writing, first.run)
	if err == nil && riding {
		riders, err = e.takeRiders(ctx)
	}
	if err != nil {
		if unsynced(err) {
			e.fatal(fmt.Errorf("sqlite: write: %w", err))
		}
		e.rollback(ctx)
		return riders, err
	}
	return riders, e.commit(ctx)
}

// takeRiders runs waiting receipt batches inside the transaction, each in a
// savepoint, and returns those that succeeded; the others are answered at
// once. An error is one of the transaction.
func (e *Engine) takeRiders(ctx context.Context) (aboard []*job, err error) {
	for range riders {
		j := e.poll(engine.Receipts)
		if j == nil {
			break
		}
		jobErr, err := e.rideAlong(ctx, j)
		if err != nil {
			return append(aboard, j), err
		}
		if jobErr != nil {
			j.done <- jobErr
			continue
		}
		aboard = append(aboard, j)
	}
	return aboard, nil
}

// rideAlong tells the job's own failure from the transaction's: some failures
// end a transaction, and the savepoint with it.
func (e *Engine) rideAlong(ctx context.Context, j *job) (jobErr, err error) {
	if _, err := e.writing.ExecContext(ctx, "SAVEPOINT rider"); err != nil {
		return nil, err
	}
	jobErr = guard(ctx, &e.writing, j.run)
	if f := e.Classify(jobErr); f == engine.Full || f == engine.Lost {
		return nil, jobErr
	}
	if jobErr != nil {
		if _, err := e.writing.ExecContext(ctx, "ROLLBACK TO rider"); err != nil {
			return nil, err
		}
	}
	_, err = e.writing.ExecContext(ctx, "RELEASE rider")
	return jobErr, err
}

// commit ends the process through fatal on any failure but a page that found
// no room: the log may or may not hold the commit, and only a fresh start can
// tell. That page is one of the log's, before or in what makes it a commit. A
// full disk that shows otherwise, as the index of the log that cannot grow,
// shows after the sync.
func (e *Engine) commit(ctx context.Context) error {
	_, err := e.writing.ExecContext(ctx, "COMMIT")
	if err == nil {
		return nil
	}
	e.rollback(ctx)
	if code(err) != sqlite3.SQLITE_FULL {
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
