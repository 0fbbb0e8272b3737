package chaos_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/test/harness"
)

const nodeCount = 3

// cluster is three nodes on one PostgreSQL.
type cluster struct {
	t     *testing.T
	home  *harness.Home // for administration
	nodes []*harness.Node
}

// newCluster starts the nodes; each has its own address of the same database.
func newCluster(t *testing.T, database string, of func(node int) string) *cluster {
	t.Helper()
	c := &cluster{t: t, home: &harness.Home{Dir: t.TempDir(), Database: database}}
	key := filepath.Join(c.home.Dir, "key")
	if _, err := masterkey.Create(key); err != nil {
		t.Fatal(err)
	}
	for i := range nodeCount {
		c.nodes = append(c.nodes, harness.NewNode(t, of(i), key))
	}
	return c
}

// ready waits until every node accepts sends, or until none does.
func (c *cluster) ready(yes bool) {
	c.t.Helper()
	for _, n := range c.nodes {
		n.Await(c.t, yes)
	}
}

func (c *cluster) stop() {
	c.t.Helper()
	for _, n := range c.nodes {
		n.Stop(c.t)
	}
}

// route is the way of one client's calls: to one of some nodes, until it takes
// another.
type route struct {
	nodes []*harness.Node
	at    atomic.Int64
	some  []int // which of them are used
}

func (c *cluster) route(some ...int) *route { return &route{nodes: c.nodes, some: some} }

func (r *route) node() int       { return r.some[int(r.at.Load())%len(r.some)] }
func (r *route) address() string { return r.nodes[r.node()].Base }
func (r *route) next()           { r.at.Add(1) }

// each is an address for clients that go on to the next node with every call.
func (r *route) each() string {
	r.next()
	return r.address()
}

// around makes a call to the next node when one cannot be connected to: then
// nothing was asked, as any load balancer knows.
func (r *route) around(call func(context.Context) (int64, error)) func(context.Context) (int64, error) {
	return func(ctx context.Context) (int64, error) {
		task, err := call(ctx)
		for range len(r.some) - 1 {
			var op *net.OpError
			if !errors.As(err, &op) || op.Op != "dial" {
				break
			}
			r.next()
			task, err = call(ctx)
		}
		return task, err
	}
}

// via is the driver on a way of its own, with the same ledger.
func (d *driver) via(r *route) *driver {
	own := *d.app
	own.Address = r.address
	return &driver{
		app: &own, readers: d.readers, people: d.people, depts: d.depts,
		path: d.path, ledger: d.ledger, failures: d.failures, route: r,
	}
}

// firm is an organization with senders on some of the nodes, and live clients
// on all of them.
type firm struct {
	inquest
	crowd
	limits  rules
	senders []*sender
	visitor *visitor
}

// newFirm makes an organization whose senders use some of the nodes. limits
// are those that its app has.
func (c *cluster) newFirm(name string, limits rules, senders int, seed uint64, some ...int) *firm {
	c.t.Helper()
	const size, team = 60, 6
	f := &firm{crowd: newCrowd(c.t, c.home, name, size, team), limits: limits}
	c.limit(f.CorpID, limits)
	for i := range killFollowers { // those who are watched
		var made harness.User
		u := &f.Users[i]
		c.home.Admin(c.t, &made, "--org", f.CorpID, "token", "create", u.Userid)
		u.APIToken = made.APIToken
	}
	d := newDriver(c.t, f.description(c.nodes[0].Base))
	d.readers = d.readers[:killFollowers]
	for _, r := range d.readers {
		r.Address = c.route(0, 1, 2).each
	}
	f.inquest = inquest{driver: d, t: c.t, recalled: map[string]map[string]bool{}, anywhere: true}
	for i, s := range d.senders(senders, seed) {
		r := c.route(some...)
		r.at.Store(int64(i))
		s.driver = d.via(r)
		f.senders = append(f.senders, s)
	}
	f.visitor = &visitor{driver: d.via(c.route(some...)), rng: random(seed, 1000)}
	return f
}

func (c *cluster) limit(corpID string, limits rules) {
	c.t.Helper()
	c.home.Admin(c.t, nil, "org", "update", corpID, "--limits",
		fmt.Sprintf(`{"messages_per_day":%d,"recipients_per_min":%d}`, limits.Daily, limits.Minute))
}

// follow opens live clients, two that stay and two that hang up and resume.
func (f *firm) follow(seed uint64) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	f.t.Cleanup(func() { cancel(); running.Wait() })
	for i, r := range f.readers {
		l := harness.NewFollower(r)
		if i%2 == 1 {
			rng := random(seed, 3000+i)
			l.Hold = func() time.Duration { return time.Duration(200+rng.IntN(3000)) * time.Millisecond }
		}
		f.followers = append(f.followers, l)
		running.Go(func() { l.Run(ctx) })
	}
}

// work sends from all senders, each at a pace, and reads, until ctx ends.
// Whoever hears nothing goes on to another node, and now and then anybody does.
func (f *firm) work(ctx context.Context, pace time.Duration) []func() {
	var runs []func()
	for _, s := range f.senders {
		runs = append(runs, func() {
			paced(ctx, pace, s.rng, func() {
				const seldom = 8
				if s.step().Outcome == harness.OutcomeUnknown || s.rng.IntN(seldom) == 0 {
					s.route.next()
				}
			})
		})
	}
	return append(runs, func() {
		paced(ctx, pace, f.visitor.rng, func() {
			r := f.readers[f.visitor.rng.IntN(len(f.readers))]
			if page, err := r.Page(ctx, 20, ""); err == nil {
				f.visitor.read(r, page)
			}
		})
	})
}

// paced does something again and again, about every pace.
func paced(ctx context.Context, pace time.Duration, rng *rand.Rand, do func()) {
	for ctx.Err() == nil {
		do()
		select {
		case <-ctx.Done():
		case <-time.After(pace/2 + time.Duration(rng.Int64N(int64(pace)))):
		}
	}
}

// settle asks again for everything with a key that nobody knew of.
func (f *firm) settle() {
	f.t.Helper()
	for _, s := range f.senders {
		if s.pending != nil && s.settle().Outcome != harness.OutcomeOK {
			f.t.Errorf("%s cannot settle what was unknown", s.name)
		}
	}
}

// close compares everything with everything; the nodes still run.
func (f *firm) close(c *cluster) (tasks int, calls []harness.Call) {
	f.t.Helper()
	e := f.ask()
	census := takeCensus(f.t, c.home.Database, f.CorpID)
	r := f.limits
	r.Order = census.Order
	made := f.judge(e, census, r, nil)
	reloads := 0
	for _, l := range f.followers {
		reloads += len(checkNoReload(l.Userid, l.Events()))
	}
	f.t.Logf("%s: %s; %d tasks, %d revisions, %d acknowledged after the loss of an answer, live clients told to reload %d times",
		f.Name, tally(e.calls), len(made), census.Revision, recovered(e.calls), reloads)
	return len(made), e.calls
}
