package review_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/internal/template"
)

// all lists templates of all apps of somebody's organization.
func (w *world) all(t *testing.T, userid string, q review.Query) review.Page {
	t.Helper()
	by := w.as(userid)
	g, err := w.reviews.grant(t.Context(), by, policy.TemplatesList, policy.Resource{Organization: by.Organization})
	must(t, err)
	page, err := w.reviews.Service.All(t.Context(), g, q)
	must(t, err)
	return page
}

func names(page review.Page) string {
	var list []string
	for _, one := range page.Items {
		list = append(list, one.Newest.Form.Name)
	}
	return strings.Join(list, " ")
}

// named makes a template of an app whose name says which it is.
func (w *world) named(t *testing.T, by string, a app.App, name string, change func(*template.Form)) review.Template {
	t.Helper()
	w.move(time.Second)
	f := form("x")
	f.Name = name
	if change != nil {
		change(&f)
	}
	one, err := w.reviews.Create(t.Context(), w.as(by), a, f)
	must(t, err)
	return one
}

// A list has the templates of all apps of an organization, newest first, and what a
// filter leaves of them.
func TestTemplatesOfAllApps(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, ann, amy := t.Context(), w.as("ann"), w.as("amy")
		w.named(t, "ann", w.internal, "Draft", nil)
		live := w.named(t, "ann", w.third, "Live", nil)
		rows := w.named(t, "amy", w.internal, "Rows", func(f *template.Form) { f.Kind = template.KindForm })
		off := w.named(t, "ann", w.internal, "Off", nil)
		gone := w.named(t, "ann", w.internal, "Gone", nil)
		must(t, w.reviews.Delete(ctx, ann, w.internal, gone.ID))
		for _, one := range []review.Template{live, off} {
			a, by := w.internal, amy
			if one.ID == live.ID {
				a, by = w.third, w.as("rob")
			}
			_, err := w.reviews.Submit(ctx, ann, a, one.ID, 0)
			must(t, err)
			_, err = w.reviews.Approve(ctx, by, a, one.ID, 1)
			must(t, err)
		}
		_, err := w.reviews.Disable(ctx, ann, w.internal, off.ID)
		must(t, err)
		again := form("again")
		again.Name = "Live"
		_, err = w.reviews.Save(ctx, amy, w.third, live.ID, again, 0)
		must(t, err)

		yes, no := true, false
		for want, q := range map[string]review.Query{
			"Off Rows Live Draft": {},
			"Rows":                {Kind: template.KindForm},
			"Live Draft":          {State: review.Draft, Kind: template.KindMarkdown},
			"Off":                 {State: review.Disabled},
			"Live":                {Enabled: &yes},
			"Off Rows Draft":      {Enabled: &no},
			"Off Draft":           {Mine: true},
			"Rows Live":           {Before: review.Place{At: off.CreatedAt, ID: off.ID}, Limit: 2},
			"Rows Draft":          {Text: "R"},
			"Rows ":               {Text: rows.ID},
			"":                    {Text: rows.ID[1:]},
		} {
			if q.Limit == 0 {
				q.Limit = 50
			}
			if got := names(w.all(t, "ann", q)); got != strings.TrimSpace(want) {
				t.Errorf("%+v: %q, want %q", q, got, want)
			}
		}
		if got := names(w.all(t, "eve", review.Query{Limit: 50})); got != "" {
			t.Errorf("of another organization: %s", got)
		}
		if page := w.all(t, "aud", review.Query{Limit: 3}); names(page) != "Off Rows Live" || page.Next.ID != live.ID || !page.ExaminedTo.Equal(live.CreatedAt) {
			t.Errorf("a page: %+v", page)
		}
		if page := w.all(t, "aud", review.Query{Limit: 4}); page.Next.ID != "" || len(page.Items[0].Newest.Form.Content) == 0 {
			t.Errorf("the last page: %+v", page)
		}
		// One app alone, as far as a reviewer of elsewhere may see its templates.
		w.named(t, "ann", w.third, "Hidden", nil)
		page, err := granted(ctx, w.reviews, w.as("rob"), policy.TemplatesRead, w.third, func(g policy.Grant) (review.Page, error) {
			return w.reviews.Service.Of(ctx, g, review.Query{Limit: 50})
		})
		must(t, err)
		if names(page) != "Live" || page.Items[0].Newest.Number != 1 {
			t.Errorf("of one app: %+v", page)
		}
	})
}

// A page looks at a bounded number of templates, whatever the filter finds; the
// pages together have everything once.
func TestAPageIsBounded(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		one := w.named(t, "ann", w.internal, "Order", nil)
		_, raw := storetest.Raw(t, w.address)
		const many = 1100
		// Three of them at a time are as old as each other.
		copies := fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d), made AS (
			SELECT i, substr('00000000000000000000000000000000', 1, 32 - length(CAST(i AS TEXT))) || CAST(i AS TEXT) AS id FROM n)`, many)
		for _, statement := range []string{
			`INSERT INTO template (organization, id, app_id, newest, live, created_at, edition) ` + copies +
				` SELECT t.organization, made.id, t.app_id, 1, 0, t.created_at - made.i / 3, 1 FROM template t, made WHERE t.id = '` + one.ID + `'`,
			`INSERT INTO template_version (organization, template_id, number, state, edition, authors, created_at, saved_at, submitted_by, decided_by, reason, form) ` + copies +
				` SELECT v.organization, made.id, 1, v.state, 1, v.authors, v.created_at, v.saved_at, '', '', '', v.form FROM template_version v, made WHERE v.template_id = '` + one.ID + `'`,
		} {
			if _, err := raw.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		for text, want := range map[string]int{"": 100, "none": 0} {
			var seen []string
			pages, q := 0, review.Query{Text: text, Limit: 100}
			for {
				page := w.all(t, "ann", q)
				pages++
				if page.Next.ID != "" && len(page.Items) != want {
					t.Fatalf("%q: %d on page %d", text, len(page.Items), pages)
				}
				for _, t := range page.Items {
					seen = append(seen, t.ID)
				}
				if q.Before = page.Next; page.Next.ID == "" {
					break
				}
			}
			if want == 0 && (pages != 3 || len(seen) != 0) {
				t.Errorf("%q: %d pages with %d", text, pages, len(seen))
			}
			slices.Sort(seen)
			if want > 0 && (len(slices.Compact(seen)) != many+1 || pages != 12) {
				t.Errorf("%q: %d templates on %d pages", text, len(seen), pages)
			}
		}
	})
}
