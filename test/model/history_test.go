package model_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/test/harness"
)

// Whatever is sent, read, recalled and changed, whoever comes, goes and
// reconnects: pages, badges, results and live events are those of the model.
func TestServerAgreesWithModel(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, engine)
			defer func() { t.Logf("seen: %v", w.seen) }()
			rapid.Check(t, func(t *rapid.T) {
				h := begin(t, w)
				defer h.end()
				t.Repeat(h.actions())
				h.compareAll(t)
			})
		})
	}
}

// history is one check: an organization on the server and in the model.
type history struct {
	w       *world
	id      int64
	m       *model
	senders []*sender // the strict one, the narrow one and the machine
	devices []*device
	cursors map[*person]kept

	steps, said, floods, opened int
	login                       time.Time
	repeats                     []repeatable
}

const (
	strict  = iota // anybody, within the organization's own limits
	narrow         // reaches some departments only and has no grant for everyone
	machine        // no limits: floods come from it
)

func begin(t *rapid.T, w *world) *history {
	h := &history{w: w, cursors: map[*person]kept{}}
	var err error
	h.id, h.m, err = w.newFirm()
	must(t, err)
	agents := []*agent{
		strict: {name: "Strict", reach: directory.Range{Everyone: true}, grant: true},
		narrow: {
			name: "Narrow", perDay: rapid.SampledFrom([]int{2, 4}).Draw(t, "narrow per day"),
			reach: directory.Range{DeptIDs: []int64{2, 7}, Userids: []string{"boss"}},
		},
		machine: {name: "Machine", reach: directory.Range{Everyone: true}, grant: true},
	}
	for i, a := range agents {
		s, err := w.newSender(h.id, a, i != strict)
		must(t, err)
		h.senders = append(h.senders, s)
	}
	h.login = w.now()
	h.changeLimits(t)
	return h
}

func (h *history) end() {
	for _, d := range h.devices {
		d.drop()
	}
}

// actions are the steps of a history; several names for one make it likelier.
// One that has nothing to do must skip before it draws: rapid ends a history
// in which too many steps gave up later.
func (h *history) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"":            h.check,
		"send":        h.send,
		"send 2":      h.send,
		"send 3":      h.send,
		"send 4":      h.send,
		"send 5":      h.send,
		"send 6":      h.send,
		"send again":  h.sendAgain,
		"recall":      h.recall,
		"status bar":  h.statusBar,
		"bad request": h.badRequest,
		"read":        h.read,
		"read 2":      h.read,
		"read all":    h.readAll,
		"read many":   h.readMany,
		"open":        h.open,
		"open 2":      h.open,
		"drop":        h.drop,
		"resume":      h.resume,
		"resume 2":    h.resume,
		"resume 3":    h.resume,
		"look":        h.look,
		"look 2":      h.look,
		"result":      h.result,
		"people":      h.changePeople,
		"departments": h.changeDepartments,
		"limits":      h.changeLimits,
		"pause":       h.pause,
		"rush":        h.rush,
		"flood":       h.flood,
	}
}

// check runs before and after every step, and does something now and then.
func (h *history) check(t *rapid.T) {
	const often = 8
	if h.steps++; h.steps%often == 0 {
		h.compareSome(t)
	}
}

// pause lets time pass: minutes, hours, days begin and access tokens end.
func (h *history) pause(t *rapid.T) {
	h.w.pass(rapid.SampledFrom([]time.Duration{time.Second, time.Minute, 20 * time.Minute, 7 * time.Hour, 24 * time.Hour}).Draw(t, "for"))
	if h.w.now().Sub(h.login) < time.Hour {
		return
	}
	for _, s := range h.senders {
		must(t, s.Login(context.Background()))
	}
	h.login = h.w.now()
}

// changeLimits gives the organization other limits. They count from the next
// send.
func (h *history) changeLimits(t *rapid.T) {
	ctx := context.Background()
	o, err := h.w.Directory().Organization(ctx, h.id)
	must(t, err)
	a := h.senders[strict].agent
	a.perDay = rapid.SampledFrom([]int{3, 5, 0}).Draw(t, "per day")
	a.perMinute = rapid.SampledFrom([]int{0, 0, 400}).Draw(t, "per minute")
	o.Limits.MessagesPerDay, o.Limits.RecipientsPerMin = a.perDay, a.perMinute
	_, err = h.w.Directory().UpdateOrganization(ctx, audit.ByOperator(), h.id, directory.OrganizationChange{Limits: &o.Limits})
	must(t, err)
	must(t, h.w.Apps().Confirm(ctx)) // which the server does once a second
}

// step is how far the clock moves with every step.
const step = 7 * time.Millisecond

func must(t *rapid.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
}

// mustRefuse wants a definite no with one of the codes.
func mustRefuse(t *rapid.T, err error, codes ...int) {
	t.Helper()
	if no := (&harness.Refused{}); !errors.As(err, &no) || !slices.Contains(codes, no.Code) {
		t.Fatalf("got %v, want to be refused with one of %v", err, codes)
	}
}

// someone draws a person who is there, mostly one of a few.
func (h *history) someone(t *rapid.T) *person {
	const few = 6
	all := h.m.active() // never empty: people come faster than they go
	if rapid.IntRange(0, 3).Draw(t, "whom") > 0 {
		// From all departments: every twenty-seventh.
		const apart = 27
		return all[rapid.IntRange(0, few-1).Draw(t, "regular")*apart%len(all)]
	}
	return rapid.SampledFrom(all).Draw(t, "person")
}

func (h *history) someTask(t *rapid.T) *task {
	if len(h.m.tasks) == 0 {
		t.Skip("nothing was sent")
	}
	// A flood must not hide all others.
	const latest = 20
	if from := len(h.m.tasks) - latest; from > 0 && rapid.Bool().Draw(t, "late") {
		return h.m.tasks[rapid.IntRange(from, len(h.m.tasks)-1).Draw(t, "task")]
	}
	return h.m.tasks[rapid.IntRange(0, len(h.m.tasks)-1).Draw(t, "task")]
}

// someCard draws a task whose status bar may be changed, if there is one.
func (h *history) someCard(t *rapid.T) *task {
	cards := slices.DeleteFunc(slices.Clone(h.m.tasks), func(one *task) bool { return one.content.kind != "oa" || one.recalled != 0 })
	if len(cards) == 0 {
		return h.someTask(t)
	}
	if rapid.IntRange(0, 4).Draw(t, "any") == 4 {
		return h.someTask(t)
	}
	return rapid.SampledFrom(cards).Draw(t, "card")
}

// senderOf returns the client whose task it is.
func (h *history) senderOf(t *task) *sender {
	for _, s := range h.senders {
		if s.agent == t.agent {
			return s
		}
	}
	panic(fmt.Sprintf("task %d has no sender", t.id))
}

func (h *history) reader(t *rapid.T, p *person) *harness.Reader {
	r, err := h.w.reader(h.id, p)
	must(t, err)
	return r
}
