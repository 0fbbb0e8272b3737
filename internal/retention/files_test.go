package retention_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/template"
)

// fileID is an id as the media room gives them out.
func fileID(name string) string { return "@l" + name + strings.Repeat("a", 26-len(name)) }

// upload enters a file now.
func (f *firm) upload(name string) string {
	f.tb.Helper()
	ctx, id := context.Background(), fileID(name)
	file := media.File{ID: id, Organization: f.id, AppID: f.apps[0].AppID, Kind: media.KindImage, Size: 10, CreatedAt: f.clock()}
	must(f.tb, f.db.Media().CreateUpload(ctx, f.id, id, file.CreatedAt))
	must(f.tb, f.db.Media().Create(ctx, file, media.Quota{}))
	return id
}

// name sends a message that names a file to everybody.
func (f *firm) name(n int, form, id string) {
	f.tb.Helper()
	must(f.tb, f.tryName(n, form, id))
}

func (f *firm) tryName(n int, form, id string) error {
	_, err := f.notify.Send(context.Background(), notify.SendRequest{
		Envelope: notify.Envelope{
			Caller: f.apps[n], AgentID: f.apps[n].AgentID, Audience: directory.Audience{Everyone: true}, Endpoint: "asyncsend_v2",
		},
		Message: fmt.Appendf(nil, form, id),
	})
	return err
}

const (
	inImage    = `{"msgtype":"image","image":{"media_id":%q}}`
	inLink     = `{"msgtype":"link","link":{"messageUrl":"https://example.com","picUrl":%q,"title":"T","text":"x"}}`
	inOA       = `{"msgtype":"oa","oa":{"message_url":"https://example.com","head":{"bgcolor":"FFBBBBBB","text":"h"},"body":{"title":"T","image":%q}}}`
	inMarkdown = `{"msgtype":"markdown","markdown":{"title":"T","text":"![p](%s)"}}`
	inCard     = `{"msgtype":"action_card","action_card":{"title":"T","markdown":"![p](%s)","single_title":"x","single_url":"https://example.com"}}`
	// Names it without its characters standing there.
	inEscapes = `{"msgtype":"markdown","markdown":{"title":"T","text":"![p](&#64;%s)"}}`
)

// files tells of each file whether it is there, or about to go.
func (f *firm) files(ids ...string) map[string]string {
	f.tb.Helper()
	found, err := f.db.Media().ByIDs(context.Background(), f.id, ids)
	must(f.tb, err)
	state := map[string]string{}
	for _, id := range ids {
		state[id] = "gone"
	}
	for _, file := range found {
		state[file.ID] = "kept"
		if file.Ending {
			state[file.ID] = "ending"
		}
	}
	return state
}

func (f *firm) wantFiles(t *testing.T, when, state string, ids ...string) {
	t.Helper()
	for id, got := range f.files(ids...) {
		if got != state {
			t.Errorf("%s: %s is %s, want %s", when, id, got, state)
		}
	}
}

// A file goes with the last message that names it, wherever it names it and
// whichever app's it is; what nothing has ever named goes after 30 days; icons
// and what templates show stay.
func TestFilesGoWithTheirLastMessage(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		f := w.firm(t, "ding1")
		f.keep(policy.Retention{Messages: 2})
		var named []string
		for form, name := range map[string]string{inImage: "image", inLink: "link", inOA: "oa", inMarkdown: "markdown", inCard: "card", inEscapes: "escapes"} {
			id := f.upload(name)
			if form == inEscapes {
				f.name(0, form, id[1:])
			} else {
				f.name(0, form, id)
			}
			named = append(named, id)
		}
		twice, never, icon, inTemplate := f.upload("twice"), f.upload("never"), f.upload("icon"), f.upload("template")
		f.name(0, inLink, twice)
		must(t, f.db.Apps().ChangeApp(t.Context(), f.id, f.apps[1].AppID, time.Time{}, entry(f.id, audit.AppSave), func(a *app.App) (audit.Details, error) {
			a.Icon = icon
			return nil, nil
		}))
		must(t, f.db.Templates().Create(t.Context(), review.Template{
			Organization: f.id, AppID: f.apps[0].AppID, ID: strings.Repeat("0", 32), CreatedAt: f.clock(),
			Newest: review.Version{Number: 1, Form: template.Form{Content: "![p](" + inTemplate + ")"}, CreatedAt: f.clock(), SavedAt: f.clock()},
		}, 10, entry(f.id, audit.TemplateCreate)))
		all := slices.Concat(named, []string{twice, never, icon, inTemplate})
		f.sweep()
		f.wantFiles(t, "at once", "kept", all...)

		w.pass(2 * day)
		f.name(1, inMarkdown, twice)
		w.pass(day)
		f.sweep()
		f.wantFiles(t, "without their messages", "ending", named...)
		f.wantFiles(t, "with another message", "kept", twice, never, icon, inTemplate)
		if err := f.tryName(1, inImage, named[1]); !fault.Is(err, fault.CodeMediaUnknown) {
			t.Errorf("sending what is about to go: %v", err)
		}
		again := named[0]
		f.name(1, inLink, again)
		f.sweep()
		f.wantFiles(t, "named again", "kept", again)
		f.wantFiles(t, "a moment later", "ending", named[1:]...)

		w.pass(day)
		f.sweep()
		f.wantFiles(t, "a day later", "gone", named[1:]...)
		f.wantFiles(t, "named again, a day later", "kept", again)
		left, err := f.db.Media().AbandonUploads(t.Context(), f.clock(), 100)
		if err != nil || len(left) != len(named)-1 {
			t.Errorf("%d contents are left to be removed, %v", len(left), err)
		}

		w.pass(30 * day)
		f.sweep()
		w.pass(day)
		f.sweep()
		f.wantFiles(t, "after a month", "gone", never, twice, again)
		f.wantFiles(t, "after a month", "kept", icon, inTemplate)
		if w.meter.deleted.Files != len(named)+2 {
			t.Errorf("%d files counted", w.meter.deleted.Files)
		}
	})
}

// Messages that were sent before anybody looked at what they name, or that are
// many, keep their files all the same.
func TestFilesOfOldMessagesStay(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		f := w.firm(t, "ding1")
		first := f.upload("first")
		f.name(0, inLink, first)
		var sending sync.WaitGroup
		for sender := range 64 { // together they are few transactions
			sending.Go(func() {
				for i := range 8 {
					f.send(1, fmt.Sprint("text ", sender, " ", i), uint32(sender))
				}
			})
		}
		sending.Wait()
		last := f.upload("last")
		f.name(1, inMarkdown, last)
		w.pass(40 * day)
		f.sweep()
		f.wantFiles(t, "at the first look", "kept", first, last)
		other := w.firm(t, "ding2")
		id := other.upload("theirs")
		f.name(0, inCard, id) // of another organization
		w.pass(40 * day)
		other.sweep()
		other.wantFiles(t, "named elsewhere only", "ending", id)
	})
}
