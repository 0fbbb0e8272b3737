package rest

import (
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tidings-im/tidings/internal/policy"
)

// routes is the table of contents.
func (a *api) routes() {
	operation(a, huma.Operation{
		OperationID: "listMessages", Method: http.MethodGet, Path: prefix + "/inbox/messages", Tags: []string{"inbox"},
		Summary: "List messages, newest first",
		Description: "A page may hold fewer messages than asked for, or none, and not be the last: " +
			"only next_before says whether there is more.",
	}, policy.InboxRead, a.messages)
	operation(a, huma.Operation{
		OperationID: "markRead", Method: http.MethodPost, Path: prefix + "/inbox/read", Tags: []string{"inbox"},
		DefaultStatus: http.StatusNoContent,
		Summary:       "Mark messages as read",
		Description: "Either message_ids, or all with through, and with app if it is for one app. Answers when it is stored. " +
			"A message is read once: the first time counts. Ids that are unknown are ignored.",
	}, policy.InboxMark, a.read)
	operation(a, huma.Operation{
		OperationID: "countUnread", Method: http.MethodGet, Path: prefix + "/inbox/unread", Tags: []string{"inbox"},
		Summary: "Count unread messages", Description: "Counting stops at 100, for all apps together and for each.",
	}, policy.InboxRead, a.unread)
	operation(a, huma.Operation{
		OperationID: "listApps", Method: http.MethodGet, Path: prefix + "/inbox/apps", Tags: []string{"inbox"},
		Summary: "List the apps that have sent something", Description: "For a filter: the app of the newest message first.",
	}, policy.InboxRead, a.apps)
	a.raw(huma.Operation{
		OperationID: "streamEvents", Method: http.MethodGet, Path: prefix + "/inbox/events", Tags: []string{"inbox"},
		Summary: "Follow the inbox", Description: eventsText,
		Parameters: []*huma.Param{
			{
				Name: "after", In: "query", Schema: revisionSchema(),
				Description: "The last revision the client knows. Without it the stream begins now.",
			},
			{
				Name: lastEventID, In: "header", Schema: revisionSchema(),
				Description: "The id of the last event the client received; it wins over after.",
			},
		},
		Responses: answerWith(http.StatusOK, "Events, until one side ends the stream.", "text/event-stream", &huma.Schema{Type: huma.TypeString}),
	}, policy.InboxRead, a.events)
	a.raw(huma.Operation{
		OperationID: "getFile", Method: http.MethodGet, Path: prefix + "/media/{id}", Tags: []string{"media"},
		Summary: "Get a file",
		Description: "Pictures are shown in place, everything else is offered for download. Ranges are understood. A file is there for whom a " +
			"message shows it that is not recalled, as an app's icon, and for those who have to do with the app's templates; " +
			"ask again with its ETag before it is shown again.",
		Parameters: []*huma.Param{{
			Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString},
			Description: "The media id, percent-encoded.",
		}, {
			Name: "task", In: "query", Schema: &huma.Schema{Type: huma.TypeString},
			Description: "The task_id of the message that shows the file; cards name it in their addresses. Without it only icons are found, " +
				"and what those see who have to do with the app's templates.",
		}},
		Responses: answerWith(http.StatusOK, "The file.", "application/octet-stream", &huma.Schema{Type: huma.TypeString, Format: "binary"}),
	}, policy.FilesRead, a.file)
	operation(a, huma.Operation{
		OperationID: "getMe", Method: http.MethodGet, Path: prefix + "/me", Tags: []string{"account"},
		Summary: "Tell who is asking", Description: "The person and their organization.",
	}, policy.MeRead, a.me)
	operation(a, huma.Operation{
		OperationID: "listOrganizations", Method: http.MethodGet, Path: prefix + "/me/organizations", Tags: []string{"account"},
		Summary: "List the organizations one is signed in to",
		Description: "All that this browser has a good session of, in the order of their numbers; with a token its one. " +
			"Corp ids go into org.",
	}, policy.MeRead, a.memberships)
	a.sessionRoutes()
	a.templateRoutes()
	a.templateStepRoutes()
}

const (
	sessionsPath = prefix + "/sessions"
	linkPath     = prefix + "/sign-in-links/describe"
	helpPath     = prefix + "/sign-in-help"
	tokensPath   = prefix + "/tokens"
)

