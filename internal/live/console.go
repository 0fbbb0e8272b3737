package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/retry"
)

// consolePause is between two reads for one console: whatever happens meanwhile
// shares the next one, so a flood of sends costs two reads a second.
const consolePause = 500 * time.Millisecond

// ErrOver ends a console's stream: whoever it belongs to may no longer have one.
var ErrOver = errors.New("live: the stream is over")

// Told is one event of a console's stream.
type Told struct {
	Name string
	// Revision is its id; 0 for what takes no revision.
	Revision int64
	Data     any // is written as JSON
}

// Reload is the event that tells a console to fetch everything again.
func Reload(revision int64) Told {
	return Told{Name: eventReload, Revision: revision, Data: mark(revision)}
}

// Console decides what one console is told. It is asked by one goroutine.
type Console interface {
	// News returns what there is to tell to somebody who knows everything up to a
	// revision, and the revision that they know then: first what takes no revision,
	// then the rest, ascending. What takes none is returned once. ErrOver ends the
	// stream.
	News(ctx context.Context, after int64) (told []Told, through int64, err error)
}

// Consoles holds the streams of the consoles that are connected to this node. For
// none of them anything is queued: each reads what happened since its own revision,
// when a hint says so and every second. All methods may be called concurrently; the
// hints return at once.
type Consoles struct {
	carrier

	mu     sync.RWMutex // held for map operations only
	open   map[int64]map[*consoleStream]struct{}
	closed bool
}

// NewConsoles returns Consoles without connections.
func NewConsoles(log *slog.Logger) *Consoles {
	c := &Consoles{open: map[int64]map[*consoleStream]struct{}{}}
	c.begin(log)
	return c
}

// Committed says that the organization has reached a revision.
func (c *Consoles) Committed(organization int64) { c.each(organization, (*consoleStream).nudge) }

// Recalled says that a task's recall is committed. What was read before is not
// written any more once it has returned.
func (c *Consoles) Recalled(organization int64) {
	c.each(organization, func(s *consoleStream) {
		s.recalls.Add(1)
		s.nudge()
	})
}

func (c *Consoles) each(organization int64, do func(*consoleStream)) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for s := range c.open[organization] {
		do(s)
	}
}

// Streams returns how many connections there are.
func (c *Consoles) Streams() (n int) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, streams := range c.open {
		n += len(streams)
	}
	return n
}

// Close ends all streams and refuses new ones, as Hub.Close.
func (c *Consoles) Close() {
	c.mu.Lock()
	c.closed = true
	var all []*consoleStream
	for _, streams := range c.open {
		for s := range streams {
			all = append(all, s)
		}
	}
	c.mu.Unlock()
	for _, s := range all {
		s.stop()
	}
	c.cancel()
	c.work.Wait()
}

// Serve writes what a console is told, to somebody who knows everything up to a
// revision, as Hub.Serve.
func (c *Consoles) Serve(w http.ResponseWriter, r *http.Request, organization int64, told Console, after int64, until context.Context, ended func()) error {
	s := &consoleStream{console: told, at: after, log: c.log}
	s.begin(until, w, organization)
	if err := c.join(s); err != nil {
		s.cancel()
		ended()
		return err
	}
	finish := func() {
		s.end()
		c.leave(s)
		ended()
	}
	return c.carry(w, r, &s.outlet, finish, func() (write func(), err error) {
		ctx, cancel := context.WithTimeout(s.ctx, openWithin)
		defer cancel()
		first, err := s.read(ctx)
		if err != nil && ctx.Err() != nil {
			err = fault.New(fault.CodeBusy, "the stream cannot begin now").Because(err)
		}
		return func() { s.run(first) }, err
	})
}

func (c *Consoles) join(s *consoleStream) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return fault.New(fault.CodeBusy, "the server is stopping")
	}
	if c.open[s.organization] == nil {
		c.open[s.organization] = map[*consoleStream]struct{}{}
	}
	c.open[s.organization][s] = struct{}{}
	c.work.Add(1)
	return nil
}

func (c *Consoles) leave(s *consoleStream) {
	c.mu.Lock()
	if delete(c.open[s.organization], s); len(c.open[s.organization]) == 0 {
		delete(c.open, s.organization)
	}
	c.mu.Unlock()
	c.work.Done()
}

// consoleStream is one connection to a console.
type consoleStream struct {
	outlet
	console Console
	log     *slog.Logger
	at      int64 // everything up to here was told
	recalls atomic.Int64
	again   retry.Backoff
}

// batch is what one read has brought.
type batch struct {
	told    []Told
	through int64
	recalls int64 // how many recalls were heard of before it was read
}

func (s *consoleStream) read(ctx context.Context) (b batch, err error) {
	b.recalls = s.recalls.Load()
	b.told, b.through, err = s.console.News(ctx, s.at)
	return b, err
}

// run writes what there is until the stream ends.
func (s *consoleStream) run(first batch) {
	poll, alive := time.NewTicker(pollEvery), time.NewTicker(commentEvery)
	defer poll.Stop()
	defer alive.Stop()
	err := s.alive(false) // there may be nothing to tell, and the answer has begun
	if err == nil {
		err = s.tell(first)
	}
	for ticks := 1; err == nil; {
		select {
		case <-s.ctx.Done():
			return
		case <-alive.C:
			err = s.alive(ticks%atEvery == 0)
			ticks++
			continue
		case <-s.wake:
		case <-poll.C:
		}
		err = s.turn()
	}
}

// turn reads once and tells it. A read that fails is repeated later.
func (s *consoleStream) turn() error {
	var b batch
	err := guarded(func() (err error) {
		ctx, cancel := context.WithTimeout(s.ctx, readWithin)
		defer cancel()
		b, err = s.read(ctx)
		return err
	})
	switch {
	case errors.Is(err, ErrOver):
		return err
	case err != nil:
		if !s.again.Failing() && s.ctx.Err() == nil {
			s.log.Warn("live: reading for a console failed, trying again", "organization", s.organization, "code", fault.From(err).Code, "error", err)
		}
		retry.Sleep(s.ctx, s.again.Next())
		return nil
	}
	s.again.Reset()
	if len(b.told) == 0 {
		s.at = b.through
		return nil
	}
	if err := s.tell(b); err != nil {
		return err
	}
	retry.Sleep(s.ctx, consolePause)
	return nil
}

// tell writes a batch. What is left of it when a recall is heard of is read again:
// it may have the content of what was recalled.
func (s *consoleStream) tell(b batch) error {
	for _, one := range b.told {
		if one.Revision != 0 && s.recalls.Load() != b.recalls {
			s.nudge()
			return nil
		}
		e, err := plain(one.Name, one.Revision, one.Data)
		if err != nil {
			return err
		}
		if err := s.write(e); err != nil {
			return err
		}
		if one.Revision != 0 {
			s.at = one.Revision
		}
	}
	s.at = b.through
	return nil
}

// alive writes a comment and, once a minute, the revision that this client knows.
func (s *consoleStream) alive(minute bool) error {
	if minute {
		return s.write(marker(eventAt, s.at))
	}
	if err := s.arm(); err != nil {
		return err
	}
	if _, err := io.WriteString(s.out, ":\n\n"); err != nil {
		return fmt.Errorf("live: comment: %w", err)
	}
	return s.out.Flush()
}
