package chaos_test

import (
	"context"
	"math/rand/v2"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/test/harness"
)

// visitor opens people's inboxes and reads in them.
type visitor struct {
	*driver
	rng *rand.Rand
}

// run reads until ctx ends or the server is gone.
func (v *visitor) run(ctx context.Context) {
	for ctx.Err() == nil {
		r := v.readers[v.rng.IntN(len(v.readers))]
		page, err := r.Page(context.Background(), 20, "")
		if err != nil {
			return
		}
		if v.read(r, page).Outcome == harness.OutcomeUnknown {
			return
		}
	}
}

// read reads some of a page, or everything up to it.
func (v *visitor) read(r *harness.Reader, page client.Page) harness.Answer {
	if v.rng.IntN(8) == 0 && len(page.Items) > 0 {
		return v.readAll(r, page.Items[0].SentRevision())
	}
	var some []client.Item
	for _, item := range page.Items {
		if v.rng.IntN(3) == 0 {
			some = append(some, item)
		}
	}
	return v.readSome(r, some)
}

func (d *driver) readSome(r *harness.Reader, items []client.Item) harness.Answer {
	ids := []string{}
	c := harness.Call{Kind: "read", User: r.Userid}
	for _, item := range items {
		ids = append(ids, item.MessageID)
		c.Tasks = append(c.Tasks, item.Task())
	}
	return d.do(c, func(ctx context.Context) (int64, error) { return 0, r.Read(ctx, ids) })
}

func (d *driver) readAll(r *harness.Reader, through int64) harness.Answer {
	c := harness.Call{Kind: "read_all", User: r.Userid, Through: through}
	return d.do(c, func(ctx context.Context) (int64, error) { return 0, r.ReadAll(ctx, through) })
}
