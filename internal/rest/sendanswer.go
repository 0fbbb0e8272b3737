package rest

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/task"
)

// DraftRequest is a notification that somebody writes to send it by hand. It says a
// message or a template, one of the two.
type DraftRequest struct {
	AgentID  string                `json:"agent_id" doc:"The app in whose name it is sent, as it is installed in the asker's organization."`
	Message  MessageObject         `json:"message,omitempty" doc:"A message as apps send it: an object with msgtype, and what belongs to that type below its name."`
	Template *DraftTemplateRequest `json:"template,omitempty" doc:"A template of the app, instead of a message."`
	Audience *AudienceRequest      `json:"audience,omitempty" doc:"Whom it is for."`
}

// DraftTemplateRequest is a template with values.
type DraftTemplateRequest struct {
	TemplateID string            `json:"template_id" pattern:"^[0-9a-f]{32}$" doc:"The template."`
	Version    int               `json:"version,omitempty" minimum:"1" maximum:"1000000" doc:"The version that the sender has seen; sendMessage needs it."`
	Values     map[string]string `json:"values,omitempty" doc:"Values by parameter."`
}

// AudienceRequest is whom a draft is for: everybody who is named in any way, but for those
// taken out.
type AudienceRequest struct {
	Everyone bool            `json:"everyone,omitempty" doc:"Everyone in the app's range."`
	DeptIDs  []string        `json:"dept_ids,omitempty" pattern:"^[0-9]{1,16}$" doc:"Departments, with everybody below them."`
	Userids  []string        `json:"userids,omitempty" doc:"People."`
	UnreadOf *string         `json:"unread_of,omitempty" nullable:"true" pattern:"^[0-9]{1,16}$" doc:"Who has not read this task, of those who got it. Takes the right to see them."`
	Without  *WithoutRequest `json:"without,omitempty" doc:"Who is taken out again, however they were named."`
}

// WithoutRequest is who is taken out of an audience.
type WithoutRequest struct {
	DeptIDs []string `json:"dept_ids,omitempty" pattern:"^[0-9]{1,16}$" doc:"Departments, with everybody below them."`
	Userids []string `json:"userids,omitempty" doc:"People."`
}

// MessageObject is a message as apps send it, for the message room to read.
type MessageObject json.RawMessage

// Schema is that of any object.
func (MessageObject) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

// MarshalJSON writes it as it came.
func (m MessageObject) MarshalJSON() ([]byte, error) { return json.RawMessage(m).MarshalJSON() }

// UnmarshalJSON keeps it as it comes.
func (m *MessageObject) UnmarshalJSON(text []byte) error {
	return (*json.RawMessage)(m).UnmarshalJSON(text)
}

// draft is what was sent to us, but for the app.
func (r *DraftRequest) draft() (d task.Draft, err error) {
	switch {
	case len(r.Message) == 0 && r.Template == nil:
		return d, fault.New(fault.CodeParameterMissing, "a message or a template is required").WithField("message")
	case len(r.Message) > 0 && r.Template != nil:
		return d, fault.New(fault.CodeParameterInvalid, "a message and a template exclude each other").WithField("template")
	case r.Template != nil:
		d.TemplateID, d.Values = r.Template.TemplateID, r.Template.Values
	default:
		d.Message = r.Message
	}
	a := r.Audience
	if a == nil {
		return d, nil
	}
	d.Audience = directory.Audience{Everyone: a.Everyone, DeptIDs: numbers(a.DeptIDs), Userids: a.Userids}
	if w := a.Without; w != nil {
		d.Audience.Without = directory.Without{DeptIDs: numbers(w.DeptIDs), Userids: w.Userids}
	}
	if a.UnreadOf != nil {
		d.UnreadOf, _ = strconv.ParseInt(*a.UnreadOf, 10, 64) // digits by the schema, few enough
		if d.UnreadOf == 0 {
			err = noTask().WithField("audience.unread_of")
		}
	}
	return d, err
}

// numbers reads ids, of which the schema lets only digits pass, and few enough.
func numbers(texts []string) []int64 {
	ids := make([]int64, len(texts))
	for i, text := range texts {
		ids[i], _ = strconv.ParseInt(text, 10, 64)
	}
	return ids
}

// inDraft names in a refusal what it is about as it stands in a draft: the rooms name it
// as the wire does.
func inDraft(err error) error {
	f := fault.From(err)
	if f.Kind == fault.Internal || f.Field == "" {
		return err
	}
	head, tail, _ := strings.Cut(f.Field, ".")
	ours, ok := map[string]string{
		"msg": "message", "data": "template.values", "template_id": "template.template_id", "userid_list": "audience.userids",
		"dept_id_list": "audience.dept_ids", "to_all_user": "audience.everyone",
	}[head]
	if !ok {
		return err
	}
	told := *f
	if told.Field = ours; tail != "" {
		told.Field += "." + tail
	}
	return &told
}

// SendPlan is what would become of a draft at this moment.
type SendPlan struct {
	DirectoryRevision    string              `json:"directory_revision" doc:"How far the directory is, of which the people are; 0 without an audience."`
	AudienceDigest       *string             `json:"audience_digest" doc:"Identifies who is named, for sendMessage; null without an audience."`
	Named                int64               `json:"named" doc:"People: sent and held together."`
	Sent                 int64               `json:"sent" doc:"People who would get it."`
	Held                 []TaskHeld          `json:"held" doc:"Why people would be held back."`
	Invalid              int64               `json:"invalid" doc:"Ids that mean nobody."`
	Departments          []PlannedDepartment `json:"departments" doc:"Where most of those are who would get it, at most ten, most people first."`
	Card                 inbox.Card          `json:"card" doc:"What recipients would see."`
	Template             *TaskTemplate       `json:"template" doc:"The version of the template that would be sent; null for a message."`
	MustNameOrganization bool                `json:"must_name_organization" doc:"It is for everyone, or for more than half of the organization's people, so sendMessage takes organization_name."`
}

// PlannedDepartment is a department with how many of those who would get a send are
// directly in it.
type PlannedDepartment struct {
	DeptID string `json:"dept_id" doc:"The department."`
	Name   string `json:"name" doc:"What it is called."`
	Count  int    `json:"count" doc:"People directly in it."`
}

// planOf writes a plan.
func planOf(p *task.Plan, card inbox.Card) SendPlan {
	answer := SendPlan{DirectoryRevision: "0", Held: make([]TaskHeld, 0, len(p.Held)), Departments: make([]PlannedDepartment, 0, len(p.Departments)), Card: card}
	if p.Use.ID != "" {
		answer.Template = &TaskTemplate{TemplateID: p.Use.ID, Version: p.Use.Version, Name: p.TemplateName}
	}
	to := p.To
	if to == nil {
		return answer
	}
	answer.DirectoryRevision, answer.AudienceDigest = strconv.FormatInt(to.DirectoryRevision, 10), &to.Audience
	answer.Named, answer.Sent, answer.MustNameOrganization = to.Named(), int64(to.Sent.GetCardinality()), to.NamesOrganization
	answer.Invalid = int64(len(to.InvalidUserids) + len(to.InvalidDeptIDs))
	for _, h := range p.Held {
		answer.Held = append(answer.Held, TaskHeld{h.Code, h.Limit, h.Count})
	}
	for _, d := range p.Departments {
		answer.Departments = append(answer.Departments, PlannedDepartment{strconv.FormatInt(d.DeptID, 10), d.Name, d.People})
	}
	return answer
}
