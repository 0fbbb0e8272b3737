package rest_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/template"
)

// Each organization of the house has an internal app, installed under the
// organization's number, with one template.
const (
	ourAgent    = "1"
	ourTemplate = "0123456789abcdef0123456789abcdef"
)

// ourForm is a form without errors, as it is sent.
const ourForm = `{"kind":"markdown","name":"n","use_case":"u","title":"t","content":"Hello, ${who}","parameters":[{"name":"who","description":"d","sample":"Ann"}]}`

func (h *house) Named(_ context.Context, _ int64, named string) (app.App, app.Agent, error) {
	if err := h.note("app"); err != nil {
		return app.App{}, app.Agent{}, err
	}
	agentID, err := strconv.ParseInt(named, 10, 64)
	if err != nil || agentID > 2 || strconv.FormatInt(agentID, 10) != named {
		return app.App{}, app.Agent{}, fault.New(fault.CodeAgentUnknown, "agent %s is not there", named)
	}
	a := app.App{Organization: agentID, ID: agentID, Kind: app.Internal, Name: secret(agentID)}
	return a, app.Agent{Organization: agentID, ID: agentID}, nil
}

func (h *house) AgentIn(_ context.Context, a app.App, organization int64) (app.Agent, bool, error) {
	return app.Agent{Organization: organization, ID: a.ID}, a.Organization == organization, nil
}

func (h *house) ByHand(_ context.Context, asker policy.Asker) ([]app.ByHand, error) {
	one := app.ByHand{App: app.App{Kind: app.Internal}, Agent: app.Agent{ID: 7}, Direct: true}
	return []app.ByHand{one}, h.note("by hand " + strconv.FormatInt(asker.By.Organization, 10))
}

func (h *house) Find(ctx context.Context, organization int64, named string) (app.Known, error) {
	if err := h.note("app"); err != nil || named != strconv.FormatInt(organization, 10) {
		return app.Known{}, cmp.Or(err, error(fault.New(fault.CodeAgentUnknown, "there is no such app")))
	}
	known, err := h.Known(ctx, organization)
	return known[0], err
}

func (h *house) SaveRange(_ context.Context, _ audit.By, organization, agentID, edition int64, r directory.Range) error {
	return h.note(fmt.Sprint("range ", organization, " ", agentID, " ", edition, " ", r))
}

func (h *house) SaveGranted(_ context.Context, _ audit.By, organization, agentID, edition int64, to app.Granted) error {
	return h.note(fmt.Sprint("grants ", organization, " ", agentID, " ", edition, " ", to))
}

func (h *house) CreateInternal(_ context.Context, _ audit.By, organization int64, n app.NewApp) (app.App, app.Agent, string, error) {
	return app.App{}, app.Agent{}, "", h.note(fmt.Sprint("create app ", organization, n.Name))
}

func (h *house) SaveProfile(_ context.Context, _ audit.By, organization, appID, edition int64, p app.Profile) error {
	return h.note(fmt.Sprint("profile ", organization, appID, edition, p.Name))
}

func (h *house) Secrets(_ context.Context, organization, appID int64) ([]app.Secret, error) {
	return []app.Secret{{ID: 3, CreatedBy: audit.Person(organization, 1)}}, h.note(fmt.Sprint("secrets ", organization, appID))
}

func (h *house) AddSecret(_ context.Context, _ audit.By, organization, appID int64) (app.Secret, string, error) {
	return app.Secret{ID: 3}, "", h.note(fmt.Sprint("add secret ", organization, appID))
}

func (h *house) EndSecret(_ context.Context, _ audit.By, organization, appID, secretID int64) error {
	return h.note(fmt.Sprint("end secret ", organization, appID, secretID))
}

func (h *house) TicketAge(context.Context, int64, int64) (app.TicketAge, error) {
	return app.TicketAge{}, nil
}

func (h *house) Followed(context.Context) bool { return true }