// sessionRoutes is the part of the table about signing in and out.
func (a *api) sessionRoutes() {
	operation(a, huma.Operation{
		OperationID: "signIn", Method: http.MethodPost, Path: sessionsPath, Tags: []string{"account"},
		DefaultStatus: http.StatusCreated,
		Summary:       "Sign in with a link",
		Description: "Takes a sign-in link's value and sets the cookie of its organization. A session of that organization " +
			"which the browser had before ends; when it is somebody else's, only with replace, and otherwise the answer is 409 " +
			"signed_in_as_other and the link can still be used. Links work once; why one is refused is not told.",
	}, policy.Open, a.signIn)
	operation(a, huma.Operation{
		OperationID: "describeLink", Method: http.MethodPost, Path: linkPath, Tags: []string{"account"},
		Summary: "Tell what a sign-in link would do",
		Description: "Whom the link signs in, and who is signed in to that organization with this browser now. The link is not used. " +
			"One that signIn would refuse is refused here in the same words.",
	}, policy.Open, a.describeLink)
	operation(a, huma.Operation{
		OperationID: "getSignInHelp", Method: http.MethodGet, Path: helpPath, Tags: []string{"account"},
		Summary: "Tell whom to ask who cannot sign in",
		Description: "The organization's contact where the server has one organization; empty where it has several, or nobody is named. " +
			"Whoever is signed in finds it in listOrganizations.",
	}, policy.Open, a.help)
	operation(a, huma.Operation{
		OperationID: "listSessions", Method: http.MethodGet, Path: sessionsPath, Tags: []string{"account"},
		Summary: "List where one is signed in", Description: "The person's living sessions in this organization, newest first.",
	}, policy.SessionsRead, a.sessions)
	operation(a, huma.Operation{
		OperationID: "endSession", Method: http.MethodDelete, Path: sessionsPath + "/{id}", Tags: []string{"account"},
		DefaultStatus: http.StatusNoContent,
		Summary:       "Sign out",
		Description: "Ends one of the person's sessions, and its event streams within a second. " +
			"When it is the session of this request, its cookie is removed as well.",
	}, policy.SessionsEnd, a.endSession)
	operation(a, huma.Operation{
		OperationID: "listTokens", Method: http.MethodGet, Path: tokensPath, Tags: []string{"account"},
		Summary: "List one's API tokens", Description: "The person's personal API tokens, newest first, without their values; expired and revoked ones too.",
	}, policy.TokensRead, a.tokens)
	operation(a, huma.Operation{
		OperationID: "revokeToken", Method: http.MethodDelete, Path: tokensPath + "/{id}", Tags: []string{"account"},
		DefaultStatus: http.StatusNoContent,
		Summary:       "Revoke an API token",
		Description:   "Ends one of the person's tokens for good, and its event streams within a second. Revoking it again is fine.",
	}, policy.TokensRevoke, a.revokeToken)
}

const (
	sessionText = "A session, which signIn puts into a cookie that scripts cannot read: one for each organization, named tidings- and a number, " +
		"with __Host- before it where the server is reached by https. An Authorization header makes cookies count for nothing."
	orgText = "The corp id of the organization meant. Needed only by a browser that is signed in to several: without it the first of " +
		"listOrganizations counts. An organization that the caller is not signed in to is answered with 401."
)

const eventsText = `Server-Sent Events. The first is always unread: {count, by_app, message_ids}, without an id; by_app counts each app on to 100, and message_ids names the newest unread messages, at most 100. It comes again whenever it may have moved.

Then what happened after the revision asked for, and from there on what happens, each once, in order, with the revision as its id:
message and changed, whose data is the message as in a page; recalled, whose data is {message_id, task_id, revision, recalled_at}. A message that is recalled before it was told is told as recalled only.

at, once a minute, has the newest revision as its id, so that a client who gets nothing resumes from there. reload says that the gap cannot be told: fetch the page again; the stream goes on from the event's id. A comment every 15 seconds keeps the connection open.

The stream ends when the token or session does, when the server stops, and when its client reads too slowly: resume then. A person may have 20 streams open on one server; another one is answered with 429.`

func answerWith(status int, text, contentType string, schema *huma.Schema) map[string]*huma.Response {
	return map[string]*huma.Response{strconv.Itoa(status): {
		Description: text, Content: map[string]*huma.MediaType{contentType: {Schema: schema}},
	}}
}

func revisionSchema() *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: `^[0-9]{1,19}$`}
}
