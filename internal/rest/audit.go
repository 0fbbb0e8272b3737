package rest

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
)

// AuditLog reads and verifies audit logs; see audit.Log.
type AuditLog interface {
	Page(ctx context.Context, organization int64, q audit.Query) (audit.Page, error)
	Verify(ctx context.Context, organization int64) (audit.Report, error)
}

// holders knows who is, or was, somebody.
type holders interface {
	// Holder fails with CodeUserUnknown, and with CodeConflict where several people
	// had a userid that nobody has, who are others then.
	Holder(ctx context.Context, organization int64, userid string) (ordinal uint32, others []uint32, err error)
	// PeopleByOrdinal knows departed people too.
	PeopleByOrdinal(ctx context.Context, organization int64, ordinals []uint32) (map[uint32]directory.User, error)
}

// auditLog is the audit log of the asker's organization.
type auditLog struct {
	log           AuditLog
	people        holders
	organizations route.Organizations

	mu        sync.Mutex
	verifying map[int64]bool // by organization
}

func (l *auditLog) routes(r route.Table) {
	route.JSON(r, route.Get("listAudit", "/audit", "List what was done, newest first", auditText), policy.AuditRead, l.list)
	route.JSON(r, route.Post("verifyAudit", "/audit/verify", "Verify the audit log", verifyText), policy.AuditRead, l.verify)
}

const (
	auditText = "Who did what to what in the organization, and when. Filters are combined. A page may hold fewer entries than asked for, or " +
		"none, and not be the last: only next_before says whether there is more. Entries that come meanwhile are on no later page."
	verifyText = "Reads the whole log up to its newest entry and tells the first entry that was changed, deleted or put in. One call per " +
		"organization and server runs at a time: a second one is answered with 429 throttled. The limit is 45 seconds: a call that needs " +
		"more is answered with 503 busy; the command tidings admin log verify has no limit. A caller who hangs up ends it."
)

const (
	verifyTime  = 45 * time.Second // proxies commonly give an answer 60
	verifyRetry = 5 * time.Second
)

// of checks the right of the route to the log of the asker's organization, and
// returns whose log that is. No request can name another one.
func (*auditLog) of(v *route.Visit) (organization int64, err error) {
	g, err := policy.Check(v.Asker, v.Right, policy.Resource{Organization: v.Viewer.Organization},
		fault.New(fault.CodeNotFound, "there is no such audit log"))
	return g.Resource().Organization, err
}

type auditRequest struct {
	Limit   int       `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"Most entries of the page."`
	Before  string    `query:"before" maxLength:"50" doc:"next_before of the page before this one."`
	Subject string    `query:"subject" maxLength:"100" pattern:"^[!-~]+$" doc:"Only what was done to this, as subject of an entry names it: a template's id, an app's agent_id, the suite key of a third-party app of the organization, dept:ID, person:N, organization. With person:N also what that person did."`
	Person  string    `query:"person" maxLength:"64" doc:"Only what this userid's person did, or what was done to them; people who have left or were erased can be named too."`
	Action  string    `query:"action" maxLength:"64" doc:"Only this action, such as person.disable."`
	From    time.Time `query:"from" doc:"Only what was done at this time or later."`
	To      time.Time `query:"to" doc:"Only what was done before this time."`
}

// query is what of the query needs no directory.
func (r *auditRequest) query() (audit.Query, error) {
	q := audit.Query{Limit: r.Limit, Subject: r.Subject, Action: audit.Action(r.Action), From: r.From, To: r.To}
	var ok bool
	if q.Before, ok = audit.ParseCursor(r.Before); !ok {
		return q, fault.New(fault.CodeParameterInvalid, "before is no next_before of a page").WithField("before")
	}
	if r.Action != "" && !slices.Contains(audit.Actions(), q.Action) {
		return q, fault.New(fault.CodeParameterInvalid, "there is no action %q", r.Action).WithField("action")
	}
	if !q.From.IsZero() && !q.To.IsZero() && !q.From.Before(q.To) {
		return q, fault.New(fault.CodeParameterInvalid, "from is not before to").WithField("from")
	}
	return q, nil
}