func (h *house) Limits(_ context.Context, a app.App, _ app.Agent) (app.AgentLimits, error) {
	return app.AgentLimits{Own: json.RawMessage(`{"of":"` + secret(a.Organization) + `"}`)}, h.note(fmt.Sprint("limits ", a.Organization))
}

func (h *house) SaveLimits(_ context.Context, _ audit.By, organization, agentID, edition int64, own json.RawMessage) error {
	return h.note(fmt.Sprint("save limits ", organization, agentID, edition, string(own)))
}

func (h *house) Nowhere(context.Context, int64) ([]app.Known, error) { return nil, nil }

func (h *house) Installations(_ context.Context, a app.App) ([]app.Agent, error) {
	return []app.Agent{{ID: 1, Organization: a.Organization}}, h.note(fmt.Sprint("installations ", a.Organization))
}

func (h *house) InstallByKey(_ context.Context, _ audit.By, organization int64, suiteKey string, _ app.Installation) (app.Known, error) {
	err := h.note(fmt.Sprint("install ", organization, suiteKey))
	if err != nil {
		return app.Known{}, err
	}
	known, err := h.Known(context.Background(), organization)
	return known[0], err
}

func (h *house) Uninstall(_ context.Context, _ audit.By, organization, agentID int64) error {
	return h.note(fmt.Sprint("uninstall ", organization, agentID))
}

func (h *house) SwitchApp(_ context.Context, _ audit.By, organization int64, k app.Known, on bool) error {
	return h.note(fmt.Sprint("switch ", organization, " ", k.Agent.ID, " ", on))
}

func (h *house) Ordinal(_ int64, userid string) (uint32, bool) { return 5, userid == "ann" }

func (h *house) Resolve(context.Context, int64, directory.Audience, directory.Range) (directory.Resolved, error) {
	return directory.Resolved{Recipients: roaring.BitmapOf(5)}, h.note("resolve")
}

func (h *house) Known(_ context.Context, organization int64) ([]app.Known, error) {
	other := app.App{Organization: 9 - organization, ID: 5, Kind: app.ThirdParty, Name: "Orders of " + secret(organization), DisabledAt: time.Unix(1, 0)}
	own := app.App{Organization: organization, ID: 1, Kind: app.Internal, Name: secret(organization), Icon: "@icon", Scopes: []string{app.ScopeContacts}}
	if h.ownerless {
		own.ID = 3
	}
	return []app.Known{
		{App: own, Agent: app.Agent{Organization: organization, ID: 1}}, {App: other, Agent: app.Agent{Organization: organization, ID: 6}},
	}, h.note("known")
}

func (h *house) Address(_ context.Context, _, provider, _ int64) (string, error) {
	return strconv.FormatInt(provider, 10), h.note("address")
}

func (h *house) Preview(_ context.Context, v inbox.Viewer, agentID int64, otherwise inbox.Sender, m *message.Message) (inbox.Card, error) {
	card := inbox.Card{Type: string(m.Type()), HTML: m.HTML(message.RenderOptions{}), Title: m.Title()}
	card.App.Name = secret(v.Organization)
	return card, h.note(fmt.Sprintf("preview %d %d %s", v.Organization, agentID, otherwise.Name))
}

func (h *house) PeopleByOrdinal(_ context.Context, organization int64, ordinals []uint32) (map[uint32]directory.User, error) {
	people := map[uint32]directory.User{}
	for _, o := range ordinals {
		people[o] = directory.User{Ordinal: o, Userid: fmt.Sprintf("u%d", o), Name: secret(organization)}
	}
	return people, h.note("people")
}

func (h *house) Granters(_ context.Context, organization int64, some int) ([]directory.User, error) {
	return []directory.User{{Userid: "boss", Name: secret(organization)}}[:min(some, 1)], h.note("granters")
}

