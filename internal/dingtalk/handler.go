package dingtalk

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/notify"
)

// Tokens gives out access tokens and knows who one stands for.
type Tokens interface {
	TokenByKey(ctx context.Context, appKey, appSecret string) (app.Token, error)
	TokenByCorp(ctx context.Context, corpID, secret string) (app.Token, error)
	TokenIn(ctx context.Context, corpID, key, secret string) (app.Token, error)
	SuiteToken(ctx context.Context, p app.SuiteProof) (app.Token, error)
	CorpToken(ctx context.Context, p app.SuiteProof, corpID string) (app.Token, error)
	Installation(ctx context.Context, p app.SuiteProof, corpID string) (app.Installed, error)
	PermanentCode(ctx context.Context, p app.SuiteProof, authCode string) (app.Authorization, error)
	Activate(ctx context.Context, p app.SuiteProof, suiteKey, corpID, permanentCode string) error
	AgentOfSuite(ctx context.Context, p app.SuiteProof, corpID string, agentID int64) (app.Installed, error)
	Authenticate(ctx context.Context, token string) (app.Caller, error)
	// CountCall counts one call of an API, or refuses it.
	CountCall(ctx context.Context, c app.Caller, api string) error
}

// Notifications sends, and answers for what was sent.
type Notifications interface {
	Send(ctx context.Context, r notify.SendRequest) (taskID int64, err error)
	SendAndTell(ctx context.Context, r notify.SendRequest) (notify.Sent, error)
	SendTemplate(ctx context.Context, r notify.TemplateRequest) (taskID int64, err error)
	Progress(ctx context.Context, c app.Caller, agentID, taskID int64) (notify.Progress, error)
	Result(ctx context.Context, c app.Caller, agentID, taskID int64) (notify.Result, error)
	Recall(ctx context.Context, c app.Caller, agentID, taskID int64) error
	SetStatusBar(ctx context.Context, c app.Caller, agentID, taskID int64, value, background string) error
}

// Uploads takes files in and gives them back.
type Uploads interface {
	// Begin counts an upload of an organization in until end is called. CodeBusy.
	Begin(organization int64) (end func(), err error)
	Upload(ctx context.Context, u media.Upload) (media.File, error)
	// File returns CodeNotFound for one the organization does not have.
	File(ctx context.Context, organization int64, id string) (media.File, error)
	Open(ctx context.Context, f media.File) (io.ReadSeekCloser, error)
}

// Deps is what the wire works with. All fields but Refused are required.
type Deps struct {
	Tokens        Tokens
	Notifications Notifications
	Uploads       Uploads
	Contacts      Contacts
	Changes       ContactChanges
	SignIns       SignIns
	Callbacks     Callbacks
	Log           *slog.Logger
	// Refused hears of every failure that is answered, and with which errcode.
	Refused func(r *http.Request, f *fault.Fault, errcode int)
}

// Handler serves the wire. A path must match a route byte by byte, but for what
// CleanPath takes away; every other path is answered as unknown, in the wire's
// words. Nothing is redirected: the query may hold a token. So it is also the
// fallback for paths nobody else serves. The request's Pattern is set to the
// route's path.
func Handler(d Deps) http.Handler {
	w := &wire{Deps: d, routes: map[string]*route{}, strangers: newStrangers()}
	for _, rt := range routes() {
		if rt.path == organizationTokenPath {
			w.organizationToken = &rt
			continue
		}
		w.routes[rt.path] = &rt
	}
	return w
}

type wire struct {
	Deps
	routes            map[string]*route
	organizationToken *route
	strangers         *strangers
}

// call is one request on its way through the wire.
type call struct {
	*wire
	w      http.ResponseWriter
	r      *http.Request
	path   string // of the request, cleaned
	route  *route
	style  style              // the route's, or that of the gateway it came through
	method string             // the gateway's name of what is called, "" elsewhere
	flat   bool               // the gateway's short form of answers
	codes  map[fault.Code]int // answers that differ from the table, see route
	id     string             // request_id
	args   arguments
	form   *upload // of a multipart body
	ended  func()  // counts an upload out; nil: none was counted in
	caller app.Caller
	corpID string // in the path
	packed bool   // the body is, or was
	begun  bool   // the answer's first byte may be out
}

