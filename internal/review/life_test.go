package review_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/template"
)

func TestALife(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, r := t.Context(), w.reviews
		ann, amy, rob, ray := w.as("ann"), w.as("amy"), w.as("rob"), w.as("ray")
		made, err := r.Create(ctx, ann, w.third, form("first"))
		must(t, err)
		id := made.ID
		if len(id) != 32 || strings.Trim(id, "0123456789abcdef") != "" || made.State() != review.Draft || made.Enabled() {
			t.Fatalf("%+v", made)
		}
		w.move(time.Minute)
		_, err = r.Template(ctx, rob, w.third, id)
		wantCode(t, err, fault.CodeTemplateUnknown) // nobody else sees a draft
		_, err = r.Save(ctx, amy, w.third, id, form("second"), 1)
		must(t, err)
		_, err = r.Save(ctx, ann, w.third, id, form("third"), 1)
		wantCode(t, err, fault.CodeTemplateChanged)
		_, err = r.Submit(ctx, ann, w.third, id, 1)
		wantCode(t, err, fault.CodeTemplateChanged)
		_, err = r.Submit(ctx, ann, w.third, id, 2)
		must(t, err)
		_, err = r.Save(ctx, ann, w.third, id, form("x"), 0)
		wantCode(t, err, fault.CodeTemplateState)
		w.move(time.Minute)
		_, err = r.Reject(ctx, rob, w.third, id, 1, "  too short ")
		must(t, err)
		w.move(time.Minute)
		_, err = r.Save(ctx, ann, w.third, id, form("what amy saved is not read"), 1)
		wantCode(t, err, fault.CodeTemplateChanged) // also when that is no draft any more
		saved, err := r.Save(ctx, ann, w.third, id, form("longer"), 2)
		must(t, err)
		if saved.Newest.Number != 2 || saved.Newest.Edition != 3 || len(saved.Newest.Authors) != 2 {
			t.Errorf("%+v", saved.Newest)
		}
		// Reviewers of elsewhere still see the version that was submitted.
		seen, err := r.Template(ctx, rob, w.third, id)
		must(t, err)
		if seen.Newest.Number != 1 || seen.Newest.State != review.Rejected || seen.Newest.Reason != "too short" {
			t.Errorf("a reviewer sees %+v", seen.Newest)
		}
		_, err = r.Submit(ctx, amy, w.third, id, 0)
		must(t, err)
		w.move(time.Minute)
		live, err := r.Approve(ctx, ray, w.third, id, 2)
		must(t, err)
		if live.Live != 2 || live.State() != review.Approved || !live.Enabled() {
			t.Errorf("%+v", live)
		}
		w.move(time.Minute)
		changes, against, err := r.Difference(ctx, rob, w.third, id, 1, 0)
		must(t, err)
		if diff := cmp.Diff([]template.Change{{Field: "content", Before: "longer ${n}", After: "second ${n}"}}, changes); diff != "" || against != 2 {
			t.Errorf("against %d: %s", against, diff)
		}
		for _, step := range []func() error{
			func() error { _, err := r.Disable(ctx, ann, w.third, id); return err },
			func() error { _, err := r.Enable(ctx, amy, w.third, id); return err },
			func() error { _, err := r.Clone(ctx, amy, w.third, id, 2); return err },
			func() error { return r.Delete(ctx, ann, w.third, id) },
		} {
			w.move(time.Minute)
			must(t, step())
		}
		_, err = r.Template(ctx, ann, w.third, id)
		wantCode(t, err, fault.CodeTemplateUnknown)
		entries, err := w.db.Templates().Log(ctx, w.home.ID, id)
		must(t, err)
		var got []string
		for _, e := range entries {
			got = append(got, line(e))
		}
		want := []string{
			"template.create " + ann.String() + " 1 ", "template.save " + amy.String() + " 1 ", "template.submit " + ann.String() + " 1 ",
			"template.reject " + rob.String() + " 1 too short", "template.save " + ann.String() + " 2 ", "template.submit " + amy.String() + " 2 ",
			"template.approve " + ray.String() + " 2 ", "template.disable " + ann.String() + " 2 ", "template.enable " + amy.String() + " 2 ",
			"template.delete " + ann.String() + " 2 ",
		}
		// Two steps of one minute are not told apart by time, but by their ids.
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

// meddling is a store in which a draft is saved while it is being checked, and in
// which nobody under the lock sees a form that could be checked.
type meddling struct {
	review.Store
	between func()
}

func (m meddling) TemplateByID(ctx context.Context, organization, appID int64, id string) (review.Template, error) {
	t, err := m.Store.TemplateByID(ctx, organization, appID, id)
	if m.between != nil {
		m.between()
	}
	return t, err
}

func (m meddling) Change(ctx context.Context, organization, appID int64, id string, step review.Step) (review.Template, error) {
	return m.Store.Change(ctx, organization, appID, id, func(t review.Template) (review.Change, error) {
		form := t.Newest.Form
		t.Newest.Form = template.Form{}
		c, err := step(t)
		c.Template.Newest.Form = form
		return c, err
	})
}

// A form is checked before the lock is taken, and the draft that was checked is
// the one that is submitted.
func TestFormsAreCheckedBeforeTheLock(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, ann := t.Context(), w.as("ann")
		made, err := w.reviews.Create(ctx, ann, w.third, form("x"))
		must(t, err)
		deps := w.reviews.Deps
		deps.Store = meddling{w.reviews.Store, nil}
		_, err = w.asking(deps).Submit(ctx, ann, w.third, made.ID, 0)
		must(t, err)
		_, err = w.reviews.Withdraw(ctx, ann, w.third, made.ID)
		must(t, err)
		for name, between := range map[string]func(){
			"saved": func() {
				_, err := w.reviews.Save(ctx, ann, w.third, made.ID, form("y"), 0)
				must(t, err)
			},
			"submitted and withdrawn": func() {
				_, err := w.reviews.Submit(ctx, ann, w.third, made.ID, 0)
				must(t, err)
				_, err = w.reviews.Withdraw(ctx, ann, w.third, made.ID)
				must(t, err)
			},
		} {
			deps.Store = meddling{w.reviews.Store, between}
			if _, err = w.asking(deps).Submit(ctx, ann, w.third, made.ID, 0); !fault.Is(err, fault.CodeTemplateChanged) {
				t.Errorf("%s meanwhile: %v", name, err)
			}
		}
		deps.Store = w.reviews.Store
		gone, end := context.WithCancel(ctx)
		end()
		if _, err = w.asking(deps).Submit(gone, ann, w.third, made.ID, 0); err == nil {
			t.Error("submitted for somebody who had hung up")
		}
	})
}

