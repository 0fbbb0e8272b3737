package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// channel is the database's own: other databases of the server have theirs.
	channel = "tidings"

	connectWithin = 5 * time.Second
	// A connection on which nothing was heard for a while is asked for a sign
	// of life: a server that vanished does not say so.
	quietFor    = 15 * time.Second
	pingWithin  = 5 * time.Second
	closeWithin = time.Second
)

// Transport implements bus.Transport. Send is called by one goroutine, Listen
// by another.
type Transport struct {
	config *pgx.ConnConfig
	sender *pgx.Conn // nil until needed
}

// New returns a Transport to the database at a postgres:// address. It
// connects to nothing yet.
func New(address string) (*Transport, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		// The library's text repeats the address, password included.
		return nil, errors.New("hints: the address of the database cannot be parsed")
	}
	config.RuntimeParams["application_name"] = "tidings hints"
	// Nothing is lost with a hint, and a commit that does not wait for the disk
	// holds the server's one lock of notifications the shorter.
	config.RuntimeParams["synchronous_commit"] = "off"
	config.DefaultQueryExecMode = pgx.QueryExecModeExec // no prepared statements
	return &Transport{config: config}, nil
}

// Send notifies all nodes. A connection that turns out to be lost is replaced
// at once.
func (t *Transport) Send(ctx context.Context, payload string) error {
	fresh := t.sender == nil
	err := t.notify(ctx, payload)
	if err == nil || fresh || ctx.Err() != nil {
		return err
	}
	var refused *pgconn.PgError
	if errors.As(err, &refused) && t.sender != nil {
		return err
	}
	return t.notify(ctx, payload)
}

func (t *Transport) notify(ctx context.Context, payload string) error {
	if t.sender == nil {
		conn, err := t.connect(ctx)
		if err != nil {
			return err
		}
		t.sender = conn
	}
	if _, err := t.sender.Exec(ctx, "SELECT pg_notify($1, $2)", channel, payload); err != nil {
		if t.sender.IsClosed() {
			t.sender = nil
		}
		return fmt.Errorf("hints: notify: %w", err)
	}
	return nil
}

// Listen hears until ctx ends or the connection is lost.
func (t *Transport) Listen(ctx context.Context, connected func(), heard func(payload string)) error {
	conn, err := t.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = closing(conn) }() // lost, or not needed any more
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return fmt.Errorf("hints: listen: %w", err)
	}
	connected()
	for {
		n, err := wait(ctx, conn)
		if err != nil {
			return fmt.Errorf("hints: listen: %w", err)
		}
		if n != nil {
			heard(n.Payload)
		}
	}
}

// wait returns the next notification, or nothing when none came for a while
// and the server is still there.
func wait(ctx context.Context, conn *pgx.Conn) (*pgconn.Notification, error) {
	quiet, cancel := context.WithTimeout(ctx, quietFor)
	defer cancel()
	n, err := conn.WaitForNotification(quiet)
	if err == nil || quiet.Err() == nil || ctx.Err() != nil || conn.IsClosed() {
		return n, err
	}
	alive, cancel := context.WithTimeout(ctx, pingWithin)
	defer cancel()
	return nil, conn.Ping(alive)
}

func (t *Transport) connect(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectWithin)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, t.config.Copy())
	if err != nil {
		return nil, fmt.Errorf("hints: %w", err)
	}
	return conn, nil
}

// Close lets go of the connection that sends. Call it when Send is not called
// any more.
func (t *Transport) Close() error {
	if t.sender == nil {
		return nil
	}
	conn := t.sender
	t.sender = nil
	return closing(conn)
}

func closing(conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
	defer cancel()
	return conn.Close(ctx)
}
