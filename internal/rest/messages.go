package rest

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
)

// messageRoom is what a person has been sent.
type messageRoom interface {
	Page(ctx context.Context, v inbox.Viewer, q inbox.Query) (inbox.Page, error)
	MarkRead(ctx context.Context, v inbox.Viewer, messageIDs []string) error
	MarkAllRead(ctx context.Context, v inbox.Viewer, agent, through int64) error
	Unread(ctx context.Context, v inbox.Viewer) (inbox.Unread, error)
	Apps(ctx context.Context, v inbox.Viewer) (inbox.Apps, error)
}

// messages is the inbox of whoever asks.
type messages struct {
	inbox messageRoom
	live  Streams
	watch *Watch
}

func (m *messages) routes(r route.Table) {
	route.JSON(r, route.Get("listMessages", "/inbox/messages", "List messages, newest first", pagesText), policy.InboxRead, m.page)
	route.JSON(r, route.Empty(route.Post("markRead", "/inbox/read", "Mark messages as read", readText)), policy.InboxMark, m.read)
	route.JSON(r, route.Get("countUnread", "/inbox/unread", "Count unread messages", unreadText), policy.InboxRead, m.unread)
	route.JSON(r, route.Get("listApps", "/inbox/apps", "List the apps that have sent something", appsText), policy.InboxRead, m.apps)
	route.Raw(r, m.eventsRoute(), policy.InboxRead, m.events)
}

const (
	pagesText  = "A page may hold fewer messages than asked for, or none, and not be the last: only next_before says whether there is more."
	unreadText = "Counting stops at 100, for all apps together and for each."
	appsText   = "For a filter: the app of the newest message first."
	readText   = "Either message_ids, or all with through, and with app if it is for one app. Answers when it is stored. " +
		"A message is read once: the first time counts. Ids that are unknown are ignored."
)

type messagesRequest struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"Most messages of the page."`
	Before string `query:"before" doc:"next_before of the page before this one, or a message's revision: what was sent before it."`
	App    int64  `query:"app" minimum:"1" doc:"Only messages of the app with this agent_id."`
	Unread bool   `query:"unread" doc:"Only messages that are neither read nor recalled."`
}

type messagesAnswer struct{ Body inbox.Page }

func (m *messages) page(ctx context.Context, v *route.Visit, in *messagesRequest) (*messagesAnswer, error) {
	page, err := m.inbox.Page(ctx, v.Inbox(), inbox.Query{Limit: in.Limit, Before: in.Before, AgentID: in.App, Unread: in.Unread})
	if page.Items == nil {
		page.Items = []inbox.Item{}
	}
	return &messagesAnswer{page}, err
}

type appsAnswer struct{ Body inbox.Apps }

func (m *messages) apps(ctx context.Context, v *route.Visit, _ *struct{}) (*appsAnswer, error) {
	apps, err := m.inbox.Apps(ctx, v.Inbox())
	if apps.Items == nil {
		apps.Items = []inbox.AppItem{}
	}
	return &appsAnswer{apps}, err
}

// ReadRequest is the body of markRead.
type ReadRequest struct {
	MessageIDs []string  `json:"message_ids,omitempty" doc:"Messages to mark; the limit is 1,000."`
	All        bool      `json:"all,omitempty" doc:"Mark everything sent up to through."`
	Through    *Revision `json:"through,omitempty" doc:"A revision, as text or number: what the client has shown."`
	App        *AgentID  `json:"app,omitempty" doc:"With all: only what the app with this agent_id sent, as text or number."`
}

// Revision is written as text; numbers are understood too.
type Revision int64

// Schema describes both ways to write a revision.
func (Revision) Schema(huma.Registry) *huma.Schema { return textOrNumber(revisionSchema(), 0) }

// UnmarshalJSON reads both.
func (r *Revision) UnmarshalJSON(data []byte) error { return readEither(data, (*int64)(r)) }

// MarshalJSON writes text.
func (r Revision) MarshalJSON() ([]byte, error) { return json.Marshal(strconv.FormatInt(int64(r), 10)) }

// AgentID names an app; it is written as a revision is.
type AgentID int64

// Schema describes both ways to write an agent id.
func (AgentID) Schema(huma.Registry) *huma.Schema {
	return textOrNumber(&huma.Schema{Type: huma.TypeString, Pattern: "^[1-9][0-9]{0,15}$"}, 1)
}

// UnmarshalJSON reads both.
func (a *AgentID) UnmarshalJSON(data []byte) error { return readEither(data, (*int64)(a)) }

// MarshalJSON writes text.
func (a AgentID) MarshalJSON() ([]byte, error) { return json.Marshal(strconv.FormatInt(int64(a), 10)) }

// textOrNumber is the schema of a whole number that may be written as text.
func textOrNumber(text *huma.Schema, least float64) *huma.Schema {
	number := &huma.Schema{Type: huma.TypeInteger, Minimum: &least}
	number.PrecomputeMessages()
	text.PrecomputeMessages()
	return &huma.Schema{OneOf: []*huma.Schema{text, number}}
}

func readEither(data []byte, into *int64) (err error) {
	*into, err = strconv.ParseInt(strings.Trim(string(data), `"`), 10, 64)
	return err
}

type readRequest struct{ Body ReadRequest }

func (m *messages) read(ctx context.Context, v *route.Visit, in *readRequest) (*struct{}, error) {
	switch b := in.Body; {
	case b.App != nil && !b.All:
		return nil, fault.New(fault.CodeParameterInvalid, "app needs all").WithField("app")
	case b.All && b.MessageIDs != nil:
		return nil, fault.New(fault.CodeParameterInvalid, "all and message_ids exclude each other").WithField("all")
	case b.All && b.Through == nil:
		return nil, fault.New(fault.CodeParameterMissing, "all needs through").WithField("through")
	case b.All:
		var agent AgentID // 0 is every app's
		if b.App != nil {
			agent = *b.App
		}
		return nil, m.inbox.MarkAllRead(ctx, v.Inbox(), int64(agent), int64(*b.Through))
	case b.Through != nil:
		return nil, fault.New(fault.CodeParameterInvalid, "through needs all").WithField("through")
	case b.MessageIDs == nil:
		return nil, fault.New(fault.CodeParameterMissing, "message_ids or all is required").WithField("message_ids")
	default:
		return nil, m.inbox.MarkRead(ctx, v.Inbox(), b.MessageIDs)
	}
}

// Unread is the answer of countUnread.
type Unread struct {
	Count int            `json:"count" doc:"How many messages are unread; counting stops at 100."`
	ByApp map[string]int `json:"by_app" doc:"How many of each app, by agent_id; each counts on to 100, whatever the others have sent."`
}

type unreadAnswer struct{ Body Unread }

func (m *messages) unread(ctx context.Context, v *route.Visit, _ *struct{}) (*unreadAnswer, error) {
	u, err := m.inbox.Unread(ctx, v.Inbox())
	if u.ByApp == nil {
		u.ByApp = map[string]int{}
	}
	return &unreadAnswer{Unread{Count: u.Count, ByApp: u.ByApp}}, err
}

// revisionSchema is a revision written as text.
func revisionSchema() *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: `^[0-9]{1,19}$`}
}
