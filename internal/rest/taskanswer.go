package rest

import (
	"context"
	"strconv"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
	"github.com/tidings-im/tidings/internal/task"
	"github.com/tidings-im/tidings/internal/template"
)

// TaskList is the answer of listTasks.
type TaskList struct {
	Items      []Task     `json:"items" doc:"The tasks, newest first."`
	NextBefore *string    `json:"next_before" doc:"Goes into before for older tasks; null where there are none."`
	NextAfter  *string    `json:"next_after" doc:"Goes into after for newer tasks; null on the newest page."`
	ExaminedTo *time.Time `json:"examined_to" doc:"When the last task was sent that the page looked at; null if it looked at none."`
	Revision   string     `json:"revision" doc:"The organization's revision."`
}

// Task is something that was sent to people of the asker's organization.
type Task struct {
	TaskID            string        `json:"task_id" doc:"Names the task, also for its app."`
	Revision          string        `json:"revision" doc:"When it was sent, in the organization's order."`
	App               inbox.AppView `json:"app" doc:"The app that it comes from."`
	Type              string        `json:"type" doc:"text, image, voice, file, link, oa, markdown or action_card."`
	Title             *string       `json:"title" doc:"One line of plain text; null after a recall."`
	Preview           *string       `json:"preview" doc:"One line of plain text; null after a recall."`
	Template          *TaskTemplate `json:"template" doc:"The template that it says; null for a message that was composed."`
	Named             TaskNamed     `json:"named" doc:"Whom the sender named."`
	State             task.State    `json:"state" enum:"sent,recalled" doc:"What has become of it."`
	Test              bool          `json:"test" doc:"Somebody sent a template to themselves, to see it."`
	Counts            TaskCounts    `json:"counts" doc:"How many people it was for."`
	CountedAt         *time.Time    `json:"counted_at" doc:"When counts.read was counted; null while it was not. Lists have a task counted anew after receipts came, every 5 seconds at most."`
	ReceiptsDropped   bool          `json:"receipts_dropped" doc:"Who has read it is no longer kept."`
	ReceiptsDroppedAt *time.Time    `json:"receipts_dropped_at" doc:"Since when that is no longer kept; null where it is, and where it was dropped by a version of Tidings that did not note when."`
	By                TaskBy        `json:"by" doc:"Who sent it."`
	SentAt            time.Time     `json:"sent_at" doc:"When it was accepted."`
	RecalledAt        *time.Time    `json:"recalled_at" doc:"When it was recalled; null if not."`
	May               TaskMay       `json:"may" doc:"What the asker can do with it now."`
}

// TaskTemplate is the version of a template that a task says.
type TaskTemplate struct {
	TemplateID string `json:"template_id" doc:"The template."`
	Version    int    `json:"version" doc:"The version's number."`
	Name       string `json:"name" doc:"The version's name; empty for one that is gone."`
}

// TaskNamed is whom the sender of a task named.
type TaskNamed struct {
	Everyone        bool             `json:"everyone" doc:"Everyone in the app's range."`
	Departments     []TaskDepartment `json:"departments" doc:"The first five departments."`
	DepartmentCount int64            `json:"department_count" doc:"How many departments."`
	Userids         int64            `json:"userids" doc:"How many userids, one by one."`
	UnreadOf        *string          `json:"unread_of" doc:"The task of which those were named who had not read it; null for none."`
	Without         int64            `json:"without" doc:"How many people were named and taken out again."`
}

// TaskDepartment is a department that a task names.
type TaskDepartment struct {
	DeptID string `json:"dept_id" doc:"The department."`
	Name   string `json:"name" doc:"What it is called now; empty for one that is gone."`
}

// TaskCounts is how many people a task was for.
type TaskCounts struct {
	Named   int64  `json:"named" doc:"People: sent, held and failed together."`
	Sent    int64  `json:"sent" doc:"People who got it."`
	Read    *int64 `json:"read" doc:"People who have read it; null while it was not counted, and where that is no longer kept."`
	Held    int64  `json:"held" doc:"People who were held back."`
	Failed  int64  `json:"failed" doc:"People whom nothing held back and who did not get it. The inbox reaches everybody, so it is 0."`
	Invalid int64  `json:"invalid" doc:"Ids that meant nobody."`
}

// TaskBy is who did something with a task: a person, or else the app.
type TaskBy struct {
	Person *Person `json:"person" doc:"Who did it by hand; null where the app did."`
	AppKey string  `json:"app_key" doc:"The app that did it; empty where a person did."`
}

// TaskMay is what the asker can do with a task now.
type TaskMay struct {
	Recall     bool `json:"recall" doc:"Recall it."`
	StatusBar  bool `json:"status_bar" doc:"Change its status bar."`
	Recipients bool `json:"recipients" doc:"See its card, and who was sent it."`
}

// TaskDetail is a task with all that is told of one.
type TaskDetail struct {
	Task
	Card *inbox.Card `json:"card" doc:"What its recipients see; null after a recall, and for those who may not read it."`
	Held []TaskHeld  `json:"held" doc:"Why people were held back."`
}

