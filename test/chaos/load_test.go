package chaos_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/test/harness"
)

// driver makes calls in the name of one app, and notes each.
type driver struct {
	app      *harness.App
	readers  []*harness.Reader
	people   *harness.People
	depts    []int64
	path     string // of the ledger
	ledger   *harness.Ledger
	base     atomic.Pointer[string]
	route    *route     // where there are several nodes
	failures chan error // of the driver itself
}

func newDriver(t *testing.T, d harness.Description) *driver {
	t.Helper()
	o := d.Organizations[0]
	pool := harness.NewHTTP(64)
	path := filepath.Join(t.TempDir(), "ledger")
	ledger, err := harness.NewLedger(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ledger.Close() })
	dr := &driver{people: harness.NewPeople(o.Departments, o.Users), path: path, ledger: ledger, failures: make(chan error, 1)}
	dr.at(d.BaseURL)
	dr.app = &harness.App{Credentials: o.Apps[0], Address: dr.address, HTTP: pool}
	for _, u := range o.Users {
		dr.readers = append(dr.readers, &harness.Reader{User: u, Address: dr.address, HTTP: pool})
	}
	for _, dept := range o.Departments {
		if dept.ID != harness.RootDepartment {
			dr.depts = append(dr.depts, dept.ID)
		}
	}
	if err := dr.app.Login(context.Background()); err != nil {
		t.Fatal(err)
	}
	return dr
}

func (d *driver) at(base string)  { d.base.Store(&base) }
func (d *driver) address() string { return *d.base.Load() }

// do notes and makes one call.
func (d *driver) do(c harness.Call, call func(context.Context) (int64, error)) harness.Answer {
	// A call is never given up by its caller: what became of it is the point.
	if d.route != nil {
		c.Node = d.route.node() + 1
		call = d.route.around(call)
	}
	a, err := d.ledger.Do(c, func() (int64, error) { return call(context.Background()) })
	if err != nil {
		select {
		case d.failures <- err:
		default:
		}
	}
	return a
}

// mustWork fails the test when the driver could not keep its ledger.
func (d *driver) mustWork(t *testing.T) {
	t.Helper()
	select {
	case err := <-d.failures:
		t.Fatal(err)
	default:
	}
}

func (d *driver) send(c harness.Call) harness.Answer {
	c.Kind, c.Agent = "send", d.app.AgentID
	return d.do(c, func(ctx context.Context) (int64, error) {
		return d.app.Send(ctx, c.Audience, c.Message, c.Key)
	})
}

// calls reads the ledger back.
func (d *driver) calls(t *testing.T) []harness.Call {
	t.Helper()
	d.mustWork(t)
	calls, err := harness.ReadLedger(d.path)
	if err != nil {
		t.Fatal(err)
	}
	return calls
}

// sender is one of many that send at the same time. It remembers what it made
// over restarts of the server.
type sender struct {
	*driver
	name     string
	rng      *rand.Rand
	n        int
	pending  *harness.Call // with a key, of which nobody knows yet
	made     []int64
	cards    []int64        // of type oa
	recalled map[int64]bool // recall was tried
}

func (d *driver) senders(n int, seed uint64) []*sender {
	all := make([]*sender, n)
	for i := range all {
		all[i] = &sender{driver: d, name: "s" + strconv.Itoa(i), rng: random(seed, i), recalled: map[int64]bool{}}
	}
	return all
}

// run makes calls until ctx ends or the server is gone.
func (s *sender) run(ctx context.Context) {
	for ctx.Err() == nil {
		if s.step().Outcome == harness.OutcomeUnknown {
			return
		}
	}
}

// step makes one call. What is unknown and has a key is tried again first.
func (s *sender) step() harness.Answer {
	if s.pending != nil {
		return s.settle()
	}
	const recalls, bars, cards = 12, 14, 24 // of a hundred calls
	switch dice := s.rng.IntN(100); {
	case dice < recalls && len(s.made) > 0:
		return s.recall(s.made[s.rng.IntN(len(s.made))])
	case dice < recalls+bars && len(s.cards) > 0:
		return s.statusBar(s.cards[s.rng.IntN(len(s.cards))])
	case dice < recalls+bars+cards:
		return s.sendOne(harness.Call{Audience: s.audience(), Message: card(s.text())}, true)
	}
	return s.sendOne(harness.Call{Audience: s.audience(), Message: text(s.text())}, false)
}

