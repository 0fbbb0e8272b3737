package review_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/template"
)

// modelVersion and modelTemplate are the rules written down a second time.
type modelVersion struct {
	state   review.State
	text    string
	edition int
	authors map[string]bool
	by      string               // who submitted it
	saved   map[string]time.Time // when saves of it were last in the log, by who saved
}

type modelTemplate struct {
	id       string
	versions []*modelVersion
	live     int
	disabled bool
	deleted  bool
	log      []string
	edition  int // given last
}

func (m *modelTemplate) newest() *modelVersion { return m.versions[len(m.versions)-1] }

// machine does random things to a world and to its model.
type machine struct {
	t         *testing.T
	w         *world
	app       app.App
	random    *rand.Rand
	templates []*modelTemplate
	direct    bool
	texts     int
	sent      int
	approved  map[string]bool // every text that a reviewer has let pass
	did       map[string]int  // what was done, "ok" or refused
}

const steps = "TIDINGS_TEMPLATE_STEPS"

// TestNoPathAroundReview has four people of two organizations do at random what
// can be done with the templates of an app, half of the time of the third-party
// one, and compares every answer with the model.
func TestNoPathAroundReview(t *testing.T) {
	t.Parallel()
	count, seed := 5000, uint64(time.Now().UnixNano())
	if testing.Short() {
		count = 1000
	}
	if text := os.Getenv(steps); text != "" {
		var err error
		if count, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	if text := os.Getenv("TIDINGS_TEMPLATE_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	each(t, func(t *testing.T, w *world) {
		t.Logf("TIDINGS_TEMPLATE_SEED=%d %s=%d", seed, steps, count)
		did := map[string]int{}
		for _, a := range []app.App{w.third, w.internal} {
			m := &machine{t: t, w: w, app: a, random: rand.New(rand.NewPCG(seed, 1)), approved: map[string]bool{}, did: did}
			m.run(count / 2)
			// Chance may leave something out: then it goes on for a while.
			for more := 0; len(missing(did)) > 0 && more < 20; more++ {
				m.run(count / 4)
			}
		}
		for _, must := range missing(did) {
			t.Errorf("never done: %s", must)
		}
		t.Logf("%v", did)
	})
}

// missing are the steps that a run has to have had, and has not.
func missing(did map[string]int) []string {
	return slices.DeleteFunc([]string{
		"approve ok", "reject ok", "discard ok", "send ok", "compose ok", "compose refused", "approve own", "approve template_state",
	}, func(must string) bool { return did[must] > 0 })
}

func (m *machine) run(count int) {
	m.t.Helper()
	for step := range count {
		m.step()
		if step%500 == 499 || step == count-1 {
			m.compare()
		}
		if m.t.Failed() {
			m.t.Fatalf("%s: at step %d", m.app.Kind, step)
		}
	}
}

func (m *machine) third() bool { return m.app.Kind == app.ThirdParty }

func (m *machine) step() {
	if len(m.templates) == 0 || m.random.IntN(20) == 0 && len(m.alive()) < 8 {
		m.create()
		return
	}
	actions := []func(){
		m.save, m.submit, m.submit, m.withdraw, m.approve, m.approve, m.approve, m.approve, m.reject, m.able, m.able,
		m.clone, m.remove, m.discard, m.test, m.send, m.send, m.send, m.compose, m.directSend,
	}
	actions[m.random.IntN(len(actions))]()
}

func (m *machine) alive() []*modelTemplate {
	return slices.DeleteFunc(slices.Clone(m.templates), func(t *modelTemplate) bool { return t.deleted })
}

// any returns a template: mostly one that is there.
func (m *machine) any() *modelTemplate {
	if alive := m.alive(); len(alive) > 0 && m.random.IntN(20) > 0 {
		return alive[m.random.IntN(len(alive))]
	}
	return m.templates[m.random.IntN(len(m.templates))]
}

// anybody returns one of the four people.
func (m *machine) anybody() (string, audit.By) {
	name := []string{"ann", "amy", "rob", "ray"}[m.random.IntN(4)]
	return name, m.w.as(name)
}

func home(name string) bool { return name[0] == 'a' } // of the provider

// stranger is what somebody of elsewhere is told who wants to write: a reviewer
// of the app why not, anybody else nothing.
func (m *machine) stranger() fault.Code {
	if m.third() {
		return fault.CodePermissionDenied
	}
	return fault.CodeTemplateUnknown
}

func (m *machine) text() string {
	m.texts++
	return fmt.Sprintf("text %d of the test", m.texts)
}

