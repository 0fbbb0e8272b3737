package rest

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/live"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
	"github.com/tidings-im/tidings/internal/task"
)

// maxWatch is how many tasks a stream watches at most.
const maxWatch = 20

// ConsoleStreams writes what a console is told, as Streams.
type ConsoleStreams interface {
	Serve(w http.ResponseWriter, r *http.Request, organization int64, told live.Console, after int64, until context.Context, ended func()) error
}

// liveTasks are the tasks that a console follows; see task.Service.
type liveTasks interface {
	Revision(ctx context.Context, g policy.Grant) (int64, error)
	Since(ctx context.Context, g policy.Grant, after int64) (news []task.News, through int64, whole bool, err error)
	Watch(organization int64, taskIDs []int64) map[int64]task.Count
}

// consoles is what happens in an organization, told as it happens.
type consoles struct {
	streams   ConsoleStreams
	watch     *Watch
	tasks     *tasks
	news      liveTasks
	templates Templates
	askers    route.Askers
}

func (c *consoles) routes(r route.Table) {
	op := route.Get("streamConsole", "/console/events", "Follow the console", streamConsoleText)
	op.Parameters = []*huma.Param{
		{Name: "after", In: "query", Schema: revisionSchema(), Description: "The last revision the client knows. Without it the stream begins now."},
		{Name: lastEventID, In: "header", Schema: revisionSchema(), Description: "The id of the last event the client received; it wins over after."},
		{
			Name: "watch", In: "query", Schema: &huma.Schema{Type: huma.TypeString, Pattern: "^[0-9]+(,[0-9]+)*$"},
			Description: "The ids of tasks whose counts are told, with commas between them; the limit is 20. Those that the asker may not see are passed over.",
		},
	}
	op.Responses = route.AnswerWith(http.StatusOK, "Events, until one side ends the stream.", "text/event-stream", &huma.Schema{Type: huma.TypeString})
	route.Raw(r, op, policy.ConsoleFollow, c.events)
}

const streamConsoleText = `Server-Sent Events about what the asker may see, each as the request that reads it would tell.

What happened after the revision asked for, and from there on what happens, each once, in order, with the revision as its id: task, whose data is the task as in a list; changed, after its status bar became another, and recalled, both with {task_id, revision}. A task that is recalled before it was told is told as recalled only.

Without an id: counts {task_id, counts, counted_at}, when more people have read a task of watch, once a second at most and less often for very many; template {template_id, state}, after something was done to a template of the organization, where state is what it has become, or deleted; reviews {count}, how many templates wait for the asker's decision, at the beginning and when it is another number. Templates and reviews are told from when the stream begins.

at, once a minute, has the newest revision as its id. reload says that what happened is more than can be told one by one, or is no longer known: fetch again; the stream goes on from the event's id. A comment every 15 seconds keeps the connection open.

The stream ends when the token or session does, soon after the asker's last role is taken away, when the server stops, and when its client reads too slowly: resume then. A person may have 20 streams open on one server, those of the inbox too; another one is answered with 429.`

func (c *consoles) events(w http.ResponseWriter, r *http.Request, v *route.Visit) error {
	if r.Method != http.MethodGet {
		return fault.New(fault.CodeMethodNotAllowed, "use GET")
	}
	g, err := followed(v.Asker)
	if err != nil {
		return err
	}
	ids, err := watched(r.URL.Query().Get("watch"))
	if err != nil {
		return err
	}
	after, err := resumeFrom(r)
	if err != nil {
		return err
	}
	f := &consoleFollower{consoles: c, visit: v, asker: v.Asker, grant: g, counts: map[int64]task.Count{}, reviews: -1}
	if err := f.begin(r.Context(), ids, after); err != nil {
		return err
	}
	good, release, err := c.watch.over(v.Viewer)
	if err != nil {
		return err
	}
	return c.streams.Serve(w, r, v.Viewer.Organization, f, f.after, good, release)
}

// followed asks whether somebody may have a stream.
func followed(a policy.Asker) (policy.Grant, error) {
	return policy.Check(a, policy.ConsoleFollow, policy.Resource{Organization: a.By.Organization}, noTask())
}

// watched reads the ids of tasks, each once.
func watched(text string) (ids []int64, err error) {
	if text == "" {
		return nil, nil
	}
	all := strings.Split(text, ",")
	if len(all) > maxWatch {
		return nil, fault.New(fault.CodeParameterInvalid, "watch names %d tasks; the limit is %d", len(all), maxWatch).
			WithField("watch").WithLimit(maxWatch, int64(len(all)))
	}
	for _, one := range all {
		id, err := strconv.ParseInt(one, 10, 64)
		if err != nil || id < 1 {
			return nil, fault.New(fault.CodeParameterInvalid, "watch must be task ids with commas between them").WithField("watch")
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}
