package review_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// queued is what a test knows of what it has submitted.
type queued struct {
	app     app.App
	id      string
	at      time.Time
	authors []string
}

// theirs is what of all somebody may review, longest first, by what the documentation
// says of reviewing: not by reading the queue.
func theirs(w *world, all []queued, userid string) (ids []string) {
	ours := map[string]int64{"ann": w.home.ID, "amy": w.home.ID, "rob": w.away.ID, "ray": w.away.ID, "sue": w.apart.ID}[userid]
	mine := slices.DeleteFunc(slices.Clone(all), func(q queued) bool {
		internal := q.app.Kind == app.Internal
		switch {
		case slices.Contains(q.authors, userid):
			return true
		case userid == "operator":
			return false
		case internal:
			return q.app.Organization != ours
		default: // a third-party app's is for those of other organizations that the operator named
			return ours != w.away.ID || q.app.Organization == ours
		}
	})
	slices.SortFunc(mine, func(a, b queued) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return strings.Compare(a.id, b.id)
	})
	for _, q := range mine {
		ids = append(ids, q.id)
	}
	return ids
}

// The queue is the same whichever way it is read: in pages from its beginning, in
// pages backwards from its end, and around each of what waits; and every page tells
// what stands where, for each of those who review, whatever they took part in and
// whoever's apps they are. An app of an organization that reviews others' and one that
// is installed nowhere are among them.
func TestQueueIsTheSameFromEverywhere(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, random := t.Context(), rand.New(rand.NewPCG(7, 11)) //nolint:gosec // which comes when, the same in each run
		nowhere, _, err := w.apps.CreateThirdParty(ctx, audit.ByOperator(), w.home.ID, app.NewApp{Name: "Nowhere"}, true)
		must(t, err)
		reviewing, _, err := w.apps.CreateThirdParty(ctx, audit.ByOperator(), w.away.ID, app.NewApp{Name: "Of those who review"}, true)
		must(t, err)
		elsewhere, _, _, err := w.apps.CreateInternal(ctx, audit.ByOperator(), w.away.ID, app.NewApp{Name: "Theirs"})
		must(t, err)
		writers := map[int64][]string{w.home.ID: {"ann", "amy", "operator"}, w.away.ID: {"ray", "operator"}}
		var all []queued
		for i := range 60 {
			if random.IntN(3) > 0 { // the others are as old as the one before
				w.move(time.Second)
			}
			a := []app.App{w.internal, w.third, nowhere, reviewing, elsewhere}[i%5]
			by := writers[a.Organization]
			first, second := by[random.IntN(len(by))], by[random.IntN(len(by))]
			one, err := w.reviews.Create(ctx, w.as(first), a, form("x"))
			must(t, err)
			_, err = w.reviews.Submit(ctx, w.as(second), a, one.ID, 0)
			must(t, err)
			q := queued{a, one.ID, w.now(), []string{first, second}}
			switch random.IntN(8) { // some wait no more
			case 0:
				_, err = w.reviews.Withdraw(ctx, w.as(by[0]), a, one.ID)
			case 1:
				err = w.reviews.Delete(ctx, w.as(by[0]), a, one.ID)
			case 2:
				_, err = w.reviews.Withdraw(ctx, w.as(by[0]), a, one.ID)
				must(t, err)
				w.move(time.Second)
				_, err = w.reviews.Submit(ctx, w.as(by[0]), a, one.ID, 0)
				all = append(all, queued{a, one.ID, w.now(), []string{first, by[0]}})
			default:
				all = append(all, q)
			}
			must(t, err)
		}
		for _, userid := range []string{"ann", "amy", "rob", "ray", "sue", "operator"} {
			by := w.as(userid)
			g, err := w.reviews.grant(ctx, by, policy.ReviewsRead, policy.Own(by))
			must(t, err)
			order := theirs(w, all, userid)
			if len(order) == 0 != (userid == "sue") {
				t.Fatalf("%s: %d", userid, len(order))
			}
			for _, limit := range []int{1, 3, 7, 100} {
				w.walks(t, g, order, limit)
			}
			if n, err := w.reviews.CountWaiting(ctx, g); err != nil || n != len(order) {
				t.Errorf("%s: %d counted, %v; want %d", userid, n, err, len(order))
			}
			if len(order) > 0 {
				w.besides(t, g, order, "00000000000000000000000000000000")
			}
			for _, q := range all {
				if !slices.Contains(order, q.id) {
					page, err := w.reviews.Service.Waiting(ctx, g, review.WaitingQuery{Around: q.id})
					if must(t, err); len(page.Items) != 0 {
						t.Errorf("%s: around what is not theirs: %+v", userid, page)
					}
				}
			}
		}
	})
}

