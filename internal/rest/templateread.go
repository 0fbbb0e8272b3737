package rest

import (
	"context"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/rest/route"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/template"
)

// VersionList is the answer of listTemplateVersions.
type VersionList struct {
	Items []Version `json:"items" doc:"The versions, newest first, without their forms."`
}

type versionsAnswer struct{ Body VersionList }

func (t *templates) versions(ctx context.Context, v *route.Visit, in *TemplatePath) (*versionsAnswer, error) {
	a, err := t.at(ctx, v, *in)
	if err != nil {
		return nil, err
	}
	all, err := t.rooms.Versions(ctx, a.grant, in.ID)
	if err != nil {
		return nil, err
	}
	w := t.writer(v)
	for i := range all {
		w.meet(&all[i])
	}
	if err := w.introduce(ctx); err != nil {
		return nil, err
	}
	list := VersionList{make([]Version, 0, len(all))}
	for i := range all {
		one := w.version(&all[i])
		one.Form = nil
		list.Items = append(list.Items, one)
	}
	return &versionsAnswer{list}, nil
}

// versionAt reads a version that the asker may see.
func (t *templates) versionAt(ctx context.Context, v *route.Visit, p VersionPath) (appTemplates, review.Version, error) {
	a, err := t.at(ctx, v, p.TemplatePath)
	if err != nil {
		return appTemplates{}, review.Version{}, err
	}
	one, err := t.rooms.Version(ctx, a.grant, p.ID, p.Number)
	return a, one, err
}

type versionAnswer struct{ Body Version }

func (t *templates) version(ctx context.Context, v *route.Visit, in *VersionPath) (*versionAnswer, error) {
	_, one, err := t.versionAt(ctx, v, *in)
	if err != nil {
		return nil, err
	}
	w := t.writer(v)
	w.meet(&one)
	if err := w.introduce(ctx); err != nil {
		return nil, err
	}
	return &versionAnswer{w.version(&one)}, nil
}

// Difference is in what two versions differ.
type Difference struct {
	Against *int              `json:"against" doc:"The version it was compared with; null for an empty form."`
	Changes []template.Change `json:"changes" doc:"The fields that differ."`
}

type differenceRequest struct {
	VersionPath
	Against int `query:"against" minimum:"0" maximum:"1000000" doc:"The version to compare with. 0, or nothing: the live one, or an empty form while there is none."`
}

type differenceAnswer struct{ Body Difference }

func (t *templates) difference(ctx context.Context, v *route.Visit, in *differenceRequest) (*differenceAnswer, error) {
	a, err := t.at(ctx, v, in.TemplatePath)
	if err != nil {
		return nil, err
	}
	changes, with, err := t.rooms.Difference(ctx, a.grant, in.ID, in.Number, in.Against)
	if err != nil {
		return nil, err
	}
	answer := Difference{Changes: changes}
	if changes == nil {
		answer.Changes = []template.Change{}
	}
	if with > 0 {
		answer.Against = &with
	}
	return &differenceAnswer{answer}, nil
}

// TemplateLog is the answer of getTemplateLog.
type TemplateLog struct {
	Items []LogEntry `json:"items" doc:"The steps, oldest first."`
}

// LogEntry is one step that a template has taken.
type LogEntry struct {
	Action     audit.Action `json:"action" doc:"The stable name of the step, such as template.submit."`
	Version    int          `json:"version" doc:"The version it was about."`
	Note       string       `json:"note" doc:"Such as the reason of a rejection, or what a clone was made of; may be empty."`
	At         time.Time    `json:"at" doc:"When it was taken."`
	By         Person       `json:"by" doc:"Who took it."`
	ByOperator bool         `json:"by_operator" doc:"The operator took it in the person's name, from the command line."`
}

type logAnswer struct{ Body TemplateLog }

func (t *templates) log(ctx context.Context, v *route.Visit, in *TemplatePath) (*logAnswer, error) {
	a, err := t.at(ctx, v, *in)
	if err != nil {
		return nil, err
	}
	all, err := t.rooms.Log(ctx, a.grant, in.ID)
	if err != nil {
		return nil, err
	}
	w := t.writer(v)
	for _, e := range all {
		w.person(e.By.Actor)
	}
	if err := w.introduce(ctx); err != nil {
		return nil, err
	}
	list := TemplateLog{make([]LogEntry, 0, len(all))}
	for _, e := range all {
		list.Items = append(list.Items, LogEntry{e.Action, e.Version, e.Note(), e.At, w.known[e.By.Actor], e.By.FromCommandLine()})
	}
	return &logAnswer{list}, nil
}
