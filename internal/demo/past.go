package demo

import "time"

// past is what an organization was sent in the weeks before the first start of a
// lively demo.
type past struct {
	apps  []pastApp
	sends []pastSend
}

// pastApp is one more internal app.
type pastApp struct {
	role        string // names it in demo.json and in pastSend.app
	name        string
	description string
	depts       []string // whom it may reach; none is everyone
	daily       int      // messages a day for each person; 0 is the organization's limit
	composer    string   // the person who sends with it by hand, beside administrators
}

// The roles of apps that send in the past, beside those of pastApp.
const (
	newsRole  = "sender" // the app in whose name the demo itself sends
	suiteRole = "suite"  // the third-party app
)

// pastSend is one notification of the past.
type pastSend struct {
	day  int    // of the working days, the first is 0
	at   int    // time of day: 1504 is 15:04
	app  string // role of the app
	to   audience
	read int // how many of a hundred read it

	body     func(media func(string) string) object
	template string // sample.key instead of body, with its values
	values   map[string]string

	hand    string // the person who sent it in the console; "" is the app
	changes []pastChange
}

// pastChange is what becomes of a notification later.
type pastChange struct {
	after         time.Duration
	status, color string // of the status bar; "" is a recall
	hand          string // the person who did it in the console; "" is the app
}

// pastDays is how many working days the past has: four weeks.
const pastDays = 20

// more says something about a notification that few have.
type more func(*pastSend)

func told(day, at int, app string, to audience, read int, body func(func(string) string) object, and ...more) pastSend {
	p := pastSend{day: day, at: at, app: app, to: to, read: read, body: body}
	for _, say := range and {
		say(&p)
	}
	return p
}

func filled(day, at int, to audience, read int, template string, values map[string]string, and ...more) pastSend {
	p := told(day, at, suiteRole, to, read, nil, and...)
	p.template, p.values = template, values
	return p
}

func byHand(userid string) more { return func(p *pastSend) { p.hand = userid } }

func recalled(after time.Duration, userid string) more { return becomes(after, "", "", userid) }

func becomes(after time.Duration, status, color, userid string) more {
	return func(p *pastSend) { p.changes = append(p.changes, pastChange{after, status, color, userid}) }
}

func toAll() audience                    { return audience{everyone: true} }
func toDepts(paths ...string) audience   { return audience{depts: paths} }
func toUsers(userids ...string) audience { return audience{users: userids} }

func plainText(content string) func(func(string) string) object {
	return plain("text", object{"content": content})
}

func markdown(title, text string) func(func(string) string) object {
	return plain("markdown", object{"title": title, "text": text})
}

func button(title, text, label, url string) func(func(string) string) object {
	return plain("action_card", object{"title": title, "markdown": text, "single_title": label, "single_url": url})
}

func linkTo(url, title, text string) func(func(string) string) object {
	return func(media func(string) string) object {
		return object{"msgtype": "link", "link": object{"messageUrl": url, "picUrl": media("image"), "title": title, "text": text}}
	}
}

func form(head, title, url, status, color, author string, pairs ...string) func(func(string) string) object {
	return func(func(string) string) object { return card(head, title, url, rows(pairs...), status, color, author) }
}
