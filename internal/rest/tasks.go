package rest

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
	"github.com/tidings-im/tidings/internal/task"
)

// Tasks answers for what an organization was sent; see task.Service.
type Tasks interface {
	List(ctx context.Context, g policy.Grant, q task.Query) (task.Page, error)
	// Find returns a task with the right of the route to it.
	Find(ctx context.Context, asker policy.Asker, right policy.Right, organization, taskID int64) (task.Task, policy.Grant, error)
	Exact(ctx context.Context, g policy.Grant, t *task.Task) ([]task.Held, error)
	Events(ctx context.Context, g policy.Grant, t task.Task) ([]task.Event, error)
	Recipients(ctx context.Context, g policy.Grant, t task.Task, q task.RecipientQuery, after *task.Place, limit int) (task.RecipientPage, error)
	NewestReaders(ctx context.Context, g policy.Grant, t task.Task, q task.RecipientQuery, after *task.Place, limit int) (task.RecipientPage, error)
	Export(ctx context.Context, g policy.Grant, t task.Task, q task.RecipientQuery, format task.Format) (*task.Export, error)
	CountExport(ctx context.Context, g policy.Grant, t task.Task, q task.RecipientQuery, format task.Format) (int, error)
	Recall(ctx context.Context, g policy.Grant, t task.Task) (task.Task, error)
	SetStatusBar(ctx context.Context, g policy.Grant, t task.Task, value, background string) (task.Task, error)
	MayRecall(t *task.Task) bool
	MaySetStatusBar(t *task.Task) bool
	liveTasks
	taskFiles
}

// cardRoom shows cards to those who administer.
type cardRoom interface {
	// Card is nil for a task that is recalled.
	Card(ctx context.Context, organization, taskID int64) (*inbox.Card, error)
	// Message is what a task says.
	Message(ctx context.Context, organization, taskID int64) (map[string]any, error)
	App(ctx context.Context, organization, agentID int64) (inbox.AppView, error)
}

// tasks is what an organization was sent.
type tasks struct {
	room          Tasks
	cards         cardRoom
	people        People
	organizations Organizations
}

const taskPath = "/tasks/{task_id}"

func (t *tasks) routes(r route.Table) {
	route.JSON(r, route.Get("listTasks", "/tasks", "List what was sent", listTasksText), policy.TasksList, t.list)
	route.JSON(r, route.Get("getTask", taskPath, "Get a task", getTaskText), policy.TasksRead, t.get)
	route.JSON(r, route.Get("getTaskMessage", taskPath+"/message", "Tell what a task says", taskMessageText), policy.RecipientsRead, t.message)
	route.JSON(r, route.Get("getTaskLog", taskPath+"/log", "Tell what has become of a task", taskLogText), policy.TasksRead, t.log)
	route.JSON(r, route.Get("listRecipients", taskPath+"/recipients", "List the people of a task", recipientsText), policy.RecipientsRead, t.recipients)
	route.JSON(r, route.Post("recallTask", taskPath+"/recall", "Recall a task", recallTaskText), policy.TasksChange, t.recall)
	route.JSON(r, route.Post("changeStatusBar", taskPath+"/status-bar", "Change a status bar", statusBarText), policy.TasksChange, t.statusBar)
}

const (
	listTasksText = "Newest first. A page looks at 2,000 tasks at most, so it may hold fewer than asked for, or none, and not be the last: " +
		"only next_before says whether there is more, and examined_to how far it has come. With after it holds what was sent next " +
		"after that revision, still newest first. Whoever may not see all tasks sees those they sent themselves."
	getTaskText     = "With the card as its recipients see it, for those who may read it; counts are exact."
	taskMessageText = "As an app would send it, so that it can be sent again. Of a template with its values filled in. task_recalled after a recall."
	taskLogText     = "Oldest first: that it was sent, and each change since."
	recallTaskText  = "Nobody finds the content afterwards. The time in which the app may recall holds here too: window_closed after it. " +
		"Recalling again changes nothing."
	statusBarText = "Of an oa message, in every inbox. The time in which the app may change it holds here too: window_closed after it."
)

