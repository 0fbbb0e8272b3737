package notify

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/policy"
)

// MaxIdempotencyKey is the longest idempotency key in bytes.
const MaxIdempotencyKey = 128

// SendRequest is one send as the wire decoded it.
type SendRequest struct {
	Envelope
	Message []byte // one JSON object
}

// Envelope is what every send says beside its message.
type Envelope struct {
	Caller   app.Caller
	AgentID  int64
	Audience directory.Audience

	// With an IdempotencyKey, the same request to the same Endpoint within 24
	// hours is the same task. RequestDigest identifies the decoded request
	// whatever carrier it came in.
	IdempotencyKey string
	Endpoint       string
	RequestDigest  [32]byte
	ByPerson       bool // the key is that of a person, whichever app they send for

	Operation Operation // on whose strength the app sends; zero for none
}

// Operation is the code of what somebody has just done on an app's page. The commit that
// accepts a send spends it, and what is refused leaves it as it is.
type Operation struct {
	ID   string
	Hash [sha256.Size]byte // of the whole code
}

// Send accepts a message and returns its task id after the commit that holds
// message, outcome, quota and duplicate state (docs/contract.md#send).
//
// Faults: CodeAgentUnknown; CodeParameterMissing without a recipient
// parameter; CodeUseridsTooMany, CodeDeptsTooMany, CodeRecipientsTooMany;
// CodeEveryoneForbidden, CodeEveryoneDailyLimit, CodeDirectSendOff; the
// message room's; CodeMediaUnknown; CodeStatusBarAudience;
// CodeIdempotencyReused; CodeAuthCodeInvalid for an operation that is not the app's, has
// ended or was spent; CodeBusy and CodeStorageFull when nothing was
// committed, CodeCommitUnknown when nobody knows.
func (s *Service) Send(ctx context.Context, r SendRequest) (int64, error) {
	o, err := s.ordered(ctx, r)
	if err != nil {
		return 0, err
	}
	return s.submit(ctx, o)
}

// Sent is an accepted send and whom it does not reach, as Result tells it.
type Sent struct {
	TaskID         int64
	InvalidUserids []string
	InvalidDeptIDs []int64
	Held           []Held
}

// SendAndTell is Send for a caller who hears at once whom the message does not
// reach: what the accepting commit holds, whatever limits there are for results.
// Fails as Send.
func (s *Service) SendAndTell(ctx context.Context, r SendRequest) (Sent, error) {
	o, err := s.ordered(ctx, r)
	if err != nil {
		return Sent{}, err
	}
	id, err := s.submit(ctx, o)
	if err != nil {
		return Sent{}, err
	}
	t := o.made
	if t == nil || t.ID != id { // the idempotency key stands for an earlier task
		if t, err = s.deps.Store.OutcomeByID(ctx, r.Caller.Organization, id); err != nil {
			return Sent{}, fmt.Errorf("notify.SendAndTell: %w", err)
		}
	}
	return Sent{TaskID: id, InvalidUserids: t.Invalid.Userids, InvalidDeptIDs: t.Invalid.DeptIDs, Held: s.held(t)}, nil
}

// ordered makes an order of a request that may be accepted.
func (s *Service) ordered(ctx context.Context, r SendRequest) (*send, error) {
	if !policy.MayCompose(r.Caller.ThirdParty, r.Caller.DirectSend, r.Caller.Limits) && r.AgentID == r.Caller.AgentID {
		return nil, directSendOff()
	}
	if err := r.check(r.Caller.Limits); err != nil {
		return nil, err
	}
	m, err := s.composed(ctx, r.Caller, r.Message)
	if err != nil {
		return nil, err
	}
	if err := checkStatusBar(r.Envelope, m); err != nil {
		return nil, err
	}
	return &send{envelope: r.Envelope, content: compose(m)}, nil
}

// composed reads a message that an app may send.
func (s *Service) composed(ctx context.Context, c app.Caller, raw []byte) (*message.Message, error) {
	m, err := message.Decode(raw, message.Limits{MaxBytes: c.Limits.MessageBytes, StrictOA: c.Limits.StrictOA})
	if err != nil {
		return nil, err
	}
	return m, s.checkMedia(ctx, c.Organization, m)
}

