package notify_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"pgregory.net/rapid"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/internal/template"
)

func draft(c app.Caller, content string, a directory.Audience) notify.Draft {
	return notify.Draft{Caller: c, Message: text(content), Audience: a}
}

// byHand is a draft that u0 sends as they have seen it planned.
func (f *fixture) byHand(d notify.Draft, p notify.Plan) notify.ByHand {
	ordinal, _ := f.directory.Ordinal(d.Caller.Organization, "u0")
	h := notify.ByHand{Draft: d, By: audit.By{Actor: audit.Person(d.Caller.Organization, ordinal), Credential: "token:test"}, Version: p.Use.Version}
	if p.To != nil {
		h.Planned, h.AtMost, h.NamesOrganization = p.To.Audience, int64(p.To.Sent.GetCardinality()), true
	}
	return h
}

// What a plan says becomes of a send becomes of it, whatever was sent before, by hand
// and by the app; and nobody who is named is missing.
func TestAPlanIsWhatIsSent(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		f := mustFixture(t, db, wrap{})
		rapid.Check(t, func(rt *rapid.T) {
			c := f.mustOrganization(t, people, func(l *policy.Limits) { l.MessagesPerDay, l.RecipientsPerMin = 3, 15 })
			parent, sub := mustDepts(t, f, c.Organization)
			if rapid.Bool().Draw(rt, "narrow") {
				c.Range = directory.Range{DeptIDs: []int64{sub}, Userids: []string{"u0"}}
			}
			for range rapid.IntRange(1, 10).Draw(rt, "sends") {
				f.clock.forward(rapid.SampledFrom([]time.Duration{0, time.Second, time.Minute, 9 * time.Hour}).Draw(rt, "wait"))
				a := anyAudience(rt, parent, sub)
				content := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(rt, "content")
				if rapid.Bool().Draw(rt, "by the app") {
					_, err := f.Send(context.Background(), request(c, content, a))
					must(t, err)
					continue
				}
				d := draft(c, content, anyExtra(rt, a, sub))
				if d.Audience.Among != nil {
					d.UnreadOf = 1
				}
				p, err := f.Plan(context.Background(), d)
				must(t, err)
				id, err := f.SendByHand(context.Background(), f.byHand(d, p))
				must(t, err)
				f.mustBe(rt, c.Organization, id, d, p)
			}
		})
	})
}

// anyExtra adds to an audience what the wire does not have.
func anyExtra(t *rapid.T, a directory.Audience, sub int64) directory.Audience {
	if rapid.Bool().Draw(t, "among") {
		a.Among = roaring.BitmapOf(rapid.SliceOfN(rapid.Uint32Range(0, people+2), 0, 4).Draw(t, "ordinals")...)
	}
	switch rapid.IntRange(0, 3).Draw(t, "without") {
	case 0:
		a.Without.DeptIDs = []int64{sub}
	case 1:
		a.Without.Userids = []string{"u1", "u2", "ghost"}
	}
	return a
}

// mustBe compares a task with its plan.
func (f *fixture) mustBe(t *rapid.T, organization, id int64, d notify.Draft, p notify.Plan) {
	got, err := f.db.Tasks().OutcomeByID(context.Background(), organization, id)
	if err != nil {
		t.Fatal(err)
	}
	same := got.Sent.Equals(p.To.Sent) && slices.EqualFunc(got.Held, p.To.Held, func(a, b policy.Held) bool {
		return a.Code == b.Code && a.Threshold == b.Threshold && a.Set.Equals(b.Set)
	})
	all := got.Sent.Clone()
	for _, h := range got.Held {
		all.Or(h.Set)
	}
	if !same || int64(all.GetCardinality()) != p.To.Named() || got.Named.UnreadOf != d.UnreadOf || got.Named.Without != p.To.Without {
		t.Fatalf("%+v: planned %v %+v of %d, became %v %+v of %+v", d.Audience, p.To.Sent, p.To.Held, p.To.Named(), got.Sent, got.Held, got.Named)
	}
	for _, userid := range d.Audience.Without.Userids {
		if ordinal, there := f.directory.Ordinal(organization, userid); there && all.Contains(ordinal) {
			t.Fatalf("%s was taken out, and is in the task", userid)
		}
	}
}

