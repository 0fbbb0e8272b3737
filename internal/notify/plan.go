package notify

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/template"
)

// Draft is a send that somebody makes by hand, in the name of an app. What it says is
// a Message, or a template.
type Draft struct {
	Caller     app.Caller // who the app is on the wire
	Message    []byte     // one JSON object
	TemplateID string     // "" for a message
	Values     template.Values
	Audience   directory.Audience // nobody, while that is not decided
	// UnreadOf is the task of which Audience.Among are those who have not read it; 0
	// for none.
	UnreadOf int64
}

// Plan is what would become of a Draft at this moment.
type Plan struct {
	Message *message.Message
	Use     TemplateUse // the version that would be sent
	To      *PlannedTo  // nil while the draft names nobody
}

// PlannedTo is whom a Draft would reach.
type PlannedTo struct {
	directory.Resolved
	policy.Decision
	// Audience identifies who is named: hexadecimal digits, the same for as long as
	// they are the same people. Who reads meanwhile what UnreadOf names changes
	// nothing of it: they are only left out.
	Audience string
	// NamesOrganization says that who sends this has to name the organization:
	// everyone is meant, or more than half of its people.
	NamesOrganization bool
}

// Plan tells what would become of a draft, and writes nothing: it runs the rules that
// decide a send, over what is so at this moment. Fails as SendByHand.
func (s *Service) Plan(ctx context.Context, d Draft) (Plan, error) {
	o, err := s.drafted(ctx, d)
	if err != nil {
		return Plan{}, fmt.Errorf("notify.Plan: %w", err)
	}
	if !d.Audience.IsNobody() {
		return s.planner.plan(ctx, o)
	}
	said, err := o.content.said()
	if err != nil {
		return Plan{}, fmt.Errorf("notify.Plan: %w", err)
	}
	return Plan{Message: said.message, Use: said.use}, nil
}

// drafted makes a send of a draft, the audience of which is not resolved yet.
func (s *Service) drafted(ctx context.Context, d Draft) (*send, error) {
	c := d.Caller
	o := &send{envelope: Envelope{Caller: c, AgentID: c.AgentID, Audience: d.Audience}, unreadOf: d.UnreadOf}
	if d.TemplateID != "" {
		if !policy.MayUseTemplates(c.ThirdParty, c.Limits) {
			return nil, templatesOff()
		}
		f, err := s.filledIn(ctx, c, d.TemplateID, d.Values)
		o.content = f
		return o, err
	}
	if !policy.MayCompose(c.ThirdParty, c.DirectSend, c.Limits) {
		return nil, directSendOff()
	}
	m, err := s.composed(ctx, c, d.Message)
	if err == nil && !d.Audience.IsNobody() {
		err = checkStatusBar(o.envelope, m)
	}
	if err != nil {
		return nil, err
	}
	o.content = compose(m)
	return o, nil
}

// everyoneGranted checks what holds for everyone by hand, whatever the preset is.
func (o *send) everyoneGranted() error {
	if o.envelope.Audience.NamesEveryone() && !o.envelope.Caller.SendToEveryone {
		return everyoneForbidden()
	}
	return nil
}

// planner decides sends that nobody sends. It never writes, and takes no lock that a
// send waits for: what it knows of apps' days is its own.
type planner struct {
	q    *sequencer
	days *days

	mu     sync.Mutex
	states map[int64]*planState
}

// plansKept is of how many organizations a planner remembers the day.
const plansKept = 64

// planState is what is remembered of an organization from one plan to the next.
type planState struct {
	mu sync.Mutex // held while one is made
	orgState
}

func newPlanner(q *sequencer) *planner {
	return &planner{q: q, days: newDays(q.deps), states: map[int64]*planState{}}
}

func (p *planner) state(organization int64) *planState {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.states[organization]
	if s == nil {
		if len(p.states) >= plansKept {
			clear(p.states)
			p.days.forgetAll()
		}
		s = &planState{orgState: orgState{folds: map[int64]*fold{}}}
		p.states[organization] = s
	}
	return s
}

