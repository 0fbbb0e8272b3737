package rest

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
	"github.com/tidings-im/tidings/internal/task"
)

// Sends sends by hand; see task.Service.
type Sends interface {
	Plan(ctx context.Context, g policy.Grant, d task.Draft) (task.Plan, error)
	Planned(ctx context.Context, g policy.Grant, d task.Draft, q task.RecipientQuery, after *task.Place, limit int) (task.RecipientPage, error)
	Send(ctx context.Context, g policy.Grant, d task.Draft, seen task.Seen) (taskID int64, err error)
	Test(ctx context.Context, g policy.Grant, d task.Draft) (taskID int64, err error)
}

// sends is what people send by hand.
type sends struct {
	room      Sends
	apps      sendingApps
	inbox     previews
	sent      *tasks
	templates *templates
}

// sendingApps knows who apps are when they send.
type sendingApps interface {
	installations
	// Acting returns who an installation's app is on the wire. CodeAgentUnknown.
	Acting(ctx context.Context, organization, agentID int64) (app.Caller, error)
}

func (s *sends) routes(r route.Table) {
	route.JSON(r, route.Large(route.Post("planSend", "/sends/plan", "Tell what would become of a send", planText)), policy.SendsWrite, s.plan)
	route.JSON(r, route.Large(route.Post("listPlanned", "/sends/plan/recipients", "List the people of a planned send", plannedText)), policy.SendsWrite, s.planned)
	route.JSON(r, route.Created(route.Large(route.Post("sendMessage", "/sends", "Send by hand", sendText))), policy.SendsWrite, s.send)
	route.JSON(r, route.Created(route.Large(route.Post("testMessage", "/sends/test", "Send to oneself", testMessageText))), policy.SendsTest, s.test)
	route.JSON(r, route.Get("listSendable", "/apps/{agent_id}/sendable", "List the templates that can be sent by hand", sendableText), policy.SendsWrite, s.sendable)
}

const (
	planText = "By the rules that decide a send, over what is so at this moment; nothing is written. A message that could not be sent is " +
		"refused as its send would be. Of a template the version in use counts, whatever version is named. Without an audience the card and the template are told alone."
	plannedText = "Those who would get it, those who would be held back, or ids that mean nobody; in the order in which people were entered into the directory."
	sendText    = "In the name of an app, to those whom planSend has told: with other people named, or more than at_most who would get it, it is " +
		"refused with audience_changed, and with another version of the template in use with template_changed. Nothing is sent then. Who reads " +
		"meanwhile what unread_of names is left out, and nothing is refused for it. The same request with the same Idempotency-Key within " +
		"24 hours is the same task, whatever audience_digest and at_most are then. What limits calls, and ids of one call, does not hold here; what " +
		"holds people back does. Only administrators and owners send to everyone, where the app may."
	testMessageText = "As its recipients would see it, to the asker alone. Nothing holds it back, and it counts for no quota. An audience is not looked at."
)

// sendsOf is what is sent in the name of one app.
type sendsOf struct {
	agentID   int64
	app       app.App
	installed app.Agent
	grant     policy.Grant
}

// of checks the right of the route to an app. An app that is not in the asker's
// organization, or is not theirs to know, is like one that is not there.
func (s *sends) of(ctx context.Context, v *route.Visit, agentID string) (sendsOf, error) {
	unknown := fault.New(fault.CodeAgentUnknown, "there is no such app in your organization, or you do not send for it").WithField("agent_id")
	a, g, err := s.apps.Named(ctx, v.Viewer.Organization, agentID)
	if fault.Is(err, fault.CodeAgentUnknown) {
		return sendsOf{}, unknown
	}
	if err != nil {
		return sendsOf{}, err
	}
	of := policy.Resource{Organization: g.Organization, App: a.ID, ThirdParty: a.Kind == app.ThirdParty, ReceivedBy: g.Organization}
	one := sendsOf{agentID: g.ID, app: a, installed: g}
	if one.grant, err = policy.Check(v.Asker, v.Right, of, unknown); err != nil {
		return sendsOf{}, err
	}
	if !a.DisabledAt.IsZero() || !g.DisabledAt.IsZero() || !g.UninstalledAt.IsZero() {
		return sendsOf{}, fault.New(fault.CodeNotInstalled, "the app is switched off, or is not installed any more").WithField("agent_id")
	}
	return one, nil
}

// draft reads a draft, with the asker's right to send it.
func (s *sends) draft(ctx context.Context, v *route.Visit, r *DraftRequest) (policy.Grant, task.Draft, error) {
	of, err := s.of(ctx, v, r.AgentID)
	if err != nil {
		return policy.Grant{}, task.Draft{}, err
	}
	d, err := r.draft()
	d.AgentID = of.agentID
	return of.grant, d, err
}

type planRequest struct{ Body DraftRequest }

type planAnswer struct{ Body SendPlan }