// walks reads the queue forwards in pages, and backwards from where that has ended.
func (w *world) walks(t *testing.T, g policy.Grant, order []string, limit int) {
	t.Helper()
	read := func(q review.WaitingQuery) (review.WaitingPage, []string) {
		page, err := w.reviews.Service.Waiting(t.Context(), g, q)
		must(t, err)
		var ids []string
		for _, one := range page.Items {
			ids = append(ids, one.Template.ID)
			if one.Position < 1 || one.Position > len(order) || order[one.Position-1] != one.Template.ID {
				t.Errorf("%s is at %d", one.Template.ID, one.Position)
			}
			if one.AgentID == 0 && !strings.HasPrefix(one.AppKey, "suite") {
				t.Errorf("nothing names the app of %+v", one)
			}
		}
		if page.Count != len(order) {
			t.Errorf("%d wait, want %d", page.Count, len(order))
		}
		return page, ids
	}
	var forwards []string
	page, ids := read(review.WaitingQuery{Limit: limit})
	if page.Previous != (review.Place{}) {
		t.Errorf("before the first page: %v", page.Previous)
	}
	for forwards = ids; page.Next != (review.Place{}); forwards = append(forwards, ids...) {
		page, ids = read(review.WaitingQuery{Limit: limit, After: page.Next})
		if page.Previous == (review.Place{}) || len(ids) == 0 {
			t.Fatalf("a later page: %+v", page)
		}
	}
	if !slices.Equal(forwards, order) {
		t.Errorf("forwards by %d:\n%v, want\n%v", limit, forwards, order)
	}
	backwards := ids
	for page.Previous != (review.Place{}) {
		page, ids = read(review.WaitingQuery{Limit: limit, Before: page.Previous})
		if page.Next == (review.Place{}) || len(ids) == 0 {
			t.Fatalf("an earlier page: %+v", page)
		}
		backwards = slices.Concat(ids, backwards)
	}
	if !slices.Equal(backwards, order) {
		t.Errorf("backwards by %d:\n%v, want\n%v", limit, backwards, order)
	}
}

// Counting what waits stops at a number, and what stands behind it has no position;
// pages are whole all the same, and end where the queue does.
func TestCountingStops(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, amy := t.Context(), w.as("amy")
		one := w.mustSubmitted(t, "ann")
		const more = review.MaxCounted + 4
		w.mustCopies(t, one.ID, more)
		g, err := w.reviews.grant(ctx, amy, policy.ReviewsRead, policy.Own(amy))
		must(t, err)
		read := func(q review.WaitingQuery) review.WaitingPage {
			t.Helper()
			q.Limit = 3
			page, err := w.reviews.Service.Waiting(ctx, g, q)
			must(t, err)
			if page.Count != review.MaxCounted || len(page.Items) == 0 {
				t.Fatalf("%d counted, %d on the page", page.Count, len(page.Items))
			}
			return page
		}
		last := fmt.Sprintf("%032d", more)
		end := read(review.WaitingQuery{Around: last})
		if n := len(end.Items); n != 2 || end.Items[0].Position != 0 || end.Items[1].Template.ID != last {
			t.Errorf("around the last: %d, %+v", n, end.Items)
		}
		// From the place of the last but three on: one whose position is told no more.
		before := read(review.WaitingQuery{Before: review.Place{At: end.Items[1].Template.Newest.SubmittedAt, ID: last}})
		if before.Next == (review.Place{}) || before.Items[2].Template.ID != fmt.Sprintf("%032d", more-1) || before.Items[0].Position != 0 {
			t.Errorf("before the last: %+v", before)
		}
		after := read(review.WaitingQuery{After: before.Next})
		if after.Next != (review.Place{}) || len(after.Items) != 1 || after.Items[0].Template.ID != last {
			t.Errorf("after it: %+v", after)
		}
		if first := read(review.WaitingQuery{}); first.Items[2].Position != 3 {
			t.Errorf("the first page: %+v", first)
		}
		// Whoever took part in all of them has none, and none of them is told.
		ann := w.as("ann")
		if g, err = w.reviews.grant(ctx, ann, policy.ReviewsRead, policy.Own(ann)); err != nil {
			t.Fatal(err)
		}
		page, err := w.reviews.Service.Waiting(ctx, g, review.WaitingQuery{Limit: 3})
		if must(t, err); page.Count != 0 || len(page.Items) != 0 || page.Next != (review.Place{}) {
			t.Errorf("for who took part: %+v", page)
		}
	})
}

// mustSubmitted is a template of the internal app that waits.
func (w *world) mustSubmitted(t *testing.T, by string) review.Template {
	t.Helper()
	one, err := w.reviews.Create(t.Context(), w.as(by), w.internal, form("x"))
	must(t, err)
	one, err = w.reviews.Submit(t.Context(), w.as(by), w.internal, one.ID, 0)
	must(t, err)
	return one
}

// mustCopies makes more of a template that waits, each submitted a second after the one
// before; their ids are their numbers.
func (w *world) mustCopies(t *testing.T, id string, more int) {
	t.Helper()
	name, raw := storetest.Raw(t, w.address)
	copies := fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d), made AS (
		SELECT i, substr('00000000000000000000000000000000', 1, 32 - length(CAST(i AS TEXT))) || CAST(i AS TEXT) AS id FROM n)`, more)
	for _, statement := range []string{
		`INSERT INTO template (organization, id, app_id, newest, live, created_at, edition) ` + copies +
			` SELECT t.organization, made.id, t.app_id, 1, 0, t.created_at, 1 FROM template t, made WHERE t.id = '` + id + `'`,
		`INSERT INTO template_version (organization, template_id, number, state, edition, authors, created_at, saved_at, submitted_at, submitted_by, decided_by, reason, form) ` + copies +
			` SELECT v.organization, made.id, 1, v.state, 1, v.authors, v.created_at, v.saved_at, v.submitted_at + made.i * 1000, v.submitted_by, '', '', v.form
			FROM template_version v, made WHERE v.template_id = '` + id + `'`,
		`INSERT INTO template_part (organization, template_id, actor, third_party, submitted_at) ` + copies +
			` SELECT p.organization, made.id, p.actor, p.third_party, p.submitted_at + made.i * 1000 FROM template_part p, made WHERE p.template_id = '` + id + `'`,
	} {
		if _, err := raw.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if name == "postgres" {
		if _, err := raw.ExecContext(t.Context(), "ANALYZE template, template_version, template_part"); err != nil {
			t.Fatal(err)
		}
	}
}
