package dingtalk

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"hash"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/notify"
)

// send serves asyncsend_v2 (docs/contract.md#send).
func (c *call) send() error {
	return c.sendMessage(c.envelope, func() ([]byte, error) { return c.message("msg") })
}

// sendMessage sends the message that a way of sending finds in its parameters, in the
// envelope that it finds there.
func (c *call) sendMessage(envelope func() (notify.Envelope, error), message func() ([]byte, error)) error {
	e, err := envelope()
	if err != nil {
		return err
	}
	if e.Audience.Everyone, err = c.args.flag("to_all_user"); err != nil {
		return err
	}
	request := notify.SendRequest{Envelope: e}
	if request.Message, err = message(); err != nil {
		return err
	}
	if request.IdempotencyKey != "" {
		request.RequestDigest = digest(request)
	}
	taskID, err := c.Notifications.Send(c.r.Context(), request)
	if err != nil {
		return err
	}
	return c.ok(func(o *object) { o.int("task_id", taskID) })
}

// envelope is what the ways to send have beside what is said.
func (c *call) envelope() (notify.Envelope, error) { return c.envelopeTo("userid_list") }

// envelopeTo reads the userids from the parameter of that name.
func (c *call) envelopeTo(users string) (e notify.Envelope, err error) {
	e.Caller, e.Endpoint = c.caller, c.route.path
	if e.AgentID, err = c.args.int64("agent_id"); err != nil {
		return e, err
	}
	if e.Audience.Userids, err = c.args.list(users); err != nil {
		return e, err
	}
	if e.Audience.DeptIDs, err = c.args.numbers("dept_id_list"); err != nil {
		return e, err
	}
	e.IdempotencyKey, err = c.idempotencyKey()
	return e, err
}

// sendByTemplate serves sendbytemplate (docs/contract.md#send-by-template).
func (c *call) sendByTemplate() error {
	e, err := c.envelope()
	if err != nil {
		return err
	}
	request := notify.TemplateRequest{Envelope: e}
	if request.TemplateID, err = c.args.required("template_id"); err != nil {
		return err
	}
	if request.Values, err = c.values("data"); err != nil {
		return err
	}
	if request.IdempotencyKey != "" {
		request.RequestDigest = templateDigest(request)
	}
	taskID, err := c.Notifications.SendTemplate(c.r.Context(), request)
	if err != nil {
		return err
	}
	return c.ok(func(o *object) { o.int("task_id", taskID) })
}

// message returns a required message as raw JSON. It is a JSON object or the
// text of one; whether it is a good one, the message room says.
func (c *call) message(name string) ([]byte, error) {
	raw, ok, err := read(c.args, name, parseMessage, sameMessage)
	if err == nil && !ok {
		err = missing(name)
	}
	return raw, err
}

func parseMessage(name string, v value) ([]byte, error) {
	if v.kind == textValue || v.kind == structure {
		return []byte(v.text), nil
	}
	return nil, invalid(name, "must be a JSON object")
}

// sameMessage compares what two carriers say.
func sameMessage(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, err := message.Decode(a, message.Limits{})
	if err != nil {
		return false
	}
	y, err := message.Decode(b, message.Limits{})
	return err == nil && bytes.Equal(x.Canonical(), y.Canonical())
}

// idempotencyKey returns the request's own header of that name, "" for none.
func (c *call) idempotencyKey() (string, error) {
	const header = "Idempotency-Key"
	values := c.r.Header.Values(header)
	if len(values) == 0 {
		return "", nil
	}
	key := values[0]
	switch {
	case len(values) > 1:
		return "", invalid(header, "stands in the request twice")
	case key == "":
		return "", invalid(header, "is empty")
	case len(key) > notify.MaxIdempotencyKey:
		return "", fault.New(fault.CodeParameterInvalid, "%s has %d bytes, the limit is %d",
			header, len(key), notify.MaxIdempotencyKey).
			WithField(header).WithLimit(notify.MaxIdempotencyKey, int64(len(key)))
	case !isText(key):
		return "", invalid(header, "is not valid UTF-8")
	}
	return key, nil
}

// digest identifies a decoded request, whatever carrier it came in: the same
// for a message with other white space or with numbers as texts.
func digest(r notify.SendRequest) [32]byte {
	h := sha256.New()
	hashEnvelope(h, r.Envelope)
	said := r.Message // a message that will be refused is what it is
	if m, err := message.Decode(r.Message, message.Limits{}); err == nil {
		said = m.Canonical()
	}
	hashBytes(h, said)
	return [32]byte(h.Sum(nil))
}

func hashEnvelope(h hash.Hash, e notify.Envelope) {
	hashInts(h, []int64{e.AgentID, int64(len(e.Audience.Userids))})
	for _, id := range e.Audience.Userids {
		hashBytes(h, []byte(id))
	}
	hashInts(h, e.Audience.DeptIDs)
	everyone := []byte{0}
	if e.Audience.Everyone {
		everyone[0] = 1
	}
	h.Write(everyone)
	if e.Operation.ID != "" {
		h.Write(e.Operation.Hash[:])
	}
}

func hashBytes(h hash.Hash, b []byte) {
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(b))))
	h.Write(b)
}

func hashInts(h hash.Hash, list []int64) {
	b := binary.BigEndian.AppendUint64(nil, uint64(len(list)))
	for _, n := range list {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	h.Write(b)
}
