package model_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/test/harness"
)

// repeatable is a send with an idempotency key.
type repeatable struct {
	by      *sender
	to      client.Audience
	content content
	key     string
	task    *task
}

// drawAudience names people in every way there is, small audiences and large
// ones, and some that mean nobody.
func (h *history) drawAudience(t *rapid.T) (a client.Audience) {
	kind := rapid.SampledFrom([]string{"few", "few", "border", "dept", "depts", "everyone", "root", "mixed", "nobody"}).Draw(t, "audience")
	dept := rapid.SampledFrom(append(h.m.departments()[1:], 999))
	switch kind {
	case "border":
		a.Userids = h.row(t, rapid.SampledFrom([]int{63, 64, 65, 70}).Draw(t, "size"))
	case "dept":
		a.DeptIDs = []int64{dept.Draw(t, "dept")}
	case "depts":
		a.DeptIDs = rapid.SliceOfN(dept, 2, 3).Draw(t, "depts")
	case "everyone":
		a.Everyone = true
		a.Userids = h.few(t, 0)
	case "root":
		a.DeptIDs = []int64{directory.RootID, dept.Draw(t, "dept")}
	case "mixed":
		a.Userids = h.few(t, 1)
		a.DeptIDs = []int64{dept.Draw(t, "dept")}
	case "nobody":
		a.Userids, a.DeptIDs = []string{"ghost", "phantom", "ghost"}, []int64{998}
	default:
		a.Userids = h.few(t, 1)
	}
	return a
}

// few names a handful of people, some of whom may have gone.
func (h *history) few(t *rapid.T, least int) (userids []string) {
	for range rapid.IntRange(least, 5).Draw(t, "few") {
		if rapid.IntRange(0, 9).Draw(t, "gone") > 0 {
			userids = append(userids, h.someone(t).userid)
			continue
		}
		userids = append(userids, rapid.SampledFrom(h.m.people).Draw(t, "anybody").userid, "nobody")
	}
	return userids
}

// row names so many people who are there.
func (h *history) row(t *rapid.T, n int) (userids []string) {
	all := h.m.active()
	from := rapid.IntRange(0, max(0, len(all)-1)).Draw(t, "from")
	for i := range min(n, len(all)) {
		userids = append(userids, all[(from+i)%len(all)].userid)
	}
	return userids
}

func (h *history) send(t *rapid.T) {
	s := h.senders[rapid.SampledFrom([]int{strict, strict, narrow, machine}).Draw(t, "app")]
	to, c, key := h.drawAudience(t), h.drawContent(t), ""
	if rapid.IntRange(0, 3).Draw(t, "keyed") == 0 {
		h.said++
		key = fmt.Sprintf("key %d", h.said)
	}
	h.w.pass(step)
	asked := h.w.tick()
	id, err := s.Send(context.Background(), to, c.message, key)
	made := h.settle(t, sending{by: s, to: to, content: c, asked: asked, id: id, err: err})
	if key != "" && made != nil {
		h.repeats = append(h.repeats, repeatable{by: s, to: to, content: c, key: key, task: made})
	}
}

// sending is a send and what came back.
type sending struct {
	by      *sender
	to      client.Audience
	content content
	asked   int64
	id      int64
	err     error
}

// settle compares what came back with what the model decides, and files it.
func (h *history) settle(t *rapid.T, s sending) *task {
	t.Helper()
	if h.m.resolve(s.to, s.by.reach).everyone && !s.by.grant {
		mustRefuse(t, s.err, 41028)
		return nil
	}
	must(t, s.err)
	made := h.m.decide(s.by.agent, s.to, s.content, h.w.now())
	if slices.ContainsFunc(h.m.tasks, func(other *task) bool { return other.id == s.id }) {
		t.Fatalf("task id %d is given twice", s.id)
	}
	h.m.accept(made, s.id, s.asked)
	return made
}

// sendAgain repeats a send under its idempotency key: it is the task it was.
// Under the same key, another request is refused.
func (h *history) sendAgain(t *rapid.T) {
	day := h.w.now().AddDate(0, 0, -1)
	kept := slices.DeleteFunc(slices.Clone(h.repeats), func(r repeatable) bool { return !r.task.at.After(day) })
	if len(kept) == 0 {
		t.Skip("nothing to repeat")
	}
	r := rapid.SampledFrom(kept).Draw(t, "send")
	h.w.pass(step)
	id, err := r.by.Send(context.Background(), r.to, r.content.message, r.key)
	must(t, err)
	if id != r.task.id {
		t.Fatalf("the same send is task %d, then %d", r.task.id, id)
	}
	_, err = r.by.Send(context.Background(), r.to, h.fresh("text").message, r.key)
	mustRefuse(t, err, 40035)
}

