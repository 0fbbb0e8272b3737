package notify_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// saver is a node that saves its days after every third task.
func saver(t *testing.T, db *store.DB, w wrap, now time.Time) *fixture {
	t.Helper()
	f := mustFixture(t, db, w)
	f.clock.forward(now.Sub(f.clock.now()))
	f.SaveEvery(3)
	return f
}

// Whoever counts, and from whatever was saved: nobody gets one message more or
// less than the limit, through restarts, on two nodes, and over midnight.
func TestSavedDaysCountExactly(t *testing.T) {
	t.Parallel()
	const people, limit, steps = 4, 6, 120
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			seed := rand.Uint64()
			random := rand.New(rand.NewPCG(seed, 1))
			t.Logf("seed %d", seed)
			db, now := storetest.Open(t, engine), newClock().now()
			nodes := []*fixture{saver(t, db, wrap{}, now), saver(t, db, wrap{}, now)}
			c := nodes[0].mustOrganization(t, people, func(l *policy.Limits) { l.MessagesPerDay = limit })
			must(t, nodes[1].directory.Load(context.Background()))
			had := map[string]int{}
			for step := range steps {
				n := random.IntN(len(nodes))
				switch random.IntN(12) {
				case 0:
					nodes[n].Close()
					nodes[n] = saver(t, db, wrap{}, now)
				case 1:
					now = now.Add(time.Duration(random.IntN(8)) * time.Hour)
				}
				if day := now.In(nodes[0].directory.Location(c.Organization)).Format(time.DateOnly); had[day] == 0 {
					clear(had)
					had[day] = 1
				}
				for _, f := range nodes {
					f.clock.forward(now.Sub(f.clock.now()))
				}
				mustSendOne(t, nodes[n], c, random, step, limit, had)
			}
		})
	}
}

// mustSendOne sends to some and compares who was held back with what they had.
func mustSendOne(t *testing.T, f *fixture, c app.Caller, random *rand.Rand, step, limit int, had map[string]int) {
	t.Helper()
	users := []string{"u0", "u1", "u2", "u3"}[:1+random.IntN(4)]
	id, err := f.Send(context.Background(), request(c, fmt.Sprint("number ", step), to(users...)))
	must(t, err)
	got := f.mustOutcome(t, c, id)
	for _, u := range users {
		if had[u]++; had[u] > limit != (got.Held[u] != "") {
			t.Fatalf("step %d: message %d of the day to %s: %+v", step, had[u], u, got)
		}
	}
}

// A start reads what came after the day was saved, and all of it where what was
// saved is of another day, damaged, or not counted per recipient.
func TestAStartReadsWhatWasNotSaved(t *testing.T) {
	t.Parallel()
	const sends, limit = 40, 20
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			address := storetest.Ready(t, engine)
			db, now := storetest.At(t, address, nil), newClock().now()
			_, raw := storetest.Raw(t, address)
			first := saver(t, db, wrap{}, now)
			c := first.mustOrganization(t, 2, func(l *policy.Limits) { l.MessagesPerDay = limit })
			for i := range sends {
				_, err := first.Send(context.Background(), request(c, fmt.Sprint(i), to("u1")))
				must(t, err)
			}
			first.Close() // saves what is waiting
			saved, ok, err := db.Tasks().SavedDay(context.Background(), c.Organization, c.AgentID)
			if err != nil || !ok || saved.Tasks < sends-3 || saved.Tally == nil {
				t.Fatalf("saved: %+v, %v, %v", saved, ok, err)
			}
			older := saved
			older.Through, older.Tasks = saved.Through-1, 0
			must(t, db.Tasks().SaveDay(context.Background(), older))
			if kept, _, err := db.Tasks().SavedDay(context.Background(), c.Organization, c.AgentID); err != nil || kept.Tasks != saved.Tasks {
				t.Errorf("an older one took its place: %+v, %v", kept, err)
			}
			for what, c2 := range map[string]struct {
				change string
				most   int64
			}{
				"what was saved": {"", 8},
				"another day":    {`UPDATE day_fold SET day = day - 1`, 3 * sends},
				"damaged":        {`UPDATE day_fold SET minutes = '?'`, 3 * sends},
				"a broken tally": {`UPDATE day_fold SET tally = message FROM (SELECT CAST('x' AS ` + map[string]string{"sqlite": "BLOB", "postgres": "BYTEA"}[engine] + `) AS message) AS m`, 3 * sends},
				"no tally":       {`UPDATE day_fold SET tally = NULL`, 3 * sends},
			} {
				_, err := raw.Exec(`DELETE FROM day_fold`)
				must(t, err)
				must(t, db.Tasks().SaveDay(context.Background(), saved))
				if c2.change != "" {
					_, err := raw.Exec(c2.change)
					must(t, err)
				}
				days := &readDays{}
				f := saver(t, db, wrap{store: func(s notify.Store) notify.Store {
					days.Store = s
					return days
				}}, now)
				id, err := f.Send(context.Background(), request(c, what, to("u0", "u1")))
				must(t, err)
				if got := f.mustOutcome(t, c, id); got.Held["u1"] != policy.DailyInternal || !slices.Equal(got.Unread, []string{"u0"}) {
					t.Errorf("%s: %+v", what, got)
				}
				if before, inside := days.before.Load(), days.inside.Load(); before > c2.most || inside > 0 || c2.change != "" && before < sends {
					t.Errorf("%s: %d tasks are read before the transaction, %d inside", what, before, inside)
				}
				f.Close()
			}
		})
	}
}