func (h *house) Names(_ context.Context, organization int64, userids []string, _ []int64) (map[string]string, map[int64]string, error) {
	names := map[string]string{}
	for _, u := range userids {
		names[u] = "Ann of " + secret(organization)
	}
	return names, nil, h.note("names")
}

// shelf is the templates of the house. It notes each step with whose app it is.
type shelf struct{ *house }

func (s shelf) one(a policy.Resource) review.Template {
	at := time.Unix(1_700_000_000, 0).UTC()
	t := review.Template{Organization: a.Organization, AppID: a.App, ID: ourTemplate, CreatedAt: at, Live: 1}
	t.Newest = review.Version{
		Number: 2, State: review.InReview, Edition: 3, CreatedAt: at, SavedAt: at, SubmittedAt: at,
		SubmittedBy: audit.Person(3, 9),
		Authors:     []audit.Actor{audit.Person(a.Organization, 7), audit.Operator()},
		Form: template.Form{
			Kind: template.KindMarkdown, Name: secret(a.Organization), UseCase: "u", Title: "t", Content: "Hello, ${" + secret(a.Organization) + "}",
			Parameters: []template.Parameter{{Name: secret(a.Organization), Description: "d", Sample: "Ann"}},
		},
	}
	return t
}

func (s shelf) step(what string, g policy.Grant, more ...any) (review.Template, error) {
	by, a := g.By(), g.Resource()
	return s.one(a), s.note(fmt.Sprint(append([]any{what, " ", by.Organization, "/", by.Ordinal, " ", a.App}, more...)...))
}

func (s shelf) Create(_ context.Context, g policy.Grant, f template.Form) (review.Template, error) {
	return s.step("create", g, " ", f.Content)
}

func (s shelf) Clone(_ context.Context, g policy.Grant, _ string, number int) (review.Template, error) {
	return s.step("clone", g, " ", number)
}

func (s shelf) Save(_ context.Context, g policy.Grant, _ string, f template.Form, edition int) (review.Template, error) {
	return s.step("save", g, " ", f.Content, " ", edition)
}

func (s shelf) Discard(_ context.Context, g policy.Grant, _ string, edition int) (review.Template, error) {
	return s.step("discard", g, " ", edition)
}

func (s shelf) Submit(_ context.Context, g policy.Grant, _ string, edition int) (review.Template, error) {
	return s.step("submit", g, " ", edition)
}

func (s shelf) Withdraw(_ context.Context, g policy.Grant, _ string) (review.Template, error) {
	return s.step("withdraw", g)
}

func (s shelf) Enable(_ context.Context, g policy.Grant, _ string) (review.Template, error) {
	return s.step("enable", g)
}

func (s shelf) Disable(_ context.Context, g policy.Grant, _ string) (review.Template, error) {
	return s.step("disable", g)
}

func (s shelf) Delete(_ context.Context, g policy.Grant, _ string) error {
	_, err := s.step("delete", g)
	return err
}

func (s shelf) Approve(_ context.Context, g policy.Grant, _ string, number int) (review.Template, error) {
	return s.step("approve", g, " ", number)
}

func (s shelf) Reject(_ context.Context, g policy.Grant, _ string, number int, reason string) (review.Template, error) {
	return s.step("reject", g, " ", number, " ", reason)
}

func (s shelf) Test(_ context.Context, g policy.Grant, _ string, number int, given template.Values) (int64, error) {
	_, err := s.step("test", g, " ", number, " ", len(given))
	return 1<<60 + 1, err
}

func (s shelf) Templates(_ context.Context, g policy.Grant) ([]review.Template, error) {
	t, err := s.step("templates", g)
	return []review.Template{t}, err
}

func (s shelf) Sendable(_ context.Context, g policy.Grant, _ policy.Resource, each func(review.Template) error) error {
	t, err := s.step("sendable", g)
	if err != nil {
		return err
	}
	return each(t)
}

