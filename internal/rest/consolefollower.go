package rest

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/live"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/task"
)

// lookEvery is how often what somebody may see is asked again where nothing happens,
// and how many reviews wait, which may be submitted in other organizations.
const lookEvery = 5 * time.Second

// consoleFollower is what one console has been told, and finds what there is to tell.
// Whatever it tells it reads then, with the rights of then.
type consoleFollower struct {
	*consoles
	visit  *route.Visit
	asker  policy.Asker
	grant  policy.Grant // to follow the console at all
	looked time.Time

	after   int64 // where the stream begins
	watched []task.Task
	counts  map[int64]task.Count // told of each
	step    int64                // of templates, told up to here
	reviews int                  // told; -1 before the first
}

// begin decides from where the stream tells.
func (f *consoleFollower) begin(ctx context.Context, watch []int64, after *int64) (err error) {
	organization := f.visit.Viewer.Organization
	for _, id := range watch {
		t, _, err := f.tasks.room.Find(ctx, f.asker, policy.TasksRead, organization, id)
		if fault.Is(err, fault.CodeTaskUnknown) || fault.Is(err, fault.CodePermissionDenied) {
			continue
		}
		if err != nil {
			return err
		}
		f.watched = append(f.watched, t)
	}
	if f.step, err = f.templates.LastStep(ctx, f.grant); err != nil {
		return err
	}
	if after != nil {
		f.after = *after
		return nil
	}
	f.after, err = f.news.Revision(ctx, f.grant)
	return err
}

// News is live.Console's.
func (f *consoleFollower) News(ctx context.Context, after int64) (told []live.Told, through int64, err error) {
	known := f.step
	defer func() {
		if err != nil { // nothing of it is told: it is found again
			f.step, f.reviews = known, -1
			clear(f.counts)
		}
	}()
	through, err = f.news.Revision(ctx, f.grant)
	if err != nil {
		return nil, 0, err
	}
	step, err := f.templates.LastStep(ctx, f.grant)
	if err != nil {
		return nil, 0, err
	}
	moved := f.moved()
	due := time.Since(f.looked) >= lookEvery
	if through == after && step == f.step && len(moved) == 0 && !due {
		return nil, through, nil
	}
	if err := f.look(ctx); err != nil {
		return nil, 0, err
	}
	told = f.tellCounts(moved)
	if step != f.step || due {
		if told, err = f.tellTemplates(ctx, told, step); err != nil {
			return nil, 0, err
		}
	}
	if through == after {
		return told, through, nil
	}
	return f.tellTasks(ctx, told, after, through)
}

// look finds out who asks by now.
func (f *consoleFollower) look(ctx context.Context) (err error) {
	if f.asker, err = f.askers.Asker(ctx, f.visit.Asker.By); err != nil {
		return err
	}
	if f.grant, err = followed(f.asker); err != nil {
		return fmt.Errorf("%w: %w", live.ErrOver, err)
	}
	f.looked = time.Now()
	return nil
}

// LiveCounts is the data of an event of counts.
type LiveCounts struct {
	TaskID    string     `json:"task_id"`
	Counts    TaskCounts `json:"counts"`
	CountedAt time.Time  `json:"counted_at"`
}

// moved returns what has been counted of the tasks watched and was not told.
func (f *consoleFollower) moved() map[int64]task.Count {
	if len(f.watched) == 0 {
		return nil
	}
	ids := make([]int64, len(f.watched))
	for i := range f.watched {
		ids[i] = f.watched[i].TaskID
	}
	counted := f.news.Watch(f.visit.Viewer.Organization, ids)
	for id, one := range counted {
		if told, known := f.counts[id]; known && told.Read == one.Read {
			delete(counted, id)
		}
	}
	return counted
}

