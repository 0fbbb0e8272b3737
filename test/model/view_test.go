package model_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/client"
)

// shown is an item with the very bytes it came in.
type shown struct {
	client.Item
	raw []byte
}

// UnmarshalJSON reads an item and keeps its bytes.
func (s *shown) UnmarshalJSON(raw []byte) error {
	s.raw = bytes.Clone(raw)
	return json.Unmarshal(raw, &s.Item)
}

// view is what the model knows of an item.
type view struct {
	Task, Revision, Agent, App, Type string
	Says                             bool // its words stand in title, preview and card
	Silent                           bool // nothing of its words is there
	Bar                              client.ItemStatusBar
	At, Read, Recalled               time.Time
}

// viewOf describes an item of a task.
func viewOf(s shown, t *task) view {
	v := view{
		Task: s.TaskID, Revision: s.Revision, Agent: s.App.AgentID, App: s.App.Name, Type: s.Type,
		At: when(&s.SentAt), Read: when(s.ReadAt), Recalled: when(s.RecalledAt),
	}
	words := t.content.words
	v.Says = strings.Contains(s.Title, words) && strings.Contains(s.Preview, words) && strings.Contains(s.HTML, words)
	v.Silent = !bytes.Contains(s.raw, []byte(words)) && !s.Content() && !bytes.Contains(s.raw, []byte("example.com"))
	if s.StatusBar != nil {
		v.Bar = *s.StatusBar
	}
	return v
}

func when(at *time.Time) time.Time {
	if at == nil {
		return time.Time{}
	}
	return at.UTC()
}

// view is what a page shows somebody of a task.
func (t *task) view(p *person) view {
	v := view{
		Task: strconv.FormatInt(t.id, 10), Revision: strconv.FormatInt(t.revision, 10),
		Agent: strconv.FormatInt(t.agent.id, 10), App: t.agent.name, Type: t.content.kind,
		At: t.at, Read: t.read[p].at,
	}
	if t.recalled != 0 {
		v.Silent, v.Recalled = true, t.recalledAt
		return v
	}
	v.Says = true
	if b := t.bars[len(t.bars)-1].shown; b != nil {
		v.Bar = *b
	}
	return v
}

// samePage compares items with what somebody's inbox must hold, and learns
// their message ids.
func (m *model) samePage(p *person, items []shown, want []*task) error {
	tasks := make([]string, len(want))
	for i, t := range want {
		tasks[i] = strconv.FormatInt(t.id, 10)
	}
	got := make([]string, len(items))
	for i, item := range items {
		got[i] = item.TaskID
	}
	if diff := cmp.Diff(tasks, got); diff != "" {
		return fmt.Errorf("%s has tasks:\n%s", p.userid, diff)
	}
	for i, t := range want {
		if should, is := t.view(p), viewOf(items[i], t); should != is {
			return fmt.Errorf("%s is shown task %d so:\n%s", p.userid, t.id, cmp.Diff(should, is))
		}
		if err := m.learn(copyKey{p, t}, items[i].MessageID); err != nil {
			return err
		}
	}
	return nil
}

// learn takes note of a message id: one for each copy, and always the same.
func (m *model) learn(c copyKey, id string) error {
	known, ok := m.ids[c]
	other, taken := m.copies[id]
	switch {
	case id == "":
		return fmt.Errorf("%s's copy of task %d has no id", c.person.userid, c.task.id)
	case ok && known != id:
		return fmt.Errorf("%s's copy of task %d was %s and is %s", c.person.userid, c.task.id, known, id)
	case taken && other != c:
		return fmt.Errorf("%s's copy of task %d has the id of %s's of task %d", c.person.userid, c.task.id, other.person.userid, other.task.id)
	}
	m.ids[c], m.copies[id] = id, c
	return nil
}