// Of many who decide at once one wins, and the others are told by whom it was
// decided.
func TestOneDecides(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for range 10 {
			made, err := w.reviews.Create(ctx, w.as("ann"), w.third, form("x"))
			must(t, err)
			_, err = w.reviews.Submit(ctx, w.as("ann"), w.third, made.ID, 0)
			must(t, err)
			errs := make([]error, 8)
			var deciding sync.WaitGroup
			for i := range errs {
				deciding.Go(func() {
					by := w.as([]string{"rob", "ray"}[i%2])
					if i < 4 {
						_, errs[i] = w.reviews.Approve(ctx, by, w.third, made.ID, 1)
					} else {
						_, errs[i] = w.reviews.Reject(ctx, by, w.third, made.ID, 1, "no")
					}
				})
			}
			deciding.Wait()
			won := 0
			for _, err := range errs {
				if err == nil {
					won++
					continue
				}
				wantCode(t, err, fault.CodeTemplateState)
				if text := fault.From(err).Text; !strings.Contains(text, "by r") {
					t.Errorf("told: %s", text)
				}
			}
			if won != 1 {
				t.Errorf("%d decided", won)
			}
		}
	})
}

// Who may do what: w(rite), r(ead all), s(ee what was submitted), d(ecide).
func TestRights(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	ctx, r := t.Context(), w.reviews
	w.mustPerson(t, w.home.ID, "left", "author", "reviewer")
	left := w.as("left")
	must(t, w.directory.DisableUser(ctx, audit.ByOperator(), w.home.ID, "left"))
	for name, c := range map[string]struct {
		by              audit.By
		third, internal string
	}{
		"author and reviewer of the provider": {w.as("amy"), "wr", "wrd"},
		"auditor of the provider":             {w.as("aud"), "r", "r"},
		"employee of the provider":            {w.as("emp"), "", ""},
		"reviewer of elsewhere":               {w.as("rob"), "sd", ""},
		"author and reviewer of elsewhere":    {w.as("ray"), "sd", ""},
		"owner of elsewhere":                  {w.as("eve"), "", ""},
		"reviewer of no named organization":   {w.as("sue"), "", ""},
		"somebody disabled":                   {left, "", ""},
		"the operator":                        {audit.ByOperator(), "wrd", "wrd"},
	} {
		for _, which := range []struct {
			third bool
			can   string
		}{{true, c.third}, {false, c.internal}} {
			a := w.internal
			if which.third {
				a = w.third
			}
			template1, err := r.Create(ctx, w.as("ann"), a, form("x"))
			must(t, err)
			id := template1.ID
			can := func(what, action string, err error, otherwise fault.Code) {
				t.Helper()
				may := strings.ContainsAny(which.can, what)
				if may && err != nil || !may && !fault.Is(err, otherwise) {
					t.Errorf("%s, third-party %t: %s: %v", name, which.third, action, err)
				}
			}
			refused := fault.CodePermissionDenied
			if !strings.ContainsAny(which.can, "rsd") {
				refused = fault.CodeTemplateUnknown
			}
			_, err = r.Template(ctx, c.by, a, id)
			can("r", "read a draft", err, fault.CodeTemplateUnknown)
			_, err = r.Submit(ctx, w.as("ann"), a, id, 0)
			must(t, err)
			_, err = r.Template(ctx, c.by, a, id)
			can("rs", "read", err, fault.CodeTemplateUnknown)
			_, err = r.Versions(ctx, c.by, a, id)
			can("rs", "versions", err, fault.CodeTemplateUnknown)
			_, err = r.Log(ctx, c.by, a, id)
			can("rs", "log", err, fault.CodeTemplateUnknown)
			_, err = r.Templates(ctx, c.by, a)
			can("rs", "list", err, fault.CodeTemplateUnknown)
			_, err = r.Create(ctx, c.by, a, form("y"))
			can("w", "create", err, refused)
			_, err = r.Clone(ctx, c.by, a, id, 1)
			can("w", "clone", err, refused)
			_, err = r.Approve(ctx, c.by, a, id, 1)
			can("d", "approve", err, refused)
			_, err = r.Disable(ctx, c.by, a, id)
			if strings.Contains(which.can, "d") {
				can("w", "disable", err, refused)
			}
			can("w", "delete", r.Delete(ctx, c.by, a, id), refused)
		}
	}
}