// meanwhile does something right after an audience was resolved for the last time before
// the send is decided.
type meanwhile struct {
	*directory.Service
	do    func()
	first bool // was resolved before
}

func (m *meanwhile) Resolve(ctx context.Context, organization int64, a directory.Audience, r directory.Range) (directory.Resolved, error) {
	resolved, err := m.Service.Resolve(ctx, organization, a, r)
	if do := m.do; do != nil && m.first {
		m.do, m.first = nil, false
		do()
	} else if do != nil {
		m.first = true
	}
	return resolved, err
}

// Whoever comes, goes or is replaced between the plan and the lock has the send refused,
// and nothing is written.
func TestOthersThanWerePlannedAreNotSentTo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var between *meanwhile
		f := mustFixture(t, db, wrap{directory: func(s *directory.Service) notify.Directory {
			between = &meanwhile{Service: s}
			return between
		}})
		c := f.mustOrganization(t, 6, nil)
		parent, _ := mustDepts(t, f, c.Organization)
		ctx, by := context.Background(), audit.ByOperator()
		for name, do := range map[string]func() error{
			"another one": func() error {
				_, err := f.directory.CreateUser(ctx, by, c.Organization, directory.NewUser{Userid: "new", Name: "New", DeptIDs: []int64{parent}})
				return err
			},
			"one less": func() error { return f.directory.DisableUser(ctx, by, c.Organization, "u3") },
			"somebody else of the same userid": func() error {
				if err := f.directory.DeleteUser(ctx, by, c.Organization, "u5"); err != nil {
					return err
				}
				_, err := f.directory.CreateUser(ctx, by, c.Organization, directory.NewUser{Userid: "u5", Name: "Another"})
				return err
			},
		} {
			d := draft(c, name, directory.Audience{DeptIDs: []int64{parent}, Userids: []string{"u5"}})
			p, err := f.Plan(ctx, d)
			must(t, err)
			before := f.hints.committed[c.Organization]
			between.do = func() { must(t, do()) }
			_, err = f.SendByHand(ctx, f.byHand(d, p))
			refused := fault.From(err)
			if !fault.Is(err, fault.CodeAudienceChanged) || refused.Limit != int64(p.To.Sent.GetCardinality()) || refused.Actual == 0 {
				t.Errorf("%s: %v", name, err)
			}
			if got := f.hints.committed[c.Organization]; got != before || between.do != nil {
				t.Errorf("%s: revision %d after %d", name, got, before)
			}
			p, err = f.Plan(ctx, d)
			must(t, err)
			_, err = f.SendByHand(ctx, f.byHand(d, p))
			must(t, err)
		}
	})
}

// Never more than were shown: whoever was held back then and is not any more is one
// more. To fewer it is sent, also where people have read meanwhile what they had not.
func TestNeverToMoreThanWereShown(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		f, ctx := mustFixture(t, db, wrap{}), context.Background()
		c := f.mustOrganization(t, 9, func(l *policy.Limits) { l.RecipientsPerMin = 3 })
		d := draft(c, "hello", to("u0", "u1", "u2", "u3"))
		p, err := f.Plan(ctx, d)
		must(t, err)
		h := f.byHand(d, p)
		if h.AtMost != 3 || p.To.NamesOrganization {
			t.Fatalf("planned %v", p.To)
		}
		h.AtMost = 2
		if _, err := f.SendByHand(ctx, h); !fault.Is(err, fault.CodeAudienceChanged) || fault.From(err).Actual != 3 {
			t.Errorf("to one more: %v", err)
		}
		h.AtMost = 4
		_, err = f.SendByHand(ctx, h)
		must(t, err)

		f.clock.forward(time.Minute)
		d = draft(c, "again", to("u4"))
		d.UnreadOf, d.Audience.Among = 7, roaring.BitmapOf(0, 1, 2)
		p, err = f.Plan(ctx, d)
		must(t, err)
		h = f.byHand(d, p)
		h.Audience.Among = roaring.BitmapOf(1) // the others have read
		id, err := f.SendByHand(ctx, h)
		must(t, err)
		if got := f.mustOutcome(t, c, id); len(got.Unread) != 2 {
			t.Errorf("sent to %v", got)
		}
		h.UnreadOf, h.Message = 8, text("of another task")
		if _, err := f.SendByHand(ctx, h); !fault.Is(err, fault.CodeAudienceChanged) {
			t.Errorf("the unread of another task: %v", err)
		}
	})
}

