package main

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/template"
)

type templateView struct {
	ID         string        `json:"template_id"`
	Name       string        `json:"name"`
	Kind       template.Kind `json:"kind"`
	State      review.State  `json:"state"`
	Enabled    bool          `json:"enabled"`
	Live       int           `json:"live_version"` // 0 before the first was approved
	CreatedAt  time.Time     `json:"created_at"`
	DisabledAt time.Time     `json:"disabled_at,omitzero"`
	Version    wordingView   `json:"version"`
}

type wordingView struct {
	Number      int            `json:"number"`
	State       review.State   `json:"state"`
	Edition     int            `json:"edition"`
	Authors     []string       `json:"authors"` // of what nobody has approved yet
	CreatedAt   time.Time      `json:"created_at"`
	SavedAt     time.Time      `json:"saved_at"`
	SubmittedAt time.Time      `json:"submitted_at,omitzero"`
	SubmittedBy string         `json:"submitted_by,omitempty"`
	DecidedAt   time.Time      `json:"decided_at,omitzero"`
	DecidedBy   string         `json:"decided_by,omitempty"`
	Reason      string         `json:"reason,omitempty"`
	Form        *template.Form `json:"form,omitempty"` // not in lists
}

// viewTemplate shows a template with one of its versions.
func (s *session) viewTemplate(t review.Template, v review.Version) templateView {
	return templateView{
		ID: t.ID, Name: t.Newest.Form.Name, Kind: t.Newest.Form.Kind, State: t.State(), Enabled: t.Enabled(), Live: t.Live,
		CreatedAt: t.CreatedAt, DisabledAt: t.DisabledAt, Version: s.viewVersion(v),
	}
}

func (s *session) viewVersion(v review.Version) wordingView {
	view := wordingView{
		Number: v.Number, State: v.State, Edition: v.Edition, Authors: []string{}, CreatedAt: v.CreatedAt, SavedAt: v.SavedAt,
		SubmittedAt: v.SubmittedAt, DecidedAt: v.DecidedAt, Reason: v.Reason, Form: &v.Form,
	}
	for _, p := range v.Authors {
		view.Authors = append(view.Authors, s.person(p))
	}
	if !v.SubmittedAt.IsZero() {
		view.SubmittedBy = s.person(v.SubmittedBy)
	}
	if !v.DecidedAt.IsZero() {
		view.DecidedBy = s.person(v.DecidedBy)
	}
	return view
}

// lines prints a template for people: what has become of it, then its fields.
func (s *session) lines(v templateView) {
	of := func(name, value string) { fmt.Fprintf(s.out, "%-10s %s\n", name, value) }
	live := "none"
	if v.Live > 0 {
		live = fmt.Sprintf("version %d", v.Live)
	}
	of("template", v.ID)
	of("name", visible(v.Name))
	of("state", string(v.State))
	of("live", live)
	of("version", fmt.Sprintf("%d, %s, edition %d", v.Version.Number, v.Version.State, v.Version.Edition))
	of("authors", strings.Join(v.Version.Authors, " "))
	of("saved", v.Version.SavedAt.Format(time.RFC3339))
	if v.Version.SubmittedBy != "" {
		of("submitted", v.Version.SubmittedAt.Format(time.RFC3339)+" by "+v.Version.SubmittedBy)
	}
	if v.Version.DecidedBy != "" {
		of("decided", v.Version.DecidedAt.Format(time.RFC3339)+" by "+v.Version.DecidedBy)
	}
	if v.Version.Reason != "" {
		of("reason", indented(v.Version.Reason))
	}
	fmt.Fprintln(s.out)
	for _, field := range template.Difference(&template.Form{}, v.Version.Form) {
		fmt.Fprintf(s.out, "%s: %s\n", field.Field, indented(field.After))
	}
}

// indented is a text of several lines behind a name: each on a line of its own.
func indented(text string) string {
	text = visible(text)
	if !strings.Contains(text, "\n") {
		return text
	}
	return "\n    " + strings.ReplaceAll(text, "\n", "\n    ")
}

// visible is a text that an author wrote as a terminal may see it: what would
// move its cursor, or turn the text around, is shown by number. The joiners of
// emoji and scripts are left alone.
func visible(text string) string {
	const joiners = "\u200c\u200d"
	var b strings.Builder
	for _, r := range text {
		if r != '\n' && !strings.ContainsRune(joiners, r) && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) {
			fmt.Fprintf(&b, "<U+%04X>", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// flat is visible on one line, for a table.
func flat(text string) string { return strings.Join(strings.Fields(visible(text)), " ") }
