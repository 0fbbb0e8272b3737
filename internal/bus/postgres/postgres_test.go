package postgres_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tidings-im/tidings/internal/bus/postgres"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

const aHang = 30 * time.Second

func mustTransport(t *testing.T, address string) *postgres.Transport {
	t.Helper()
	transport, err := postgres.New(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := transport.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return transport
}

// listen hears until it is stopped; every connection is told.
func listen(t *testing.T, transport *postgres.Transport) (connected <-chan struct{}, heard <-chan string, ended <-chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	up, out, done := make(chan struct{}, 1), make(chan string, 16), make(chan error, 1)
	go func() {
		done <- transport.Listen(ctx, func() { up <- struct{}{} }, func(payload string) { out <- payload })
		close(done)
	}()
	t.Cleanup(func() {
		cancel()
		for range done { // until it has ended
		}
	})
	return up, out, done
}

func await[T any](t *testing.T, c <-chan T) (value T) {
	t.Helper()
	select {
	case value = <-c:
	case <-time.After(aHang):
		t.Fatal("nothing came")
	}
	return value
}

func TestWhatIsSentIsHeardByAll(t *testing.T) {
	t.Parallel()
	address := storetest.Ready(t, "postgres")
	a, b := mustTransport(t, address), mustTransport(t, address)
	upA, heardA, _ := listen(t, a)
	upB, heardB, endedB := listen(t, b)
	await(t, upA)
	await(t, upB)
	longest := strings.Repeat("x", 7900)
	for _, payload := range []string{"1 one r7:1", longest} {
		if err := a.Send(context.Background(), payload); err != nil {
			t.Fatal(err)
		}
		if await(t, heardA) != payload || await(t, heardB) != payload {
			t.Error("something else was heard")
		}
	}
	if err := a.Send(context.Background(), longest+longest); err == nil {
		t.Error("a payload was sent that PostgreSQL refuses")
	}
	if err := a.Send(context.Background(), "after"); err != nil || await(t, heardB) != "after" {
		t.Errorf("after a refusal: %v", err)
	}

	// Both connections end on the server, as at a fail-over.
	conn, err := pgx.Connect(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'tidings hints'`); err != nil {
		t.Fatal(err)
	}
	if err := await(t, endedB); err == nil {
		t.Error("Listen ended without saying why")
	}
	upB, heardB, _ = listen(t, b)
	await(t, upB)
	if err := a.Send(context.Background(), "again"); err != nil {
		t.Fatalf("a lost connection is made again: %v", err)
	}
	if await(t, heardB) != "again" {
		t.Error("something else was heard")
	}
}

func TestAddressesThatLeadNowhere(t *testing.T) {
	t.Parallel()
	if _, err := postgres.New("postgres://u:secret@%zz/"); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
	transport := mustTransport(t, "postgres://u:secret@127.0.0.1:1/none?sslmode=disable")
	err := transport.Send(context.Background(), "x")
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("send: %v", err)
	}
	err = transport.Listen(context.Background(), func() { t.Error("connected") }, func(string) {})
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("listen: %v", err)
	}
}
