package dingtalk

import (
	"net/http"
	"slices"
	"strings"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/media"
)

// bodyKind is what a route's body may be.
type bodyKind uint8

const (
	plainBody     bodyKind = iota // JSON or a form
	multipartBody                 // a form with a file
)

// style is how a route words its answers.
type style uint8

const (
	legacy  style = iota // errcode, HTTP 200; docs/contract.md#envelopes
	bare                 // legacy, but failures are never wrapped in 88: all but /topapi
	modern               // code, requestid, message with an HTTP status
	gateway              // what /router/rest answers, see gateway.go
)

// route is one row of the table.
type route struct {
	path     string
	methods  []string
	maxBody  int64 // bytes
	body     bodyKind
	bodyOnly bool   // the query is not looked at
	token    bool   // an access token is needed,
	scope    string // of an app with this scope; "" of any app
	style    style
	done     string                    // errmsg of what went well, where it is not ok
	codes    map[fault.Code]int        // errcodes that differ from the table in errcode.go
	modern   map[fault.Code]modernCode // likewise, of the newer wire
	requires string                    // what a refusal names as the missing permission, of the newer wire
	serve    func(*call) error
}

// The most bytes of a body. A send may name 5,000 userids of 64 characters and
// hold a message of 32 KiB, all of it form-encoded. An upload carries a few
// fields beside its file.
const (
	sendBody   = 2 << 20
	smallBody  = 64 << 10
	uploadBody = media.MaxBytes + 256<<10
)

const corpconversation = "/topapi/message/corpconversation/"

// routes is the table of contents of the wire.
func routes() []route {
	get, post := []string{http.MethodGet, http.MethodPost}, []string{http.MethodPost}
	return slices.Concat(sends(), contactReads(), olderContactReads(), contactWrites(), olderContactWrites(), signIns(), pageSignIns(), callbackCalls(), providerCalls(), []route{
		{
			path: "/gettoken", methods: get, maxBody: smallBody, style: bare, serve: (*call).getToken,
		},
		{
			path: "/v1.0/oauth2/accessToken", methods: post, maxBody: smallBody, style: modern,
			bodyOnly: true, serve: (*call).accessToken,
		},
		{
			path: organizationTokenPath, methods: post, maxBody: smallBody, style: modern,
			bodyOnly: true, serve: (*call).organizationToken,
			modern: map[fault.Code]modernCode{fault.CodeCredentialsInvalid: {400, "invalid.client"}},
		},
		{
			path: "/v1.0/oauth2/corpAccessToken", methods: post, maxBody: smallBody, style: modern,
			bodyOnly: true, serve: (*call).corpAccessToken,
		},
		{
			path: "/v1.0/oauth2/suiteAccessToken", methods: post, maxBody: smallBody, style: modern,
			bodyOnly: true, serve: (*call).suiteAccessToken,
		},
		{
			path: "/media/upload", methods: post, maxBody: uploadBody, body: multipartBody, style: bare,
			token: true, scope: app.ScopeMedia, serve: (*call).uploadMedia,
			codes: map[fault.Code]int{fault.CodeBodyTooLarge: 40006},
		},
		download("/media/downloadFile"),
		download("/media/get"), // what an older client calls it
		{
			path: "/router/rest", methods: get, maxBody: sendBody, style: gateway, serve: (*call).throughGateway,
		},
		{
			path: corpconversation + "getsendprogress", methods: post, maxBody: smallBody,
			token: true, scope: app.ScopeResult, serve: (*call).progress, codes: invalidParameter(),
		},
		{
			path: corpconversation + "getsendresult", methods: post, maxBody: smallBody,
			token: true, scope: app.ScopeResult, serve: (*call).result, codes: invalidParameter(),
		},
		{
			path: "/message/list_message_status", methods: post, maxBody: smallBody, style: bare,
			token: true, scope: app.ScopeResult, serve: (*call).messageStatus,
			codes: map[fault.Code]int{
				fault.CodeTaskUnknown: 81003, fault.CodeWindowClosed: 81003, fault.CodeResultTooLarge: 81003,
			},
		},
		{
			path: corpconversation + "recall", methods: post, maxBody: smallBody,
			token: true, scope: app.ScopeSend, serve: (*call).recall,
			codes: map[fault.Code]int{
				fault.CodeAgentUnknown: 400002, fault.CodeTaskUnknown: 400002, fault.CodeWindowClosed: 400002,
			},
		},
		{
			path: corpconversation + "status_bar/update", methods: post, maxBody: smallBody,
			token: true, scope: app.ScopeSend, serve: (*call).updateStatusBar,
			codes: map[fault.Code]int{
				fault.CodeAgentUnknown: 40056, fault.CodeTaskUnknown: 40035, fault.CodeWindowClosed: 40035,
			},
		},
	})
}