// expect compares a refusal with the model's, and reports whether it was none.
func (m *machine) expect(what string, err error, want fault.Code) bool {
	m.t.Helper()
	m.w.move(time.Second)
	outcome := "ok"
	if err != nil {
		outcome = string(fault.From(err).Code)
	}
	m.did[what+" "+outcome]++
	if err == nil && want == "" || want != "" && fault.Is(err, want) {
		return err == nil
	}
	m.t.Errorf("%s: %v, want %q", what, err, want)
	return false
}

// mayWrite is what the model says of somebody who wants to write.
func (m *machine) mayWrite(name string, t *modelTemplate) fault.Code {
	switch {
	case !home(name):
		return m.stranger()
	case t.deleted:
		return fault.CodeTemplateUnknown
	}
	return ""
}

func (m *machine) create() {
	name, by := m.anybody()
	text := m.text()
	made, err := m.w.reviews.Create(m.t.Context(), by, m.app, form(text))
	want := fault.Code("")
	if !home(name) {
		want = m.stranger()
	}
	if m.expect("create", err, want) {
		m.templates = append(m.templates, &modelTemplate{
			id:       made.ID,
			versions: []*modelVersion{{state: review.Draft, text: text, edition: 1, authors: map[string]bool{name: true}}},
			edition:  1,
			log:      []string{"template.create " + name},
		})
	}
}

func (m *machine) save() {
	t := m.any()
	name, by := m.anybody()
	want, v := m.mayWrite(name, t), t.newest()
	text, edition := m.text(), m.edition(v)
	switch {
	case want != "":
	case v.state == review.InReview:
		want = fault.CodeTemplateState
	case edition != 0 && edition != v.edition:
		want = fault.CodeTemplateChanged
	}
	_, err := m.w.reviews.Save(m.t.Context(), by, m.app, t.id, form(text), edition)
	if !m.expect("save", err, want) {
		return
	}
	if v.state == review.Draft {
		t.edition++
		v.edition = t.edition
	} else {
		v = t.follow()
	}
	v.text, v.authors[name] = text, true
	// Who saves again within ten minutes is in the log once.
	if at, logged := v.saved[name]; logged && m.w.now().Sub(at) < 10*time.Minute {
		return
	}
	if v.saved == nil {
		v.saved = map[string]time.Time{}
	}
	v.saved[name] = m.w.now()
	t.log = append(t.log, "template.save "+name)
}

// edition is what somebody may have read of a version: nothing, this very edition, or
// the one before.
func (m *machine) edition(v *modelVersion) int {
	return []int{0, v.edition, v.edition, max(v.edition-1, 0)}[m.random.IntN(4)]
}

func (m *machine) discard() {
	t := m.any()
	redrafts := slices.DeleteFunc(m.alive(), func(t *modelTemplate) bool { return t.newest().state != review.Draft || len(t.versions) == 1 })
	if len(redrafts) > 0 && m.random.IntN(2) > 0 { // there are few
		t = redrafts[m.random.IntN(len(redrafts))]
	}
	name, by := m.anybody()
	want, v := m.mayWrite(name, t), t.newest()
	edition := m.edition(v)
	switch {
	case want != "":
	case v.state != review.Draft || len(t.versions) == 1:
		want = fault.CodeTemplateState
	case edition != 0 && edition != v.edition:
		want = fault.CodeTemplateChanged
	}
	_, err := m.w.reviews.Discard(m.t.Context(), by, m.app, t.id, edition)
	if m.expect("discard", err, want) {
		t.versions = t.versions[:len(t.versions)-1]
		t.log = append(t.log, "template.discard "+name)
	}
}

// follow begins the next version.
func (m *modelTemplate) follow() *modelVersion {
	last := m.newest()
	m.edition++
	v := &modelVersion{state: review.Draft, text: last.text, edition: m.edition, authors: map[string]bool{}}
	if last.state != review.Approved {
		for name := range last.authors {
			v.authors[name] = true
		}
	}
	m.versions = append(m.versions, v)
	return v
}

func (m *machine) submit() {
	t := m.any()
	name, by := m.anybody()
	want := m.mayWrite(name, t)
	if want == "" && t.newest().state != review.Draft {
		want = fault.CodeTemplateState
	}
	_, err := m.w.reviews.Submit(m.t.Context(), by, m.app, t.id, 0)
	if m.expect("submit", err, want) {
		t.newest().state, t.newest().by = review.InReview, name
		t.log = append(t.log, "template.submit "+name)
	}
}

