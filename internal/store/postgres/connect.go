package postgres

import (
	"context"
	"database/sql/driver"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
)

// connectWithin is how long a new connection may take until it can be used,
// unless the address says otherwise (connect_timeout).
const connectWithin = 5 * time.Second

// connector bounds the whole of connecting. database/sql opens connections
// also for nobody in particular, and would wait for ever for a server that
// takes a connection and then says nothing.
type connector struct {
	driver.Connector
	within time.Duration
}

func newConnector(config *pgx.ConnConfig, c driver.Connector) driver.Connector {
	within := config.ConnectTimeout
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