// TaskHeld is how many were held back for one reason.
type TaskHeld struct {
	Code      string `json:"code" doc:"The stable name of the rule."`
	Threshold int64  `json:"threshold" doc:"The limit that was hit; 0 where there is none."`
	Count     int64  `json:"count" doc:"People."`
}

// taskWriter writes tasks with the names of those in them.
type taskWriter struct {
	introduced
	names template.Directory
	cards cardRoom
	apps  map[int64]inbox.AppView
	depts map[int64]string
}

func (t *tasks) writer(v *route.Visit) *taskWriter {
	return &taskWriter{
		introduced: introduced{people: t.people, organizations: t.organizations, organization: v.Viewer.Organization},
		names:      t.people, cards: t.cards, apps: map[int64]inbox.AppView{},
	}
}

// look asks for everything that the tasks name.
func (w *taskWriter) look(ctx context.Context, all []task.Task) error {
	var depts []int64
	for _, t := range all {
		w.person(t.By)
		depts = append(depts, t.DeptIDs...)
		if _, known := w.apps[t.AgentID]; known {
			continue
		}
		one, err := w.cards.App(ctx, w.organization, t.AgentID)
		if err != nil {
			return err
		}
		w.apps[t.AgentID] = one
	}
	if len(depts) > 0 {
		var err error
		if _, w.depts, err = w.names.Names(ctx, w.organization, nil, depts); err != nil {
			return err
		}
	}
	return w.introduce(ctx)
}

func (w *taskWriter) by(a audit.Actor, appKey string) TaskBy {
	if !a.IsPerson() {
		return TaskBy{AppKey: appKey}
	}
	one := w.known[a]
	return TaskBy{Person: &one}
}

func (w *taskWriter) task(room Tasks, t *task.Task) Task {
	answer := Task{
		TaskID: strconv.FormatInt(t.TaskID, 10), Revision: strconv.FormatInt(t.Revision, 10), App: w.apps[t.AgentID], Type: t.Type,
		State: task.Sent, Test: t.Test, ReceiptsDropped: t.Dropped, By: w.by(t.By, t.AppKey),
		SentAt: t.SentAt, RecalledAt: moment(t.RecalledAt), CountedAt: moment(t.At),
		Counts: TaskCounts{Named: t.Named(), Sent: t.Sent, Held: t.Held, Invalid: t.Invalid},
		Named: TaskNamed{
			Everyone: t.Everyone, Departments: []TaskDepartment{}, DepartmentCount: t.Depts, Userids: t.Userids,
			UnreadOf: place(t.UnreadOf), Without: t.Without,
		},
		May: TaskMay{
			Recall: room.MayRecall(t), StatusBar: room.MaySetStatusBar(t), Recipients: t.Grant.May(policy.RecipientsRead, policy.Case{}),
		},
	}
	if t.Dropped {
		answer.ReceiptsDroppedAt = moment(t.DroppedAt)
	}
	if t.RecalledAt.IsZero() {
		answer.Title, answer.Preview = &t.Title, &t.Preview
	} else {
		answer.State = task.Recalled
	}
	if !t.At.IsZero() {
		answer.Counts.Read = &t.Read
	}
	if t.Use.ID != "" {
		answer.Template = &TaskTemplate{TemplateID: t.Use.ID, Version: t.Use.Version, Name: t.TemplateName}
	}
	for _, id := range t.DeptIDs {
		answer.Named.Departments = append(answer.Named.Departments, TaskDepartment{strconv.FormatInt(id, 10), w.depts[id]})
	}
	return answer
}

// page writes a page of tasks.
func (t *tasks) page(ctx context.Context, v *route.Visit, p *task.Page) (TaskList, error) {
	w := t.writer(v)
	if err := w.look(ctx, p.Items); err != nil {
		return TaskList{}, err
	}
	list := TaskList{
		Items: make([]Task, 0, len(p.Items)), NextBefore: place(p.NextBefore), NextAfter: place(p.NextAfter),
		ExaminedTo: moment(p.ExaminedTo), Revision: strconv.FormatInt(p.Revision, 10),
	}
	for i := range p.Items {
		list.Items = append(list.Items, w.task(t.room, &p.Items[i]))
	}
	return list, nil
}

// place is null for none.
func place(number int64) *string {
	if number == 0 {
		return nil
	}
	text := strconv.FormatInt(number, 10)
	return &text
}

// detail writes a task with its card and why people were held back.
func (t *tasks) detail(ctx context.Context, v *route.Visit, one task.Task) (TaskDetail, error) {
	held, err := t.room.Exact(ctx, one.Grant, &one)
	if err != nil {
		return TaskDetail{}, err
	}
	w := t.writer(v)
	if err := w.look(ctx, []task.Task{one}); err != nil {
		return TaskDetail{}, err
	}
	detail := TaskDetail{Task: w.task(t.room, &one), Held: make([]TaskHeld, 0, len(held))}
	for _, h := range held {
		detail.Held = append(detail.Held, TaskHeld{h.Code, h.Limit, h.Count})
	}
	if detail.May.Recipients {
		detail.Card, err = t.cards.Card(ctx, v.Viewer.Organization, one.TaskID)
	}
	return detail, err
}
