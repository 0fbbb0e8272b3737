package rest

import (
	"context"
	"strconv"

	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/review"
)

// step is a handler for a step that needs to know nothing but its template.
func (a *api) step(
	take func(ctx context.Context, g policy.Grant, id string) (review.Template, error),
) func(context.Context, *visit, *TemplatePath) (*templateAnswer, error) {
	return func(ctx context.Context, v *visit, in *TemplatePath) (*templateAnswer, error) {
		d, err := a.drawerOf(ctx, v, *in)
		if err != nil {
			return nil, err
		}
		t, err := take(ctx, d.grant, in.ID)
		return a.answer(ctx, d, t, err)
	}
}

// SubmitRequest is the body of submitTemplate.
type SubmitRequest struct {
	Edition int `json:"edition,omitempty" minimum:"1" maximum:"1000000000" doc:"The draft's edition as it was read. Without it the draft is submitted as it is."`
}

type submitRequest struct {
	TemplatePath
	Body *SubmitRequest
}

func (a *api) submit(ctx context.Context, v *visit, in *submitRequest) (*templateAnswer, error) {
	d, err := a.drawerOf(ctx, v, in.TemplatePath)
	if err != nil {
		return nil, err
	}
	edition := 0
	if in.Body != nil {
		edition = in.Body.Edition
	}
	t, err := a.Templates.Submit(ctx, d.grant, in.ID, edition)
	return a.answer(ctx, d, t, err)
}

// CloneRequest is the body of cloneTemplate.
type CloneRequest struct {
	Version int `json:"version,omitempty" minimum:"1" maximum:"1000000" doc:"The version whose form is taken; without it the newest."`
}

type cloneRequest struct {
	TemplatePath
	Body *CloneRequest
}

func (a *api) clone(ctx context.Context, v *visit, in *cloneRequest) (*templateAnswer, error) {
	d, err := a.drawerOf(ctx, v, in.TemplatePath)
	if err != nil {
		return nil, err
	}
	number := 0
	if in.Body != nil {
		number = in.Body.Version
	}
	t, err := a.Templates.Clone(ctx, d.grant, in.ID, number)
	return a.answer(ctx, d, t, err)
}

func (a *api) approve(ctx context.Context, v *visit, in *VersionPath) (*templateAnswer, error) {
	d, err := a.drawerOf(ctx, v, in.TemplatePath)
	if err != nil {
		return nil, err
	}
	t, err := a.Templates.Approve(ctx, d.grant, in.ID, in.Number)
	return a.answer(ctx, d, t, err)
}

// RejectRequest is the body of rejectTemplate.
type RejectRequest struct {
	Reason string `json:"reason" doc:"Why, so that the author can do better."`
}

type rejectRequest struct {
	VersionPath
	Body RejectRequest
}

func (a *api) reject(ctx context.Context, v *visit, in *rejectRequest) (*templateAnswer, error) {
	d, err := a.drawerOf(ctx, v, in.TemplatePath)
	if err != nil {
		return nil, err
	}
	t, err := a.Templates.Reject(ctx, d.grant, in.ID, in.Number, in.Body.Reason)
	return a.answer(ctx, d, t, err)
}

// TestSent is the answer of testTemplate.
type TestSent struct {
	TaskID string `json:"task_id" doc:"The send."`
}

type testAnswer struct{ Body TestSent }

func (a *api) test(ctx context.Context, v *visit, in *valuesRequest) (*testAnswer, error) {
	d, err := a.drawerOf(ctx, v, in.TemplatePath)
	if err != nil {
		return nil, err
	}
	task, err := a.Templates.Test(ctx, d.grant, in.ID, in.Number, in.values())
	return &testAnswer{TestSent{strconv.FormatInt(task, 10)}}, err
}
