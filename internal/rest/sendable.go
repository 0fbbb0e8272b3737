package rest

import (
	"cmp"
	"context"
	"slices"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/template"
)

const sendableText = "The templates in use, by name, each in its live version, with a card of the samples: what a draft of sendMessage may say. None where " +
	"the app may not send by template. Nothing is told of drafts, of other versions, or of who wrote them."

// Sendable is the answer of listSendable.
type Sendable struct {
	Items []SendableTemplate `json:"items" doc:"The templates, by name."`
}

// SendableTemplate is a template as those see it who send it by hand.
type SendableTemplate struct {
	TemplateID string               `json:"template_id" doc:"The template."`
	Version    int                  `json:"version" doc:"The live version's number."`
	Name       string               `json:"name" doc:"What it is called."`
	Kind       template.Kind        `json:"kind" doc:"markdown, action_card or form."`
	Parameters []template.Parameter `json:"parameters" doc:"What is filled in."`
	Card       *inbox.Card          `json:"card" doc:"What recipients would see, with the samples for values; null where they come to nothing."`
}

type sendableAnswer struct{ Body Sendable }

func (s *sends) sendable(ctx context.Context, v *route.Visit, in *AppPath) (*sendableAnswer, error) {
	of, err := s.of(ctx, v, in.AgentID)
	if err != nil {
		return nil, err
	}
	answer := Sendable{[]SendableTemplate{}}
	acting, err := s.apps.Acting(ctx, v.Viewer.Organization, of.agentID)
	if err != nil {
		return nil, err
	}
	if !policy.MayUseTemplates(acting.ThirdParty, acting.Limits) {
		return &sendableAnswer{answer}, nil
	}
	a := appTemplates{app: of.app, agent: in.AgentID}
	err = s.templates.rooms.Sendable(ctx, of.grant, of.app.Resource(), func(t review.Template) error {
		form := t.Newest.Form
		card, err := s.templates.sketch(ctx, v, a, of.agentID, form, nil)
		one := SendableTemplate{TemplateID: t.ID, Version: t.Live, Name: form.Name, Kind: form.Kind, Parameters: form.Parameters, Card: card}
		if one.Parameters == nil {
			one.Parameters = []template.Parameter{}
		}
		answer.Items = append(answer.Items, one)
		return err
	})
	slices.SortFunc(answer.Items, func(a, b SendableTemplate) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.TemplateID, b.TemplateID))
	})
	return &sendableAnswer{answer}, err
}
