package notify

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/template"
)

// content is what is sent: composed by the sender, or filled into a template.
type content interface {
	// current makes the content, under the organization's lock, say what it
	// says at this moment; moved tells that the directory has changed since it
	// was made. An error fails the transaction: what is the send's own fault
	// said returns.
	current(ctx context.Context, b *orgBatch, moved bool) error
	// said returns what is sent, or why it cannot be.
	said() (said, error)
}

// said is what somebody reads.
type said struct {
	message *message.Message
	sum     [sha256.Size]byte // of the canonical message
	use     TemplateUse       // the version of a template that says it, if one does
}

// composed is a content that nothing changes any more.
type composed said

func compose(m *message.Message) composed {
	return composed{message: m, sum: sha256.Sum256(m.Canonical())}
}

func (c composed) current(context.Context, *orgBatch, bool) error { return nil }

func (c composed) said() (said, error) { return said(c), nil }

// filled is a template with values. It is filled in before the organization is
// locked, and again under the lock when another version is live by then, or when
// people named in it may have another name.
type filled struct {
	caller   app.Caller
	id       string
	values   template.Values
	versions Versions
	people   template.Directory

	names   bool // ids are translated in the values
	tried   int  // the version that was filled in last, also in vain
	text    said
	refused error // why nothing can be sent
}

func (f *filled) said() (said, error) { return f.text, f.refused }

func (f *filled) current(ctx context.Context, b *orgBatch, moved bool) error {
	standing, err := b.standing(ctx, templateOf{f.caller.Provider, f.caller.AppID, f.id})
	if err != nil {
		return err
	}
	if version, err := standing.usable(); err == nil && version == f.tried && !(moved && f.names) {
		return nil // what it said, or why it could not, is still so
	}
	return f.fillIn(ctx, standing)
}

// fillIn says what the template's live version says.
func (f *filled) fillIn(ctx context.Context, standing TemplateStanding) error {
	err := f.fill(ctx, standing)
	if f.refused = nil; answerable(err) {
		f.refused, err = err, nil
	}
	return err
}

func (f *filled) fill(ctx context.Context, standing TemplateStanding) error {
	version, err := standing.usable()
	if err != nil {
		f.tried = 0 // no version: when one can be used again, it is filled in again
		return err
	}
	compiled, err := f.versions.Compiled(ctx, f.caller.Provider, f.id, version)
	if err != nil {
		return fmt.Errorf("template %s version %d: %w", f.id, version, err)
	}
	names, err := compiled.LookUp(ctx, f.people, f.caller.Organization, f.values)
	if err != nil {
		return err
	}
	f.tried, f.names = version, names != nil
	m, err := compiled.Message(f.values, names, message.Limits{MaxBytes: f.caller.Limits.MessageBytes})
	if err != nil {
		return err
	}
	f.text = said(compose(m))
	f.text.use = TemplateUse{f.id, version}
	return nil
}

// templateOf is a template as an app names it: its own, or one that it has not.
type templateOf struct {
	provider, appID int64
	id              string
}

// standing returns where a template stands, as locked.
func (b *orgBatch) standing(ctx context.Context, of templateOf) (TemplateStanding, error) {
	standing, known := b.standings[of]
	if known {
		return standing, nil
	}
	standing, err := b.facts.TemplateStanding(ctx, of.provider, of.appID, of.id)
	if err != nil {
		return standing, fmt.Errorf("template: %w", err)
	}
	b.standings[of] = standing
	return standing, nil
}