// A template that nobody but its authors has seen is gone when it is deleted; one
// that was submitted stays with its versions, for the sake of what was sent.
func TestDeletedDraftsAreGone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, ann := t.Context(), w.as("ann")
		for submitted, want := range map[bool]int{false: 0, true: 2} {
			made, err := w.reviews.Create(ctx, ann, w.third, form("x"))
			must(t, err)
			if submitted {
				_, err = w.reviews.Submit(ctx, ann, w.third, made.ID, 0)
				must(t, err)
				_, err = w.reviews.Withdraw(ctx, ann, w.third, made.ID)
				must(t, err)
			}
			must(t, w.reviews.Delete(ctx, ann, w.third, made.ID))
			kept, err := w.db.Templates().Versions(ctx, w.home.ID, made.ID)
			must(t, err)
			if len(kept) != want {
				t.Errorf("submitted %t: %d versions are kept", submitted, len(kept))
			}
			_, err = w.reviews.Template(ctx, ann, w.third, made.ID)
			wantCode(t, err, fault.CodeTemplateUnknown)
			log, err := w.db.Templates().Log(ctx, w.home.ID, made.ID)
			must(t, err)
			if len(log) == 0 || log[len(log)-1].Action != audit.TemplateDelete {
				t.Errorf("submitted %t: the log does not end with the deletion: %v", submitted, log)
			}
		}
	})
}

