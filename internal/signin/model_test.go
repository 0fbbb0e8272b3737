package signin_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/signin"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// runsOfAWorld is how many runs one organization has sources for.
const runsOfAWorld = 40

// No sequence of claims, whoever has what field meanwhile, moves an identity from one
// person to another, or gives somebody with a role a new one.
func TestNoClaimsMoveAnIdentity(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			var w *world
			run := 0
			rapid.Check(t, func(r *rapid.T) {
				if run%runsOfAWorld == 0 {
					w, run = newWorld(t, engine), 0
				}
				run++
				src := w.mustSourceOf(t, run)
				moves(r, t, w, src)
			})
		})
	}
}

// mustSourceOf makes a source for one run, and turns off the one before.
func (w *world) mustSourceOf(t *testing.T, run int) signin.Source {
	t.Helper()
	if run > 1 {
		_, err := w.db.SignIn().ChangeSource(t.Context(), w.org, w.mustNamed(t).ID, func(is signin.StoredSource, _ signin.Counts) (signin.StoredSource, bool, []audit.Entry, error) {
			is.Name, is.State = fmt.Sprint("before ", run), signin.Off
			return is, true, nil, nil
		})
		must(t, err)
	}
	return w.mustSourceNamed(t, "source", settings{Claim: "employee", Field: "job_number"})
}

func (w *world) mustNamed(t *testing.T) signin.Details {
	t.Helper()
	d, err := w.Named(t.Context(), w.org, "source")
	must(t, err)
	return d
}

func moves(r *rapid.T, t *testing.T, w *world, src signin.Source) {
	whose := map[string]uint32{} // subject → ordinal
	people := []string{"ann", "bob", "olga", "adam"}
	numbers := []string{"E1", "E2", "E3", ""}
	subjects := []string{"s1", "s2", "s3"}
	ctx := t.Context()
	r.Repeat(map[string]func(*rapid.T){
		"somebody gets another number": func(r *rapid.T) {
			number := rapid.SampledFrom(numbers).Draw(r, "number")
			_, err := w.dir.UpdateUser(ctx, audit.ByOperator(), w.org, rapid.SampledFrom(people).Draw(r, "userid"), directory.UserChange{JobNumber: &number})
			must(t, err)
		},
		"somebody signs in": func(r *rapid.T) {
			subject := rapid.SampledFrom(subjects).Draw(r, "subject")
			in, err := w.finish(t, src, subject, map[string]string{"employee": rapid.SampledFrom(numbers).Draw(r, "claim")})
			before, linked := whose[subject]
			switch {
			case err == nil && linked && in.Viewer.Ordinal != before:
				r.Fatalf("%s was %d and is %d", subject, before, in.Viewer.Ordinal)
			case err == nil && !linked && slices.Contains([]string{"olga", "adam"}, in.Viewer.Userid):
				r.Fatalf("%s became %s", subject, in.Viewer.Userid)
			case err == nil && !linked && slices.Contains(slices.Collect(maps.Values(whose)), in.Viewer.Ordinal):
				r.Fatalf("%s is the second of %d", subject, in.Viewer.Ordinal)
			case err == nil:
				whose[subject] = in.Viewer.Ordinal
			case linked || !fault.Is(err, fault.CodeSignInWaiting):
				r.Fatalf("%s, who was %d: %v", subject, before, err)
			}
		},
	})
}
