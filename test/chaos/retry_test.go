package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
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
	d.do(c, func(context.Context) (int64, error) {
		request := d.request(c)
		if rng.IntN(2) == 0 {
			request = request[:rng.IntN(len(request))]
		}
		return 0, &harness.Unknown{Err: writeAndLeave(d.address(), request)}
	})
}

func (d *driver) request(c harness.Call) string {
	body, err := json.Marshal(d.app.SendBody(c.Audience, c.Message))
	if err != nil {
		panic(err) // an object of texts and numbers can be encoded
	}
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: tidings\r\nContent-Type: application/json\r\nIdempotency-Key: %s\r\nContent-Length: %d\r\n\r\n%s",
		d.app.SendPath(), c.Key, len(body), body)
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
