package attempt_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/attempt"
	"github.com/tidings-im/tidings/internal/fault"
)

// door is a limiter before a check that knows one good credential.
type door struct {
	*attempt.Limiter

	log       bytes.Buffer
	mu        sync.Mutex
	at        time.Time
	checks    int
	throttled int
	good      string
	broken    error
}

func newDoor() *door {
	d := &door{at: time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC), good: "good"}
	d.Limiter = attempt.New(slog.New(slog.NewTextHandler(&d.log, nil)), d, func() time.Time { return d.at })
	return d
}

func (d *door) Throttled(attempt.Kind) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.throttled++
}

func (d *door) ask(peer, credential string) error {
	return d.askAs(attempt.Session, peer, credential)
}

func (d *door) askAs(kind attempt.Kind, peer, credential string) error {
	ctx := context.Background()
	if peer != "" {
		ctx = attempt.WithPeer(ctx, netip.MustParseAddr(peer))
	}
	return d.Try(ctx, kind, credential, func() error {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.checks++
		if d.broken != nil {
			return d.broken
		}
		if credential != d.good {
			return fault.New(fault.CodeTokenInvalid, "no")
		}
		return nil
	})
}

func (d *door) fail(t *testing.T, peer string, times int) {
	t.Helper()
	for n := range times {
		if err := d.ask(peer, fmt.Sprint("guess ", n)); !fault.Is(err, fault.CodeTokenInvalid) {
			t.Fatalf("failure %d of %s: %v", n, peer, err)
		}
	}
}

func wait(err error) time.Duration {
	if !fault.Is(err, fault.CodeThrottled) {
		return 0
	}
	return fault.From(err).RetryAfter
}

const peer, other = "192.0.2.1", "192.0.2.2"

func TestWaitsGrow(t *testing.T) {
	t.Parallel()
	d := newDoor()
	d.fail(t, peer, attempt.Allowance+1)
	for _, want := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
		checks := d.checks
		for range 50 {
			if got := wait(d.ask(peer, "guess")); got != want {
				t.Fatalf("waits %v, want %v", got, want)
			}
		}
		if d.checks != checks {
			t.Errorf("%d were checked meanwhile", d.checks-checks)
		}
		d.at = d.at.Add(want)
		d.fail(t, peer, 1)
	}
	if d.throttled != 150 {
		t.Errorf("counted %d", d.throttled)
	}
	if n := strings.Count(d.log.String(), "fails too often"); n != 3 {
		t.Errorf("%d lines of waits, want one for each", n)
	}
	if strings.Contains(d.log.String(), "guess") || !strings.Contains(d.log.String(), "peer="+peer+"/32") {
		t.Error("the log says a credential, or no address")
	}
	d.at = d.at.Add((attempt.Allowance + 5) * attempt.Forgive) // all is forgiven
	d.fail(t, peer, attempt.Allowance+1)
}

// What was good before passes beside somebody who fails, and good ones are
// never counted; what is new waits, and is good afterwards.
func TestOthersBehindTheSameAddress(t *testing.T) {
	t.Parallel()
	d := newDoor()
	for range 10 * attempt.Allowance {
		if err := d.ask(peer, "good"); err != nil {
			t.Fatal(err)
		}
	}
	d.fail(t, peer, attempt.Allowance+1)
	if err := d.ask(peer, "good"); err != nil {
		t.Errorf("good before: %v", err)
	}
	if err := d.ask(other, "good"); err != nil {
		t.Errorf("elsewhere: %v", err)
	}
	if err := d.askAs(attempt.AppSecret, peer, "good"); err != nil {
		t.Errorf("of another kind: %v", err)
	}
	d.good = "new"
	if wait(d.ask(peer, "new")) == 0 {
		t.Error("a first one was checked while the address waits")
	}
	// It is not good any more: known once, then as everything else.
	if err := d.ask(peer, "good"); !fault.Is(err, fault.CodeTokenInvalid) {
		t.Errorf("ended: %v", err)
	}
	if wait(d.ask(peer, "good")) == 0 {
		t.Error("an ended one is checked again and again")
	}
	d.at = d.at.Add(attempt.MaxWait)
	if err := d.ask(peer, "new"); err != nil {
		t.Errorf("after the wait: %v", err)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	d := newDoor()
	for n := range attempt.Allowance + 1 { // a host may take any address of its network
		d.fail(t, fmt.Sprintf("2001:db8::%x", n+1), 1)
	}
	for address, waits := range map[string]bool{"2001:db8::ffff": true, "2001:db8:0:1::1": false, "": false, peer: false} {
		if got := wait(d.ask(address, "guess")) > 0; got != waits {
			t.Errorf("%q waits: %v", address, got)
		}
	}
	d.fail(t, "::ffff:"+other, attempt.Allowance+1) // an IPv4 address in other clothes
	if wait(d.ask(other, "guess")) == 0 {
		t.Error("a mapped address counts apart")
	}
}

// What fails for another reason is no guess.
func TestOtherFailuresDoNotCount(t *testing.T) {
	t.Parallel()
	d := newDoor()
	d.broken = errors.New("the database is away")
	for range 2 * attempt.Allowance {
		if err := d.ask(peer, "guess"); !errors.Is(err, d.broken) {
			t.Fatal(err)
		}
	}
	d.broken = nil
	d.fail(t, peer, attempt.Allowance)
}

// Many at once are counted before any has been checked.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	d := newDoor()
	ctx := attempt.WithPeer(context.Background(), netip.MustParseAddr(peer))
	hold := make(chan struct{})
	var running sync.WaitGroup
	refused, entered := make(chan error, 1000), make(chan struct{}, 1000)
	for n := range 1000 {
		running.Go(func() {
			err := d.Try(ctx, attempt.APIToken, fmt.Sprint(n), func() error {
				entered <- struct{}{}
				<-hold
				return errors.New("whatever")
			})
			if wait(err) > 0 {
				refused <- err
			}
		})
	}
	for range 1000 - attempt.Allowance - 1 {
		<-refused
	}
	for range attempt.Allowance + 1 {
		<-entered
	}
	close(hold)
	running.Wait()
}
