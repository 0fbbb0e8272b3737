package notify

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

// send is an order that makes a task of a content for an audience, as that was
// when it was resolved.
type send struct {
	envelope Envelope
	content  content
	resolved directory.Resolved
	by       audit.By     // the person who sends; nobody where the app does
	action   audit.Action // what the audit log says of it; "" for nothing
	unreadOf int64        // the task whose unread are in the audience; 0 for none
	taskID   int64        // the answer
	made     *Task        // of the last attempt; the answer's unless that is an earlier one
}

// test is a send to the one who tests its template. No rule holds it back, and
// it counts for none.
type test struct{ send }

// sending is an order that makes a task.
type sending interface {
	order
	sends() *send
}

func (o *send) sends() *send { return o }

// decide makes a task of the test.
func (o *test) decide(_ context.Context, b *orgBatch) error {
	said, err := o.content.said()
	if err != nil {
		return refuse(err)
	}
	_, err = o.accept(b, said, policy.Decide(policy.Facts{Recipients: o.resolved.Recipients}), o.digest(said, b.day), uncounted)
	return err
}

// decide makes a task of the send: the rules over sets, then its revision.
func (o *send) decide(ctx context.Context, b *orgBatch) error {
	if done, err := o.repeated(ctx, b); done || err != nil {
		return err
	}
	w, err := o.weigh(ctx, b)
	if err == nil {
		err = o.spend(ctx, b)
	}
	if err != nil {
		return err
	}
	return o.make(b, w)
}

// spend takes the operation on whose strength the app sends, where there is one.
func (o *send) spend(ctx context.Context, b *orgBatch) error {
	if o.envelope.Operation.ID == "" {
		return nil
	}
	spent, err := b.tx.SpendOperation(ctx, b.id, o.envelope.Caller.AppID, o.envelope.Operation, b.now)
	if err == nil && !spent {
		err = refuse(fault.New(fault.CodeAuthCodeInvalid, "the code is not valid, has expired or was used").WithField("code"))
	}
	return err
}

// weighed is what a send comes to, as it stands.
type weighed struct {
	said said
	policy.Decision
	digest Digest
}

// weigh applies the rules. It changes nothing but what is known of the app's day.
func (o *send) weigh(ctx context.Context, b *orgBatch) (w weighed, err error) {
	if w.said, err = o.content.said(); err != nil {
		return w, refuse(err)
	}
	c, f := o.envelope.Caller, b.folds[o.envelope.AgentID]
	if f == nil {
		f = &fold{} // no rule counts
	}
	if most := c.Limits.EveryonePerDay; o.resolved.Everyone && most > 0 && f.everyone >= most {
		return w, refuse(fault.New(fault.CodeEveryoneDailyLimit, "the app has sent to everyone %d times today; the limit is %d", f.everyone, most).
			WithLimit(int64(most), int64(f.everyone)))
	}
	if err := f.beginTally(ctx, b, b.id, o.envelope.AgentID, c.Limits.MessagesPerDay); err != nil {
		return w, err
	}
	w.digest = o.digest(w.said, b.day)
	w.Decision = policy.Decide(policy.Facts{
		ThirdParty: c.ThirdParty, Limits: c.Limits,
		Recipients: o.resolved.Recipients, OutsideUser: o.resolved.OutsideUser, OutsideDept: o.resolved.OutsideDept,
		Identical: b.identical[w.digest], Daily: f.tally, SentThisMinute: f.sentIn(b.minute),
	})
	return w, nil
}

// make makes a task of what was weighed, which counts from here on.
func (o *send) make(b *orgBatch, w weighed) error {
	t, err := o.accept(b, w.said, w.Decision, w.digest, b.minute)
	if err != nil {
		return err
	}
	b.remember(w.digest, w.Sent)
	if f := b.folds[o.envelope.AgentID]; f != nil {
		f.add(dayTask(t))
	}
	if o.envelope.IdempotencyKey != "" {
		b.requests = append(b.requests, o.rememberedAs(b))
	}
	return nil
}

