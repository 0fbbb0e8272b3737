package rest

import "strings"

// textOf returns the text of a field. What is sent to us as it is answered is
// described once.
func textOf(schema, field string) string {
	if text := texts[schema][field]; text != "" {
		return text
	}
	if text := templateTexts[schema][field]; text != "" {
		return text
	}
	return templateTexts[strings.TrimSuffix(schema, "Request")][field]
}

// templateTexts is the part of texts about templates.
var templateTexts = map[string]map[string]string{
	"Form": {
		"kind":         "markdown (a text), action_card (a text that leads somewhere) or form (rows of a form, as of approvals).",
		"name":         "For people who manage templates, at most 64 characters.",
		"use_case":     "For whoever reviews it, at most 500 characters.",
		"title":        "Without parameters, at most 64 characters, 50 of a form.",
		"content":      "Markdown, at most 5,000 characters; of a form plain text, at most 1,000. A parameter is written ${name}.",
		"image":        "The media id or web address of a picture above the content.",
		"actions":      "Of action cards: one leads there from the whole card, up to ten are buttons.",
		"side_by_side": "The buttons stand in one row.",
		"head_text":    "Of forms: what the strip at the top says, at most 10 characters.",
		"head_color":   "Of forms: the colour of the strip, AARRGGBB.",
		"rows":         "Of forms: the rows, at most 20.",
		"mobile_url":   "Of forms: where the card leads on a phone.",
		"pc_url":       "Of forms: where the card leads on a desktop, if elsewhere.",
		"parameters":   "What senders fill in, at most 20. All that stand in the texts must be described here.",
	},
	"Action": {
		"title": "What it says, at most 20 characters, with parameters.",
		"url":   "What it opens, with parameters.",
	},
	"Row": {
		"key":   "What the row is about, at most 64 characters, with parameters.",
		"value": "At most 500 characters, with parameters.",
	},
	"Parameter": {
		"name":        "Letters, digits and underscores, not beginning with a digit.",
		"description": "What senders fill in.",
		"sample":      "A value that could be sent. Previews show it.",
		"max_length":  "The longest value in characters; 0 for what the field takes.",
		"hosts":       "Where a link may lead whose host the parameter decides. Without them it never decides where a link leads.",
	},
	"Finding": {
		"rule":     "The stable name of what it is about.",
		"severity": "error, which keeps the form from being submitted, or warning.",
		"field":    "Where it is, such as content or rows[2].value.",
		"line":     "The line of a Markdown text, from 1.",
		"text":     "What is wrong.",
		"cure":     "What to do about it.",
	},
	"Lint": {
		"findings":   "What is wrong with the form, in the order of its fields, at most 100; none if nothing is.",
		"parameters": "The parameters that stand in the form's texts, each once, described or not.",
	},
	"Card": {
		"app":     "The sender it would have.",
		"type":    "markdown, action_card or oa.",
		"title":   "One line of plain text.",
		"preview": "One line of plain text.",
		"html":    "The whole card as safe HTML.",
		"body":    "What a client needs beside the HTML.",
	},
	"TemplateList": {
		"items": "The templates, oldest first, without their forms.",
	},
	"Template": {
		"template_id":  "Names the template, also for senders.",
		"agent_id":     "The installation of the app that it was asked for by.",
		"name":         "Its newest version's name.",
		"kind":         "Its newest version's kind.",
		"state":        "The newest version's: draft, in_review, approved or rejected; disabled when that is approved and out of use.",
		"enabled":      "It can be sent.",
		"live_version": "The version that is sent; null before the first was approved.",
		"created_at":   "When it was created.",
		"disabled_at":  "When it was taken out of use; null if it was not.",
		"newest":       "Its newest version, of those that the asker may see.",
		"may":          "What the asker may do with it.",
	},
	"May": {
		"write":  "Save, submit, withdraw, enable, disable, clone, test and delete it, as its state allows.",
		"review": "Approve or reject the newest version now.",
	},
	"VersionList": {
		"items": "The versions, newest first, without their forms.",
	},
	"Version": {
		"number":       "From 1.",
		"state":        "draft, in_review, approved, rejected or withdrawn.",
		"edition":      "How often the draft was saved, from 1. Goes into edition of saveTemplate and submitTemplate.",
		"form":         "What was written; not in lists.",
		"authors":      "Who wrote what nobody has approved yet.",
		"created_at":   "When it began.",
		"saved_at":     "When it was saved last.",
		"submitted_at": "When it was submitted; null if not.",
		"submitted_by": "Who submitted it; null if nobody did.",
		"decided_at":   "When it was approved or rejected; null if not.",
		"decided_by":   "Who decided; null if nobody did.",
		"reason":       "Why it was rejected; empty unless it was.",
	},
	"Person": {
		"userid":            "The person, unique in their organization. Those whose data was erased have a stand-in. Empty for the operator and for people of other organizations than the asker's.",
		"name":              "The person's name; empty for the operator and for people of other organizations than the asker's.",
		"corp_id":           "The person's organization; empty for the operator.",
		"organization_name": "The organization's name; empty for the operator.",
		"operator":          "It is nobody of an organization, but whoever runs the server.",
	},
	"Difference": {
		"against": "The version it was compared with; null for an empty form.",
		"changes": "The fields that differ.",
	},
	"Change": {
		"field":  "Such as title, rows[2].value or parameters.who.sample.",
		"before": "What it was; empty if it was not there.",
		"after":  "What it is; empty if it is not there.",
	},
	"TemplateLog": {
		"items": "The steps, oldest first.",
	},
	"LogEntry": {
		"action":  "The stable name of the step, such as template.submit.",
		"version": "The version it was about.",
		"note":    "Such as the reason of a rejection, or what a clone was made of; may be empty.",
		"at":      "When it was taken.",
		"by":      "Who took it.",
		"console": "The operator took it in the person's name.",
	},
	"TemplateReviews": {
		"items": "What waits, longest first.",
	},
	"TemplateReview": {
		"agent_id":      "Goes into the paths of the template.",
		"app_name":      "The app's name.",
		"provider_name": "The name of the organization that the app belongs to.",
		"template":      "The template; newest is the version that waits.",
	},
	"TestSent": {
		"task_id": "The send.",
	},
	"SaveRequest": {
		"form":    "The whole form.",
		"edition": "The draft's edition as it was read. Without it whatever the draft is will be overwritten.",
	},
	"SubmitRequest": {
		"edition": "The draft's edition as it was read. Without it the draft is submitted as it is.",
	},
	"CloneRequest": {
		"version": "The version whose form is taken; without it the newest.",
	},
	"RejectRequest": {
		"reason": "Why, so that the author can do better.",
	},
	"PreviewRequest": {
		"form":   "The form, stored or not.",
		"values": "Values by parameter, as a sender would give them.",
	},
	"ValuesRequest": {
		"values": "Values by parameter, as a sender would give them.",
	},
}
