package rest

import (
	"time"

	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/template"
)

// TemplateList is the answer of listTemplates.
type TemplateList struct {
	Items []Template `json:"items" doc:"The templates, oldest first, without their forms."`
}

// Template is a template as far as the asker may see it.
type Template struct {
	TemplateID  string        `json:"template_id" doc:"Names the template, also for senders."`
	AgentID     string        `json:"agent_id" doc:"What the app was named by: goes into the paths of the template."`
	Name        string        `json:"name" doc:"Its newest version's name."`
	Kind        template.Kind `json:"kind" doc:"Its newest version's kind."`
	State       review.State  `json:"state" doc:"The newest version's: draft, in_review, approved, rejected, or withdrawn where the draft after it was discarded; disabled when it is approved and out of use."`
	Enabled     bool          `json:"enabled" doc:"It can be sent."`
	LiveVersion *int          `json:"live_version" doc:"The version that is sent; null before the first was approved."`
	CreatedAt   time.Time     `json:"created_at" doc:"When it was created."`
	DisabledAt  *time.Time    `json:"disabled_at" doc:"When it was taken out of use; null if it was not."`
	Newest      Version       `json:"newest" doc:"Its newest version, of those that the asker may see."`
	May         May           `json:"may" doc:"What the asker may do with it."`
}

// May is what the asker may do with a template.
type May struct {
	Write  bool `json:"write" doc:"Save, discard, submit, withdraw, enable, disable, clone, test and delete it, as its state allows."`
	Review bool `json:"review" doc:"Approve or reject the newest version now."`
}

// Version is one wording of a template.
type Version struct {
	Number      int            `json:"number" doc:"From 1."`
	State       review.State   `json:"state" doc:"draft, in_review, approved, rejected or withdrawn."`
	Edition     int            `json:"edition" doc:"Grows with every save of the template. Goes into edition of saveTemplate, submitTemplate and discardDraft."`
	Form        *template.Form `json:"form,omitempty" doc:"What was written; not in lists."`
	Authors     []Person       `json:"authors" doc:"Who wrote what nobody has approved yet; whoever saved it last comes last."`
	CreatedAt   time.Time      `json:"created_at" doc:"When it began."`
	SavedAt     time.Time      `json:"saved_at" doc:"When it was saved last."`
	SubmittedAt *time.Time     `json:"submitted_at" doc:"When it was submitted; null if not."`
	SubmittedBy *Person        `json:"submitted_by" doc:"Who submitted it; null if nobody did."`
	DecidedAt   *time.Time     `json:"decided_at" doc:"When it was approved or rejected; null if not."`
	DecidedBy   *Person        `json:"decided_by" doc:"Who decided; null if nobody did."`
	Reason      string         `json:"reason" doc:"Why it was rejected; empty unless it was."`
}

// writer writes answers about templates, with people in them.
type writer struct{ introduced }

// writer writes for whoever asks.
func (t *templates) writer(v *route.Visit) writer {
	return writer{introduced{people: t.people, organizations: t.organizations, organization: v.Viewer.Organization}}
}

// meet takes note of everybody in a version.
func (w *writer) meet(v *review.Version) {
	w.person(v.Authors...)
	w.person(v.SubmittedBy, v.DecidedBy)
}

func (w *writer) template(a appTemplates, t *review.Template) Template {
	answer := Template{
		TemplateID: t.ID, AgentID: a.agent, Name: t.Newest.Form.Name, Kind: t.Newest.Form.Kind,
		State: t.State(), Enabled: t.Enabled(), CreatedAt: t.CreatedAt, DisabledAt: moment(t.DisabledAt),
		Newest: w.version(&t.Newest),
		May: May{
			Write:  a.may(policy.TemplatesWrite, policy.Case{}),
			Review: t.Newest.State == review.InReview && a.may(policy.TemplatesReview, policy.Case{TookPart: t.Newest.TookPart(a.asker.By.Actor)}),
		},
	}
	if t.Live > 0 {
		answer.LiveVersion = &t.Live
	}
	return answer
}

// withoutForm leaves out what would make a list of many long.
func (t Template) withoutForm() Template {
	t.Newest.Form = nil
	return t
}

func (w *writer) version(v *review.Version) Version {
	answer := Version{
		Number: v.Number, State: v.State, Edition: v.Edition, Form: &v.Form, Authors: make([]Person, 0, len(v.Authors)),
		CreatedAt: v.CreatedAt, SavedAt: v.SavedAt, SubmittedAt: moment(v.SubmittedAt), DecidedAt: moment(v.DecidedAt), Reason: v.Reason,
	}
	for _, p := range v.Authors {
		answer.Authors = append(answer.Authors, w.known[p])
	}
	if !v.SubmittedAt.IsZero() {
		by := w.known[v.SubmittedBy]
		answer.SubmittedBy = &by
	}
	if !v.DecidedAt.IsZero() {
		by := w.known[v.DecidedBy]
		answer.DecidedBy = &by
	}
	return answer
}

// moment is null for no time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
