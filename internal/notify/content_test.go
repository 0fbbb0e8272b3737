package notify_test

import (
	"context"
	"errors"
	"testing"

	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/internal/template"
)

// only is the one version that there is of a template.
type only struct{ *template.Template }

func (o only) Compiled(context.Context, int64, string, int) (*template.Template, error) {
	return o.Template, nil
}

// disabling has a template that is in use, but for its first transaction, which
// does not come to be.
type disabling struct {
	notify.Store
	begun int
}

var inUse = notify.TemplateStanding{Known: true, Live: 1}

func (d *disabling) TemplateStanding(context.Context, int64, int64, string) (notify.TemplateStanding, error) {
	return inUse, nil
}

func (d *disabling) WriteTasks(ctx context.Context, work func(context.Context, notify.Tx) error) error {
	d.begun++
	if d.begun > 1 {
		return d.Store.WriteTasks(ctx, func(ctx context.Context, tx notify.Tx) error { return work(ctx, standingTx{tx, inUse}) })
	}
	return d.Store.WriteTasks(ctx, func(ctx context.Context, tx notify.Tx) error {
		disabled := inUse
		disabled.Disabled = true
		return errors.Join(work(ctx, standingTx{tx, disabled}), errors.New("rolled back"))
	})
}

type standingTx struct {
	notify.Tx
	standing notify.TemplateStanding
}

func (t standingTx) TemplateStanding(context.Context, int64, int64, string) (notify.TemplateStanding, error) {
	return t.standing, nil
}

// What a template was in a transaction that was rolled back counts for nothing:
// the next one asks again.
func TestATemplateIsJudgedAnewInEachTransaction(t *testing.T) {
	t.Parallel()
	compiled, err := template.Compile(t.Context(), template.Form{
		Kind: template.KindMarkdown, Name: "Test", UseCase: "Test", Title: "Test", Content: "Hello",
	})
	must(t, err)
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := &disabling{}
			f := mustFixture(t, storetest.Open(t, engine), wrap{versions: only{compiled}, store: func(inner notify.Store) notify.Store {
				s.Store = inner
				return s
			}})
			c := f.mustOrganization(t, 2, nil)
			c.ThirdParty = true
			r := notify.TemplateRequest{Envelope: request(c, "", to("u1")).Envelope, TemplateID: "T"}
			if _, err := f.SendTemplate(t.Context(), r); err != nil || s.begun != 2 {
				t.Errorf("in %d transactions: %v", s.begun, err)
			}
		})
	}
}