// The organization's name is asked for where everyone, or more than half, is meant; and
// everyone takes the app's grant, whatever the preset is.
func TestSendsToMany(t *testing.T) {
	t.Parallel()
	f, ctx := mustFixture(t, storetest.Open(t, "sqlite"), wrap{}), context.Background()
	c := f.mustOrganization(t, 6, func(l *policy.Limits) { l.EveryoneNeedsGrant = false })
	parent, sub := mustDepts(t, f, c.Organization)
	for name, test := range map[string]struct {
		audience directory.Audience
		must     bool
	}{
		"half":                {directory.Audience{DeptIDs: []int64{sub}}, false},
		"one more":            {directory.Audience{DeptIDs: []int64{sub}, Userids: []string{"u0"}}, true},
		"all by a department": {directory.Audience{DeptIDs: []int64{parent}}, true},
		"everyone":            {directory.Audience{Everyone: true}, true},
		"everyone but most":   {directory.Audience{Everyone: true, Without: directory.Without{DeptIDs: []int64{parent}}}, true},
		"the root":            {directory.Audience{DeptIDs: []int64{directory.RootID}}, true},
	} {
		d := draft(c, name, test.audience)
		p, err := f.Plan(ctx, d)
		must(t, err)
		h := f.byHand(d, p)
		h.NamesOrganization = false
		_, err = f.SendByHand(ctx, h)
		if p.To.NamesOrganization != test.must || fault.Is(err, fault.CodeOrganizationName) != test.must {
			t.Errorf("%s: planned %t, sent: %v", name, p.To.NamesOrganization, err)
		}
		if !test.audience.NamesEveryone() {
			continue
		}
		d.Caller.SendToEveryone = false
		if _, err := f.Plan(ctx, d); !fault.Is(err, fault.CodeEveryoneForbidden) {
			t.Errorf("%s without the grant: %v", name, err)
		}
		if _, err := f.SendByHand(ctx, f.byHand(d, p)); !fault.Is(err, fault.CodeEveryoneForbidden) {
			t.Errorf("%s sent without the grant: %v", name, err)
		}
	}
}

// replacing has version 1 of a template in use until a transaction looks, then 2.
type replacing struct{ notify.Store }

func (r replacing) TemplateStanding(context.Context, int64, int64, string) (notify.TemplateStanding, error) {
	return inUse, nil
}

func (r replacing) WriteTasks(ctx context.Context, work func(context.Context, notify.Tx) error) error {
	return r.Store.WriteTasks(ctx, func(ctx context.Context, tx notify.Tx) error {
		return work(ctx, standingTx{tx, notify.TemplateStanding{Known: true, Live: 2}})
	})
}

// A template that is replaced between the plan and the lock is not sent.
func TestAnotherVersionThanWasPlannedIsNotSent(t *testing.T) {
	t.Parallel()
	compiled, err := template.Compile(t.Context(), template.Form{
		Kind: template.KindMarkdown, Name: "Test", UseCase: "Test", Title: "Test", Content: "Hello",
	})
	must(t, err)
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		f := mustFixture(t, db, wrap{versions: only{compiled}, store: func(s notify.Store) notify.Store { return replacing{s} }})
		c := f.mustOrganization(t, 4, nil)
		c.ThirdParty = true
		d := notify.Draft{Caller: c, TemplateID: "T", Audience: to("u1")}
		p, err := f.Plan(t.Context(), d)
		must(t, err)
		if _, err := f.SendByHand(t.Context(), f.byHand(d, p)); p.Use.Version != 1 || !fault.Is(err, fault.CodeTemplateChanged) {
			t.Errorf("planned version %d, sent: %v", p.Use.Version, err)
		}
		if f.hints.committed[c.Organization] != 0 {
			t.Error("something was written")
		}
		h := f.byHand(d, p)
		h.Version = 2
		_, err = f.SendByHand(t.Context(), h)
		must(t, err)
	})
}

