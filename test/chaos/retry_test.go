package chaos_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/test/harness"
)

const (
	stormSends  = 200
	stormAtOnce = 16 // logical sends
)

// Clients that hear nothing try again, several times at once and with the same
// Idempotency-Key, and cut some of their connections in the middle. Each key
// makes one task.
func TestChaosRetryStorm(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			home := harness.NewHome(t, engine)
			server := home.Demo(t)
			d := newDriver(t, server.Description)
			storm(d, seed(t))
			settleStorm(t, d)
			calls := d.calls(t)
			server.Stop(t)
			c := takeCensus(t, home.Database, server.Organizations[0].CorpID)
			maps.DeleteFunc(c.Tasks, func(_ int64, s stored) bool { return s.Agent != d.app.AgentID })

			made, complaints := checkExistence(calls, d.people, c.Tasks, nil)
			report(t, "existence", complaints)
			report(t, "refusals", checkRefusals(calls))
			report(t, "revisions", checkRevisions(c.Revision, c.Revisions))
			for _, s := range made {
				report(t, "whole", checkWhole(s))
			}
			if len(made) != stormSends {
				t.Errorf("%d tasks for %d keys", len(made), stormSends)
			}
			t.Logf("%d keys, %s", stormSends, tally(calls))
		})
	}
}

func storm(d *driver, seed uint64) {
	slots := make(chan struct{}, stormAtOnce)
	var runs []func()
	for i, s := range d.senders(stormSends, seed) {
		c := harness.Call{Audience: s.audience(), Message: text(s.text()), Key: fmt.Sprintf("storm-%d", i)}
		runs = append(runs, func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			var tries []func()
			for n := range 2 + s.rng.IntN(9) {
				rng := random(seed, i*100+n)
				if s.rng.IntN(4) == 0 {
					tries = append(tries, func() { d.cut(c, rng) })
				} else {
					tries = append(tries, func() { d.send(c) })
				}
			}
			together(tries...)
		})
	}
	together(runs...)
}

// cut writes a part of a request, or all of it, and hangs up.
func (d *driver) cut(c harness.Call, rng *rand.Rand) {
	c.Kind, c.Agent = "send", d.app.AgentID
	app := *d.app
	app.HTTP = &http.Client{Transport: cutting{d.address(), rng}}
	d.do(c, func(ctx context.Context) (int64, error) { return app.Send(ctx, c.Audience, c.Message, c.Key) })
}

// cutting writes a part of each request, or all of it, and hangs up.
type cutting struct {
	address string
	rng     *rand.Rand
}

func (c cutting) RoundTrip(r *http.Request) (*http.Response, error) {
	var text bytes.Buffer
	if err := r.Write(&text); err != nil {
		return nil, err
	}
	request := text.String()
	if c.rng.IntN(2) == 0 {
		request = request[:c.rng.IntN(len(request))]
	}
	return nil, writeAndLeave(c.address, request)
}

func writeAndLeave(address, request string) error {
	const within = 5 * time.Second
	conn, err := net.DialTimeout("tcp", strings.TrimPrefix(address, "http://"), within)
	if err != nil {
		return err
	}
	_, err = conn.Write([]byte(request))
	if closed := conn.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = net.ErrClosed
	}
	return err
}

// settleStorm tries every key once more, so that each is known; then each with
// another message, which must be refused.
func settleStorm(t *testing.T, d *driver) {
	t.Helper()
	byKey := map[string]harness.Call{}
	for _, c := range d.calls(t) {
		byKey[c.Key] = c
	}
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		c := harness.Call{Audience: byKey[key].Audience, Message: byKey[key].Message, Key: key}
		if a := d.send(c); a.Outcome != harness.OutcomeOK {
			t.Errorf("key %s cannot be settled: %d %s", key, a.Code, a.Text)
		}
		_, err := d.app.Send(context.Background(), c.Audience, text("something else"), key)
		const parameterInvalid = 40035
		if r, ok := err.(*harness.Refused); !ok || r.Code != parameterInvalid { //nolint:errorlint // never wrapped
			t.Errorf("key %s with another message: %v, want errcode %d", key, err, parameterInvalid)
		}
	}
}