// person is whose entries are asked for, nil for everybody's.
func (l *auditLog) person(ctx context.Context, organization int64, userid string) (*uint32, error) {
	if userid == "" {
		return nil, nil
	}
	ordinal, others, err := l.people.Holder(ctx, organization, userid)
	if fault.Is(err, fault.CodeConflict) {
		subjects := make([]string, len(others))
		for i, o := range others {
			subjects[i] = "subject=" + audit.PersonSubject(o)
		}
		err = fault.New(fault.CodeConflict, "several people who have left had this userid: choose one with %s", strings.Join(subjects, " or "))
	}
	if err != nil {
		return nil, fmt.Errorf("rest: person: %w", fault.From(err).WithField("person"))
	}
	return &ordinal, nil
}

type auditAnswer struct{ Body AuditPage }

func (l *auditLog) list(ctx context.Context, v *route.Visit, in *auditRequest) (*auditAnswer, error) {
	organization, err := l.of(v)
	if err != nil {
		return nil, err
	}
	q, err := in.query()
	if err != nil {
		return nil, err
	}
	if q.Person, err = l.person(ctx, organization, in.Person); err != nil {
		return nil, err
	}
	page, err := l.log.Page(ctx, organization, q)
	if err != nil {
		return nil, err
	}
	w := auditWriter{introduced{people: l.people, organizations: l.organizations, organization: organization}}
	answer, err := w.page(ctx, page)
	return &auditAnswer{answer}, err
}

// AuditReport is what verifying an audit log found.
type AuditReport struct {
	OK         bool   `json:"ok" doc:"Nothing was found to be wrong."`
	Entries    int64  `json:"entries" doc:"How many entries were verified."`
	FirstWrong *int64 `json:"first_wrong" doc:"The first entry that is not as it was written; null where all are."`
	Reason     string `json:"reason" doc:"What is wrong with it; empty where nothing is."`
	Head       int64  `json:"head" doc:"The newest entry; 0 of an empty log. Entries that came while it was verified are not looked at."`
	Code       string `json:"code" doc:"The code of the newest entry, in hexadecimal digits; empty of an empty log. Keep it elsewhere: it covers the whole log."`
	Floor      int64  `json:"floor" doc:"Entries up to this one were deleted by a retention rule; 0 where none were."`
	Erased     int64  `json:"erased" doc:"How many entries have lost what was private to somebody who was erased."`
	Unverified int64  `json:"unverified" doc:"How many of the first entries cannot be checked, because the master key they were made with was dropped."`
}

type reportAnswer struct{ Body AuditReport }

func (l *auditLog) verify(ctx context.Context, v *route.Visit, _ *struct{}) (*reportAnswer, error) {
	organization, err := l.of(v)
	if err != nil {
		return nil, err
	}
	if !l.begin(organization) {
		return nil, fault.New(fault.CodeThrottled, "the log is being verified already; try again when that is done").WithRetryAfter(verifyRetry)
	}
	defer l.end(organization)
	bounded, cancel := context.WithTimeout(ctx, verifyTime)
	defer cancel()
	r, err := l.log.Verify(bounded, organization)
	switch {
	case err != nil && bounded.Err() != nil && ctx.Err() == nil:
		return nil, fault.New(fault.CodeBusy, "verifying the log takes longer than %d seconds, which is the limit; the command tidings admin log verify has none",
			verifyTime/time.Second).Because(err)
	case err != nil:
		return nil, err
	}
	answer := AuditReport{
		OK: r.Wrong == 0, Entries: r.Entries, Reason: r.Why, Head: r.Head, Code: hex.EncodeToString(r.HeadMAC), Floor: r.From - 1,
		Erased: r.Erased, Unverified: r.Unverified,
	}
	if r.Wrong != 0 {
		answer.FirstWrong = &r.Wrong
	}
	return &reportAnswer{answer}, nil
}

// begin reports whether an organization's log may be verified now.
func (l *auditLog) begin(organization int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.verifying[organization] {
		return false
	}
	l.verifying[organization] = true
	return true
}

func (l *auditLog) end(organization int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.verifying, organization)
}
