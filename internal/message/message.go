package message

import (
	"bytes"
	"math"

	"github.com/tidings-im/tidings/internal/fault"
)

// Type is one of the eight message types, as it stands in "msgtype".
type Type string

// The eight types.
const (
	TypeText       Type = "text"
	TypeImage      Type = "image"
	TypeVoice      Type = "voice"
	TypeFile       Type = "file"
	TypeLink       Type = "link"
	TypeOA         Type = "oa"
	TypeMarkdown   Type = "markdown"
	TypeActionCard Type = "action_card"
)

// Limits are the limits that differ between organizations. The field lengths
// do not; they are constants of this package.
type Limits struct {
	// MaxBytes is the largest canonical JSON in UTF-8 bytes; 0 = no limit.
	MaxBytes int
	// StrictOA requires of an oa message what is documented as required:
	// message_url, and text and colour of its head. Widely copied samples leave
	// these out, and nothing depends on them.
	StrictOA bool
}

// Message is one message, immutable and safe for concurrent use.
type Message struct {
	typ       Type
	canonical []byte
	content   content
}

// content is what the eight types have in common.
type content interface {
	write(w *writer)
	title() string
	preview() string
	requiredMedia() []string
	media() []string
	body(links resolver) Body
	render(c *card)
}

// Decode reads one message from its wire form, the JSON object
// {"msgtype":"text","text":{…}}. Unknown fields are ignored.
//
// The JSON must be strictly valid: one value, no duplicate keys, at most
// MaxDepth levels deep and MaxValues values long. A number or boolean is taken
// for its text where a string is expected, JSON text where an object or a list is.
//
// Errors are faults; Field is a path such as "msg.oa.head.bgcolor":
// CodeParameterInvalid (not JSON; NUL, invalid UTF-8 or a lone surrogate
// anywhere), CodeMessageTypeUnknown, CodeMessageIncomplete (the type's object
// or a required field is missing or empty), CodeMessageFieldLong (with the
// limit in characters), CodeMessageFieldBad (present but wrong),
// CodeMessageTooLarge (over lim.MaxBytes).
func Decode(raw []byte, lim Limits) (*Message, error) {
	m, err := decode(raw, decoder{strict: true, strictOA: lim.StrictOA})
	if err != nil {
		return nil, err
	}
	if size := len(m.canonical); lim.MaxBytes > 0 && size > lim.MaxBytes {
		return nil, fault.New(fault.CodeMessageTooLarge,
			"msg is %d bytes, the limit is %d bytes", size, lim.MaxBytes).
			WithField(rootPath).WithLimit(int64(lim.MaxBytes), int64(size))
	}
	return m, nil
}

// Parse reads back a message that Canonical wrote. Neither limits nor required
// fields are checked, so that rules made later never hide what was accepted
// before. The errors are CodeParameterInvalid, CodeMessageTypeUnknown,
// CodeMessageIncomplete and CodeMessageFieldBad, and mean damaged storage.
func Parse(canonical []byte) (*Message, error) { return decode(canonical, decoder{}) }

func decode(raw []byte, by decoder) (*Message, error) {
	d, most := &by, MaxValues
	if !d.strict {
		most = math.MaxInt
	}
	root, f := parseJSON(string(raw), rootPath, most)
	if f != nil {
		return nil, f
	}
	if root.kind != kindObject {
		return nil, fault.New(fault.CodeParameterInvalid, "msg must be a JSON object").WithField(rootPath)
	}
	top := object{d: d, path: rootPath, items: root.items}
	typ, read := d.messageType(top)
	if d.fault != nil {
		return nil, d.fault
	}
	inner, ok := top.object(string(typ))
	if !ok {
		d.fail(fault.New(fault.CodeMessageIncomplete, "%s.%s is required for a message of type %s", rootPath, typ, typ).
			WithField(rootPath + "." + string(typ)))
		return nil, d.fault
	}
	c := read(inner)
	if d.fault != nil {
		return nil, d.fault
	}
	return &Message{typ: typ, canonical: canonicalize(typ, c, len(raw)), content: c}, nil
}

// messageType reads msgtype and chooses the reader of its object.
func (d *decoder) messageType(top object) (Type, func(object) content) {
	v, ok := top.find("msgtype")
	if !ok || v.kind == kindString && v.text == "" {
		d.fail(fault.New(fault.CodeMessageIncomplete, "msg.msgtype is required").WithField("msg.msgtype"))
		return "", nil
	}
	switch typ := Type(v.text); typ {
	case TypeText:
		return typ, readText
	case TypeImage:
		return typ, readImage
	case TypeVoice:
		return typ, readVoice
	case TypeFile:
		return typ, readFile
	case TypeLink:
		return typ, readLinkCard
	case TypeOA:
		return typ, readOA
	case TypeMarkdown:
		return typ, readMarkdown
	case TypeActionCard:
		return typ, readActionCard
	default:
		d.fail(fault.New(fault.CodeMessageTypeUnknown, "msg.msgtype %q is not a known type", clip(oneLine(v.text), 32)).
			WithField("msg.msgtype"))
		return "", nil
	}
}

// Type returns the message's type.
func (m *Message) Type() Type { return m.typ }

// Canonical returns the canonical JSON: the same bytes for the same message,
// whatever order, white space and scalar kinds it was sent with. Decode of it
// gives an equal message. The caller owns the bytes.
func (m *Message) Canonical() []byte { return bytes.Clone(m.canonical) }

// Title returns the message's headline as one plain line without markup; for
// a type or message without one the best line it has, at most 120 characters.
// It is "" for image, voice and file.
func (m *Message) Title() string { return m.content.title() }

// Preview returns the message's content as one plain line without markup, at
// most 120 characters. It is "" for image, voice and file, whose words belong
// to the reader's language.
func (m *Message) Preview() string { return m.content.preview() }

// RequiredMedia returns the media ids that must exist for the message to be
// accepted: those of image, voice and file.
func (m *Message) RequiredMedia() []string { return m.content.requiredMedia() }

// Media returns every media id the message mentions, each once: the required
// ones, link.picUrl, oa.body.image and Markdown pictures. Web addresses are
// not media ids.
func (m *Message) Media() []string { return m.content.media() }

// StatusBar returns the status bar an oa message was sent with, as sent; ok is
// false if there is none.
func (m *Message) StatusBar() (value, bg string, ok bool) {
	oa, isOA := m.content.(*oaCard)
	if !isOA || oa.status.Value == "" {
		return "", "", false
	}
	return oa.status.Value, oa.status.Background, true
}

// Body returns what a client needs beside the HTML of the same options.
func (m *Message) Body(o RenderOptions) Body {
	b := m.content.body(resolver{o.PageURL})
	b.fill(&o)
	return b
}
