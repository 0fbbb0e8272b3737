package harness

import (
	"bytes"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// Relay stands between a node and PostgreSQL, or between clients and a server,
// and fails on demand. It knows as much of PostgreSQL's protocol as it takes to
// see a COMMIT.
type Relay struct {
	listener net.Listener
	target   string
	running  sync.WaitGroup

	mu     sync.Mutex
	conns  map[*relayed]struct{}
	cut    Cut
	left   int // commits to be cut
	lose   int // answers to be lost
	silent bool
	closed bool
}

// Cut says what becomes of a COMMIT.
type Cut string

// The ways to lose one.
const (
	CutBefore Cut = "before" // the connection ends, PostgreSQL never hears of it
	CutAfter  Cut = "after"  // PostgreSQL has answered, the answer is lost with the connection
	CutWhile  Cut = "while"  // PostgreSQL hears of it, and the connection ends at once
	CutMute   Cut = "mute"   // it is lost, and the connection stays open and says nothing any more
	CutDeaf   Cut = "deaf"   // as mute, but PostgreSQL has heard of it
)

// Cuts are all of them.
func Cuts() []Cut { return []Cut{CutBefore, CutAfter, CutWhile, CutMute, CutDeaf} }

// commit is how the driver says it, which is a message of its own.
var commit = []byte("Q\x00\x00\x00\x0bcommit\x00") //nolint:gochecknoglobals // a constant

// NewRelay listens on a port of its own. It ends with the test.
func NewRelay(tb testing.TB, target string) *Relay {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	r := &Relay{listener: l, target: target, conns: map[*relayed]struct{}{}}
	r.running.Go(r.accept)
	tb.Cleanup(func() {
		_ = l.Close()
		r.mu.Lock()
		r.closed = true
		r.mu.Unlock()
		r.End()
		r.running.Wait()
	})
	return r
}

// Address is where the relay listens, as HOST:PORT.
func (r *Relay) Address() string { return r.listener.Addr().String() }

// Commits cuts the next n commits.
func (r *Relay) Commits(how Cut, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cut, r.left = how, n
}

// Answers loses the next n answers, whatever they answer, with their
// connections.
func (r *Relay) Answers(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lose = n
}

// Left is how many commits are still to be cut.
func (r *Relay) Left() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.left
}

// Silence lets nothing through any more while connections stay open, or ends
// that: what was open then breaks.
func (r *Relay) Silence(on bool) {
	r.mu.Lock()
	r.silent = on
	r.mu.Unlock()
	if !on {
		r.End()
	}
}

// End breaks all connections.
func (r *Relay) End() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.conns {
		c.reset()
	}
}

func (r *Relay) accept() {
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.DialTimeout("tcp", r.target, 5*time.Second)
		if err != nil {
			_ = client.Close()
			continue
		}
		c := &relayed{relay: r, client: client, server: server}
		r.mu.Lock()
		r.conns[c] = struct{}{}
		closed := r.closed
		r.mu.Unlock()
		if closed {
			c.reset()
		}
		r.running.Go(func() {
			var both sync.WaitGroup
			both.Go(func() { c.copy(server, client, c.request) })
			both.Go(func() { c.copy(client, server, c.answer) })
			both.Wait()
			r.mu.Lock()
			delete(r.conns, c)
			r.mu.Unlock()
		})
	}
}

// take decides about one commit.
func (r *Relay) take() Cut {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.left == 0 {
		return ""
	}
	r.left--
	return r.cut
}

func (r *Relay) loses() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lose == 0 {
		return false
	}
	r.lose--
	return true
}

// relayed is one connection.
type relayed struct {
	relay          *Relay
	client, server net.Conn

	mu    sync.Mutex
	mute  bool // nothing passes any more
	after bool // the next answer ends it
}

// copy passes on what may pass, until the connection ends.
func (c *relayed) copy(to io.Writer, from io.Reader, pass func([]byte) bool) {
	defer c.reset()
	chunk := make([]byte, 64<<10)
	for {
		n, err := from.Read(chunk)
		if n > 0 && pass(chunk[:n]) {
			if _, err := to.Write(chunk[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (c *relayed) request(chunk []byte) bool {
	if c.quiet() {
		return false
	}
	if !bytes.Contains(chunk, commit) {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch c.relay.take() {
	case CutBefore:
		c.reset()
		return false
	case CutAfter:
		c.after = true
	case CutWhile:
		_, _ = c.server.Write(chunk)
		c.reset()
		return false
	case CutMute:
		c.mute = true
		return false
	case CutDeaf:
		_, _ = c.server.Write(chunk)
		c.mute = true
		return false
	}
	return true
}

func (c *relayed) answer([]byte) bool {
	c.mu.Lock()
	lost := c.after || c.relay.loses()
	c.mu.Unlock()
	if lost {
		c.reset()
	}
	return !lost && !c.quiet()
}

func (c *relayed) quiet() bool {
	c.relay.mu.Lock()
	silent := c.relay.silent
	c.relay.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	return silent || c.mute
}

// reset breaks both sides at once, as a network does.
func (c *relayed) reset() {
	for _, side := range []net.Conn{c.client, c.server} {
		if t, ok := side.(*net.TCPConn); ok {
			_ = t.SetLinger(0)
		}
		_ = side.Close()
	}
}
