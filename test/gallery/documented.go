package main

import (
	"context"
	"fmt"

	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/template"
)

// documented is one picture of docs/gallery: a message, or a template and the values
// it is sent with.
type documented struct {
	name    string // of the picture's file
	title   string
	about   string // what it is for
	message object // as a program sends it; of templates nil
	form    template.Form
	values  template.Values
}

// documentation is what docs/gallery shows: every message type, and every kind of
// template.
func documentation() []documented {
	return append(documentedTypes(), documentedTemplates()...)
}

func documentedTypes() []documented {
	return []documented{
		{
			name: "text", title: "text", about: "Plain text; web addresses in it can be opened.",
			message: text("Network maintenance this Friday, 18:30 to 21:00. Please save your work before. https://trusted.example.com/notice"),
		},
		{
			name: "image", title: "image", about: "A picture that was uploaded before, named by its media id.",
			message: of("image", object{"media_id": "@poster.svg"}),
		},
		{
			name: "voice", title: "voice", about: "An uploaded recording with its length in seconds.",
			message: of("voice", object{"media_id": "@voice.wav", "duration": "2"}),
		},
		{
			name: "file", title: "file", about: "An uploaded file, to be downloaded.",
			message: of("file", object{"media_id": "@table.xlsx"}),
		},
		{
			name: "link", title: "link", about: "A page with a title, a line of text and a picture.",
			message: link("New course: secure coding", "Three lessons of half an hour each. Pass the test this month and earn 20 points.", "@poster.svg", trusted),
		},
		{
			name: "oa", title: "oa", about: "Rows of a form with a coloured head and a status bar that can be changed later.",
			message: oa(head("FF3E7BFA"), bar("Waiting for approval", "0xFFFF9D46"), object{
				"title": "Annual leave of Dana Kowalski", "form": []object{
					{"key": "Kind:", "value": "Annual leave"},
					{"key": "From:", "value": "7 December, morning"},
					{"key": "To:", "value": "9 December, afternoon"},
					{"key": "Days:", "value": "3"},
				}, "author": "Dana Kowalski",
			}),
		},
		{
			name: "markdown", title: "markdown", about: "Headings, lists, quotations, tables, links and pictures.",
			message: markdown("Release", "### Release: order service 3.8.0\n\n**Tonight**, 22:00 to 22:30\n\n- stock is checked after the order is taken\n- dates across time zones\n\n> Rolling back was rehearsed.\n\n[What changes](https://trusted.example.com/release/380)"),
		},
		{
			name: "action-card", title: "action_card, one overall jump", about: "The whole card leads to one place.",
			message: of("action_card", object{"title": "Check-up", "markdown": "### Yearly check-up\n\nChoose a clinic and a day before **30 November**.", "single_title": "Choose now", "single_url": trusted}),
		},
		{
			name: "action-card-buttons", title: "action_card, individual jumps", about: "Each button leads to a place of its own, side by side or one above the other.",
			message: of("action_card", object{"title": "Purchase", "markdown": "### Purchase request\n\nTwelve monitors for the new office, 4,800.00.", "btn_orientation": "1", "btn_json_list": []object{
				{"title": "Agree", "action_url": trusted}, {"title": "Refuse", "action_url": foreign},
			}}),
		},
	}
}

func documentedTemplates() []documented {
	return []documented{
		{
			name: "template-markdown", title: "Markdown", about: "A text with parameters.",
			form: template.Form{
				Kind: template.KindMarkdown, Name: "Order shipped", UseCase: "Tells a buyer that an order has left.", Title: "Your order is on its way",
				Content:    "**Your order is on its way**\n\n- Order: ${order}\n- Expected: ${arrival}",
				Parameters: []template.Parameter{{Name: "order", Description: "number of the order", Sample: "SO-1"}, {Name: "arrival", Description: "day it is expected", Sample: "Monday"}},
			},
			values: template.Values{"order": "SO-20418", "arrival": "3 December"},
		},
		{
			name: "template-action-card", title: "ActionCard, one overall jump", about: "A text that leads somewhere as a whole.",
			form: template.Form{
				Kind: template.KindActionCard, Name: "Delivery today", UseCase: "Reminds whoever takes the goods in.", Title: "Your delivery arrives today",
				Content:    "**Arriving today**\n\n- Between: ${window}\n\n> Somebody has to sign for it.",
				Actions:    []template.Action{{Title: "Follow it", URL: trusted}},
				Parameters: []template.Parameter{{Name: "window", Description: "when it arrives", Sample: "14:00–16:00"}},
			},
			values: template.Values{"window": "14:00–16:00"},
		},
		{
			name: "template-action-card-buttons", title: "ActionCard, individual jumps", about: "Up to ten buttons, each with a place of its own.",
			form: template.Form{
				Kind: template.KindActionCard, Name: "First day", UseCase: "Sent to somebody new, the day before they begin.", Title: "Welcome aboard",
				Content:    "**Welcome, ${name}**\n\n- Start: ${start}",
				Actions:    []template.Action{{Title: "Checklist", URL: trusted}, {Title: "First week", URL: trusted + "/week"}},
				SideBySide: true,
				Parameters: []template.Parameter{{Name: "name", Description: "who begins", Sample: "Jo"}, {Name: "start", Description: "when", Sample: "Monday"}},
			},
			values: template.Values{"name": "Dana", "start": "Monday, 9:00"},
		},
		{
			name: "template-form", title: "Form", about: "Rows of a form, as of approvals; it leads somewhere as a whole.",
			form: template.Form{
				Kind: template.KindForm, Name: "Delivery receipt", UseCase: "Sent to whoever ordered.", HeadText: "Signed", HeadColor: "FF0958D9",
				Title: "Delivery signed for", Content: "Tell us within three days if anything is missing.",
				Rows:       []template.Row{{Key: "Order:", Value: "${order}"}, {Key: "By:", Value: "${signer}"}},
				MobileLink: trusted,
				Parameters: []template.Parameter{{Name: "order", Description: "number of the order", Sample: "SO-1"}, {Name: "signer", Description: "who signed", Sample: "Jo"}},
			},
			values: template.Values{"order": "SO-20418", "signer": "Piotr Nowak"},
		},
	}
}

// decode makes the message that people get.
func (d documented) decode(ctx context.Context) (*message.Message, error) {
	if d.message != nil {
		return decode(d.message)
	}
	findings, err := template.Lint(ctx, d.form)
	if err != nil {
		return nil, err
	}
	for _, f := range findings {
		return nil, fmt.Errorf("a template without findings is to be shown: %s: %s", f.Field, f.Rule)
	}
	t, err := template.Compile(ctx, d.form)
	if err != nil {
		return nil, err
	}
	return t.Message(d.values, nil, message.Limits{})
}
