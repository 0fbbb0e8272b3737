package rest

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/rest/route"
)

const lastEventID = "Last-Event-ID"

// Streams writes somebody's events until the client leaves or until ends, and
// calls ended once when it has: it may return before. An error means that
// nothing has been written.
type Streams interface {
	Serve(w http.ResponseWriter, r *http.Request, v inbox.Viewer, after *int64, until context.Context, ended func()) error
}

func (m *messages) eventsRoute() huma.Operation {
	op := route.Get("streamEvents", "/inbox/events", "Follow the inbox", eventsText)
	op.Parameters = []*huma.Param{
		{
			Name: "after", In: "query", Schema: revisionSchema(),
			Description: "The last revision the client knows. Without it the stream begins now.",
		},
		{
			Name: lastEventID, In: "header", Schema: revisionSchema(),
			Description: "The id of the last event the client received; it wins over after.",
		},
	}
	op.Responses = route.AnswerWith(http.StatusOK, "Events, until one side ends the stream.", "text/event-stream", &huma.Schema{Type: huma.TypeString})
	return op
}

const eventsText = `Server-Sent Events. The first is always unread: {count, by_app, message_ids}, without an id; by_app counts each app on to 100, and message_ids names the newest unread messages, at most 100. It comes again whenever it may have moved.

Then what happened after the revision asked for, and from there on what happens, each once, in order, with the revision as its id:
message and changed, whose data is the message as in a page; recalled, whose data is {message_id, task_id, revision, recalled_at}. A message that is recalled before it was told is told as recalled only.

at, once a minute, has the newest revision as its id, so that a client who gets nothing resumes from there. reload says that the gap cannot be told: fetch the page again; the stream goes on from the event's id. A comment every 15 seconds keeps the connection open.

The stream ends when the token or session does, when the server stops, and when its client reads too slowly: resume then. A person may have 20 streams open on one server; another one is answered with 429.`

func (m *messages) events(w http.ResponseWriter, r *http.Request, v *route.Visit) error {
	if r.Method != http.MethodGet {
		return fault.New(fault.CodeMethodNotAllowed, "use GET")
	}
	after, err := resumeFrom(r)
	if err != nil {
		return err
	}
	good, release, err := m.watch.over(v.Viewer)
	if err != nil {
		return err
	}
	return m.live.Serve(w, r, v.Inbox(), after, good, release)
}

// resumeFrom returns the last revision the client knows, nil if it names none.
// The header is what a browser sends when it comes back by itself, so it wins.
func resumeFrom(r *http.Request) (*int64, error) {
	field, text := lastEventID, r.Header.Get(lastEventID)
	if text == "" {
		field, text = "after", r.URL.Query().Get("after")
	}
	if text == "" {
		return nil, nil
	}
	revision, err := strconv.ParseInt(text, 10, 64)
	if err != nil || revision < 0 {
		return nil, fault.New(fault.CodeParameterInvalid, "%s must be a revision", field).WithField(field)
	}
	return &revision, nil
}
