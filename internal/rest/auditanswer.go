package rest

import (
	"context"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
)

// AuditPage is the answer of listAudit.
type AuditPage struct {
	Items      []AuditEntry `json:"items" doc:"The entries, newest first."`
	NextBefore *string      `json:"next_before" doc:"Goes into before for the next page; null at the end."`
}

// AuditEntry is one step that somebody may have to answer for.
type AuditEntry struct {
	N       *int64         `json:"n" doc:"Its place in the log, from 1; null for one that was written before entries had a place."`
	At      time.Time      `json:"at" doc:"When it was done."`
	Actor   AuditActor     `json:"actor" doc:"Who did it."`
	Action  audit.Action   `json:"action" doc:"The stable name of what was done, such as person.disable."`
	Subject string         `json:"subject" doc:"What it was done to, such as a template's id, an app's agent_id or person:N; may be empty."`
	Person  *Person        `json:"person" doc:"Whom it was done to, where the subject is a person; otherwise null."`
	About   []string       `json:"about" doc:"Further subjects that the entry is found by."`
	Version *int           `json:"version" doc:"The template's version that it was done to; null where it is about none."`
	Details map[string]any `json:"details" doc:"What exactly was done: counts, ids, and names of fields; never a person's name, never a secret."`
	Reason  string         `json:"reason" doc:"Why, as the actor said; may be empty."`
	Peer    string         `json:"peer" doc:"The address that the actor asked from. Empty where it is not known, and for people of other organizations."`
	Device  string         `json:"device" doc:"The actor's User-Agent. Empty where it is not known, and for people of other organizations."`
	Erased  bool           `json:"erased" doc:"Reason, peer and device were deleted with a person."`
	Damaged bool           `json:"damaged" doc:"The entry was changed behind the server's back and not all of it can be read; verifying names it."`
	Chained bool           `json:"chained" doc:"Verifying covers the entry. Those that were written before the log was a chain are not covered."`
}

// AuditActor is who did something, and how they showed who they are.
type AuditActor struct {
	Person
	Credential string `json:"credential" doc:"session:ID or token:ID, of people of other organizations without the id; command line where the operator did it, also in somebody's name; server where the server did it by itself."`
}

// auditWriter writes entries, with people in them.
type auditWriter struct{ introduced }

func (w *auditWriter) page(ctx context.Context, p audit.Page) (AuditPage, error) {
	for i := range p.Entries {
		e := &p.Entries[i]
		w.person(e.By.Actor)
		if subject, ok := w.subject(e); ok {
			w.person(subject)
		}
	}
	if err := w.introduce(ctx); err != nil {
		return AuditPage{}, err
	}
	answer := AuditPage{Items: make([]AuditEntry, 0, len(p.Entries))}
	for i := range p.Entries {
		answer.Items = append(answer.Items, w.entry(&p.Entries[i]))
	}
	if next := p.Next.String(); next != "" {
		answer.NextBefore = &next
	}
	return answer, nil
}

// subject is the person that an entry is about.
func (w *auditWriter) subject(e *audit.Entry) (audit.Actor, bool) {
	ordinal, ok := audit.PersonOf(e.Subject)
	return audit.Person(w.organization, ordinal), ok
}

func (w *auditWriter) entry(e *audit.Entry) AuditEntry {
	answer := AuditEntry{
		At: e.At, Actor: AuditActor{w.known[e.By.Actor], e.By.Credential}, Action: e.Action, Subject: e.Subject,
		About: []string{}, Details: map[string]any{}, Reason: e.Reason, Peer: e.By.Peer, Device: e.By.Device, Erased: e.Erased, Damaged: e.Damaged, Chained: e.N > 0,
	}
	if e.N > 0 {
		answer.N = &e.N
	}
	if e.Version > 0 {
		answer.Version = &e.Version
	}
	if e.About != nil {
		answer.About = e.About
	}
	if e.Details != nil {
		answer.Details = e.Details
	}
	if subject, ok := w.subject(e); ok {
		person := w.known[subject]
		answer.Person = &person
	}
	if e.By.IsPerson() && e.By.Organization != w.organization {
		answer.Actor.Credential, _, _ = strings.Cut(e.By.Credential, ":")
		answer.Peer, answer.Device = "", ""
	}
	return answer
}
