package notify_test

import (
	"context"
	"fmt"
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
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			held := &faulty{hold: make(chan struct{})}
			f := mustFaulty(t, engine, held)
			c := f.mustOrganization(t, 2, func(l *policy.Limits) { l.MessagesPerDay, l.RecipientsPerMin = 2, 2 })
			compiled, err := template.Compile(template.Form{
				Kind: template.KindMarkdown, Name: "Test", UseCase: "Test", Title: "Test", Content: "Hello",
			})
			must(t, err)
			var all sync.WaitGroup
			tasks := make(chan int64, 2)
			for i := range 8 {
				all.Go(func() {
					_, err := f.SendTest(context.Background(), notify.TestRequest{
						Organization: c.Organization, AgentID: c.AgentID, Userid: "u1", Template: compiled,
					})
					if err != nil {
						t.Error(err)
					}
				})
				if i%4 != 3 {
					continue
				}
				all.Go(func() {
					task, err := f.Send(context.Background(), request(c, fmt.Sprint(i), to("u1")))
					if err != nil {
						t.Error(err)
					}
					tasks <- task
				})
			}
			for f.QueueDepth() < 10 { // all wait for one transaction, or two
			}
			close(held.hold)
			all.Wait()
			for range 2 {
				if got := f.mustOutcome(t, c, <-tasks); len(got.Unread) != 1 {
					t.Errorf("held back: %v", got.Held)
				}
			}
		})
	}
}
