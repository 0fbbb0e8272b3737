package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/policy"
)

// step is something that happens at a time. again says that doing it twice is doing
// it once. next is when something else happens.
type step struct {
	at   time.Time
	what string
	take func(ctx context.Context, next time.Time) (again bool, err error)
}

// inOrder sorts steps and sees to it that no two are at the same time.
func inOrder(steps []step) []step {
	slices.SortStableFunc(steps, func(a, b step) int { return a.at.Compare(b.at) })
	for i := 1; i < len(steps); i++ {
		if !steps[i].at.After(steps[i-1].at) {
			steps[i].at = steps[i-1].at.Add(time.Millisecond)
		}
	}
	return steps
}

// living is one organization while its history is lived through.
type living struct {
	d       *Demo
	s       *shown
	h       *History
	days    []time.Time
	moments []time.Time // when people look at their notifications, in order
	readers *readers
	manager string // who looks at what was sent, and recalls
	apps    map[string]*client.App
}

// settle makes the apps of the past and remembers what was sent before.
func (l *living) settle(ctx context.Context) error {
	l.apps = map[string]*client.App{}
	until := l.h.state.History.Until.In(l.s.location())
	l.days = workdays(until)
	l.moments = moments(l.days[0], until, l.s.key)
	if l.s.state.Past == nil {
		l.s.state.Past = map[string]int64{}
	}
	if err := l.makeApps(ctx); err != nil {
		return err
	}
	users, err := l.d.activeUsers(ctx, l.s.id)
	if err != nil {
		return err
	}
	l.readers = newReaders(l, users)
	at := slices.IndexFunc(users, func(u directory.User) bool { return slices.Contains(u.Roles, string(policy.Administrator)) })
	if at < 0 {
		return fmt.Errorf("nobody is administrator")
	}
	l.manager = users[at].Userid
	for i := range l.s.past.sends {
		if task := l.s.state.Past[l.name(i)]; task != 0 {
			if err := l.expect(ctx, i, task); err != nil {
				return err
			}
		}
	}
	return nil
}

// name is that of a send, also as its idempotency key.
func (l *living) name(i int) string { return fmt.Sprintf("past-%s-%d", l.s.key, i) }

// makeApps makes the apps that are not noted yet.
func (l *living) makeApps(ctx context.Context) error {
	there, err := l.d.o.Apps.Apps(ctx, l.s.id)
	if err != nil {
		return err
	}
	for _, p := range l.s.past.apps {
		if l.s.state.Apps[p.role] != nil {
			continue
		}
		made, err := l.makeApp(ctx, p, there)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		l.s.state.Apps[p.role] = made
		if err := l.d.state.save(); err != nil {
			return err
		}
	}
	return nil
}

func (l *living) makeApp(ctx context.Context, p pastApp, there []app.Listing) (*appState, error) {
	n := app.NewApp{Name: p.name, Description: p.description, SendToEveryone: len(p.depts) == 0}
	if len(p.depts) > 0 {
		n.Range = &directory.Range{}
		for _, path := range p.depts {
			n.Range.DeptIDs = append(n.Range.DeptIDs, l.s.depts[path])
		}
	}
	made, err := l.d.makeApp(ctx, l.s.id, n, there)
	if err == nil && p.daily > 0 {
		limits := json.RawMessage(fmt.Sprintf(`{"messages_per_day":%d}`, p.daily))
		err = l.d.o.Apps.SetLimits(ctx, audit.ByOperator(), l.s.id, made.AgentID, limits)
	}
	if err != nil || p.composer == "" {
		return made, err
	}
	users, err := l.d.activeUsers(ctx, l.s.id)
	for _, u := range users {
		if u.Userid == p.composer {
			err = l.d.o.Apps.SetComposers(ctx, audit.ByOperator(), l.s.id, made.AgentID, app.Composers{Ordinals: []uint32{u.Ordinal}})
		}
	}
	return made, err
}

// steps are all that happens before until.
func (l *living) steps(until time.Time) []step {
	var all []step
	for i, p := range l.s.past.sends {
		at := l.timeOf(i)
		all = append(all, step{at, l.name(i), func(ctx context.Context, _ time.Time) (bool, error) { return false, l.send(ctx, i) }})
		for _, c := range p.changes {
			all = append(all, step{at.Add(c.after), l.name(i), func(ctx context.Context, _ time.Time) (bool, error) {
				return false, l.change(ctx, i, c)
			}})
		}
	}
	for _, at := range l.moments {
		all = append(all, step{at, l.s.key + ": reading", func(ctx context.Context, next time.Time) (bool, error) {
			return true, l.readers.read(ctx, at, next)
		}})
	}
	return slices.DeleteFunc(all, func(s step) bool { return !s.at.Before(until) })
}