// ServeHTTP answers one request.
func (w *wire) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	c := &call{wire: w, w: rw, r: r, path: CleanPath(r.URL.Path), id: newRequestID()}
	c.take(c.find())
	r.Pattern = c.route.path
	defer c.rescue()
	if err := c.handle(); err != nil {
		c.refuse(err)
	}
}

// find returns the route of the request's path.
func (c *call) find() *route {
	if c.r.URL.RawPath == "" {
		if rt := c.routes[c.path]; rt != nil {
			return rt
		}
		if corpID, ok := inPath(c.path); ok {
			c.corpID = corpID
			return c.wire.organizationToken
		}
	}
	if isModern(c.path) {
		return unknownModern
	}
	return unknown
}

func (c *call) take(rt *route) { c.route, c.style, c.codes = rt, rt.style, rt.codes }

// handle is the way of every request.
func (c *call) handle() error {
	if c.route.serve == nil {
		return c.notFound()
	}
	if !slices.Contains(c.route.methods, c.r.Method) {
		return fault.New(fault.CodeMethodNotAllowed, "use %s", strings.Join(c.route.methods, " or "))
	}
	defer c.discardForm()
	if err := c.receive(); err != nil {
		return err
	}
	return c.route.serve(c)
}

// receive reads the parameters and, where the route needs it, finds out who is
// calling: before the body is read where the query has the token. A body that
// has to be read first, by somebody unknown, takes one of few places.
func (c *call) receive() error {
	var err error
	if !c.route.bodyOnly {
		if c.args, err = readPairs(nil, c.r.URL.RawQuery, "query"); err != nil {
			return err
		}
	}
	known, err := c.knownByQuery()
	if err != nil {
		return err
	}
	if !known {
		leave, err := c.strangers.enter(c)
		if err != nil {
			return err
		}
		defer leave()
	}
	if known && c.route.body == multipartBody {
		if c.ended, err = c.Uploads.Begin(c.caller.Organization); err != nil {
			return err
		}
	}
	if err := c.readBody(); err != nil {
		return err
	}
	switch {
	case !c.route.token:
		return nil
	case known:
		_, err := c.args.token(accessToken) // the body must not name another one
		return err
	default:
		return c.authenticate(accessToken)
	}
}

// knownByQuery finds out who is calling if the query has the token. Whether a
// caller of the gateway may is found out later, with what is called.
func (c *call) knownByQuery() (bool, error) {
	switch {
	case c.route.token && c.args.has(accessToken):
		return true, c.authenticate(accessToken)
	case c.style == gateway && c.args.has(gatewayToken):
		token, err := c.args.token(gatewayToken)
		if err == nil {
			_, err = c.Tokens.Authenticate(c.r.Context(), token)
		}
		return true, err
	}
	return false, nil
}

// authenticate finds out who is calling, by the token in the parameter of that
// name, whether they may, and counts the call.
func (c *call) authenticate(name string) error {
	token, err := c.args.token(name)
	if err != nil {
		return err
	}
	return c.authenticateAs(token)
}

// authenticateAs is authenticate with the token itself.
func (c *call) authenticateAs(token string) (err error) {
	if c.caller, err = c.Tokens.Authenticate(c.r.Context(), token); err != nil {
		return err
	}
	if c.route.scope != "" {
		if err := c.caller.Require(c.route.scope); err != nil {
			return err
		}
	}
	return c.Tokens.CountCall(c.r.Context(), c.caller, c.route.path)
}

// rescue answers for a handler that panicked. An answer already begun is cut
// off, so that nobody takes its first half for the whole.
func (c *call) rescue() {
	cause := recover()
	if cause == nil {
		return
	}
	c.Log.LogAttrs(c.r.Context(), slog.LevelError, "panic while answering", slog.String("request_id", c.id),
		slog.String("route", c.route.path), slog.Any("panic", cause), slog.String("stack", string(debug.Stack())))
	if !c.begun {
		c.answer(fault.New(fault.CodeInternal, "internal error"))
		return
	}
	// A connection without deadlines is a test's.
	_ = http.NewResponseController(c.w).SetWriteDeadline(time.Unix(1, 0))
}
