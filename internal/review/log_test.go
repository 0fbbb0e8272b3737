package review_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
)

// Whoever saves a draft again within ten minutes is in the log once; others, later
// saves and another version are told. What was submitted is there by its digest.
func TestSavesAreLoggedOnceInTenMinutes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, r := t.Context(), w.reviews
		ann, amy := w.as("ann"), w.as("amy")
		made, err := r.Create(ctx, ann, w.third, form("first"))
		must(t, err)
		saved := 0
		save := func(by audit.By, after time.Duration, logged bool) {
			t.Helper()
			w.move(after)
			if logged {
				saved++
			}
			_, err := r.Save(ctx, by, w.third, made.ID, form(fmt.Sprintf("text %d of %s", saved, after)), 0)
			must(t, err)
			entries, err := w.db.Templates().Log(ctx, w.home.ID, made.ID)
			must(t, err)
			var got []string
			for _, e := range entries {
				if e.Action == audit.TemplateSave {
					got = append(got, line(e))
				}
			}
			if len(got) != saved {
				t.Fatalf("after %s: %d entries of saves, want %d:\n%s", after, len(got), saved, strings.Join(got, "\n"))
			}
		}
		save(ann, time.Minute, true)
		save(ann, 9*time.Minute, false)
		save(amy, 30*time.Second, true)
		save(ann, 29*time.Second, false) // 9:59 after the first
		save(ann, time.Second, true)     // 10:00
		save(ann, 9*time.Minute+59*time.Second, false)
		save(amy, 0, true)
		save(audit.OnBehalfOf(ann.Organization, ann.Ordinal), 0, true) // the operator in her name
		sent, err := r.Submit(ctx, ann, w.third, made.ID, 0)
		must(t, err)
		text, err := json.Marshal(sent.Newest.Form)
		must(t, err)
		sum := sha256.Sum256(text)
		entries, err := w.db.Templates().Log(ctx, w.home.ID, made.ID)
		must(t, err)
		if e := entries[len(entries)-1]; e.Action != audit.TemplateSubmit || e.Details["digest"] != hex.EncodeToString(sum[:]) {
			t.Errorf("submitted: %+v", e)
		}
		_, err = r.Withdraw(ctx, ann, w.third, made.ID)
		must(t, err)
		save(ann, 0, true) // another version
	})
}