// timeOf is when a notification is sent: never on the whole minute.
func (l *living) timeOf(i int) time.Time {
	p := l.s.past.sends[i]
	day := l.days[p.day]
	return time.Date(day.Year(), day.Month(), day.Day(), p.at/100, p.at%100, int(share(l.name(i))*59)+1, 0, day.Location())
}

// send sends a notification, once.
func (l *living) send(ctx context.Context, i int) error {
	p := l.s.past.sends[i]
	to, err := l.s.resolve(p.to)
	if err != nil {
		return err
	}
	var task int64
	if p.hand != "" {
		task, err = l.sendByHand(ctx, i, to)
	} else {
		task, err = l.sendByApp(ctx, i, to)
	}
	if err != nil {
		return err
	}
	l.s.state.Past[l.name(i)] = task
	return l.expect(ctx, i, task)
}

func (l *living) sendByApp(ctx context.Context, i int, to client.Audience) (int64, error) {
	p := l.s.past.sends[i]
	c := l.app(p.app)
	if p.template != "" {
		return c.SendTemplate(ctx, to, l.d.state.Suite.Templates[p.template], p.values, l.name(i))
	}
	body, err := l.body(ctx, p)
	if err != nil {
		return 0, err
	}
	return c.Send(ctx, to, client.Raw(body), l.name(i))
}

// body is a message with its files, which are the ones that the demo's own app sends.
func (l *living) body(ctx context.Context, p pastSend) (object, error) {
	var failed error
	body := p.body(func(kind string) string {
		l.s.client = l.app(newsRole)
		id, err := l.d.mediaID(ctx, l.s, kind)
		if err != nil {
			failed = err
		}
		return id
	})
	return body, failed
}

// sendByHand sends as the console does: what a plan has told.
func (l *living) sendByHand(ctx context.Context, i int, to client.Audience) (int64, error) {
	p := l.s.past.sends[i]
	draft := object{"agent_id": strconv.FormatInt(l.agent(p.app), 10), "audience": object{
		"everyone": to.Everyone, "dept_ids": texts(to.DeptIDs), "userids": to.Userids,
	}}
	if p.template != "" {
		draft["template"] = object{"template_id": l.d.state.Suite.Templates[p.template], "values": p.values}
	} else {
		body, err := l.body(ctx, p)
		if err != nil {
			return 0, err
		}
		draft["message"] = body
	}
	return l.person(p.hand).send(ctx, draft, l.s.name, l.name(i))
}

// change changes the status bar of a notification, or recalls it.
func (l *living) change(ctx context.Context, i int, c pastChange) error {
	task := l.s.state.Past[l.name(i)]
	switch {
	case c.hand != "" && c.status == "":
		return l.person(c.hand).recall(ctx, task)
	case c.hand != "":
		return l.person(c.hand).setStatusBar(ctx, task, c.status, c.color)
	}
	w := l.app(l.s.past.sends[i].app)
	if c.status == "" {
		return w.Recall(ctx, task)
	}
	return w.SetStatusBar(ctx, task, client.StatusBar{Value: c.status, Background: c.color})
}

func (l *living) agent(role string) int64 {
	if role == suiteRole {
		return l.d.state.Suite.Agents[l.s.key]
	}
	return l.s.state.Apps[role].AgentID
}

// app is an app as a client of the wire.
func (l *living) app(role string) *client.App {
	if l.apps[role] == nil {
		l.apps[role] = l.d.wire().App(l.agent(role), l.credentials(role))
	}
	return l.apps[role]
}

func (l *living) credentials(role string) client.Credentials {
	if suite := l.d.state.Suite; role == suiteRole {
		return client.ClientCredentials{Key: suite.Key, Secret: suite.Secret, CorpID: l.s.state.CorpID}
	}
	return client.AppKey{Key: l.s.state.Apps[role].Key, Secret: l.s.state.Apps[role].Secret}
}

// texts are ids as our own API reads them.
func texts(ids []int64) []string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = strconv.FormatInt(id, 10)
	}
	return list
}

func (l *living) person(userid string) *person {
	return &person{base: l.d.o.Local, http: l.d.o.HTTP, token: l.s.state.APITokens[userid]}
}