// submit resolves the audience, and waits for its outcome.
func (s *Service) submit(ctx context.Context, by sending) (int64, error) {
	o := by.sends()
	c := o.envelope.Caller
	var err error
	if o.resolved, err = s.deps.Directory.Resolve(ctx, c.Organization, o.envelope.Audience, c.Range); err != nil {
		return 0, fmt.Errorf("notify.Send: %w", err)
	}
	if err := o.checkResolved(); err != nil {
		return 0, err
	}
	if err := s.deps.Store.CheckSpace(); err != nil {
		return 0, fmt.Errorf("notify.Send: %w", err)
	}
	if counts(c.Limits) {
		day := s.sequencer.day(c.Organization, s.deps.Now())
		s.sequencer.days.load(ctx, c.Organization, o.envelope.AgentID, day, c.Limits)
	}
	if err := s.sequencer.submit(ctx, c.Organization, by); err != nil {
		return 0, fmt.Errorf("notify.Send: %w", err)
	}
	return o.taskID, nil
}

// request is how the send is remembered by its idempotency key.
func (r *Envelope) request() Request {
	asked := Request{
		Organization: r.Caller.Organization, AgentID: r.AgentID, Endpoint: r.Endpoint, Key: r.IdempotencyKey, Digest: r.RequestDigest,
	}
	if r.ByPerson {
		asked.AgentID = 0
	}
	return asked
}

// same refuses a request that was remembered when it was another one.
func (r *Request) same(asked Request) error {
	if r.Digest == asked.Digest {
		return nil
	}
	return fault.New(fault.CodeIdempotencyReused, "this Idempotency-Key was used for another request").WithField("Idempotency-Key")
}

// check looks at what needs neither the message nor the directory.
func (r *Envelope) check(l policy.Limits) error {
	a := r.Audience
	switch {
	case r.AgentID != r.Caller.AgentID:
		return agentUnknown(r.AgentID)
	case len(r.IdempotencyKey) > MaxIdempotencyKey:
		return tooMany(fault.CodeParameterInvalid, "Idempotency-Key", "bytes", MaxIdempotencyKey, len(r.IdempotencyKey))
	case a.IsNobody():
		return fault.New(fault.CodeParameterMissing, "one of userid_list, dept_id_list, to_all_user is required").WithField("userid_list")
	case l.UseridsPerCall > 0 && len(a.Userids) > l.UseridsPerCall:
		return tooMany(fault.CodeUseridsTooMany, "userid_list", "users", l.UseridsPerCall, len(a.Userids))
	case l.DeptsPerCall > 0 && len(a.DeptIDs) > l.DeptsPerCall:
		return tooMany(fault.CodeDeptsTooMany, "dept_id_list", "departments", l.DeptsPerCall, len(a.DeptIDs))
	}
	return nil
}

func tooMany(code fault.Code, field, unit string, limit, actual int) error {
	return fault.New(code, "%s holds %d %s; the limit is %d", field, actual, unit, limit).
		WithField(field).WithLimit(int64(limit), int64(actual))
}

func (s *Service) checkMedia(ctx context.Context, organization int64, m *message.Message) error {
	ids := m.RequiredMedia()
	if len(ids) == 0 {
		return nil
	}
	known, err := s.deps.Media.ByIDs(ctx, organization, ids)
	if err != nil {
		return fmt.Errorf("notify.Send: %w", err)
	}
	for _, id := range ids {
		if f, ok := known[id]; !ok || f.Ending {
			return fault.New(fault.CodeMediaUnknown, "media_id does not name an uploaded file").WithField("msg." + string(m.Type()) + ".media_id")
		}
	}
	return nil
}

// checkStatusBar applies the rule that a message with a status bar names few
// people one by one, where the organization has that rule.
func checkStatusBar(r Envelope, m *message.Message) error {
	most := r.Caller.Limits.StatusBarUsers
	if most == 0 {
		return nil
	}
	if _, _, ok := m.StatusBar(); !ok {
		return nil
	}
	a := r.Audience
	if a.Everyone || len(a.DeptIDs) > 0 || a.Among != nil || len(a.Userids) > most {
		return fault.New(fault.CodeStatusBarAudience, "the limit with a status_bar is %d users, all in userid_list", most).
			WithField("msg.oa.status_bar").WithLimit(int64(most), int64(len(a.Userids)))
	}
	return nil
}