func (s *sender) sendOne(c harness.Call, isCard bool) harness.Answer {
	if s.rng.IntN(2) == 0 {
		c.Key = fmt.Sprintf("%s-%d", s.name, s.n)
	}
	a := s.send(c)
	if a.Outcome == harness.OutcomeUnknown && c.Key != "" {
		s.pending = &c
	}
	s.keep(a, isCard)
	return a
}

func (s *sender) keep(a harness.Answer, isCard bool) {
	if a.Outcome != harness.OutcomeOK {
		return
	}
	s.made = append(s.made, a.Task)
	if isCard {
		s.cards = append(s.cards, a.Task)
	}
}

// settle tries a pending call again: whatever became of it before, afterwards
// it is one task.
func (s *sender) settle() harness.Answer {
	a := s.send(*s.pending)
	if a.Outcome != harness.OutcomeUnknown {
		s.pending = nil
		s.keep(a, false)
	}
	return a
}

func (s *sender) recall(task int64) harness.Answer {
	s.recalled[task] = true
	return s.do(harness.Call{Kind: "recall", Agent: s.app.AgentID, Task: task}, func(ctx context.Context) (int64, error) {
		return 0, s.app.Recall(ctx, task)
	})
}

func (s *sender) statusBar(task int64) harness.Answer {
	if s.recalled[task] {
		return harness.Answer{Outcome: harness.OutcomeRefused}
	}
	s.n++
	value := fmt.Sprintf("%s step %d", s.name, s.n)
	return s.do(harness.Call{Kind: "status_bar", Agent: s.app.AgentID, Task: task, Value: value}, func(ctx context.Context) (int64, error) {
		return 0, s.app.SetStatusBar(ctx, task, value, "0xFF78C06E")
	})
}

// text is new, or one of a few that everybody uses.
func (s *sender) text() string {
	s.n++
	const shared = 8
	if s.rng.IntN(3) == 0 {
		return "note " + strconv.Itoa(s.rng.IntN(shared))
	}
	return fmt.Sprintf("%s says %d", s.name, s.n)
}

// audience is a few people, a department or two, or everyone; now and then
// with somebody nobody knows.
func (s *sender) audience() client.Audience {
	var a client.Audience
	everyone := s.people.Everyone()
	switch dice := s.rng.IntN(20); {
	case dice == 0:
		a.Everyone = true
	case dice < 6:
		for range 1 + s.rng.IntN(2) {
			a.DeptIDs = append(a.DeptIDs, s.depts[s.rng.IntN(len(s.depts))])
		}
	default:
		for range 1 + s.rng.IntN(5) {
			a.Userids = append(a.Userids, everyone[s.rng.IntN(len(everyone))])
		}
		// Those who are watched get something to see.
		a.Userids = append(a.Userids, s.readers[s.rng.IntN(killFollowers)].Userid)
	}
	if s.rng.IntN(10) == 0 && !a.Everyone {
		a.Userids = append(a.Userids, "nobody")
	}
	a.Userids, a.DeptIDs = slices.Compact(sorted(a.Userids)), slices.Compact(sorted(a.DeptIDs))
	return a
}

func text(content string) json.RawMessage {
	return canonical(harness.Object{"msgtype": "text", "text": harness.Object{"content": content}})
}

func card(title string) json.RawMessage {
	return canonical(harness.Object{"msgtype": "oa", "oa": harness.Object{
		"message_url": "https://example.com/approvals/1",
		"head":        harness.Object{"bgcolor": "FF3E7BFA", "text": "Approval"},
		"status_bar":  harness.Object{"status_value": "pending", "status_bg": "0xFFFF9D46"},
		"body":        harness.Object{"title": title},
	}})
}

// canonical is JSON with sorted keys and no white space.
func canonical(o harness.Object) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(o); err != nil {
		panic(err) // maps of strings can be encoded
	}
	return bytes.TrimSpace(b.Bytes())
}

// together runs all of them at once and waits.
func together(runs ...func()) {
	var wg sync.WaitGroup
	for _, run := range runs {
		wg.Go(run)
	}
	wg.Wait()
}
