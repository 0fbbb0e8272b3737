package bench_test

import (
	"context"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// installation is a server without its edges: rooms over a real database, one
// organization and one app in it.
type installation struct {
	address string
	db      *store.DB
	people  *directory.Service
	notify  *notify.Service
	caller  app.Caller
	number  int
}

// mustInstall makes an organization of the size, through the import that
// everybody uses.
func mustInstall(b *testing.B, engine string, size int) *installation {
	b.Helper()
	ctx := context.Background()
	i := &installation{address: storetest.Address(b, engine)}
	i.db = storetest.At(b, i.address, nil)
	i.people = directory.New(directory.Deps{Store: i.db.Directory(), Now: time.Now})
	org, err := i.people.CreateOrganization(ctx, audit.ByOperator(), directory.NewOrganization{Name: "Bench"})
	must(b, err)
	_, err = i.people.Import(ctx, audit.ByOperator(), org.ID, newCSV(size), directory.ImportOptions{})
	must(b, err)
	limits, err := policy.ForPreset(policy.Standard, false)
	must(b, err)
	i.caller = app.Caller{
		Organization: org.ID, AppID: 1, AgentID: 1, AppName: "Bench", SendToEveryone: true,
		Range: directory.Range{Everyone: true}, Limits: limits,
	}
	i.start(b)
	return i
}

// start makes a sender that runs until stop, which is called with the benchmark
// if not before.
func (i *installation) start(b *testing.B) (stop func()) {
	b.Helper()
	i.notify = notify.New(notify.Deps{
		Store: i.db.Tasks(), Directory: i.people, Media: noMedia{}, Hints: noHints{},
		Versions: review.NewLibrary(i.db.Templates()),
		Log:      slog.New(slog.NewTextHandler(io.Discard, nil)), Now: time.Now,
	})
	return storetest.Run(b, i.notify.Run)
}

// mustReopen opens the rooms over the same database anew, as a start does, with
// the directory in memory. stop closes them.
func mustReopen(b *testing.B, i *installation) (again *installation, stop func()) {
	b.Helper()
	ctx := context.Background()
	db, err := store.Open(ctx, i.address, store.Options{Schema: store.BringUpToDate, Fatal: func(err error) { panic(err) }})
	must(b, err)
	again = &installation{
		address: i.address, db: db, caller: i.caller, number: i.number,
		people: directory.New(directory.Deps{Store: db.Directory(), Now: time.Now}),
	}
	must(b, again.people.Load(ctx))
	end := again.start(b)
	return again, func() {
		end()
		must(b, db.Close())
	}
}

// mustSend sends a message never sent before and returns after its commit.
func (i *installation) mustSend(b *testing.B, a directory.Audience) {
	b.Helper()
	i.number++
	_, err := i.notify.Send(context.Background(), notify.SendRequest{
		Envelope: notify.Envelope{Caller: i.caller, AgentID: i.caller.AgentID, Audience: a, Endpoint: "asyncsend_v2"},
		Message:  fmt.Appendf(nil, `{"msgtype":"text","text":{"content":"Message number %d of the benchmark"}}`, i.number),
	})
	must(b, err)
}

// csv is an import file of people in departments of a thousand, made as it is read.
func newCSV(size int) io.Reader {
	lines := func(yield func(string) bool) {
		if !yield("userid,name,department\n") {
			return
		}
		for i := range size {
			if !yield(fmt.Sprintf("%s,User %d,Division %d/Team %d\n", userid(i), i, i/50_000, i/1000)) {
				return
			}
		}
	}
	next, stop := iter.Pull(iter.Seq[string](lines))
	return &pulled{next: next, stop: stop}
}

type pulled struct {
	next func() (string, bool)
	stop func()
	left *strings.Reader
	once sync.Once
}

func (p *pulled) Read(b []byte) (int, error) {
	for p.left == nil || p.left.Len() == 0 {
		line, ok := p.next()
		if !ok {
			p.once.Do(p.stop)
			return 0, io.EOF
		}
		p.left = strings.NewReader(line)
	}
	return p.left.Read(b)
}

func userid(i int) string { return fmt.Sprintf("user%07d", i) }

type noMedia struct{}

func (noMedia) ByIDs(context.Context, int64, []string) (map[string]media.File, error) {
	return nil, nil
}

type noHints struct{}

func (noHints) Committed(int64, int64) {}
func (noHints) Recalled(int64, int64)  {}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