// A key is a person's, whichever app they choose: the same request again is the same
// task, and another one is refused.
func TestKeysOfAPerson(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		f, ctx := mustFixture(t, db, wrap{}), context.Background()
		c := f.mustOrganization(t, 9, nil)
		d := draft(c, "hello", to("u1"))
		p, err := f.Plan(ctx, d)
		must(t, err)
		h := f.byHand(d, p)
		h.Key, h.RequestDigest = "key", [32]byte{1}
		id, err := f.SendByHand(ctx, h)
		must(t, err)
		if again, found, err := f.SentByHand(ctx, h.By, "key", h.RequestDigest); again != id || !found || err != nil {
			t.Errorf("asked: %d %t %v", again, found, err)
		}
		h.Planned = "other people" // by now
		if again, err := f.SendByHand(ctx, h); again != id || err != nil {
			t.Errorf("again: %d, %v", again, err)
		}
		h.RequestDigest[0]++
		h.Caller.AgentID += 1000
		if _, err := f.SendByHand(ctx, h); !fault.Is(err, fault.CodeIdempotencyReused) {
			t.Errorf("another request for another app: %v", err)
		}
		if _, _, err := f.SentByHand(ctx, h.By, "key", h.RequestDigest); !fault.Is(err, fault.CodeIdempotencyReused) {
			t.Errorf("asked for another request: %v", err)
		}
		other := h.By
		other.Actor = audit.Person(c.Organization, other.Ordinal+1)
		if _, found, err := f.SentByHand(ctx, other, "key", h.RequestDigest); found || err != nil {
			t.Errorf("somebody else's: %t, %v", found, err)
		}
		f.clock.forward(25 * time.Hour)
		if _, found, err := f.SentByHand(ctx, h.By, "key", h.RequestDigest); found || err != nil {
			t.Errorf("a day later: %t, %v", found, err)
		}
		for _, key := range []string{string(make([]byte, 129)), "\xff"} {
			if _, _, err := f.SentByHand(ctx, h.By, key, h.RequestDigest); !fault.Is(err, fault.CodeParameterInvalid) {
				t.Errorf("key %q: %v", key, err)
			}
		}
	})
}

// Of the same request twice at once, as of a double click, one task comes.
func TestTheSameRequestTwiceAtOnce(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			held := &faulty{hold: make(chan struct{})}
			f := mustFaulty(t, engine, held)
			c := f.mustOrganization(t, 2, nil)
			d := draft(c, "hello", to("u1"))
			p, err := f.Plan(t.Context(), d)
			must(t, err)
			h := f.byHand(d, p)
			h.Key = "key"
			var all sync.WaitGroup
			tasks := make([]int64, 3)
			for i := range tasks {
				all.Go(func() {
					var err error
					if tasks[i], err = f.SendByHand(context.Background(), h); err != nil {
						t.Error(err)
					}
				})
			}
			for f.QueueDepth() < len(tasks) { // until each has its place
			}
			close(held.hold)
			all.Wait()
			if tasks[0] == 0 || tasks[1] != tasks[0] || tasks[2] != tasks[0] || f.hints.committed[c.Organization] != 1 {
				t.Errorf("tasks %v, revision %d", tasks, f.hints.committed[c.Organization])
			}
		})
	}
}

// A plan leaves nothing behind: not in the day that sends are counted by, either.
func TestPlansCountForNothing(t *testing.T) {
	t.Parallel()
	f, ctx := mustFixture(t, storetest.Open(t, "sqlite"), wrap{}), context.Background()
	c := f.mustOrganization(t, 4, func(l *policy.Limits) { l.MessagesPerDay, l.EveryonePerDay = 2, 1 })
	for i := range 4 {
		p, err := f.Plan(ctx, draft(c, fmt.Sprint(i), directory.Audience{Everyone: true}))
		must(t, err)
		if p.To.Sent.GetCardinality() != 4 {
			t.Fatalf("plan %d: %v", i, p.To.Held)
		}
	}
	id, err := f.Send(ctx, request(c, "0", directory.Audience{Everyone: true}))
	must(t, err)
	if got := f.mustOutcome(t, c, id); len(got.Unread) != 4 || f.hints.committed[c.Organization] != 1 {
		t.Errorf("sent after the plans: %+v, revision %d", got, f.hints.committed[c.Organization])
	}
	if _, err := f.Plan(ctx, draft(c, "4", directory.Audience{Everyone: true})); !fault.Is(err, fault.CodeEveryoneDailyLimit) {
		t.Errorf("a plan of one too many: %v", err)
	}
}
