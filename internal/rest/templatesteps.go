package rest

import (
	"context"
	"strconv"

	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
	"github.com/tidings-im/tidings/internal/review"
)

type createTemplateRequest struct {
	AppPath
	Body FormRequest
}

func (t *templates) create(ctx context.Context, v *route.Visit, in *createTemplateRequest) (*templateAnswer, error) {
	a, err := t.ofApp(ctx, v, in.AppPath)
	if err != nil {
		return nil, err
	}
	made, err := t.rooms.Create(ctx, a.grant, in.Body.form())
	return t.answer(ctx, v, a, made, err)
}

// SaveRequest is the body of saveTemplate.
type SaveRequest struct {
	Form    FormRequest `json:"form" doc:"The whole form."`
	Edition int         `json:"edition,omitempty" minimum:"1" maximum:"1000000000" doc:"The newest version's edition as it was read. Without it whatever the draft is will be overwritten."`
}

type saveTemplateRequest struct {
	TemplatePath
	Body SaveRequest
}

func (t *templates) save(ctx context.Context, v *route.Visit, in *saveTemplateRequest) (*templateAnswer, error) {
	return t.one(ctx, v, in.TemplatePath, func(g policy.Grant) (review.Template, error) {
		return t.rooms.Save(ctx, g, in.ID, in.Body.Form.form(), in.Body.Edition)
	})
}

func (t *templates) remove(ctx context.Context, v *route.Visit, in *TemplatePath) (*struct{}, error) {
	a, err := t.at(ctx, v, *in)
	if err != nil {
		return nil, err
	}
	return nil, t.rooms.Delete(ctx, a.grant, in.ID)
}

type discardRequest struct {
	TemplatePath
	Edition int `query:"edition" minimum:"1" maximum:"1000000000" doc:"The draft's edition as it was read. Without it the draft is discarded as it is."`
}

func (t *templates) discard(ctx context.Context, v *route.Visit, in *discardRequest) (*templateAnswer, error) {
	return t.one(ctx, v, in.TemplatePath, func(g policy.Grant) (review.Template, error) { return t.rooms.Discard(ctx, g, in.ID, in.Edition) })
}

func (t *templates) withdraw(ctx context.Context, v *route.Visit, in *TemplatePath) (*templateAnswer, error) {
	return t.one(ctx, v, *in, func(g policy.Grant) (review.Template, error) { return t.rooms.Withdraw(ctx, g, in.ID) })
}

func (t *templates) enable(ctx context.Context, v *route.Visit, in *TemplatePath) (*templateAnswer, error) {
	return t.one(ctx, v, *in, func(g policy.Grant) (review.Template, error) { return t.rooms.Enable(ctx, g, in.ID) })
}

func (t *templates) disable(ctx context.Context, v *route.Visit, in *TemplatePath) (*templateAnswer, error) {
	return t.one(ctx, v, *in, func(g policy.Grant) (review.Template, error) { return t.rooms.Disable(ctx, g, in.ID) })
}

// SubmitRequest is the body of submitTemplate.
type SubmitRequest struct {
	Edition int `json:"edition,omitempty" minimum:"1" maximum:"1000000000" doc:"The draft's edition as it was read. Without it the draft is submitted as it is."`
}

type submitRequest struct {
	TemplatePath
	Body *SubmitRequest
}

func (t *templates) submit(ctx context.Context, v *route.Visit, in *submitRequest) (*templateAnswer, error) {
	edition := 0
	if in.Body != nil {
		edition = in.Body.Edition
	}
	return t.one(ctx, v, in.TemplatePath, func(g policy.Grant) (review.Template, error) { return t.rooms.Submit(ctx, g, in.ID, edition) })
}

// CloneRequest is the body of cloneTemplate.
type CloneRequest struct {
	Version int `json:"version,omitempty" minimum:"1" maximum:"1000000" doc:"The version whose form is taken; without it the newest."`
}

type cloneRequest struct {
	TemplatePath
	Body *CloneRequest
}

func (t *templates) clone(ctx context.Context, v *route.Visit, in *cloneRequest) (*templateAnswer, error) {
	number := 0
	if in.Body != nil {
		number = in.Body.Version
	}
	return t.one(ctx, v, in.TemplatePath, func(g policy.Grant) (review.Template, error) { return t.rooms.Clone(ctx, g, in.ID, number) })
}

func (t *templates) approve(ctx context.Context, v *route.Visit, in *VersionPath) (*templateAnswer, error) {
	return t.one(ctx, v, in.TemplatePath, func(g policy.Grant) (review.Template, error) { return t.rooms.Approve(ctx, g, in.ID, in.Number) })
}

// RejectRequest is the body of rejectTemplate.
type RejectRequest struct {
	Reason string `json:"reason" doc:"Why, so that the author can do better."`
}

type rejectRequest struct {
	VersionPath
	Body RejectRequest
}

func (t *templates) reject(ctx context.Context, v *route.Visit, in *rejectRequest) (*templateAnswer, error) {
	return t.one(ctx, v, in.TemplatePath, func(g policy.Grant) (review.Template, error) {
		return t.rooms.Reject(ctx, g, in.ID, in.Number, in.Body.Reason)
	})
}

// TestSent is the answer of testTemplate.
type TestSent struct {
	TaskID string `json:"task_id" doc:"The send."`
}

type testAnswer struct{ Body TestSent }

func (t *templates) test(ctx context.Context, v *route.Visit, in *valuesRequest) (*testAnswer, error) {
	a, err := t.at(ctx, v, in.TemplatePath)
	if err != nil {
		return nil, err
	}
	task, err := t.rooms.Test(ctx, a.grant, in.ID, in.Number, in.values())
	return &testAnswer{TestSent{strconv.FormatInt(task, 10)}}, err
}
