package dingtalk

import (
	"strings"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/notify"
)

// The older way to send has the message in two parameters: msgtype, and
// msgcontent, which is what otherwise stands under the type's name
// (docs/contract.md#send-in-parts).
const (
	partsType    = "msgtype"
	partsContent = "msgcontent"
)

// sendParts serves asyncsend.
func (c *call) sendParts() error { return c.sendInParts(c.envelope) }

func (c *call) sendInParts(envelope func() (notify.Envelope, error)) error {
	kind := ""
	err := c.sendMessage(envelope, func() (_ []byte, err error) {
		if kind, err = c.args.required(partsType); err != nil {
			return nil, err
		}
		content, err := c.message(partsContent)
		if err != nil {
			return nil, err
		}
		return inside(kind, string(content)), nil
	})
	if err == nil {
		return nil
	}
	return inParts(err, kind)
}

// inside returns the message that a type and its content make; without content
// there is nothing under the type's name.
func inside(kind, content string) []byte {
	o := newObject()
	o.text("msgtype", kind)
	if kind != "msgtype" && content != "" { // no type is called so: the key would stand there twice
		o.b = appendString(append(o.b, ','), kind)
		o.b = appendString(append(o.b, ':'), content) // JSON text is as good as the object
	}
	return append(o.b, '}')
}

// inParts names a failure by the parameters that were sent: whoever sends parts
// has no msg. The fault may be others' too, so it is copied.
func inParts(err error, kind string) error {
	f := *fault.From(err)
	switch {
	case f.Field == "msg": // the whole is too large
		f.Field, f.Text = partsContent, "the message"+strings.TrimPrefix(f.Text, "msg")
		return &f
	case strings.HasPrefix(f.Field, "msg."):
		return withNames(err, strings.NewReplacer("msg.msgtype", partsType, "msg."+kind, partsContent))
	}
	return err
}
