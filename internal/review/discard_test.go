package review_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/review"
)

// A draft that is discarded leaves the version before it, and nothing of itself but
// the log.
func TestDiscardedDrafts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, ann, amy := t.Context(), w.as("ann"), w.as("amy")
		one := w.mustLive(t, w.internal, form("live"))
		discard := func(edition int, want fault.Code) review.Template {
			t.Helper()
			left, err := w.reviews.Discard(ctx, ann, w.internal, one.ID, edition)
			if (err != nil || want != "") && !fault.Is(err, want) {
				t.Fatalf("%v, want %q", err, want)
			}
			return left
		}
		save := func(text string, edition int) int {
			t.Helper()
			saved, err := w.reviews.Save(ctx, ann, w.internal, one.ID, form(text), edition)
			must(t, err)
			return saved.Newest.Edition
		}
		discard(0, fault.CodeTemplateState) // there is none
		first := save("first", 0)
		discard(first+1, fault.CodeTemplateChanged)
		if left := discard(first, ""); left.Newest.Number != 1 || left.State() != review.Approved || !left.Enabled() || left.Newest.Form.Content != "live ${n}" {
			t.Errorf("left: %+v", left)
		}
		discard(first, fault.CodeTemplateState) // it is gone
		_, err := w.reviews.Version(ctx, ann, w.internal, one.ID, 2)
		wantCode(t, err, fault.CodeNotFound)

		// Who has read the draft that is gone does not bring it back, nor changes they anything of the next one.
		overwrite := func() {
			t.Helper()
			_, err = w.reviews.Save(ctx, amy, w.internal, one.ID, form("over it"), first)
			wantCode(t, err, fault.CodeTemplateChanged)
		}
		overwrite()
		second := save("second", 0)
		overwrite()
		if second == first {
			t.Errorf("both drafts have edition %d", first)
		}
		log, err := w.reviews.Log(ctx, ann, w.internal, one.ID)
		must(t, err)
		var steps []string
		for _, e := range log {
			steps = append(steps, string(e.Action))
		}
		if got := strings.Join(steps[3:], " "); got != "template.save template.discard template.save" || log[4].Version != 2 {
			t.Errorf("the log: %s", got)
		}

		// After a withdrawal too; the only version of a template is never discarded.
		_, err = w.reviews.Submit(ctx, ann, w.internal, one.ID, second)
		must(t, err)
		discard(0, fault.CodeTemplateState) // in review
		_, err = w.reviews.Withdraw(ctx, ann, w.internal, one.ID)
		must(t, err)
		if left := discard(0, ""); left.Newest.Number != 2 || left.State() != review.Withdrawn || !left.Enabled() {
			t.Errorf("after a withdrawal: %+v", left)
		}
		fresh, err := w.reviews.Create(ctx, ann, w.internal, form("x"))
		must(t, err)
		_, err = w.reviews.Discard(ctx, ann, w.internal, fresh.ID, 0)
		wantCode(t, err, fault.CodeTemplateState)
	})
}

// What reviewers of elsewhere see of a template is the same before and after.
func TestReviewersDoNotSeeThatADraftWasDiscarded(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, ann, rob := t.Context(), w.as("ann"), w.as("rob")
		one, err := w.reviews.Create(ctx, ann, w.third, form("x"))
		must(t, err)
		_, err = w.reviews.Submit(ctx, ann, w.third, one.ID, 0)
		must(t, err)
		_, err = w.reviews.Reject(ctx, rob, w.third, one.ID, 1, "no")
		must(t, err)
		seen := func(a app.App) (review.Template, int) {
			t.Helper()
			got, err := w.reviews.Template(ctx, rob, a, one.ID)
			must(t, err)
			log, err := w.reviews.Log(ctx, rob, a, one.ID)
			must(t, err)
			return got, len(log)
		}
		before, steps := seen(w.third)
		_, err = w.reviews.Save(ctx, ann, w.third, one.ID, form("y"), 0)
		must(t, err)
		_, err = w.reviews.Discard(ctx, ann, w.third, one.ID, 0)
		must(t, err)
		after, more := seen(w.third)
		if after.Newest.Number != before.Newest.Number || after.State() != review.Rejected || after.Newest.Reason != "no" || more != steps {
			t.Errorf("%+v with %d steps became %+v with %d", before, steps, after, more)
		}
	})
}

// Whoever saved a draft last is the last of its authors, also whoever began it.
func TestTheLastAuthorSavedLast(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		one, err := w.reviews.Create(ctx, w.as("ann"), w.internal, form("ann"))
		must(t, err)
		for _, step := range []struct{ by, first string }{{"amy", "ann"}, {"amy", "ann"}, {"ann", "amy"}, {"amy", "ann"}} {
			_, err := w.reviews.Save(ctx, w.as(step.by), w.internal, one.ID, form(step.by), 0)
			must(t, err)
			got, err := w.reviews.Template(ctx, w.as(step.by), w.internal, one.ID)
			must(t, err)
			if want := []audit.Actor{w.as(step.first).Actor, w.as(step.by).Actor}; !slices.Equal(got.Newest.Authors, want) {
				t.Errorf("after %s: %v, want %v", step.by, got.Newest.Authors, want)
			}
		}
	})
}
