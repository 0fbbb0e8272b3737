package rest

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/template"
)

// AllTemplates is the answer of listAllTemplates.
type AllTemplates struct {
	Items      []ListedTemplate `json:"items" doc:"The templates, newest first, without their forms."`
	NextBefore *string          `json:"next_before" doc:"Goes into before for older templates; null where there are none."`
	ExaminedTo *time.Time       `json:"examined_to" doc:"When the last template was created that the page looked at; null if it looked at none."`
}

// ListedTemplate is a template among those of many apps.
type ListedTemplate struct {
	Template
	App  inbox.AppView `json:"app" doc:"Its app."`
	Card *inbox.Card   `json:"card" doc:"As much of its newest version's card as can be shown, with the samples; null while there is nothing to show."`
}

// AllTemplatesQuery is which templates are asked for.
type AllTemplatesQuery struct {
	App     string `query:"app" maxLength:"64" doc:"Only of the app with this agent_id or app_key."`
	Kind    string `query:"kind" enum:"markdown,action_card,form" doc:"Only of this kind."`
	State   string `query:"state" enum:"draft,in_review,approved,rejected,withdrawn,disabled" doc:"Only those in this state."`
	Enabled string `query:"enabled" enum:"true,false" doc:"true: only those that can be sent; false: only the others."`
	Mine    bool   `query:"mine" doc:"Only those whose newest version the asker wrote or submitted, or a part of it."`
	Q       string `query:"q" maxLength:"64" doc:"Only those with this in the name, whatever the case, or with this template_id."`
	Before  string `query:"before" pattern:"^[0-9]{1,15}-[0-9a-f]{32}$" doc:"next_before of another page."`
	Limit   int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"Most templates of the page."`
}

func (in *AllTemplatesQuery) query() review.Query {
	return review.Query{
		Kind: template.Kind(in.Kind), State: review.State(in.State), Enabled: truth(in.Enabled), Mine: in.Mine, Text: in.Q,
		Before: placeOf(in.Before), Limit: in.Limit,
	}
}

// placeOf reads a place that placeOrNull wrote.
func placeOf(text string) (p review.Place) {
	if ms, id, ok := strings.Cut(text, "-"); ok {
		n, _ := strconv.ParseInt(ms, 10, 64) // digits by the schema, few enough
		p = review.Place{At: time.UnixMilli(n).UTC(), ID: id}
	}
	return p
}

// placeOrNull writes a place; null for none.
func placeOrNull(p review.Place) *string {
	if p == (review.Place{}) {
		return nil
	}
	text := strconv.FormatInt(p.At.UnixMilli(), 10) + "-" + p.ID
	return &text
}

type allTemplatesAnswer struct{ Body AllTemplates }

func (t *templates) all(ctx context.Context, v *route.Visit, in *AllTemplatesQuery) (*allTemplatesAnswer, error) {
	g, err := policy.Check(v.Asker, v.Right, policy.Resource{Organization: v.Viewer.Organization}, review.Unknown())
	if err != nil {
		return nil, err
	}
	s := &shelves{templates: t, visit: v, known: map[policy.Resource]*shelf{}}
	var page review.Page
	if in.App == "" {
		page, err = t.rooms.All(ctx, g, in.query())
	} else {
		var a appTemplates
		if a, err = t.ofAppWith(ctx, v, AppPath{in.App}, policy.TemplatesRead); err == nil {
			page, err = t.rooms.Of(ctx, a.grant, in.query())
		}
	}
	if err != nil {
		return nil, err
	}
	answer, err := s.page(ctx, &page)
	return &allTemplatesAnswer{answer}, err
}

// shelves writes templates of many apps, each of which is looked up once.
type shelves struct {
	*templates
	visit *route.Visit
	known map[policy.Resource]*shelf
}

// shelf is an app as its templates are shown.
type shelf struct {
	appTemplates
	view      inbox.AppView
	installed int64 // in the asker's organization; 0 without
}

// app looks up the app of a template.
func (s *shelves) app(ctx context.Context, one *review.Template) (*shelf, error) {
	key := policy.Resource{Organization: one.Organization, App: one.AppID}
	if a, known := s.known[key]; known {
		return a, nil
	}
	here := s.visit.Viewer.Organization
	named, err := s.apps.Address(ctx, here, one.Organization, one.AppID)
	if err != nil {
		return nil, err
	}
	of, at, err := s.apps.Named(ctx, here, named)
	if err != nil {
		return nil, err
	}
	a := &shelf{appTemplates: appTemplates{app: of, agent: named, asker: s.visit.Asker, of: of.Resource()}}
	a.of.ReceivedBy = at.Organization
	a.view = inbox.AppView{AgentID: a.agent, Name: of.Name}
	if at.Organization == here {
		if a.view, err = s.inbox.App(ctx, here, at.ID); err != nil {
			return nil, err
		}
	}
	if a.installed, err = s.installed(ctx, s.visit, a.appTemplates); err != nil {
		return nil, err
	}
	s.known[key] = a
	return a, nil
}

func (s *shelves) page(ctx context.Context, page *review.Page) (AllTemplates, error) {
	w := s.writer(s.visit)
	for i := range page.Items {
		w.meet(&page.Items[i].Newest)
	}
	if err := w.introduce(ctx); err != nil {
		return AllTemplates{}, err
	}
	list := AllTemplates{Items: make([]ListedTemplate, 0, len(page.Items)), ExaminedTo: moment(page.ExaminedTo)}
	list.NextBefore = placeOrNull(page.Next)
	for i := range page.Items {
		one := &page.Items[i]
		a, err := s.app(ctx, one)
		if err != nil {
			return AllTemplates{}, err
		}
		card, err := s.sketch(ctx, s.visit, a.appTemplates, a.installed, one.Newest.Form, nil)
		if err != nil {
			return AllTemplates{}, err
		}
		list.Items = append(list.Items, ListedTemplate{w.template(a.appTemplates, one).withoutForm(), a.view, card})
	}
	return list, nil
}