func (m *machine) withdraw() {
	t := m.any()
	name, by := m.anybody()
	want := m.mayWrite(name, t)
	if want == "" && t.newest().state != review.InReview {
		want = fault.CodeTemplateState
	}
	_, err := m.w.reviews.Withdraw(m.t.Context(), by, m.app, t.id)
	if m.expect("withdraw", err, want) {
		t.newest().state = review.Withdrawn
		t.follow()
		t.log = append(t.log, "template.withdraw "+name)
	}
}

// decision says what the model makes of somebody who wants to decide.
func (m *machine) decision(name string, t *modelTemplate, number int) fault.Code {
	v := t.newest()
	switch {
	case m.third() && home(name): // reviewers of the provider are none for its own app
		return fault.CodePermissionDenied
	case !m.third() && !home(name):
		return fault.CodeTemplateUnknown
	case t.deleted:
		return fault.CodeTemplateUnknown
	case m.third() && v.state == review.Draft && len(t.versions) == 1: // which they do not see
		return fault.CodeTemplateUnknown
	case number != len(t.versions) || v.state != review.InReview:
		return fault.CodeTemplateState
	case v.authors[name] || v.by == name:
		m.did["approve own"]++
		return fault.CodePermissionDenied
	}
	return ""
}

func (m *machine) approve() {
	t := m.any()
	name, by := m.anybody()
	number := len(t.versions) - m.random.IntN(2)
	want := m.decision(name, t, number)
	_, err := m.w.reviews.Approve(m.t.Context(), by, m.app, t.id, number)
	if m.expect("approve", err, want) {
		if t.newest().authors[name] {
			m.t.Errorf("%s approved their own", name)
		}
		t.newest().state, t.live, t.disabled = review.Approved, number, false
		m.approved[t.newest().text] = true
		t.log = append(t.log, "template.approve "+name)
	}
}

func (m *machine) reject() {
	t := m.any()
	name, by := m.anybody()
	want := m.decision(name, t, len(t.versions))
	_, err := m.w.reviews.Reject(m.t.Context(), by, m.app, t.id, len(t.versions), "no")
	if m.expect("reject", err, want) {
		t.newest().state = review.Rejected
		t.log = append(t.log, "template.reject "+name)
	}
}

func (m *machine) able() {
	t := m.any()
	name, by := m.anybody()
	want := m.mayWrite(name, t)
	if want == "" && t.live == 0 {
		want = fault.CodeTemplateState
	}
	verb, do, off := "enable", m.w.reviews.Enable, m.random.IntN(2) == 0
	if off {
		verb, do = "disable", m.w.reviews.Disable
	}
	_, err := do(m.t.Context(), by, m.app, t.id)
	if m.expect(verb, err, want) {
		t.disabled = off
		t.log = append(t.log, "template."+verb+" "+name)
	}
}

func (m *machine) clone() {
	t := m.any()
	if m.random.IntN(3) > 0 {
		return
	}
	name, by := m.anybody()
	number := 1 + m.random.IntN(len(t.versions))
	made, err := m.w.reviews.Clone(m.t.Context(), by, m.app, t.id, number)
	if !m.expect("clone", err, m.mayWrite(name, t)) {
		return
	}
	from := t.versions[number-1]
	v := &modelVersion{state: review.Draft, text: from.text, edition: 1, authors: map[string]bool{name: true}}
	if from.state != review.Approved {
		for author := range from.authors {
			v.authors[author] = true
		}
	}
	m.templates = append(m.templates, &modelTemplate{id: made.ID, versions: []*modelVersion{v}, log: []string{"template.clone " + name}, edition: 1})
}

func (m *machine) remove() {
	t := m.any()
	if m.random.IntN(4) > 0 {
		return
	}
	name, by := m.anybody()
	if m.expect("delete", m.w.reviews.Delete(m.t.Context(), by, m.app, t.id), m.mayWrite(name, t)) {
		t.deleted = true
		if t.newest().state == review.InReview {
			t.newest().state = review.Withdrawn
		}
		t.log = append(t.log, "template.delete "+name)
	}
}

// test sends to oneself what nobody has reviewed.
func (m *machine) test() {
	t := m.any()
	name, by := m.anybody()
	task, err := m.w.reviews.Test(m.t.Context(), by, m.app, t.id, 0, template.Values{"n": "x"})
	if !m.expect("test", err, m.mayWrite(name, t)) {
		return
	}
	t.log = append(t.log, "template.test "+name)
	if got, want := m.w.said(m.t, m.w.home.ID, task), t.newest().text+" x"; !strings.Contains(got, want) {
		m.t.Errorf("a test says %s, want %s", got, want)
	}
	outcome, err := m.w.db.Tasks().OutcomeByID(m.t.Context(), m.w.home.ID, task)
	must(m.t, err)
	if !slices.Equal(outcome.Sent.ToArray(), []uint32{by.Ordinal}) {
		m.t.Errorf("a test of %v reached %v", by, outcome.Sent.ToArray())
	}
}

