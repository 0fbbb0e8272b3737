package client

import "encoding/json"

// Message is what an app sends: one of the types below, or Raw. The server says
// which fields a type needs and how long they may be
// (docs/contract.md#messages).
type Message interface {
	// wire returns msgtype and the object under its name, or "" and the whole msg.
	wire() (kind string, body any)
}

// wireMessage writes msg.
func wireMessage(m Message) any {
	kind, body := m.wire()
	if kind == "" {
		return body
	}
	return map[string]any{"msgtype": kind, kind: body}
}

type raw struct{ msg any }

func (r raw) wire() (string, any) { return "", r.msg }

// Raw is a message written by hand: msg is the whole of it, as json.RawMessage or
// anything else that encoding/json writes as {"msgtype":T,"T":{…}}.
func Raw(msg any) Message { return raw{msg} }

// Text is a message of plain text.
type Text struct {
	Content string `json:"content"`
}

func (m Text) wire() (string, any) { return "text", m }

// Image is an uploaded picture.
type Image struct {
	MediaID string `json:"media_id"`
}

func (m Image) wire() (string, any) { return "image", m }

// Voice is an uploaded recording.
type Voice struct {
	MediaID  string `json:"media_id"`
	Duration int    `json:"duration"` // in seconds, 1 to 59
}

func (m Voice) wire() (string, any) { return "voice", m }

// File is an uploaded file.
type File struct {
	MediaID string `json:"media_id"`
}

func (m File) wire() (string, any) { return "file", m }

// Link is a card that opens a page.
type Link struct {
	URL     string `json:"messageUrl"`
	Picture string `json:"picUrl"` // a media id or an address
	Title   string `json:"title"`
	Text    string `json:"text"`
}

func (m Link) wire() (string, any) { return "link", m }

// Markdown is a formatted text.
type Markdown struct {
	Title string `json:"title"` // what lists and notices show
	Text  string `json:"text"`
}

func (m Markdown) wire() (string, any) { return "markdown", m }

// ActionCard is a formatted text with one button, SingleTitle and SingleURL, or
// several.
type ActionCard struct {
	Title       string   `json:"title,omitempty"`
	Markdown    string   `json:"markdown"`
	SingleTitle string   `json:"single_title,omitempty"`
	SingleURL   string   `json:"single_url,omitempty"`
	SideBySide  bool     `json:"-"` // of several buttons
	Buttons     []Button `json:"-"`
}

// Button is one of several on an action card.
type Button struct {
	Title string `json:"title"`
	URL   string `json:"action_url"`
}

func (m ActionCard) wire() (string, any) { return "action_card", m }

// MarshalJSON writes the buttons with their orientation, which cards of a single
// button must not have.
func (m ActionCard) MarshalJSON() ([]byte, error) {
	type card ActionCard
	if len(m.Buttons) == 0 {
		return json.Marshal(card(m))
	}
	orientation := "0"
	if m.SideBySide {
		orientation = "1"
	}
	return json.Marshal(struct {
		card
		Orientation string   `json:"btn_orientation"`
		List        []Button `json:"btn_json_list"`
	}{card(m), orientation, m.Buttons})
}

// OA is a form card, such as an approval.
type OA struct {
	URL       string     `json:"message_url,omitempty"`
	PCURL     string     `json:"pc_message_url,omitempty"` // instead of URL where there is a large screen
	Head      OAHead     `json:"head"`
	StatusBar *StatusBar `json:"status_bar,omitempty"`
	Body      OABody     `json:"body"`
}

// OAHead is the head of a form card. Cards show the app's name, whatever Text says.
type OAHead struct {
	Background string `json:"bgcolor,omitempty"` // AARRGGBB
	Text       string `json:"text,omitempty"`
}

// OABody is what a form card says.
type OABody struct {
	Title     string    `json:"title,omitempty"`
	Form      []OAField `json:"form,omitempty"`
	Rich      *OARich   `json:"rich,omitempty"`
	Content   string    `json:"content,omitempty"`
	Image     string    `json:"image,omitempty"` // a media id or an address
	FileCount string    `json:"file_count,omitempty"`
	Author    string    `json:"author,omitempty"`
}

// OAField is a line of a form card.
type OAField struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// OARich is the large number of a form card.
type OARich struct {
	Num  string `json:"num"`
	Unit string `json:"unit,omitempty"`
}

// StatusBar is the coloured line of a form card.
type StatusBar struct {
	Value      string `json:"status_value"`
	Background string `json:"status_bg,omitempty"` // 0xAARRGGBB
}

func (m OA) wire() (string, any) { return "oa", m }
