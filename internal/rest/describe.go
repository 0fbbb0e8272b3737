package rest

import (
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// texts describes the fields of the types we answer with, some of which other
// rooms own. A test finds fields without a text and texts without a field.
var texts = map[string]map[string]string{
	"Page": {
		"items":       "The messages, newest first.",
		"next_before": "Goes into before for the next page; null at the end.",
		"revision":    "The organization's revision: nothing sent up to it and newer than the page's end is missing.",
	},
	"Item": {
		"message_id":  "One person's copy of the message.",
		"task_id":     "The send, the same for all its recipients.",
		"revision":    "When it was sent, in the organization's order.",
		"app":         "The sender.",
		"type":        "text, image, voice, file, link, oa, markdown or action_card.",
		"title":       "One line of plain text; empty after a recall.",
		"preview":     "One line of plain text; empty after a recall.",
		"html":        "The whole card as safe HTML; empty after a recall.",
		"body":        "What a client needs beside the HTML; empty after a recall.",
		"status_bar":  "The chip on an oa card; null without one and after a recall.",
		"sent_at":     "When it was accepted.",
		"read_at":     "When this person read it first; null if not.",
		"recalled_at": "When it was recalled; null if not.",
	},
	"AppView": {
		"agent_id": "The app's installation in this organization.",
		"name":     "The app's name.",
		"icon":     "Where its icon is; may be empty.",
	},
	"StatusBar": {
		"value":      "What it says.",
		"background": "Its colour.",
	},
	"Body": {
		"link":         "Where the card leads.",
		"links":        "The links in the text, each once, at most 100.",
		"buttons":      "The buttons, in order.",
		"side_by_side": "The buttons stand in one row.",
		"media":        "Every media id mentioned.",
		"image":        "The media id of the card's picture.",
		"voice":        "A recording.",
		"file":         "A file.",
		"attachments":  "How many attachments there are, as the sender wrote it.",
	},
	"Link": {
		"kind":    "What the link opens.",
		"desktop": "The address for a desktop.",
		"mobile":  "The address for a phone.",
		"host":    "The host, as a browser would show it.",
		"slide":   "The sender wants a side panel on a desktop.",
	},
	"Button": {
		"title": "What it says.",
		"link":  "What it opens, if anything.",
	},
	"Voice": {
		"media_id":     "The recording.",
		"duration":     "Its length in seconds.",
		"name":         "Its file's name.",
		"size":         "Its size in bytes.",
		"content_type": "audio/amr, audio/mpeg or audio/wav. Browsers do not play all of them.",
	},
	"File": {
		"media_id":     "The file.",
		"name":         "Its name.",
		"size":         "Its size in bytes.",
		"content_type": "What it is, by its content.",
	},
	"Apps": {
		"items":    "The apps, that of the newest message first, at most 200.",
		"complete": "False when the search ended early: apps whose last message lies far back may be missing or shown with an earlier one.",
	},
	"AppItem": {
		"agent_id":     "The app's installation in this organization; goes into app of the list of messages.",
		"name":         "The app's name.",
		"icon":         "Where its icon is; may be empty.",
		"last_sent_at": "When its newest message to this person was accepted, a recalled one too.",
	},
	"Unread": {
		"count":  "How many messages are unread; counting stops at 100.",
		"by_app": "How many of each app, by agent_id; each counts on to 100, whatever the others have sent.",
	},
	"ReadRequest": {
		"message_ids": "Messages to mark, at most 1,000.",
		"all":         "Mark everything sent up to through.",
		"app":         "With all: only what the app with this agent_id sent, as text or number.",
		"through":     "A revision, as text or number: what the client has shown.",
	},
	"Me": {
		"userid":       "The person, unique in their organization.",
		"name":         "The person's name.",
		"organization": "The person's organization.",
		"roles":        "The person's roles: employee, developer, author, reviewer, auditor, administrator, owner.",
		"pages":        "The pages of the console that have something for the person: templates, reviews. Others may come.",
	},
	"Organization": {
		"corp_id": "The organization's id on the wire.",
		"name":    "The organization's name.",
	},
	"SignInRequest": {
		"link":    "The value of a sign-in link: what stands behind sign-in= in its address.",
		"replace": "End the session of somebody else that this browser has in the link's organization.",
	},
	"SignInHelp": {
		"contact": "Whom to ask; may be empty.",
	},
	"LinkRequest": {
		"link": "The value of a sign-in link.",
	},
	"SignInOffer": {
		"link":    "Whom the link signs in, and where.",
		"current": "Who is signed in to that organization with this browser; null when nobody is.",
	},
	"Tokens": {
		"items": "The tokens, newest first.",
	},
	"Token": {
		"token_id":   "Names the token; it is the part of its value before the last underscore.",
		"name":       "What it was made for.",
		"created_at": "When it was made.",
		"expires_at": "When it ends by itself.",
		"revoked_at": "When it was revoked; null if not.",
		"current":    "It is the token of this request.",
	},
	"SignedIn": {
		"corp_id":           "The organization's id on the wire.",
		"organization_name": "The organization's name.",
		"userid":            "The person, unique in their organization.",
		"name":              "The person's name.",
	},
	"Sessions": {
		"items": "The sessions, newest first.",
	},
	"Session": {
		"session_id": "Names the session.",
		"device":     "Browser and system, as far as they said; may be empty.",
		"created_at": "When the person signed in.",
		"seen_at":    "When it was used last, up to an hour late.",
		"current":    "It is the session of this request.",
	},
	"Memberships": {
		"items": "The organizations, always in the same order.",
	},
	"Membership": {
		"corp_id":   "The organization's id on the wire.",
		"name":      "The organization's name.",
		"userid":    "Who the person is there.",
		"user_name": "The person's name there.",
		"contact":   "Whom to ask who cannot sign in to it; may be empty.",
	},
	"Problem": {
		"title":      "What the status means.",
		"status":     "The HTTP status.",
		"detail":     "What is wrong with this request, in one line.",
		"code":       "The stable name of the refusal.",
		"field":      "The parameter it is about.",
		"limit":      "The limit that was broken.",
		"actual":     "What was given instead.",
		"findings":   "Of a template's form: all its errors, of which detail tells the first.",
		"request_id": "Names this request in the server's log.",
	},
}

// nullable are the fields that are null instead of an object.
var nullable = map[string][]string{"Item": {"status_bar"}, "Version": {"submitted_by", "decided_by"}}

// describe completes what huma derives from the types.
func describe(doc *huma.OpenAPI) {
	schemas := doc.Components.Schemas.Map()
	// Huma enters its own form of error, which nobody gets.
	delete(schemas, "ErrorModel")
	delete(schemas, "ErrorDetail")
	for name, schema := range schemas {
		if !strings.HasSuffix(name, "Request") {
			schema.AdditionalProperties = nil // answers may grow
		}
		for field, property := range schema.Properties {
			if slices.Contains(nullable[name], field) {
				property = &huma.Schema{OneOf: []*huma.Schema{property, {Type: "null"}}}
				schema.Properties[field] = property
			}
			if property.Type == huma.TypeArray {
				property.Nullable = false // an empty list is one
			}
			property.Description = textOf(name, field)
		}
	}
}
