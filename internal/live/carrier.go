package live

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// carrier runs streams of any kind: each on the connection that it takes over from
// the HTTP server, where that gives it away.
type carrier struct {
	log     *slog.Logger
	buffers sync.Pool // of *bytes.Buffer, for what is being written

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	work   sync.WaitGroup // whatever Close waits for
}

func (c *carrier) begin(log *slog.Logger) {
	c.log = log
	c.buffers.New = func() any { return new(bytes.Buffer) }
	c.ctx, c.cancel = context.WithCancel(context.Background())
}

// carry opens a stream and has it written until it ends; then it calls finish, once,
// whatever it returns. It returns an error only if nothing has been written.
func (c *carrier) carry(w http.ResponseWriter, r *http.Request, s *outlet, finish func(), open func() (write func(), err error)) error {
	unwatch := context.AfterFunc(s.ctx, s.stop)
	clientLeft := context.AfterFunc(r.Context(), s.stop)
	done := func() {
		unwatch()
		finish()
	}
	detached := false
	defer func() {
		clientLeft() // a request ends with this call, a stream perhaps not
		if !detached {
			done()
		}
	}()

	write, err := open()
	if err != nil {
		return err
	}
	head(w.Header())
	conn, taken := c.takeOver(w)
	if !taken {
		// A server's read timeout would cut the stream.
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
		if err := s.arm(); err != nil {
			return fmt.Errorf("live: write deadline: %w", err)
		}
		w.WriteHeader(http.StatusOK)
		write()
		return nil
	}
	detached = true
	s.moveTo(conn)
	c.work.Go(func() { conn.drop(s.stop) })
	go func() {
		err := guarded(func() error {
			write()
			return nil
		})
		if err != nil {
			c.log.Error("live: a stream failed", "organization", s.organization, "error", err)
		}
		conn.close()
		done()
	}()
	return nil
}

// head says what kind of answer this is.
func head(header http.Header) {
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no")
}