// accept makes the task, which takes the next revision.
func (o *send) accept(b *orgBatch, said said, d policy.Decision, digest Digest, minute int64) (*Task, error) {
	t, err := o.task(b.ids[0], said, d)
	if err != nil {
		return nil, fmt.Errorf("task: %w", err)
	}
	b.ids = b.ids[1:]
	t.Revision, t.AcceptedAt, t.Day, t.Minute, t.Digest = b.next(t.ID, ""), b.now, b.day, minute, digest
	if o.action != "" {
		t.Entry = &audit.Entry{
			Organization: b.id, At: b.now, By: o.by, Action: o.action, Subject: audit.TaskSubject(t.ID),
			Details: audit.Details{"named": o.resolved.Named(), "sent": size(t.Sent)},
		}
	}
	b.tasks = append(b.tasks, t)
	o.taskID, o.made = t.ID, t
	return t, nil
}

// repeated answers a send whose idempotency key was used before.
func (o *send) repeated(ctx context.Context, b *orgBatch) (bool, error) {
	if o.envelope.IdempotencyKey == "" {
		return false, nil
	}
	asked := o.rememberedAs(b)
	known, found, err := b.request(ctx, asked)
	if err != nil || !found {
		return false, err
	}
	if err := known.same(asked); err != nil {
		return true, refuse(err)
	}
	o.taskID = known.TaskID
	return true, nil
}

func (o *send) rememberedAs(b *orgBatch) Request {
	r := o.envelope.request()
	r.TaskID, r.At = o.taskID, b.now
	return r
}

// checkResolved looks at what the audience came to. It is asked again when
// the directory moved on before the commit.
func (o *send) checkResolved() error {
	c, r := o.envelope.Caller, o.resolved
	if r.Everyone && (c.ThirdParty || c.Limits.EveryoneNeedsGrant && !c.SendToEveryone) {
		return everyoneForbidden()
	}
	named := r.Named()
	if most := int64(c.Limits.RecipientsPerCall); most > 0 && named > most {
		return fault.New(fault.CodeRecipientsTooMany, "the audience has %d people; the limit is %d per call", named, most).
			WithLimit(most, named)
	}
	return nil
}

// digest identifies the content for the agent's day.
func (o *send) digest(said said, day int64) Digest {
	var b [48]byte
	binary.BigEndian.PutUint64(b[0:], uint64(o.envelope.AgentID))
	binary.BigEndian.PutUint64(b[8:], uint64(day))
	copy(b[16:], said.sum[:])
	return sha256.Sum256(b[:])
}

// task is what the decision makes of the submission.
func (o *send) task(id int64, said said, d policy.Decision) (*Task, error) {
	a, r := o.envelope.Audience, o.resolved
	t := &Task{
		Organization: o.envelope.Caller.Organization, ID: id, AgentID: o.envelope.AgentID,
		By: o.by.Actor, Type: string(said.message.Type()), Message: said.message.Canonical(), Use: said.use,
		Named:   Named{Everyone: r.Everyone, Userids: len(a.Userids), UnreadOf: o.unreadOf, Without: r.Without},
		Invalid: Invalid{r.InvalidUserids, r.InvalidDeptIDs, r.UserReasons, r.DeptReasons},
		Sent:    d.Sent, Held: d.Held,
	}
	if !r.Everyone {
		t.Named.DeptIDs = a.DeptIDs
	}
	if r.ByUserid == nil || r.ByUserid.IsEmpty() {
		return t, nil
	}
	r.ByUserid.RunOptimize()
	var err error
	t.Named.ByUserid, err = r.ByUserid.ToBytes()
	return t, err
}

func size(set *roaring.Bitmap) int64 {
	if set == nil {
		return 0
	}
	return int64(set.GetCardinality())
}