// plan decides a send as the sequencer would, but for the lock and the commit.
func (p *planner) plan(ctx context.Context, o *send) (Plan, error) {
	c, now := o.envelope.Caller, p.q.deps.Now()
	err := o.everyoneGranted()
	if err == nil {
		o.resolved, err = p.q.deps.Directory.Resolve(ctx, c.Organization, o.envelope.Audience, c.Range)
	}
	if err == nil {
		err = o.checkResolved()
	}
	if err != nil {
		return Plan{}, fmt.Errorf("notify.Plan: %w", err)
	}
	p.days.load(ctx, c.Organization, c.AgentID, p.q.day(c.Organization, now), c.Limits)
	state := p.state(c.Organization)
	state.mu.Lock()
	defer state.mu.Unlock()
	at, err := p.q.deps.Store.Position(ctx, c.Organization)
	if err != nil {
		return Plan{}, fmt.Errorf("notify.Plan: %w", err)
	}
	b := p.q.part(c.Organization, nil, &state.orgState, at, now)
	b.facts, b.days = p.q.deps.Store, p.days
	s := &submission{organization: c.Organization, order: o}
	if err := b.prepare(ctx, []*submission{s}); err != nil {
		return Plan{}, fmt.Errorf("notify.Plan: %w", err)
	}
	state.revision = at.Revision
	if s.refused != nil {
		return Plan{}, fmt.Errorf("notify.Plan: %w", s.refused)
	}
	w, err := o.weigh(ctx, b)
	if err != nil {
		return Plan{}, fmt.Errorf("notify.Plan: %w", err)
	}
	to := &PlannedTo{Resolved: o.resolved, Decision: w.Decision}
	if to.Audience, err = o.audience(ctx, b.directory); err != nil {
		return Plan{}, fmt.Errorf("notify.Plan: %w", err)
	}
	to.NamesOrganization = o.namesOrganization(b)
	return Plan{Message: w.said.message, Use: w.said.use, To: to}, nil
}

// namesOrganization reports whether a send is to so many that whoever sends it by
// hand has to name the organization.
func (o *send) namesOrganization(b *orgBatch) bool {
	return o.resolved.Everyone || 2*o.resolved.Named() > b.directory.ActivePeople(b.id)
}

// audience identifies whom a send names; see PlannedTo.
func (o *send) audience(ctx context.Context, people Directory) (string, error) {
	r := &o.resolved
	if o.unreadOf != 0 { // those beside them
		others := o.envelope.Audience
		others.Among = nil
		resolved, err := people.Resolve(ctx, o.envelope.Caller.Organization, others, o.envelope.Caller.Range)
		if err != nil {
			return "", err
		}
		r = &resolved
	}
	h := sha256.New()
	hashNumbers(h, uint64(o.unreadOf), uint64(len(r.InvalidUserids)), uint64(len(r.InvalidDeptIDs)))
	for _, set := range []*roaring.Bitmap{r.Recipients, r.OutsideUser, r.OutsideDept} {
		hashSet(h, set)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// hashSet hashes the ranges of a set: what roaring writes depends on how the set was
// made, too.
func hashSet(h hash.Hash, set *roaring.Bitmap) {
	ordinals := make([]uint32, 4096)
	var first, last uint64
	open := false
	some := set.ManyIterator()
	for n := some.NextMany(ordinals); n > 0; n = some.NextMany(ordinals) {
		for _, o := range ordinals[:n] {
			if open && uint64(o) == last+1 {
				last++
				continue
			}
			if open {
				hashNumbers(h, first, last)
			}
			first, last, open = uint64(o), uint64(o), true
		}
	}
	if open {
		hashNumbers(h, first, last)
	}
	hashNumbers(h, ^uint64(0)) // no ordinal is this
}

func hashNumbers(h hash.Hash, numbers ...uint64) {
	b := make([]byte, 0, 8*len(numbers))
	for _, n := range numbers {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	h.Write(b)
}

func everyoneForbidden() error {
	return fault.New(fault.CodeEveryoneForbidden, "the app has no grant to send to everyone").WithField("to_all_user")
}

func directSendOff() error {
	return fault.New(fault.CodeDirectSendOff, "a third-party app sends by template")
}

func templatesOff() error {
	return fault.New(fault.CodeTemplatesOff, "message templates are for third-party apps").WithField("agent_id")
}
