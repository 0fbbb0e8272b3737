package rest

import (
	"context"
	"strconv"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
	"github.com/tidings-im/tidings/internal/review"
)

// TemplateReviews is the answer of listTemplateReviews.
type TemplateReviews struct {
	Items      []TemplateReview `json:"items" doc:"What waits, longest first."`
	Count      int              `json:"count" doc:"How many wait for the asker, on whichever page; counting stops at 10,000."`
	NextBefore *string          `json:"next_before" doc:"Goes into before for what has waited longer; null on the first page."`
	NextAfter  *string          `json:"next_after" doc:"Goes into after for what has waited less long; null on the last page."`
}

// TemplateReview is a template that waits for the asker's decision.
type TemplateReview struct {
	AgentID      string   `json:"agent_id" doc:"Goes into the paths of the template."`
	AppName      string   `json:"app_name" doc:"The app's name."`
	ProviderName string   `json:"provider_name" doc:"The name of the organization that the app belongs to."`
	Position     *int     `json:"position" doc:"Its place among all that waits for the asker, from 1; null behind the first 10,000."`
	Changes      *int     `json:"changes" doc:"How many fields differ from the live version's; null where no version was approved yet."`
	Template     Template `json:"template" doc:"The template; newest is the version that waits."`
}

// ReviewsQuery is which part of what waits is asked for.
type ReviewsQuery struct {
	After  string `query:"after" pattern:"^[0-9]{1,15}-[0-9a-f]{32}$" doc:"next_after of another page."`
	Before string `query:"before" pattern:"^[0-9]{1,15}-[0-9a-f]{32}$" doc:"next_before of another page. At most one of after, before and around."`
	Around string `query:"around" pattern:"^[0-9a-f]{32}$" doc:"A template_id: only its review, the one before it and the one after it, whatever the limit; none if it does not wait."`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"Most reviews of the page."`
}

func (in *ReviewsQuery) query() (review.WaitingQuery, error) {
	q := review.WaitingQuery{After: placeOf(in.After), Before: placeOf(in.Before), Around: in.Around, Limit: in.Limit}
	switch {
	case in.Around != "" && in.After+in.Before != "":
		return q, fault.New(fault.CodeParameterInvalid, "around excludes after and before").WithField("around")
	case in.After != "" && in.Before != "":
		return q, fault.New(fault.CodeParameterInvalid, "after and before exclude each other").WithField("before")
	}
	return q, nil
}

type reviewsAnswer struct{ Body TemplateReviews }

// reviews lists what waits for the asker.
func (t *templates) reviews(ctx context.Context, v *route.Visit, in *ReviewsQuery) (*reviewsAnswer, error) {
	q, err := in.query()
	if err != nil {
		return nil, err
	}
	asker, err := t.askers.Asker(ctx, v.Asker.By)
	if err != nil {
		return nil, err
	}
	g, err := policy.Check(asker, v.Right, policy.Own(asker.By), review.Unknown())
	if err != nil {
		return nil, err
	}
	page, err := t.rooms.Waiting(ctx, g, q)
	if err != nil {
		return nil, err
	}
	w := t.writer(v)
	for i := range page.Items {
		w.meet(&page.Items[i].Template.Newest)
	}
	if err := w.introduce(ctx); err != nil {
		return nil, err
	}
	list := TemplateReviews{Items: make([]TemplateReview, 0, len(page.Items)), Count: page.Count}
	list.NextBefore, list.NextAfter = placeOrNull(page.Previous), placeOrNull(page.Next)
	for i := range page.Items {
		one := &page.Items[i]
		a := appTemplates{agent: namedBy(one), asker: asker, of: one.Resource()}
		r := TemplateReview{
			AgentID: a.agent, AppName: one.App, ProviderName: one.Provider, Template: w.template(a, &one.Template).withoutForm(),
		}
		if one.Position > 0 {
			r.Position = &one.Position
		}
		if one.Template.Live > 0 {
			r.Changes = &one.Changes
		}
		list.Items = append(list.Items, r)
	}
	return &reviewsAnswer{list}, nil
}

// namedBy is what goes into the paths of a template that waits.
func namedBy(w *review.Waiting) string {
	if w.AgentID == 0 {
		return w.AppKey
	}
	return strconv.FormatInt(w.AgentID, 10)
}

// ReviewFacts is what a reviewer has to know of a version beside its text.
type ReviewFacts struct {
	Against           *int             `json:"against" doc:"The live version, with which it is compared; null where no version was approved yet: then all is new."`
	Changes           *int             `json:"changes" doc:"How many fields differ from the live version's; null where there is none."`
	Hosts             []LinkHost       `json:"hosts" doc:"Where links lead whatever the values are, and where the picture comes from."`
	ParameterHosts    []ParameterHosts `json:"parameter_hosts" doc:"The parameters that decide where a link leads."`
	ParametersAdded   []string         `json:"parameters_added" doc:"Parameters that the live version has not."`
	ParametersRemoved []string         `json:"parameters_removed" doc:"Parameters that only the live version has."`
}

// LinkHost is a host that links lead to.
type LinkHost struct {
	Host string `json:"host" doc:"Such as example.com, example.com:8443, or http://example.com without encryption."`
	New  bool   `json:"new" doc:"The live version does not lead there; of a parameter's hosts, not by that parameter."`
}

// ParameterHosts is where links may lead that a parameter decides.
type ParameterHosts struct {
	Parameter string     `json:"parameter" doc:"The parameter's name."`
	Hosts     []LinkHost `json:"hosts" doc:"Where it may lead; none while that is anywhere, which linting finds."`
}

type factsAnswer struct{ Body ReviewFacts }

func (t *templates) facts(ctx context.Context, v *route.Visit, in *VersionPath) (*factsAnswer, error) {
	a, err := t.at(ctx, v, in.TemplatePath)
	if err != nil {
		return nil, err
	}
	f, err := t.rooms.Facts(ctx, a.grant, in.ID, in.Number)
	if err != nil {
		return nil, err
	}
	answer := ReviewFacts{
		Hosts: linkHosts(f.Hosts), ParameterHosts: make([]ParameterHosts, 0, len(f.Parameters)),
		ParametersAdded: append([]string{}, f.Added...), ParametersRemoved: append([]string{}, f.Removed...),
	}
	if f.Against > 0 {
		answer.Against, answer.Changes = &f.Against, &f.Changes
	}
	for _, p := range f.Parameters {
		answer.ParameterHosts = append(answer.ParameterHosts, ParameterHosts{p.Parameter, linkHosts(p.Hosts)})
	}
	return &factsAnswer{answer}, nil
}

func linkHosts(hosts []review.Host) []LinkHost {
	list := make([]LinkHost, 0, len(hosts))
	for _, h := range hosts {
		list = append(list, LinkHost{h.Name, h.New})
	}
	return list
}
