package node_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidings-im/tidings/internal/node"
)

// rows are the marks and nodes of one database. seen says when each was heard of.
// "a#2" is another process that operators know as a.
type rows struct {
	mu    sync.Mutex
	mark  int64
	nodes map[string]*node.Node
	seen  map[string]time.Time
}

func newRows() *rows { return &rows{nodes: map[string]*node.Node{}, seen: map[string]time.Time{}} }

func (r *rows) hear(process string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.nodes[process] == nil {
		name, _, _ := strings.Cut(process, "#")
		r.nodes[process] = &node.Node{Name: name}
	}
	r.seen[process] = time.Now()
}

// of is the database as one process sees it.
func (r *rows) of(name string) *process { return &process{rows: r, name: name} }

type process struct {
	*rows
	name string
	err  error
}

func (p *process) Mark(context.Context) (int64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mark++
	return p.mark, p.err
}

func (p *process) LastMark(context.Context) (int64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mark, p.err
}

func (p *process) Follow(_ context.Context, mark int64) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.nodes[p.name]
	if n != nil {
		n.Followed = mark
	}
	return n != nil, p.err
}

func (p *process) Nodes(context.Context) ([]node.Node, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []node.Node
	for name, n := range p.nodes {
		one := *n
		one.Silent = time.Since(p.seen[name])
		all = append(all, one)
	}
	return all, p.err
}

// follow runs a follower whose memory is at whatever *changed was when it caught
// up; catchUp may fail or wait before.
func follow(ctx context.Context, p *process, changed, memory *int, catchUp func() error) {
	f := node.NewFollower(node.FollowerDeps{Store: p, Log: slog.New(slog.DiscardHandler), CatchUp: func(context.Context) error {
		if err := catchUp(); err != nil {
			return err
		}
		*memory = *changed
		return nil
	}})
	f.Run(ctx)
}

func names(nodes []node.Node) string {
	var list []string
	for _, n := range nodes {
		list = append(list, n.Name)
	}
	slices.Sort(list)
	return fmt.Sprint(list)
}

// A command answers when every node works with what it changed, and soon.
func TestAwaitWaitsForEveryNode(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		r, changed := newRows(), 0
		var memory [3]int
		for i := range memory {
			name := fmt.Sprint("node ", i)
			r.hear(name)
			fails := i // the first times
			go follow(ctx, r.of(name), &changed, &memory[i], func() error {
				if fails--; fails >= 0 {
					return errors.New("the database is away")
				}
				time.Sleep(time.Duration(i) * 100 * time.Millisecond) //nolint:forbidigo // a synctest bubble's own clock
				return nil
			})
		}
		for range 3 {
			changed++
			began := time.Now()
			behind, gone, err := node.Await(ctx, r.of("command"), 10*time.Second)
			if err != nil || len(behind)+len(gone) > 0 {
				t.Errorf("behind %v, gone %v: %v", behind, gone, err)
			}
			for i := range memory {
				if memory[i] != changed {
					t.Errorf("node %d answers as of change %d, not %d", i, memory[i], changed)
				}
			}
			if took := time.Since(began); took > 1500*time.Millisecond {
				t.Errorf("it took %v", took)
			}
		}
		stop()
		synctest.Wait()
	})
}

// One that hangs is named when patience is over; one that is gone is named at once,
// unless it has come back under its name; and nobody is waited for in vain.
func TestAwaitTellsSlowNodesFromDeadOnes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		r, changed, memory := newRows(), 1, 0
		await := func(patience time.Duration, behind, gone string) time.Duration {
			t.Helper()
			began := time.Now()
			b, g, err := node.Await(ctx, r.of("command"), patience)
			if err != nil || names(b) != behind || names(g) != gone {
				t.Errorf("behind %v, gone %v: %v", b, g, err)
			}
			return time.Since(began)
		}
		if took := await(10*time.Second, "[]", "[]"); took > 0 {
			t.Errorf("without nodes it took %v", took)
		}
		r.hear("dead")
		r.hear("again")
		time.Sleep(node.Silence) //nolint:forbidigo // a synctest bubble's own clock
		for _, process := range []string{"good", "again#2"} {
			r.hear(process)
			go follow(ctx, r.of(process), &changed, &memory, func() error { return nil })
		}
		if took := await(10*time.Second, "[]", "[dead]"); took > time.Second {
			t.Errorf("with dead nodes it took %v", took)
		}
		r.hear("hangs")
		if took := await(10*time.Second, "[hangs]", "[dead]"); took < 10*time.Second {
			t.Errorf("patience was over after %v", took)
		}
		// While it is waited for, it comes to be known as gone.
		time.Sleep(node.Silence - 15*time.Second) //nolint:forbidigo // a synctest bubble's own clock
		r.hear("good")
		r.hear("again#2")
		if took := await(10*time.Second, "[]", "[dead hangs]"); took > 6*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// A node whose row is not there goes on until it is, and a command that cannot ask
// says so.
func TestFollowingWithoutARow(t *testing.T) {
	t.Parallel()
	r, caught := newRows(), 0
	command, process := r.of("command"), r.of("node")
	f := node.NewFollower(node.FollowerDeps{Store: process, CatchUp: func(context.Context) error { caught++; return nil }})
	look := func(want int) {
		t.Helper()
		if err := f.Look(t.Context()); err != nil || caught != want {
			t.Errorf("caught up %d times, not %d: %v", caught, want, err)
		}
	}
	look(0) // nobody has asked
	if _, _, err := node.Await(t.Context(), command, 0); err != nil {
		t.Fatal(err)
	}
	look(1)
	look(2)
	r.hear("node")
	look(3)
	look(3)
	command.err = errors.New("the database is away")
	if _, _, err := node.Await(t.Context(), command, 0); !errors.Is(err, command.err) {
		t.Error(err)
	}
}

// A request hears whether every server follows, after five seconds at the latest.
func TestFollowed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		r, changed, memory := newRows(), 1, 0
		all := node.Everywhere{Store: r.of("request"), Log: slog.New(slog.DiscardHandler)}
		r.hear("good")
		go follow(ctx, r.of("good"), &changed, &memory, func() error { return nil })
		if !all.Followed(ctx) {
			t.Error("the one server follows")
		}
		r.hear("stuck")
		began := time.Now()
		if all.Followed(ctx) || time.Since(began) > 6*time.Second {
			t.Errorf("a server does not follow; that is known after %v", time.Since(began))
		}
		stop()
		if all.Followed(ctx) {
			t.Error("it cannot be known")
		}
	})
}
