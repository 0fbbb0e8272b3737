package rest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/live"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/task"
)

func (h *house) Card(_ context.Context, organization, _ int64) (*inbox.Card, error) {
	return &inbox.Card{Title: secret(organization)}, h.note("card")
}

func (h *house) Message(_ context.Context, organization, _ int64) (map[string]any, error) {
	return map[string]any{"msgtype": "text", "text": map[string]any{"content": secret(organization)}}, h.note("message")
}

func (h *house) App(_ context.Context, organization, agentID int64) (inbox.AppView, error) {
	return inbox.AppView{AgentID: fmt.Sprint(agentID), Name: secret(organization)}, h.note("app view")
}

func (h *house) Location(int64) *time.Location { return time.UTC }

func (h *house) Paths(_ context.Context, organization int64, _ []int64) (map[int64]string, error) {
	return map[int64]string{4: secret(organization)}, h.note("paths")
}

func (h *house) ListPeople(_ context.Context, organization int64, q directory.PeopleQuery) (directory.PeoplePage, error) {
	next := uint32(5)
	return directory.PeoplePage{Users: []directory.User{{Ordinal: 5, Userid: "ann", Name: secret(organization), DeptIDs: []int64{4}}}, Next: &next, Total: 2},
		h.note(fmt.Sprintf("list %+v", q))
}

func (h *house) Match(_ context.Context, _ audit.By, organization int64, m directory.MatchRequest) (directory.Matches, error) {
	for range m.Rows {
		one := directory.Match{Line: 1, Text: "ann", User: directory.User{Userid: "ann", Name: secret(organization)}, By: "userid"}
		return directory.Matches{Columns: []string{"userid"}, Matched: []directory.Match{one}}, h.note("match")
	}
	return directory.Matches{}, h.note("match")
}

func (h *house) ListDepartments(
	_ context.Context, organization int64, q directory.DepartmentQuery,
) ([]directory.DepartmentPlace, *directory.DepartmentKey, error) {
	d := directory.DepartmentPlace{Department: directory.Department{ID: 4, ParentID: 1, Name: secret(organization), Order: -3}, Path: "a/b"}
	return []directory.DepartmentPlace{d}, &directory.DepartmentKey{Order: -3, ID: 4}, h.note(fmt.Sprintf("departments %+v", q))
}

// sent is the tasks of the house: each organization has one, of the person who asks.
type sent struct{ *house }

func (s sent) one(organization int64) task.Task {
	return task.Task{
		Summary: task.Summary{
			Organization: organization, Revision: 7, TaskID: ourTask, AgentID: 1, SentAt: time.Unix(1_700_000_000, 0).UTC(), Type: "text",
			By: audit.Person(organization, 5), Depts: 1, DeptIDs: []int64{4}, Sent: 3, Held: 1, Title: secret(organization),
			DroppedAt: s.droppedAt,
		},
		Count:   task.Count{Read: 2, At: time.Unix(1_700_000_100, 0).UTC()},
		Dropped: s.dropped,
	}
}

func (s sent) List(_ context.Context, g policy.Grant, q task.Query) (task.Page, error) {
	err := s.note(fmt.Sprintf("tasks %+v", q))
	return task.Page{Items: []task.Task{s.one(g.Resource().Organization)}, NextBefore: 7, Revision: 9}, err
}

func (s sent) Find(_ context.Context, a policy.Asker, right policy.Right, organization, id int64) (task.Task, policy.Grant, error) {
	if err := s.note("task"); err != nil {
		return task.Task{}, policy.Grant{}, err
	}
	if id != ourTask {
		return task.Task{}, policy.Grant{}, task.Unknown(id)
	}
	of := policy.Resource{Organization: organization, App: 1, Person: audit.Person(organization, 5)}
	t := s.one(organization)
	g, err := policy.Check(a, policy.TasksRead, of, task.Unknown(id))
	if t.Grant = g; err == nil {
		g, err = policy.Check(a, right, of, task.Unknown(id))
	}
	return t, g, err
}

func (s sent) Exact(context.Context, policy.Grant, *task.Task) ([]task.Held, error) {
	return []task.Held{{Code: "identical", Count: 1}}, s.note("exact")
}

