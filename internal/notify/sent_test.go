package notify_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// Whom a send does not reach is told at once as the result tells it later, also
// where the organization gives no results of so many; a repetition by its key
// tells of the first.
func TestSendAndTell(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		f := mustFixture(t, db, wrap{})
		c := f.mustOrganization(t, 6, nil)
		_, err := f.Send(context.Background(), request(c, "hello", to("u1", "u3")))
		must(t, err)
		r := request(c, "hello", directory.Audience{Userids: []string{"u0", "u1", "u3", "ghost"}, DeptIDs: []int64{99}})
		r.IdempotencyKey, r.RequestDigest = "k", [32]byte{1}

		strict := r
		strict.Caller.Limits.ResultRecipients = 1
		first, err := f.SendAndTell(context.Background(), strict)
		must(t, err)
		again, err := f.SendAndTell(context.Background(), r)
		must(t, err)
		for name, got := range map[string]notify.Sent{"first": first, "again": again} {
			var held []string
			for _, h := range got.Held {
				if h.Code != policy.SameInternal || h.Count != 1 {
					t.Errorf("%s: held by %s, %d", name, h.Code, h.Count)
				}
				held = slices.AppendSeq(held, h.Users)
			}
			slices.Sort(held)
			if got.TaskID != first.TaskID || !slices.Equal(got.InvalidUserids, []string{"ghost"}) || !slices.Equal(got.InvalidDeptIDs, []int64{99}) ||
				!slices.Equal(held, []string{"u1", "u3"}) {
				t.Errorf("%s: %+v, held %v", name, got, held)
			}
		}
		if o := f.mustOutcome(t, c, first.TaskID); !slices.Equal(o.Unread, []string{"u0"}) || len(o.Held) != 2 {
			t.Errorf("the result is %+v", o)
		}
		refused := request(c, "hello", directory.Audience{})
		if _, err := f.SendAndTell(context.Background(), refused); !fault.Is(err, fault.CodeParameterMissing) {
			t.Errorf("to nobody: %v", err)
		}
	})
}

// An attempt that was rolled back tells nothing: another node has accepted the
// same request meanwhile.
func TestSendAndTellAfterALostAttempt(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, "sqlite")
	var other *fixture
	var earlier notify.SendRequest
	f := mustFixture(t, db, wrap{store: func(s notify.Store) notify.Store {
		return &overtaken{Store: s, meanwhile: func() {
			_, err := other.Send(context.Background(), earlier)
			must(t, err)
		}}
	}})
	c := f.mustOrganization(t, 4, nil)
	other = mustFixture(t, db, wrap{})
	r := request(c, "hello", to("u1", "ghost"))
	r.IdempotencyKey, r.RequestDigest = "k", [32]byte{1}
	earlier = r
	earlier.Audience = to("u1", "spectre") // so that one can be told from the other
	got, err := f.SendAndTell(context.Background(), r)
	must(t, err)
	if !slices.Equal(got.InvalidUserids, []string{"spectre"}) {
		t.Errorf("told of %v, not of the task that was accepted", got.InvalidUserids)
	}
}

// overtaken loses its first transaction, after which something else happens.
type overtaken struct {
	notify.Store
	meanwhile func()
	lost      bool
}

func (o *overtaken) WriteTasks(ctx context.Context, work func(context.Context, notify.Tx) error) error {
	if o.lost {
		return o.Store.WriteTasks(ctx, work)
	}
	o.lost = true
	lost := errors.New("lost")
	err := o.Store.WriteTasks(ctx, func(ctx context.Context, tx notify.Tx) error {
		return errors.Join(work(ctx, tx), lost)
	})
	o.meanwhile()
	return err
}
