package postgres

import (
	"context"
	"database/sql/driver"
	"net"
	"sync"
	"time"
)

const (
	// connectWithin is how long a new connection may take until it can be used,
	// unless the address says otherwise (connect_timeout).
	connectWithin = 5 * time.Second
	// answerWithin is how long a server may say nothing to a statement before it
	// counts as gone. Migrations may take longer.
	answerWithin = 20 * time.Second
)

// connector bounds the whole of connecting. database/sql opens connections
// also for nobody in particular, and would wait for ever for a server that
// takes a connection and then says nothing.
type connector struct {
	driver.Connector
	within time.Duration
}

// newConnector takes how long the address allows, 0 if it says nothing.
func newConnector(within time.Duration, c driver.Connector) driver.Connector {
	if within == 0 {
		within = connectWithin
	}
	return connector{Connector: c, within: within}
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, c.within)
	defer cancel()
	return c.Connector.Connect(ctx)
}

// dial notices within half a minute that the other host is gone while nothing
// is being said.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3,
	}}
	return d.DialContext(ctx, network, address)
}

// dialImpatient is dial for connections on which every read has answerWithin.
func dialImpatient(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &impatient{Conn: c}, nil
}

// impatient gives reads a deadline of their own while their reader has set
// none. The driver sets one when a context ends, and takes it away afterwards.
type impatient struct {
	net.Conn
	mu     sync.Mutex
	theirs bool // the reader's own deadline is set
}

func (c *impatient) Read(p []byte) (int, error) {
	c.mu.Lock()
	if !c.theirs {
		_ = c.Conn.SetReadDeadline(time.Now().Add(answerWithin)) // fails on a closed one, as the read does
	}
	c.mu.Unlock()
	return c.Conn.Read(p)
}

func (c *impatient) SetDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.theirs = !t.IsZero()
	return c.Conn.SetDeadline(t)
}

func (c *impatient) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.theirs = !t.IsZero()
	return c.Conn.SetReadDeadline(t)
}
