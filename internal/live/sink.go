package live

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// sink is where a stream writes: what is written leaves with the next Flush.
// SetWriteDeadline may be called from elsewhere meanwhile.
type sink interface {
	io.Writer
	Flush() error
	SetWriteDeadline(t time.Time) error
}

// response is an HTTP server's own.
type response struct {
	http.ResponseWriter
	*http.ResponseController
}

func newResponse(w http.ResponseWriter) response {
	return response{w, http.NewResponseController(w)}
}

// connection is one taken over from the HTTP server. It has a buffer only
// while something is in it.
type connection struct {
	net.Conn
	buffers *sync.Pool
	buffer  *bytes.Buffer
}

// takeOver takes the connection of an answer that has not begun and puts the
// answer's head into its buffer. False if it cannot be had, as of HTTP/2.
func (c *carrier) takeOver(w http.ResponseWriter) (*connection, bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, false
	}
	taken := &connection{Conn: conn, buffers: &c.buffers}
	header := w.Header()
	header.Set("Connection", "close") // it ends with the stream
	header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	_, _ = fmt.Fprint(taken, "HTTP/1.1 200 OK\r\n") // into the buffer: cannot fail
	_ = header.Write(taken)
	_, _ = fmt.Fprint(taken, "\r\n")
	return taken, true
}

func (c *connection) Write(p []byte) (int, error) {
	if c.buffer == nil {
		c.buffer, _ = c.buffers.Get().(*bytes.Buffer)
	}
	return c.buffer.Write(p)
}

func (c *connection) Flush() error {
	if c.buffer == nil {
		return nil
	}
	_, err := c.Conn.Write(c.buffer.Bytes())
	c.giveBack()
	return err
}

// giveBack empties the buffer for the next stream that writes.
func (c *connection) giveBack() {
	const usual = 16 << 10 // a larger one was for one large message
	if c.buffer != nil && c.buffer.Cap() <= usual {
		c.buffer.Reset()
		c.buffers.Put(c.buffer)
	}
	c.buffer = nil
}

// drop reads what the client says, which is nothing, until it leaves or the
// connection is closed; then it calls left.
func (c *connection) drop(left func()) {
	const some = 64
	ignored := make([]byte, some)
	for {
		if _, err := c.Conn.Read(ignored); err != nil {
			left()
			return
		}
	}
}

// close ends the connection; nobody is left who could be told of a failure.
func (c *connection) close() {
	c.giveBack()
	_ = c.Conn.Close()
}