// TasksQuery is which tasks are asked for.
type TasksQuery struct {
	Before   string    `query:"before" pattern:"^[0-9]{1,16}$" doc:"next_before of another page, or a task's revision: what was sent before it."`
	After    string    `query:"after" pattern:"^[0-9]{1,16}$" doc:"next_after of another page, or a task's revision: what was sent after it. Not together with before."`
	Limit    int       `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"Most tasks of the page."`
	App      int64     `query:"app" minimum:"1" doc:"Only of the app with this agent_id."`
	State    string    `query:"state" enum:"sent,recalled" doc:"Only those in this state."`
	Type     string    `query:"type" enum:"text,image,voice,file,link,oa,markdown,action_card" doc:"Only messages of this type."`
	Template string    `query:"template" pattern:"^[0-9a-f]{32}$" doc:"Only those that say this template."`
	Audience string    `query:"audience" enum:"everyone,departments,people" doc:"Only those that name everyone, departments, or people one by one."`
	Held     string    `query:"held" enum:"true,false" doc:"true: only those that somebody did not get; false: only the others."`
	Test     string    `query:"test" enum:"true,false" doc:"true: only tests of templates; false: none of them."`
	By       string    `query:"by" maxLength:"64" doc:"Only those that the person with this userid sent by hand."`
	From     time.Time `query:"from" doc:"Only those sent then or later."`
	To       time.Time `query:"to" doc:"Only those sent before then."`
	Q        string    `query:"q" maxLength:"120" doc:"Only those with this in the title, whatever the case, or with this task_id. Recalled ones are found by their id alone."`
}

type tasksAnswer struct{ Body TaskList }

func (t *tasks) list(ctx context.Context, v *route.Visit, in *TasksQuery) (*tasksAnswer, error) {
	g, err := policy.Check(v.Asker, v.Right, policy.Resource{Organization: v.Viewer.Organization}, noTask())
	if err != nil {
		return nil, err
	}
	q, err := t.query(ctx, v, in)
	if err != nil {
		return nil, err
	}
	page, err := t.room.List(ctx, g, q)
	if err != nil {
		return nil, err
	}
	list, err := t.page(ctx, v, &page)
	return &tasksAnswer{list}, err
}

// query reads what is asked for.
func (t *tasks) query(ctx context.Context, v *route.Visit, in *TasksQuery) (q task.Query, err error) {
	if in.Before != "" && in.After != "" {
		return q, fault.New(fault.CodeParameterInvalid, "before and after exclude each other").WithField("after")
	}
	q = task.Query{
		Limit: in.Limit, AgentID: in.App, State: task.State(in.State), Type: in.Type, Template: in.Template,
		Audience: task.Audience(in.Audience), Held: truth(in.Held), Test: truth(in.Test), From: in.From, To: in.To, Text: in.Q,
	}
	q.Before, _ = strconv.ParseInt(in.Before, 10, 64) // digits by the schema, few enough
	q.After, _ = strconv.ParseInt(in.After, 10, 64)
	if in.By == "" {
		return q, nil
	}
	by, others, err := t.people.Holder(ctx, v.Viewer.Organization, in.By)
	switch {
	case fault.Is(err, fault.CodeUserUnknown):
		by, err = math.MaxUint32, nil // nobody: whoever has not been there has sent nothing
	case fault.Is(err, fault.CodeConflict):
		by, err = others[len(others)-1], nil // the latest of those who are gone
	}
	q.By = &by
	return q, err
}

// truth reads true and false; nil for neither.
func truth(text string) *bool {
	if text == "" {
		return nil
	}
	is := text == "true"
	return &is
}

// TaskPath is the part of a path that names a task. It is exported because huma
// passes over embedded types that are not.
type TaskPath struct {
	TaskID string `path:"task_id" doc:"The task."`
}

// noTask is the answer where no task is named.
func noTask() *fault.Fault {
	return fault.New(fault.CodeTaskUnknown, "there is no such task").WithField("task_id")
}

