package task

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/policy"
)

// MaxPage is the most tasks of a page.
const MaxPage = 100

// Audience is how the people of a task were named.
type Audience string

// The audiences. A task that names departments and people is of both.
const (
	Everyone    Audience = "everyone"
	Departments Audience = "departments"
	People      Audience = "people"
)

// State is what has become of a task.
type State string

// The states.
const (
	Sent     State = "sent"
	Recalled State = "recalled"
)

// Query chooses tasks. A zero field chooses nothing.
type Query struct {
	Before, After int64 // revisions; one of them, or neither for the newest
	Limit         int   // 1 to MaxPage

	AgentID  int64
	State    State
	Type     string
	Template string
	Audience Audience
	Held     *bool   // somebody was held back
	Test     *bool   // it is a test
	By       *uint32 // the person who sent it by hand
	From, To time.Time
	Text     string // in the title, whatever the case; or the task id
}

// Page is some of the tasks asked for, newest first.
type Page struct {
	Items []Task
	// NextBefore goes into Before for what is older, NextAfter into After for what
	// is newer; 0 where there is nothing.
	NextBefore, NextAfter int64
	// ExaminedTo is when the last task that was looked at was sent; zero for none.
	ExaminedTo time.Time
	Revision   int64 // the organization's
}

// Task is a summary with what it comes to at this moment.
type Task struct {
	Summary
	Count
	AppKey       string
	TemplateName string
	Dropped      bool // receipts are no longer kept: nobody knows who has read it
	// Grant is the asker's right to it, which knows what else they may.
	Grant policy.Grant

	limits policy.Limits // of its app
}

// List returns a page of the tasks that somebody may see: tasks.list.
func (s *Service) List(ctx context.Context, g policy.Grant, q Query) (Page, error) {
	if err := g.For(policy.TasksList); err != nil {
		return Page{}, err
	}
	organization := g.Resource().Organization
	at, err := s.Store.Standing(ctx, organization)
	if err != nil {
		return Page{}, fmt.Errorf("task.List: %w", err)
	}
	l := &listing{grant: g, query: q, at: at, lookup: s.lookup()}
	if err := l.read(ctx); err != nil {
		return Page{}, fmt.Errorf("task.List: %w", err)
	}
	l.count(ctx)
	return l.page, nil
}

// chooses reports whether a task is one that is asked for.
func (q *Query) chooses(s *Summary) bool {
	switch {
	case q.AgentID != 0 && s.AgentID != q.AgentID,
		q.State == Sent && !s.RecalledAt.IsZero(),
		q.State == Recalled && s.RecalledAt.IsZero(),
		q.Type != "" && s.Type != q.Type,
		q.Template != "" && s.Use.ID != q.Template,
		q.Held != nil && *q.Held != (s.Held > 0),
		q.Test != nil && *q.Test != s.Test,
		!q.From.IsZero() && s.SentAt.Before(q.From),
		!q.To.IsZero() && !s.SentAt.Before(q.To):
		return false
	}
	switch q.Audience {
	case Everyone:
		if !s.Everyone {
			return false
		}
	case Departments:
		if s.Depts == 0 {
			return false
		}
	case People:
		if s.Everyone || s.Userids == 0 {
			return false
		}
	}
	return q.finds(s)
}

// finds reports whether a task has the text asked for: a recalled one by its id alone.
func (q *Query) finds(s *Summary) bool {
	if q.Text == "" || strconv.FormatInt(s.TaskID, 10) == q.Text {
		return true
	}
	s.words()
	return strings.Contains(strings.ToLower(s.Title), strings.ToLower(q.Text))
}
