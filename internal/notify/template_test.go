package notify_test

import (
	"context"
	"sync"
	"testing"

	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/internal/template"
)

// Tests take no quota from sends that are decided in the same transaction.
func TestTestsBesideSends(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			held := &faulty{hold: make(chan struct{})}
			f := mustFaulty(t, engine, held)
			c := f.mustOrganization(t, 2, func(l *policy.Limits) { l.MessagesPerDay = 2 })
			compiled, err := template.Compile(t.Context(), template.Form{
				Kind: template.KindMarkdown, Name: "Test", UseCase: "Test", Title: "Test", Content: "Hello",
			})
			must(t, err)
			var all sync.WaitGroup
			next := func(submit func() (int64, error)) *int64 {
				task, before := new(int64), f.QueueDepth()
				all.Go(func() {
					var err error
					if *task, err = submit(); err != nil {
						t.Error(err)
					}
				})
				for f.QueueDepth() == before { // until it has its place
				}
				return task
			}
			send := func(content, userid string) func() (int64, error) {
				return func() (int64, error) { return f.Send(context.Background(), request(c, content, to(userid))) }
			}
			test := func() (int64, error) {
				return f.SendTest(context.Background(), notify.TestRequest{
					Organization: c.Organization, AgentID: c.AgentID, Userid: "u1", Template: compiled,
				})
			}
			// The first has a transaction of its own; all others are in one,
			// and the last is the one for which the app's day is counted.
			next(send("1", "u0"))
			next(test)
			next(test)
			next(send("2", "u0"))
			last := next(send("3", "u1"))
			close(held.hold)
			all.Wait()
			if got := f.mustOutcome(t, c, *last); len(got.Unread) != 1 {
				t.Errorf("held back: %v", got.Held)
			}
		})
	}
}