// Lists hold what lists show of a form, so that many long ones are not in memory
// at once.
func TestListsHoldNoForms(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		made, err := w.reviews.Create(ctx, w.as("ann"), w.third, form("first"))
		must(t, err)
		_, err = w.reviews.Submit(ctx, w.as("ann"), w.third, made.ID, 0)
		must(t, err)
		_, err = w.reviews.Reject(ctx, w.as("rob"), w.third, made.ID, 1, "no")
		must(t, err)
		_, err = w.reviews.Save(ctx, w.as("ann"), w.third, made.ID, form("second"), 0)
		must(t, err)
		brief := template.Form{Kind: form("").Kind, Name: form("").Name}
		check := func(name, what string, f template.Form) {
			t.Helper()
			if diff := cmp.Diff(brief, f); diff != "" {
				t.Errorf("%s: %s: %s", name, what, diff)
			}
		}
		for _, name := range []string{"ann", "rob"} { // who sees the draft, and who what was before it
			templates, err := w.reviews.Templates(ctx, w.as(name), w.third)
			must(t, err)
			check(name, "templates", templates[0].Newest.Form)
			versions, err := w.reviews.Versions(ctx, w.as(name), w.third, made.ID)
			must(t, err)
			for _, v := range versions {
				check(name, "versions", v.Form)
			}
			if name == "ann" {
				_, err = w.reviews.Submit(ctx, w.as("ann"), w.third, made.ID, 0)
				must(t, err)
				waiting, err := w.reviews.Waiting(ctx, w.as("rob"))
				must(t, err)
				check("rob", "waiting", waiting[0].Template.Newest.Form)
				_, err = w.reviews.Withdraw(ctx, w.as("ann"), w.third, made.ID)
				must(t, err)
			}
		}
		whole, err := w.reviews.Version(ctx, w.as("ann"), w.third, made.ID, 1)
		must(t, err)
		if whole.Form.Content == "" {
			t.Error("a version by itself has its form")
		}
	})
}

// Which organizations review for others is the operator's to say, at any time:
// all others cannot tell that there is anything to review. Of each other's people
// they learn the organization.
func TestOrganizationsAreNamedForReviews(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, r := t.Context(), w.reviews
		made, err := r.Create(ctx, w.as("ann"), w.third, form("x"))
		must(t, err)
		_, err = r.Submit(ctx, w.as("ann"), w.third, made.ID, 0)
		must(t, err)
		sees := func(name string, want bool) {
			t.Helper()
			waiting, err := r.Waiting(ctx, w.as(name))
			must(t, err)
			if len(waiting) > 0 != want {
				t.Errorf("%s: %d wait", name, len(waiting))
			}
			if _, err := r.Template(ctx, w.as(name), w.third, made.ID); want && err != nil || !want && !fault.Is(err, fault.CodeTemplateUnknown) {
				t.Errorf("%s: %v", name, err)
			}
		}
		sees("rob", true)
		sees("sue", false)
		w.name(t, w.away, false)
		sees("rob", false)
		_, err = r.Approve(ctx, w.as("rob"), w.third, made.ID, 1)
		wantCode(t, err, fault.CodeTemplateUnknown)
		w.name(t, w.away, true)
		w.name(t, w.apart, true)
		w.name(t, w.home, true) // which does not make it a reviewer of its own app's
		sees("rob", true)
		sees("sue", true)
		_, err = r.Approve(ctx, w.as("amy"), w.third, made.ID, 1)
		wantCode(t, err, fault.CodePermissionDenied)
		_, err = r.Approve(ctx, w.as("sue"), w.third, made.ID, 1)
		must(t, err)
		_, err = r.Reject(ctx, w.as("rob"), w.third, made.ID, 1, "late")
		if text := fault.From(err).Text; !strings.Contains(text, "by somebody of Organization") || strings.Contains(text, "sue") {
			t.Errorf("told: %s", text)
		}
		// The operator decides where nobody else may.
		w.name(t, w.away, false)
		w.name(t, w.apart, false)
		made, err = r.Create(ctx, w.as("ann"), w.third, form("y"))
		must(t, err)
		_, err = r.Submit(ctx, w.as("ann"), w.third, made.ID, 0)
		must(t, err)
		_, err = r.Approve(ctx, audit.ByOperator(), w.third, made.ID, 1)
		must(t, err)
	})
}

