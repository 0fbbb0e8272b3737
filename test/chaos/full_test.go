package chaos_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/test/harness"
)

const (
	fullDisk   = 72 // MiB: the reserve, and about as much
	fullGrowth = 5  // MiB that each time of filling the disk sends
	fullWithin = 30 * time.Second
	// fullLeave is what a filler leaves for the senders to use up.
	fullLeave = 3 << 20
)

// The disk fills up under load, at once or by what is sent. Sends are refused,
// and everything else goes on: recalls, reading, results, tokens, signing in,
// also after a start on the full disk. When there is space again sends succeed
// by themselves. Nothing that was refused is there, nothing else is missing.
func TestChaosFullDisk(t *testing.T) {
	t.Parallel()
	fills := setting(t, "TIDINGS_CHAOS_FILLS", 3, 1)
	dir := harness.Tmpfs(t, fullDisk+fills*fullGrowth)
	k := newKiller(t, &harness.Home{Dir: dir, Database: "sqlite:" + filepath.Join(dir, "tidings.db")})
	filler := harness.NewFiller(dir)
	var slowest time.Duration
	for n := range fills {
		k.work(300*time.Millisecond, func() {})
		k.fill(filler, n)
		k.goesOn()
		if n%3 == 2 {
			k.server.Kill()
			k.server = k.home.Serve(t)
			k.at(k.server.BaseURL)
			k.stopped()
			k.goesOn()
		}
		began := time.Now()
		if err := filler.Leave(); err != nil {
			t.Fatal(err)
		}
		k.ready(http.StatusOK)
		slowest = max(slowest, time.Since(began))
		k.fresh(harness.OutcomeOK)
		if t.Failed() {
			return
		}
	}
	k.settle()
	k.final("filled " + plural(fills, "time") + ", sends accepted " + slowest.Round(10*time.Millisecond).String() + " after there was space, at the latest")
	k.nothingHalf(dir)
}

// fill makes the disk full under load and waits until sends are refused.
func (k *killer) fill(filler *harness.Filler, n int) {
	k.t.Helper()
	leave := int64(0)
	if n%2 == 1 {
		leave = fullLeave
	}
	k.work(500*time.Millisecond, func() {
		if err := filler.Fill(leave); err != nil {
			k.t.Errorf("fill: %v", err)
		}
	})
	// What SQLite has room for already takes sends for a while.
	deadline := time.Now().Add(fullWithin)
	for _, s := range k.senders {
		for s.large().Outcome == harness.OutcomeOK {
			if time.Now().After(deadline) {
				k.t.Fatalf("the disk does not become full within %s", fullWithin)
			}
		}
	}
	k.stopped()
}

// large sends about as much as fits into a message.
func (s *sender) large() harness.Answer {
	const many = 120
	return s.send(harness.Call{Audience: s.audience(), Message: text(strings.Repeat(s.text()+", ", many))})
}

// stopped expects a server that says that its disk is full, and is right.
func (k *killer) stopped() {
	k.t.Helper()
	k.ready(http.StatusServiceUnavailable)
	k.fresh(harness.OutcomeRefused)
	k.fresh(harness.OutcomeRefused)
	_, err := k.app.Upload(context.Background(), "file", "a.pdf", []byte("%PDF-1.7\n"+strings.Repeat("x", 1<<20)+"\n%%EOF"))
	if r, ok := err.(*harness.Refused); !ok || r.Code != client.CodeBusy { //nolint:errorlint // never wrapped
		k.t.Errorf("an upload on a full disk: %v, want errcode %d", err, client.CodeBusy)
	}
}

func (k *killer) ready(want int) {
	k.t.Helper()
	err := harness.Poll(fullWithin, func() (bool, error) {
		status, err := k.server.Health("/readyz")
		return status == want, err
	})
	if err != nil {
		k.t.Fatalf("readyz: %v, want %d\n%s", err, want, k.server.Log())
	}
}

// fresh sends something new and expects an outcome.
func (k *killer) fresh(want string) {
	k.t.Helper()
	s := k.senders[0]
	a := s.sendOne(harness.Call{Audience: s.audience(), Message: text("now " + s.text())}, false)
	if a.Outcome != want || want == harness.OutcomeRefused && a.Code != client.CodeBusy {
		k.t.Errorf("a send is %s (%d %s), want %s", a.Outcome, a.Code, a.Text, want)
	}
}

// goesOn tries what a full disk must not stop.
func (k *killer) goesOn() {
	k.t.Helper()
	ctx := context.Background()
	must := func(what string, err error) {
		k.t.Helper()
		if err != nil {
			k.t.Errorf("%s on a full disk: %v", what, err)
		}
	}
	must("a token", k.app.Login(ctx))
	for _, s := range k.senders {
		for _, task := range s.made[max(0, len(s.made)-3):] {
			_, err := k.app.Progress(ctx, task)
			must("progress", err)
			_, err = k.app.Result(ctx, task)
			must("result", err)
			if slices.Contains(s.cards, task) && !s.recalled[task] {
				must("status bar", answered(s.statusBar(task)))
			}
			must("recall", answered(s.recall(task)))
		}
	}
	for _, r := range k.readers[:killFollowers] {
		page, err := r.Page(ctx, 50, "")
		must("an inbox", err)
		must("reading", answered(k.readSome(r, page.Items)))
		_, err = r.Unread(ctx)
		must("unread", err)
		must("signing in", r.SignIn(ctx))
	}
}

func answered(a harness.Answer) error {
	if a.Outcome == harness.OutcomeOK {
		return nil
	}
	return &harness.Refused{Code: a.Code, Text: a.Outcome + " " + a.Text}
}

// nothingHalf expects that no upload has left anything behind.
func (k *killer) nothingHalf(dir string) {
	k.t.Helper()
	left, err := os.ReadDir(filepath.Join(dir, "media", "drafts"))
	if err != nil || len(left) > 0 {
		k.t.Errorf("drafts: %v, %v", left, err)
	}
}
