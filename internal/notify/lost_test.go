package notify_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// A recall's transaction is lost and rolled back, and before it can be looked
// up another node gives the same revision to a change of the same task. That
// change is not taken for the recall.
func TestALostCommitIsNotMistakenForAnother(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			address := storetest.Ready(t, engine)
			db, other := storetest.At(t, address, nil), storetest.NewSender(t, address)
			var armed atomic.Bool
			var organization, task int64
			s := &faulty{}
			s.undo = func() error {
				if armed.Load() {
					return fault.New(fault.CodeCommitUnknown, "connection lost")
				}
				return nil
			}
			s.after = func(err error) error {
				if armed.CompareAndSwap(true, false) {
					other.StatusBar(organization, task, "agreed", "")
				}
				return err
			}
			f := mustFixture(t, db, wrap{store: func(inner notify.Store) notify.Store { s.Store = inner; return s }})
			c := f.mustOrganization(t, 4, nil)
			r := request(c, "", to("u1"))
			r.Message = []byte(oaMessage)
			id, err := f.Send(ctx, r)
			must(t, err)
			organization, task = c.Organization, id

			armed.Store(true)
			must(t, f.Recall(ctx, c, c.AgentID, id))
			stored, err := db.Tasks().TaskByID(ctx, c.Organization, id)
			must(t, err)
			if stored.RecalledAt.IsZero() || stored.StatusValue != "agreed" {
				t.Errorf("recalled at %v with status bar %q", stored.RecalledAt, stored.StatusValue)
			}
			if got := f.hints.committed[c.Organization]; got != 3 {
				t.Errorf("revision %d, want 3: the send, the other node's change, the recall", got)
			}
		})
	}
}