// Whoever had a part in a version does not decide on it, whatever was done to
// hide that.
func TestNobodyReviewsTheirOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	ctx, r, a := t.Context(), w.reviews, w.internal
	ann, amy := w.as("ann"), w.as("amy")
	start := func() string {
		made, err := r.Create(ctx, ann, a, form("by ann"))
		must(t, err)
		return made.ID
	}
	decide := func(by audit.By, id string, number int, may bool) {
		t.Helper()
		_, err := r.Approve(ctx, by, a, id, number)
		if may && err != nil || !may && !fault.Is(err, fault.CodePermissionDenied) {
			t.Errorf("version %d: %v", number, err)
		}
	}
	submit := func(by audit.By, id string) {
		t.Helper()
		_, err := r.Submit(ctx, by, a, id, 0)
		must(t, err)
	}
	id := start() // somebody else submits it
	submit(amy, id)
	decide(ann, id, 1, false)
	decide(amy, id, 1, false)
	decide(audit.ByOperator(), id, 1, true)

	id = start() // withdrawn and submitted again by somebody else
	submit(ann, id)
	_, err := r.Withdraw(ctx, amy, a, id)
	must(t, err)
	submit(amy, id)
	decide(ann, id, 2, false)

	id = start() // rejected, and changed by somebody else
	submit(ann, id)
	_, err = r.Reject(ctx, amy, a, id, 1, "no")
	must(t, err)
	_, err = r.Save(ctx, audit.ByOperator(), a, id, form("by the operator"), 0)
	must(t, err)
	submit(audit.ByOperator(), id)
	decide(ann, id, 2, false)
	decide(audit.ByOperator(), id, 2, false)
	decide(amy, id, 2, true)

	made, err := r.Clone(ctx, amy, a, start(), 0) // cloned before it was approved
	must(t, err)
	submit(amy, made.ID)
	decide(ann, made.ID, 1, false)

	id = start() // approved: what follows is new
	submit(ann, id)
	decide(amy, id, 1, true)
	_, err = r.Save(ctx, amy, a, id, form("by amy"), 0)
	must(t, err)
	submit(amy, id)
	decide(amy, id, 2, false)
	decide(ann, id, 2, true)
}

func TestWhatCannotBeKeptOrSubmitted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	ctx, r, ann := t.Context(), w.reviews, w.as("ann")
	for _, f := range []template.Form{
		{}, {Kind: "letter"}, {Kind: template.KindForm, Content: strings.Repeat("x", template.MaxForm)}, {Kind: template.KindMarkdown, Title: "a\x00b"},
	} {
		_, err := r.Create(ctx, ann, w.third, f)
		wantCode(t, err, fault.CodeTemplateFormInvalid)
	}
	made, err := r.Create(ctx, ann, w.third, template.Form{Kind: template.KindMarkdown})
	must(t, err)
	_, err = r.Submit(ctx, ann, w.third, made.ID, 0)
	wantCode(t, err, fault.CodeTemplateFormInvalid)
	_, err = r.Test(ctx, ann, w.third, made.ID, 0, nil)
	wantCode(t, err, fault.CodeTemplateFormInvalid)
	for _, reason := range []string{"", " \n", strings.Repeat("x", review.MaxReason+1), "\xff", "a\x00"} {
		if _, err := r.Reject(ctx, w.as("rob"), w.third, made.ID, 1, reason); !fault.Is(err, fault.CodeParameterInvalid) && !fault.Is(err, fault.CodeParameterMissing) {
			t.Errorf("reason %q: %v", reason[:min(3, len(reason))], err)
		}
	}
	_, err = r.Version(ctx, ann, w.third, made.ID, 2)
	wantCode(t, err, fault.CodeNotFound)
	_, err = r.Enable(ctx, ann, w.third, made.ID)
	wantCode(t, err, fault.CodeTemplateState)
	_, err = r.Template(ctx, ann, w.internal, made.ID)
	wantCode(t, err, fault.CodeTemplateUnknown) // another app's
}
