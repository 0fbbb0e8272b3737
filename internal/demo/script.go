package demo

// object is a JSON object of the wire.
type object = map[string]any

// audience is whom a message names: everyone, departments by path, or people.
type audience struct {
	everyone bool
	depts    []string
	users    []string
}

// message is one send of the demo.
type message struct {
	name  string // of the step: unique within the organization
	to    audience
	about string                                 // whom it goes to, in words
	body  func(media func(string) string) object // media turns "image", "voice", "file" into media ids
}

// organization is one sample organization and what is sent there.
type organization struct {
	key      string // names it in demo.json
	name     string
	zone     string
	people   string   // file of its departments and people
	app      string   // the app that is described, for whoever tries things out
	sender   string   // the app in whose name the demo itself sends
	reader   string   // the person whom the printed curl lines address
	greeting string   // text of the printed curl line; the time follows
	trusted  []string // hosts that the sample links lead to
	reviews  bool     // its reviewers decide on the other's third-party app
	image    string   // names of the uploaded files
	voice    string
	file     string
	paper    []string // lines of the uploaded document
	messages []message
	lively   []lively
	past     past
}

// script returns the sample organizations, the first one first.
func script() []organization { return []organization{yunfan(), northwharf()} }

func plain(msgtype string, fields object) func(func(string) string) object {
	return func(func(string) string) object { return object{"msgtype": msgtype, msgtype: fields} }
}

// uploaded is a message that shows the uploaded file of its own type.
func uploaded(msgtype string, fields object) func(func(string) string) object {
	return func(media func(string) string) object {
		with := object{"media_id": media(msgtype)}
		for name, value := range fields {
			with[name] = value
		}
		return object{"msgtype": msgtype, msgtype: with}
	}
}

func rows(pairs ...string) []object {
	var form []object
	for i := 0; i < len(pairs); i += 2 {
		form = append(form, object{"key": pairs[i], "value": pairs[i+1]})
	}
	return form
}

// card is an oa message with a coloured status bar.
func card(head, title, url string, form []object, status, color, author string) object {
	return object{"msgtype": "oa", "oa": object{
		"message_url": url,
		"head":        object{"bgcolor": "FF3E7BFA", "text": head},
		"status_bar":  object{"status_value": status, "status_bg": color},
		"body":        object{"title": title, "form": form, "author": author},
	}}
}

// The colours of status bars that people know from approvals.
const (
	pending = "0xFFFF9D46"
	agreed  = "0xFF78C06E"
	refused = "0xFFF65E5E"
)