// providerCalls are what the providers of third-party apps ask for.
func providerCalls() []route {
	post := []string{http.MethodPost}
	return []route{
		{path: "/service/get_suite_token", methods: post, maxBody: smallBody, style: bare, serve: (*call).getSuiteToken},
		{path: "/service/get_corp_token", methods: post, maxBody: smallBody, style: bare, serve: (*call).getCorpToken, codes: ofProof()},
		{path: "/service/get_auth_info", methods: post, maxBody: smallBody, style: bare, serve: (*call).getAuthInfo, codes: ofProof()},
		{path: "/service/get_agent", methods: post, maxBody: smallBody, style: bare, serve: (*call).getAgent, codes: ofProof()},
		{path: "/service/get_permanent_code", methods: post, maxBody: smallBody, style: bare, serve: (*call).getPermanentCode, codes: ofProof()},
		{path: "/service/activate_suite", methods: post, maxBody: smallBody, style: bare, serve: (*call).activateSuite, codes: ofProof()},
	}
}

// sends are the ways to send.
func sends() []route {
	post := []string{http.MethodPost}
	return []route{
		{
			path: corpconversation + "asyncsend_v2", methods: post, maxBody: sendBody,
			token: true, scope: app.ScopeSend, serve: (*call).send,
			codes: map[fault.Code]int{fault.CodeAgentUnknown: 40056},
		},
		{
			path: corpconversation + "asyncsend", methods: post, maxBody: sendBody,
			token: true, scope: app.ScopeSend, serve: (*call).sendParts,
			codes: map[fault.Code]int{fault.CodeAgentUnknown: 40056},
		},
		{
			path: corpconversation + "sendbytemplate", methods: post, maxBody: sendBody,
			token: true, scope: app.ScopeSend, serve: (*call).sendByTemplate,
			codes: map[fault.Code]int{fault.CodeAgentUnknown: 400002},
		},
		{
			path: "/message/send", methods: post, maxBody: sendBody, style: bare,
			token: true, scope: app.ScopeSend, serve: (*call).sendAndTell,
			codes: map[fault.Code]int{fault.CodeAgentUnknown: 40056},
		},
		{
			path: corpconversation + "asyncsendbycode", methods: post, maxBody: sendBody,
			token: true, scope: app.ScopeSend, serve: (*call).sendByCode,
			codes: map[fault.Code]int{fault.CodeAgentUnknown: 40056},
		},
		{
			path: "/message/sendByCode", methods: post, maxBody: sendBody, style: bare,
			token: true, scope: app.ScopeSend, serve: (*call).sendAndTellByCode,
			codes: map[fault.Code]int{fault.CodeAgentUnknown: 40056},
		},
	}
}

// download is a way to get a file back.
func download(path string) route {
	return route{
		path: path, methods: []string{http.MethodGet, http.MethodHead}, maxBody: smallBody, style: bare,
		token: true, scope: app.ScopeMedia, serve: (*call).downloadMedia,
		codes: map[fault.Code]int{fault.CodeMethodNotAllowed: 43001, fault.CodeParameterMissing: 41006},
	}
}

// ofProof is how the calls answer that take a signature or a suite access
// token.
func ofProof() map[fault.Code]int {
	return map[fault.Code]int{
		fault.CodeSuiteTicketInvalid: 853005, fault.CodeTokenInvalid: 40082,
	}
}

// invalidParameter is how the two queries answer whatever they do not find.
func invalidParameter() map[fault.Code]int {
	return map[fault.Code]int{
		fault.CodeAgentUnknown: 40035, fault.CodeTaskUnknown: 40035, fault.CodeWindowClosed: 40035,
	}
}

// organizationTokenPath is the one route with a parameter in its path.
const (
	organizationTokenHead = "/v1.0/oauth2/"
	organizationTokenTail = "/token"
	organizationTokenPath = organizationTokenHead + "{corpId}" + organizationTokenTail
)

// inPath returns the corp id in the path of an organization's token, and false
// for any other path.
func inPath(path string) (corpID string, ok bool) {
	rest, ok := strings.CutPrefix(path, organizationTokenHead)
	if !ok {
		return "", false
	}
	corpID, ok = strings.CutSuffix(rest, organizationTokenTail)
	return corpID, ok && corpID != "" && !strings.Contains(corpID, "/")
}

// Route is what a row of the table says, for tests of every route.
type Route struct {
	Path      string // with {corpId} where it has a corp id
	Methods   []string
	Token     bool   // an access token is needed,
	Scope     string // of an app with this scope; "" of any app
	Multipart bool   // the body is a form with a file
	BodyOnly  bool   // the query is not looked at
	Wraps     bool   // failures of authentication are wrapped in 88
	Modern    bool   // answers as the newer wire does
	Gateway   bool   // answers as the gateway does
}

// Routes returns the rows of the table.
func Routes() []Route {
	var list []Route
	for _, rt := range routes() {
		list = append(list, Route{
			Path: rt.path, Methods: rt.methods, Token: rt.token, Scope: rt.scope, Multipart: rt.body == multipartBody, BodyOnly: rt.bodyOnly,
			Wraps: rt.style == legacy, Modern: rt.style == modern, Gateway: rt.style == gateway,
		})
	}
	return list
}

// Paths returns the path of every route, with {corpId} where it has a corp id.
func Paths() []string {
	var paths []string
	for _, rt := range Routes() {
		paths = append(paths, rt.Path)
	}
	return paths
}