// send sends by template into the other organization.
func (m *machine) send() {
	t := m.any()
	m.sent++
	c, to := m.caller()
	task, err := m.w.sends.SendTemplate(m.t.Context(), bytemplate(c, t.id, template.Values{"n": strconv.Itoa(m.sent)}, to...))
	want := fault.Code("")
	switch {
	case t.deleted:
		want = fault.CodeTemplateUnknown
	case t.live == 0, t.disabled:
		want = fault.CodeTemplateUnusable
	}
	if !m.expect("send", err, want) {
		return
	}
	text := t.versions[t.live-1].text
	if !m.approved[text] {
		m.t.Errorf("%q was sent, which nobody has approved", text)
	}
	if got, want := m.w.said(m.t, c.Organization, task), fmt.Sprintf(`"text":"%s %d"`, text, m.sent); !strings.Contains(got, want) {
		m.t.Errorf("sent %s, want %s", got, want)
	}
	outcome, err := m.w.db.Tasks().OutcomeByID(m.t.Context(), c.Organization, task)
	must(m.t, err)
	if outcome.Use != (notify.TemplateUse{ID: t.id, Version: t.live}) || outcome.Sent.GetCardinality() != 2 {
		m.t.Errorf("the task remembers %+v and reached %d, want version %d", outcome.Use, outcome.Sent.GetCardinality(), t.live)
	}
}

// caller is the app where it sends to, and whom it reaches there: the
// third-party one in the other organization.
func (m *machine) caller() (app.Caller, []string) {
	if m.third() {
		return m.w.caller(m.t, m.w.node, m.w.away.ID), []string{"eve", "rob"}
	}
	return m.w.insider(func(l *policy.Limits) { l.TemplatesForInternalApps, l.MessagesPerDay = true, 0 }), []string{"ann", "emp"}
}

// compose sends what no template says.
func (m *machine) compose() {
	m.sent++
	c, to := m.caller()
	r := notify.SendRequest{Envelope: bytemplate(c, "", nil, to...).Envelope}
	r.Message = fmt.Appendf(nil, `{"msgtype":"text","text":{"content":"composed %d"}}`, m.sent)
	_, err := m.w.sends.Send(m.t.Context(), r)
	want := fault.CodeDirectSendOff
	if m.direct || !m.third() {
		want = ""
	} else if err != nil {
		m.did["compose refused"]++
	}
	m.expect("compose", err, want)
}

func (m *machine) directSend() {
	m.direct = m.random.IntN(3) == 0
	must(m.t, m.w.apps.SetDirectSend(m.t.Context(), audit.ByOperator(), m.w.away.ID, m.w.agents[m.w.away.ID].ID, m.direct))
}

// compare holds everything that is stored against the model: no version has
// changed since, and the log has every step.
func (m *machine) compare() {
	m.t.Helper()
	ctx, provider := m.t.Context(), m.w.home.ID
	for _, t := range m.templates {
		versions, err := m.w.db.Templates().Versions(ctx, provider, t.id)
		must(m.t, err)
		slices.Reverse(versions)
		kept := len(t.versions)
		if t.deleted && kept == 1 && t.newest().state == review.Draft {
			kept = 0 // nobody but its authors has seen it
		}
		if len(versions) != kept {
			m.t.Fatalf("%d versions, want %d", len(versions), kept)
		}
		for i := range versions {
			v, err := m.w.db.Templates().Version(ctx, provider, t.id, versions[i].Number)
			must(m.t, err)
			want := t.versions[i]
			if v.State != want.state || !reflect.DeepEqual(v.Form, form(want.text)) || v.Number != i+1 {
				m.t.Errorf("version %d is %s %q, want %s %q", v.Number, v.State, v.Form.Content, want.state, want.text)
			}
		}
		log, err := m.w.db.Templates().Log(ctx, provider, t.id)
		must(m.t, err)
		var steps []string
		for _, e := range log {
			name, _ := m.w.directory.Userid(e.By.Organization, e.By.Ordinal)
			steps = append(steps, string(e.Action)+" "+name)
		}
		if diff := cmp.Diff(t.log, steps); diff != "" {
			m.t.Errorf("log of %s: %s", t.id, diff)
		}
	}
	// What is over is compared once more and then left.
	m.templates = slices.DeleteFunc(m.templates, func(t *modelTemplate) bool { return t.deleted && m.random.IntN(2) == 0 })
}