func (h *history) recall(t *rapid.T) {
	one := h.someTask(t)
	h.w.pass(step)
	asked := h.w.tick()
	must(t, h.senderOf(one).Recall(context.Background(), one.id))
	h.m.recall(one, h.w.now(), asked, h.w.tick())
}

// drawBar draws what a status bar is changed to.
func drawBar(t *rapid.T) client.ItemStatusBar {
	value := rapid.SampledFrom([]string{"agreed", "refused", "withdrawn"}).Draw(t, "value")
	return client.ItemStatusBar{Value: value, Background: rapid.SampledFrom([]string{"", "0xFF78C06E"}).Draw(t, "background")}
}

func (h *history) statusBar(t *rapid.T) {
	one, b := h.someCard(t), drawBar(t)
	h.w.pass(step)
	asked := h.w.tick()
	err := h.senderOf(one).SetStatusBar(context.Background(), one.id, b.Value, b.Background)
	h.settleBar(t, one, b, asked, err)
}

func (h *history) settleBar(t *rapid.T, one *task, b client.ItemStatusBar, asked int64, err error) {
	t.Helper()
	switch {
	case one.content.kind != "oa":
		mustRefuse(t, err, 40035)
	case one.recalled != 0:
		mustRefuse(t, err, 400002)
	default:
		must(t, err)
		h.m.show(one, b, asked)
	}
}

// badRequest makes a call that must be refused and change nothing.
func (h *history) badRequest(t *rapid.T) {
	ctx := context.Background()
	s := h.senders[rapid.SampledFrom([]int{strict, narrow}).Draw(t, "app")]
	notMine := []int64{h.w.neighbour.task, 1 << 52, 0}
	for _, other := range h.m.tasks {
		if other.agent != s.agent {
			notMine = append(notMine, other.id)
		}
	}
	id := rapid.SampledFrom(notMine).Draw(t, "task")
	h.w.pass(step)
	switch rapid.SampledFrom([]string{"recall", "bar", "result", "progress", "nobody", "empty", "agent"}).Draw(t, "call") {
	case "recall":
		mustRefuse(t, s.Recall(ctx, id), 400002)
	case "bar":
		mustRefuse(t, s.SetStatusBar(ctx, id, "agreed", ""), 40035)
	case "result":
		_, err := s.Result(ctx, id)
		mustRefuse(t, err, 40035)
	case "progress":
		_, err := s.Progress(ctx, id)
		mustRefuse(t, err, 40035)
	case "nobody":
		_, err := s.Send(ctx, client.Audience{}, h.fresh("text").message, "")
		mustRefuse(t, err, 40035)
	case "empty":
		_, err := s.Send(ctx, client.Audience{Everyone: true}, harness.Object{"msgtype": "text", "text": harness.Object{}}, "")
		mustRefuse(t, err, 34014)
	case "agent":
		other := *s.App
		other.AgentID = h.w.neighbour.app.AgentID
		_, err := other.Send(ctx, client.Audience{Everyone: true}, h.fresh("text").message, "")
		mustRefuse(t, err, 40056)
	}
}

// result compares what the sender is told of a task.
func (h *history) result(t *rapid.T) { must(t, h.sameResult(h.someTask(t))) }

func (h *history) sameResult(one *task) error {
	s := h.senderOf(one)
	got, err := s.Result(context.Background(), one.id)
	if err != nil {
		return err
	}
	want := client.Result{InvalidUserids: one.invalid.invalidUserids, InvalidDeptIDs: one.invalid.invalidDeptIDs}
	for _, p := range one.sent {
		if _, read := one.read[p]; read {
			want.Read = append(want.Read, p.userid)
		} else {
			want.Unread = append(want.Unread, p.userid)
		}
	}
	for _, x := range one.held {
		want.Forbidden = append(want.Forbidden, x.person.userid)
		want.Held = append(want.Held, client.Held{Code: x.code, Count: x.count, Userid: x.person.userid})
	}
	if diff := cmp.Diff(sortedResult(want), sortedResult(got)); diff != "" {
		return fmt.Errorf("result of task %d of %s:\n%s", one.id, s.name, diff)
	}
	p, err := s.Progress(context.Background(), one.id)
	if err == nil && p != (client.Progress{Percent: 100, Status: 2}) {
		err = fmt.Errorf("progress of task %d: %+v", one.id, p)
	}
	return err
}

// sortedResult puts every list in order: the wire promises none.
func sortedResult(r client.Result) client.Result {
	for _, list := range []*[]string{&r.InvalidUserids, &r.Forbidden, &r.Failed, &r.Read, &r.Unread} {
		*list = slices.Sorted(slices.Values(*list))
	}
	r.InvalidDeptIDs = slices.Sorted(slices.Values(r.InvalidDeptIDs))
	r.Held = slices.SortedFunc(slices.Values(r.Held), func(a, b client.Held) int {
		return slices.Compare([]string{a.Userid, a.Code}, []string{b.Userid, b.Code})
	})
	return r
}