func (f *consoleFollower) tellCounts(moved map[int64]task.Count) (told []live.Told) {
	for i := range f.watched {
		t := &f.watched[i]
		count, ok := moved[t.TaskID]
		if !ok || f.asker.Verdict(policy.TasksRead, t.Grant.Resource(), policy.Case{}) != policy.Granted {
			continue
		}
		f.counts[t.TaskID] = count
		told = append(told, live.Told{Name: "counts", Data: LiveCounts{
			TaskID: strconv.FormatInt(t.TaskID, 10), CountedAt: count.At,
			Counts: TaskCounts{Named: t.Named(), Sent: t.Sent, Read: &count.Read, Held: t.Held, Invalid: t.Invalid},
		}})
	}
	return told
}

// LiveTemplate is the data of an event of a template.
type LiveTemplate struct {
	TemplateID string       `json:"template_id"`
	State      review.State `json:"state"`
}

// LiveReviews is the data of an event of reviews.
type LiveReviews struct {
	Count int `json:"count"`
}

// tellTemplates tells what was done to templates, and how many wait.
func (f *consoleFollower) tellTemplates(ctx context.Context, told []live.Told, step int64) ([]live.Told, error) {
	organization := policy.Resource{Organization: f.visit.Viewer.Organization}
	g, err := policy.Check(f.asker, policy.TemplatesList, organization, review.Unknown())
	switch {
	case err != nil || step < f.step: // not theirs to see; or the database was restored
		f.step = step
	case step > f.step:
		moved, through, err := f.templates.Moved(ctx, g, f.step)
		if err != nil {
			return nil, err
		}
		f.step = through
		for _, one := range moved {
			told = append(told, live.Told{Name: "template", Data: LiveTemplate{one.ID, one.State}})
		}
	}
	return f.tellReviews(ctx, told)
}

func (f *consoleFollower) tellReviews(ctx context.Context, told []live.Told) ([]live.Told, error) {
	if !f.asker.Opens(policy.PageReviews) {
		return told, nil
	}
	g, err := policy.Check(f.asker, policy.ReviewsRead, policy.Own(f.asker.By), review.Unknown())
	if err != nil {
		return nil, err
	}
	count, err := f.templates.CountWaiting(ctx, g)
	if err != nil || count == f.reviews {
		return told, err
	}
	f.reviews = count
	return append(told, live.Told{Name: "reviews", Data: LiveReviews{count}}), nil
}

// LiveChange is the data of an event of a task that was changed or recalled.
type LiveChange struct {
	TaskID   string `json:"task_id"`
	Revision string `json:"revision"`
}

func (f *consoleFollower) tellTasks(ctx context.Context, told []live.Told, after, newest int64) ([]live.Told, int64, error) {
	g, err := policy.Check(f.asker, policy.TasksList, policy.Resource{Organization: f.visit.Viewer.Organization}, noTask())
	if err != nil { // reviewers see templates alone
		return told, newest, nil //nolint:nilerr // it says that there is nothing to tell
	}
	news, through, whole, err := f.news.Since(ctx, g, after)
	if err != nil {
		return nil, 0, err
	}
	if !whole {
		return append(told, live.Reload(through)), through, nil
	}
	all := make([]task.Task, len(news))
	for i := range news {
		all[i] = news[i].Task
	}
	w := f.tasks.writer(f.visit)
	if err := w.look(ctx, all); err != nil {
		return nil, 0, err
	}
	for i := range news {
		told = append(told, f.tellTask(w, &news[i]))
	}
	return told, through, nil
}

func (f *consoleFollower) tellTask(w *taskWriter, n *task.News) live.Told {
	if n.Moved == task.MovedSent {
		return live.Told{Name: "task", Revision: n.Revision, Data: w.task(f.tasks.room, &n.Task)}
	}
	return live.Told{Name: string(n.Moved), Revision: n.Revision, Data: LiveChange{
		TaskID: strconv.FormatInt(n.Task.TaskID, 10), Revision: strconv.FormatInt(n.Revision, 10),
	}}
}
