package review_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/template"
)

// linked is a form with a link of its own and one that a parameter decides.
func linked(text, link string, hosts ...string) template.Form {
	f := form(text + " [a](" + link + ") [b](${n})")
	f.Parameters[0].Hosts, f.Parameters[0].Sample = hosts, "https://"+hosts[0]+"/"
	return f
}

// mustLive makes a template with a live version.
func (w *world) mustLive(t *testing.T, a app.App, f template.Form) review.Template {
	t.Helper()
	one, err := w.reviews.Create(t.Context(), w.as("ann"), a, f)
	must(t, err)
	_, err = w.reviews.Submit(t.Context(), w.as("ann"), a, one.ID, 0)
	must(t, err)
	one, err = w.reviews.Approve(t.Context(), w.as("amy"), a, one.ID, 1)
	must(t, err)
	return one
}

// A reviewer reads what is new since the live version.
func TestFacts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, ann := t.Context(), w.as("ann")
		one := w.mustLive(t, w.internal, linked("first", "https://a.example.com/x", "p.example.com"))
		facts := func(number int) string {
			t.Helper()
			f, err := w.reviews.Facts(ctx, w.as("aud"), w.internal, one.ID, number)
			must(t, err)
			return fmt.Sprintf("%+v", f)
		}
		if got, want := facts(1), "{Against:1 Changes:0 Hosts:[{Name:a.example.com New:false}] "+
			"Parameters:[{Parameter:n Hosts:[{Name:p.example.com New:false}]}] Added:[] Removed:[]}"; got != want {
			t.Errorf("the live one itself:\n%s", got)
		}
		next := linked("second", "https://b.example.com/x", "p.example.com", "a.example.com")
		next.Content += " ${more} https://a.example.com/"
		next.Parameters = append(next.Parameters, template.Parameter{Name: "more", Description: "d", Sample: "s"})
		_, err := w.reviews.Save(ctx, ann, w.internal, one.ID, next, 0)
		must(t, err)
		// Content, the hosts of n, and of more what is described.
		want := "{Against:1 Changes:4 Hosts:[{Name:b.example.com New:true} {Name:a.example.com New:false}] " +
			"Parameters:[{Parameter:n Hosts:[{Name:p.example.com New:false} {Name:a.example.com New:true}]}] Added:[more] Removed:[]}"
		if got := facts(2); got != want {
			t.Errorf("a draft:\n%s\nwant\n%s", got, want)
		}
		if _, err := w.reviews.Facts(ctx, w.as("aud"), w.internal, one.ID, 3); !fault.Is(err, fault.CodeNotFound) {
			t.Errorf("no such version: %v", err)
		}
		fresh, err := w.reviews.Create(ctx, ann, w.third, linked("x", "https://a.example.com/x", "p.example.com"))
		must(t, err)
		_, err = w.reviews.Facts(ctx, w.as("rob"), w.third, fresh.ID, 1)
		wantCode(t, err, fault.CodeTemplateUnknown) // a draft is not for reviewers of elsewhere
		f, err := w.reviews.Facts(ctx, ann, w.third, fresh.ID, 1)
		must(t, err)
		if f.Against != 0 || f.Changes != 0 || !f.Hosts[0].New || !f.Parameters[0].Hosts[0].New || fmt.Sprint(f.Added) != "[n]" {
			t.Errorf("of a new one: %+v", f)
		}
	})
}

// What waits comes in pages, each with the number of all, and says how much is changed.
func TestWaitingInPages(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, ann, amy := t.Context(), w.as("ann"), w.as("amy")
		submit := func(by string, id string) {
			t.Helper()
			_, err := w.reviews.Submit(ctx, w.as(by), w.internal, id, 0)
			must(t, err)
		}
		live := w.mustLive(t, w.internal, form("x"))
		changed := form("y")
		changed.Title = "Another"
		_, err := w.reviews.Save(ctx, ann, w.internal, live.ID, changed, 0)
		must(t, err)
		submit("ann", live.ID)
		ids := map[string]bool{live.ID: true}
		for range 3 { // at one time, so that their ids decide
			one, err := w.reviews.Create(ctx, ann, w.internal, form("x"))
			must(t, err)
			submit("ann", one.ID)
			ids[one.ID] = true
		}
		own, err := w.reviews.Create(ctx, amy, w.internal, form("own"))
		must(t, err)
		submit("amy", own.ID)
		w.move(time.Minute)

		g, err := w.reviews.grant(ctx, amy, policy.ReviewsRead, policy.Own(amy))
		must(t, err)
		q, seen := review.WaitingQuery{Limit: 1}, map[string]int{}
		var order []string
		for {
			page, err := w.reviews.Service.Waiting(ctx, g, q)
			must(t, err)
			if page.Count != 4 || len(page.Items) != 1 {
				t.Fatalf("%d on the page, %d in all", len(page.Items), page.Count)
			}
			one := page.Items[0]
			seen[one.Template.ID]++
			order = append(order, one.Template.ID)
			if one.Position != len(order) {
				t.Errorf("at %d, want %d", one.Position, len(order))
			}
			want := 0
			if one.Template.ID == live.ID {
				want = 2
			}
			if one.Changes != want || one.Template.Newest.Form.Content != "" || one.Template.Newest.Form.Name != "Order" {
				t.Errorf("%+v", one)
			}
			if page.Next == (review.Place{}) {
				break
			}
			q.After = page.Next
		}
		if len(seen) != len(ids) || seen[own.ID] > 0 {
			t.Errorf("seen %v of %v", seen, ids)
		}
		w.besides(t, g, order, own.ID)
	})
}

// besides asks for each of what waits, in its order: it comes with the one before and
// the one after. What does not wait for the asker has no place among them.
func (w *world) besides(t *testing.T, g policy.Grant, order []string, elsewhere string) {
	t.Helper()
	ask := func(id string) (review.WaitingPage, []string) {
		page, err := w.reviews.Service.Waiting(t.Context(), g, review.WaitingQuery{Around: id, Limit: 1})
		must(t, err)
		var got []string
		for _, one := range page.Items {
			got = append(got, one.Template.ID)
			if order[one.Position-1] != one.Template.ID {
				t.Errorf("around %s: %s is at %d of %v", id, one.Template.ID, one.Position, order)
			}
		}
		return page, got
	}
	for i, id := range order {
		page, got := ask(id)
		if want := order[max(i-1, 0):min(i+2, len(order))]; !slices.Equal(got, want) || page.Next != (review.Place{}) || page.Count != len(order) {
			t.Errorf("around %s of %v: %v, next %v", id, order, got, page.Next)
		}
	}
	for _, id := range []string{elsewhere, "00000000000000000000000000000000"} {
		if page, got := ask(id); len(got) != 0 || page.Count != len(order) {
			t.Errorf("around %s: %v of %d", id, got, page.Count)
		}
	}
}
