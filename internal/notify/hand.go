package notify

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
)

// ByHand is a Draft that somebody sends, as they have seen it planned.
type ByHand struct {
	Draft
	By audit.By // a person

	// With a Key, the same request of the same person within 24 hours is the same task.
	Key           string
	RequestDigest [32]byte

	Version           int    // of the template; 0 for a message
	Planned           string // PlannedTo.Audience
	AtMost            int64  // people who get it
	NamesOrganization bool   // whoever sends it has named the organization
}

// byHand is a send that makes a task only if that is what its sender has seen.
type byHand struct {
	send
	seen ByHand

	// named identifies whom it names, at a directory revision: everyone in a large
	// organization takes milliseconds, for which no other send is to wait.
	named   string
	namedAt int64
}

// identify finds out whom the send names.
func (o *byHand) identify(ctx context.Context, people Directory) (err error) {
	o.namedAt = o.resolved.DirectoryRevision
	o.named, err = o.audience(ctx, people)
	return err
}

// SendByHand sends a draft in the name of its app and returns the task's id. What
// holds for the app holds here, but for what counts calls or ids of one call.
//
// Faults, with which nothing was sent: CodeAudienceChanged where other people are
// named, or more would get it, than its sender has seen; CodeTemplateChanged where
// another version is live; CodeOrganizationName; CodeParameterMissing where nobody
// is named; else as Send and SendTemplate.
func (s *Service) SendByHand(ctx context.Context, h ByHand) (int64, error) {
	if h.Audience.IsNobody() {
		return 0, fault.New(fault.CodeParameterMissing, "the send names nobody").WithField("audience")
	}
	drafted, err := s.drafted(ctx, h.Draft)
	if err == nil {
		err = drafted.everyoneGranted()
	}
	if err != nil {
		return 0, fmt.Errorf("notify.SendByHand: %w", err)
	}
	o := &byHand{send: *drafted, seen: h}
	o.by, o.action = h.By, audit.TaskSend
	o.envelope.ByPerson, o.envelope.Endpoint = true, byHandOf(h.By)
	o.envelope.IdempotencyKey, o.envelope.RequestDigest = h.Key, h.RequestDigest
	if o.resolved, err = s.deps.Directory.Resolve(ctx, h.Caller.Organization, h.Audience, h.Caller.Range); err == nil {
		err = o.identify(ctx, s.deps.Directory)
	}
	if err != nil {
		return 0, fmt.Errorf("notify.SendByHand: %w", err)
	}
	return s.submit(ctx, o)
}

// SentByHand returns the task that a person's request became within 24 hours; false
// where it became none. Ask it before anything is looked at that may be refused by now,
// though it was accepted then. Fails with CodeIdempotencyReused.
func (s *Service) SentByHand(ctx context.Context, by audit.By, key string, requestDigest [32]byte) (taskID int64, found bool, err error) {
	switch {
	case len(key) > MaxIdempotencyKey:
		return 0, false, tooMany(fault.CodeParameterInvalid, "Idempotency-Key", "bytes", MaxIdempotencyKey, len(key))
	case !utf8.ValidString(key):
		return 0, false, fault.New(fault.CodeParameterInvalid, "Idempotency-Key is not valid UTF-8").WithField("Idempotency-Key")
	}
	asked := Request{Organization: by.Organization, Endpoint: byHandOf(by), Key: key, Digest: requestDigest}
	known, found, err := s.deps.Store.Request(ctx, asked, s.deps.Now().Add(-requestsKept))
	if err != nil || !found {
		return 0, false, err
	}
	return known.TaskID, true, known.same(asked)
}

// byHandOf is the endpoint under which a person's keys are remembered.
func byHandOf(by audit.By) string { return fmt.Sprint("by hand: ", by.Ordinal) }

// decide makes a task of the send if it is what its sender has seen.
func (o *byHand) decide(ctx context.Context, b *orgBatch) error {
	if done, err := o.repeated(ctx, b); done || err != nil {
		return err
	}
	if f, ok := o.content.(*filled); ok && f.tried != 0 && f.tried != o.seen.Version {
		return refuse(fault.New(fault.CodeTemplateChanged, "version %d of the template is sent now, not %d", f.tried, o.seen.Version).
			WithField("template.version"))
	}
	w, err := o.weigh(ctx, b)
	if err != nil {
		return err
	}
	if o.namedAt != o.resolved.DirectoryRevision {
		if err := o.identify(ctx, b.directory); err != nil {
			return err
		}
	}
	switch people := size(w.Sent); {
	case o.named != o.seen.Planned:
		return refuse(fault.New(fault.CodeAudienceChanged, "other people are named than were shown; %d would get it", people).
			WithLimit(o.seen.AtMost, people))
	case people > o.seen.AtMost:
		return refuse(fault.New(fault.CodeAudienceChanged, "%d people would get it; %d were shown", people, o.seen.AtMost).
			WithLimit(o.seen.AtMost, people))
	case o.namesOrganization(b) && !o.seen.NamesOrganization:
		return refuse(fault.New(fault.CodeOrganizationName, "a send to so many takes the organization's name").WithField("organization_name"))
	}
	return o.make(b, w)
}

// TestByHand sends what a draft says to whoever has written it, and to nobody else.
// It is held back by nothing and counts for no quota. Fails as SendByHand.
func (s *Service) TestByHand(ctx context.Context, d Draft, by audit.By, userid string) (int64, error) {
	drafted, err := s.drafted(ctx, d)
	var what said
	if err == nil {
		what, err = drafted.content.said()
	}
	if err != nil {
		return 0, fmt.Errorf("notify.TestByHand: %w", err)
	}
	o := newTest(what, d.Caller.Organization, d.Caller.AgentID, userid)
	o.by, o.action = by, audit.TaskTest
	return s.submit(ctx, o)
}