func (h *house) Acting(_ context.Context, organization, agentID int64) (app.Caller, error) {
	limits := policy.Limits{Preset: policy.Standard, TemplatesForInternalApps: true}
	return app.Caller{Organization: organization, AgentID: agentID, Limits: limits}, h.note("acting")
}

func (s shelf) All(_ context.Context, g policy.Grant, q review.Query) (review.Page, error) {
	of := g.Resource()
	of.App = cmp.Or(of.App, of.Organization)
	enabled := ""
	if q.Enabled != nil {
		enabled = fmt.Sprint(*q.Enabled)
	}
	place := ""
	if q.Before.ID != "" {
		place = fmt.Sprintf("%d %s", q.Before.At.UnixMilli(), q.Before.ID)
	}
	_, err := s.step("all", g, fmt.Sprintf(" %s,%s,%s,%t,%s,%s,%d", q.Kind, q.State, enabled, q.Mine, q.Text, place, q.Limit))
	t := s.one(of)
	t.Newest.Authors = nil
	return review.Page{Items: []review.Template{t}, Next: review.Place{At: t.CreatedAt, ID: t.ID}, ExaminedTo: t.CreatedAt}, err
}

func (s shelf) Of(ctx context.Context, g policy.Grant, q review.Query) (review.Page, error) {
	return s.All(ctx, g, q)
}

func (s shelf) Template(_ context.Context, g policy.Grant, _ string) (review.Template, error) {
	return s.step("template", g)
}

func (s shelf) Versions(_ context.Context, g policy.Grant, _ string) ([]review.Version, error) {
	t, err := s.step("versions", g)
	return []review.Version{t.Newest}, err
}

func (s shelf) Version(_ context.Context, g policy.Grant, _ string, number int) (review.Version, error) {
	t, err := s.step("version", g, " ", number)
	return t.Newest, err
}

func (s shelf) Difference(_ context.Context, g policy.Grant, _ string, number, against int) ([]template.Change, int, error) {
	_, err := s.step("difference", g, " ", number, " ", against)
	return []template.Change{{Field: "title", Before: secret(g.Resource().Organization)}}, against, err
}

func (s shelf) Facts(_ context.Context, g policy.Grant, _ string, number int) (review.Facts, error) {
	_, err := s.step("facts", g, " ", number)
	host := review.Host{Name: secret(g.Resource().Organization), New: true}
	return review.Facts{
		Against: 1, Changes: 3, Hosts: []review.Host{host}, Parameters: []review.ParameterHosts{{Parameter: "p", Hosts: []review.Host{host}}}, Added: []string{"p"},
	}, err
}

func (s shelf) CountWaiting(context.Context, policy.Grant) (int, error) {
	return 7, s.note("count waiting")
}

// LastStep is another each time it is asked for.
func (s shelf) LastStep(context.Context, policy.Grant) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(len(s.asked)), nil
}

func (s shelf) Moved(_ context.Context, _ policy.Grant, after int64) ([]review.Moved, int64, error) {
	return []review.Moved{{ID: "0123456789abcdef0123456789abcdef", State: review.InReview}}, after + 1, s.note("moved")
}

func (s shelf) Waiting(_ context.Context, g policy.Grant, q review.WaitingQuery) (review.WaitingPage, error) {
	t, err := s.step("waiting", g, " ", q.Limit, " ", q.After.ID, ",", q.Before.ID, ",", q.Around)
	own := g.By().Organization
	t.Organization, t.AppID = own, own
	return review.WaitingPage{Items: []review.Waiting{{Template: t, App: secret(own), AgentID: own, Changes: 2, Position: 6}}, Count: 7, Previous: q.After}, err
}

func (s shelf) Log(_ context.Context, g policy.Grant, _ string) ([]audit.Entry, error) {
	_, err := s.step("log", g)
	return []audit.Entry{{By: audit.OnBehalfOf(g.Resource().Organization, 7), Action: audit.TemplateSave, Version: 2}}, err
}