// at finds the task of a path, with the right of the route to it.
func (t *tasks) at(ctx context.Context, v *route.Visit, p TaskPath) (task.Task, policy.Grant, error) {
	id, err := strconv.ParseInt(p.TaskID, 10, 64)
	if err != nil || id < 1 || strconv.FormatInt(id, 10) != p.TaskID {
		return task.Task{}, policy.Grant{}, noTask()
	}
	return t.room.Find(ctx, v.Asker, v.Right, v.Viewer.Organization, id)
}

type taskAnswer struct{ Body TaskDetail }

func (t *tasks) get(ctx context.Context, v *route.Visit, in *TaskPath) (*taskAnswer, error) {
	one, _, err := t.at(ctx, v, *in)
	if err != nil {
		return nil, err
	}
	detail, err := t.detail(ctx, v, one)
	return &taskAnswer{detail}, err
}

func (t *tasks) recall(ctx context.Context, v *route.Visit, in *TaskPath) (*taskAnswer, error) {
	return t.change(ctx, v, *in, func(g policy.Grant, one task.Task) (task.Task, error) { return t.room.Recall(ctx, g, one) })
}

// ChangeStatusBarRequest is the body of changeStatusBar.
type ChangeStatusBarRequest struct {
	Value      string `json:"value" doc:"What it says; the limit is 100 characters."`
	Background string `json:"background,omitempty" doc:"Its colour, as 0xFFRRGGBB, #RRGGBB or RRGGBB; without one the default."`
}

type changeStatusBarRequest struct {
	TaskPath
	Body ChangeStatusBarRequest
}

func (t *tasks) statusBar(ctx context.Context, v *route.Visit, in *changeStatusBarRequest) (*taskAnswer, error) {
	return t.change(ctx, v, in.TaskPath, func(g policy.Grant, one task.Task) (task.Task, error) {
		return t.room.SetStatusBar(ctx, g, one, in.Body.Value, in.Body.Background)
	})
}

// change changes a task and answers what has become of it.
func (t *tasks) change(ctx context.Context, v *route.Visit, p TaskPath, step func(policy.Grant, task.Task) (task.Task, error)) (*taskAnswer, error) {
	one, g, err := t.at(ctx, v, p)
	if err != nil {
		return nil, err
	}
	if one, err = step(g, one); err != nil {
		return nil, err
	}
	detail, err := t.detail(ctx, v, one)
	return &taskAnswer{detail}, err
}

// TaskMessage is the answer of getTaskMessage.
type TaskMessage struct {
	Message map[string]any `json:"message" doc:"An object with msgtype, and what belongs to that type below its name."`
}

type taskMessageAnswer struct{ Body TaskMessage }

func (t *tasks) message(ctx context.Context, v *route.Visit, in *TaskPath) (*taskMessageAnswer, error) {
	one, _, err := t.at(ctx, v, *in)
	if err != nil {
		return nil, err
	}
	said, err := t.cards.Message(ctx, v.Viewer.Organization, one.TaskID)
	return &taskMessageAnswer{TaskMessage{said}}, err
}

// TaskLog is the answer of getTaskLog.
type TaskLog struct {
	Items []TaskEvent `json:"items" doc:"The steps, oldest first."`
}

// TaskEvent is one step in the life of a task.
type TaskEvent struct {
	What string    `json:"what" enum:"send,recall,status_bar" doc:"What was done."`
	At   time.Time `json:"at" doc:"When."`
	By   TaskBy    `json:"by" doc:"Who did it."`
}

type taskLogAnswer struct{ Body TaskLog }

func (t *tasks) log(ctx context.Context, v *route.Visit, in *TaskPath) (*taskLogAnswer, error) {
	one, g, err := t.at(ctx, v, *in)
	if err != nil {
		return nil, err
	}
	events, err := t.room.Events(ctx, g, one)
	if err != nil {
		return nil, err
	}
	w := t.writer(v)
	for _, e := range events {
		w.person(e.By)
	}
	if err := w.introduce(ctx); err != nil {
		return nil, err
	}
	answer := TaskLog{make([]TaskEvent, 0, len(events))}
	for _, e := range events {
		answer.Items = append(answer.Items, TaskEvent{e.What, e.At, w.by(e.By, one.AppKey)})
	}
	return &taskLogAnswer{answer}, nil
}
