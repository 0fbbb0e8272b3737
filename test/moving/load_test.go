package moving_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/test/harness"
)

// load sends small messages without a pause, and knows every task that was
// acknowledged.
type load struct {
	app    *harness.App
	people []harness.User
	stop   context.CancelFunc
	done   sync.WaitGroup

	mu    sync.Mutex
	acked map[int64]bool
	err   error
}

func startLoad(app *harness.App, people []harness.User) *load {
	ctx, stop := context.WithCancel(context.Background())
	l := &load{app: app, people: people, stop: stop, acked: map[int64]bool{}}
	const senders = 4
	for sender := range senders {
		l.done.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				l.send(sender, n)
			}
		})
	}
	return l
}

// send is never given up by its caller.
func (l *load) send(sender, n int) {
	to := client.Audience{Userids: []string{l.people[n%len(l.people)].Userid, l.people[(n+7)%len(l.people)].Userid}}
	if n%10 == 9 {
		to = client.Audience{Everyone: true}
	}
	task, err := l.app.Send(context.Background(), to, text(fmt.Sprintf("load %d %d", sender, n)), fmt.Sprintf("key %d %d", sender, n))
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.err = err
		return
	}
	l.acked[task] = true
}

func text(content string) harness.Object {
	return harness.Object{"msgtype": "text", "text": harness.Object{"content": content}}
}

// known is a copy of what was acknowledged so far.
func (l *load) known() map[int64]bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	acked := make(map[int64]bool, len(l.acked))
	for id := range l.acked {
		acked[id] = true
	}
	return acked
}

// more waits until n more sends have been acknowledged.
func (l *load) more(t *testing.T, n int) {
	t.Helper()
	want := len(l.known()) + n
	if err := harness.Poll(time.Minute, func() (bool, error) { return len(l.known()) >= want, nil }); err != nil {
		t.Fatalf("%d sends: %v", n, err)
	}
}

// end stops sending and returns all that was acknowledged.
func (l *load) end(t *testing.T) map[int64]bool {
	t.Helper()
	l.stop()
	l.done.Wait()
	if l.err != nil {
		t.Fatalf("a send: %v", l.err)
	}
	return l.acked
}