func (s *sends) plan(ctx context.Context, v *route.Visit, in *planRequest) (*planAnswer, error) {
	g, d, err := s.draft(ctx, v, &in.Body)
	if err != nil {
		return nil, err
	}
	p, err := s.room.Plan(ctx, g, d)
	if err != nil {
		return nil, inDraft(err)
	}
	card, err := s.inbox.Preview(ctx, v.Inbox(), d.AgentID, inbox.Sender{}, p.Message)
	if err != nil {
		return nil, err
	}
	return &planAnswer{planOf(&p, card)}, nil
}

// ListPlannedRequest is the body of listPlanned.
type ListPlannedRequest struct {
	DraftRequest
	List  string `json:"list,omitempty" enum:"sent,held,invalid" default:"sent" doc:"The list."`
	Code  string `json:"code,omitempty" maxLength:"64" doc:"Only those held back for this reason; of invalid only ids that are this."`
	After string `json:"after,omitempty" pattern:"^[0-9]{1,10}$" doc:"next_after of the page before this one."`
	Limit int    `json:"limit,omitempty" minimum:"1" maximum:"200" default:"100" doc:"Most people of the page."`
}

type plannedRequest struct{ Body ListPlannedRequest }

func (s *sends) planned(ctx context.Context, v *route.Visit, in *plannedRequest) (*recipientsAnswer, error) {
	g, d, err := s.draft(ctx, v, &in.Body.DraftRequest)
	if err != nil {
		return nil, err
	}
	q := RecipientsQuery{RecipientFilter: RecipientFilter{List: in.Body.List, Code: in.Body.Code}, After: in.Body.After}
	after, err := q.place()
	if err != nil {
		return nil, err
	}
	page, err := s.room.Planned(ctx, g, d, q.query(), after, in.Body.Limit)
	if err != nil {
		return nil, inDraft(err)
	}
	return s.sent.recipientPage(ctx, v, &page)
}

// SendMessageRequest is the body of sendMessage.
type SendMessageRequest struct {
	DraftRequest
	AudienceDigest   string `json:"audience_digest" maxLength:"64" doc:"Of the plan that the sender has seen."`
	AtMost           int64  `json:"at_most" minimum:"0" doc:"How many people would get it by that plan: never more will."`
	OrganizationName string `json:"organization_name,omitempty" maxLength:"256" doc:"The name of the organization, where the plan says must_name_organization."`
}

type sendRequest struct {
	Key  string `header:"Idempotency-Key" required:"true" doc:"Chosen by the sender; the limit is 128 bytes. The same key with the same request is the same task for 24 hours."`
	Body SendMessageRequest
}

func (s *sends) send(ctx context.Context, v *route.Visit, in *sendRequest) (*taskAnswer, error) {
	g, d, err := s.draft(ctx, v, &in.Body.DraftRequest)
	if err != nil {
		return nil, err
	}
	seen := task.Seen{Audience: in.Body.AudienceDigest, AtMost: in.Body.AtMost, Key: in.Key}
	if t := in.Body.Template; t != nil {
		if seen.Version = t.Version; seen.Version == 0 {
			return nil, fault.New(fault.CodeParameterMissing, "template.version is required").WithField("template.version")
		}
	}
	if seen.RequestDigest, err = in.Body.DraftRequest.digest(); err != nil {
		return nil, err
	}
	if given := in.Body.OrganizationName; given != "" {
		ours, err := s.sent.organizations.Organization(ctx, v.Viewer.Organization)
		if err != nil {
			return nil, err
		}
		if seen.NamesOrganization = given == ours.Name; !seen.NamesOrganization {
			return nil, fault.New(fault.CodeOrganizationName, "the organization is not called that").WithField("organization_name")
		}
	}
	id, err := s.room.Send(ctx, g, d, seen)
	return s.answer(ctx, v, id, err)
}

// digest identifies a request that is sent again.
func (r *DraftRequest) digest() ([32]byte, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return [32]byte{}, fmt.Errorf("rest: a draft: %w", err)
	}
	return sha256.Sum256(text), nil
}

func (s *sends) test(ctx context.Context, v *route.Visit, in *planRequest) (*taskAnswer, error) {
	g, d, err := s.draft(ctx, v, &in.Body)
	if err != nil {
		return nil, err
	}
	id, err := s.room.Test(ctx, g, d)
	return s.answer(ctx, v, id, err)
}

// answer tells what has become of a send, as getTask does.
func (s *sends) answer(ctx context.Context, v *route.Visit, id int64, err error) (*taskAnswer, error) {
	if err != nil {
		return nil, inDraft(err)
	}
	one, _, err := s.sent.room.Find(ctx, v.Asker, policy.TasksRead, v.Viewer.Organization, id)
	if err != nil {
		return nil, err
	}
	detail, err := s.sent.detail(ctx, v, one)
	return &taskAnswer{detail}, err
}