func (s sent) Events(_ context.Context, _ policy.Grant, t task.Task) ([]task.Event, error) {
	return []task.Event{{At: t.SentAt, By: t.By, What: "send"}, {At: t.SentAt, What: "recall"}}, s.note("events")
}

func (s sent) Recipients(
	_ context.Context, _ policy.Grant, _ task.Task, q task.RecipientQuery, after *task.Place, limit int,
) (task.RecipientPage, error) {
	err := s.note(fmt.Sprintf("recipients %+v %v %d", q, after, limit))
	if q.List == task.ListInvalid {
		return task.RecipientPage{Items: []task.Recipient{{Invalid: true, Given: "gone", Code: "unknown"}, {Invalid: true, Given: "9", DeptID: 9}}, Total: 2, Matched: 2}, err
	}
	return task.RecipientPage{Items: []task.Recipient{{Ordinal: 5, Code: "identical", Threshold: 1}}, Next: &task.Place{Ordinal: 5}, Total: 3, Matched: 2}, err
}

func (s sent) NewestReaders(
	_ context.Context, _ policy.Grant, _ task.Task, q task.RecipientQuery, after *task.Place, limit int,
) (task.RecipientPage, error) {
	at := time.UnixMilli(1_700_000_100_123).UTC()
	err := s.note(fmt.Sprintf("newest %+v %v %d", q, after, limit))
	return task.RecipientPage{Items: []task.Recipient{{Ordinal: 5, ReadAt: at}}, Next: &task.Place{ReadAt: at, Ordinal: 5}, Total: 3, Matched: 2, CountedAt: at}, err
}

func (s sent) Export(_ context.Context, _ policy.Grant, _ task.Task, q task.RecipientQuery, format task.Format) (*task.Export, error) {
	people := func(yield func([]task.Recipient) bool) { yield([]task.Recipient{{Ordinal: 5}}) }
	return &task.Export{Rows: 1, People: people, Close: func() { _ = s.note("closed") }}, s.note(fmt.Sprintf("export %s %+v", format.Name, q))
}

func (s sent) CountExport(_ context.Context, _ policy.Grant, _ task.Task, q task.RecipientQuery, format task.Format) (int, error) {
	return 1, s.note(fmt.Sprintf("count %s %+v", format.Name, q))
}

func (s sent) Recall(_ context.Context, _ policy.Grant, t task.Task) (task.Task, error) {
	t.RecalledAt, t.Title = t.SentAt, ""
	return t, s.note("recall")
}

func (s sent) SetStatusBar(_ context.Context, _ policy.Grant, t task.Task, value, background string) (task.Task, error) {
	return t, s.note("status bar " + value + " " + background)
}

// Revision is another each time it is asked for.
func (s sent) Revision(context.Context, policy.Grant) (int64, error) {
	err := s.note("revision")
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(len(s.asked)), err
}

// Since tells of a send, a status bar and a recall.
func (s sent) Since(_ context.Context, g policy.Grant, after int64) ([]task.News, int64, bool, error) {
	one := s.one(g.Resource().Organization)
	return []task.News{{Revision: 7, Moved: task.MovedSent, Task: one}, {Revision: 8, Moved: task.MovedChanged, Task: one}, {Revision: 9, Moved: task.MovedRecalled, Task: one}},
		9, after > 0, s.note(fmt.Sprint("since ", after))
}

func (s sent) Watch(_ int64, ids []int64) map[int64]task.Count {
	return map[int64]task.Count{ids[0]: {Read: 2, At: time.Unix(1_700_000_100, 0).UTC()}}
}

// consoleStreams writes what there is at first and ends.
type consoleStreams struct{ *house }

func (s consoleStreams) Serve(w http.ResponseWriter, _ *http.Request, _ int64, told live.Console, after int64, until context.Context, ended func()) error {
	defer ended()
	news, _, err := told.News(until, after)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/event-stream")
	for _, one := range news {
		data, _ := json.Marshal(one.Data)
		fmt.Fprintf(w, "%s %d %s\n", one.Name, one.Revision, data)
	}
	return nil
}

func (s sent) MayRecall(*task.Task) bool { return true }

func (s sent) MaySetStatusBar(*task.Task) bool { return false }

func (s sent) Shows(_ context.Context, a policy.Asker, _ int64, _ string) (bool, error) {
	return false, s.note("task shows")
}
