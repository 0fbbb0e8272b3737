package server

import (
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/dingtalk"
)

// edge is who answers the requests of a path.
type edge uint8

const (
	healthEdge edge = iota // tells a load balancer that the process serves
	readyEdge              // tells it that sends are accepted
	pageEdge               // the browser's files
	ownEdge                // our own API
	wireEdge               // DingTalk's wire
	returnEdge             // browsers come back from where they have signed in
)

// policy is the Content-Security-Policy of a path's answers.
type policy uint8

const (
	noPolicy     policy = iota // the edge says it where its answers are documents
	ownFiles                   // may load our own files
	trustedHosts               // and pictures and panels from the hosts that the reader's organizations trust
	pictureFrame               // one foreign picture, in a frame only
)

// What a request may cost.
const (
	wireHeaderBytes = 1 << 20  // clients of the wire may put everything in the query
	ownHeaderBytes  = 16 << 10 // everything else
	bodyTime        = 20 * time.Second
	uploadTime      = 3 * time.Minute
)

// pathRule is one row of the table of paths.
type pathRule struct {
	path    string // exactly this; with a slash at its end also all below; "/{$}" is "/" alone
	edge    edge
	headers int           // the most bytes of a request's line and headers
	body    time.Duration // for a body to come in
	policy  policy
	file    string // of the browser's files, answered at every path of the rule; "" is the one that has the path's name
	// browser: an address with nothing at it answers a browser with a page.
	// Programs always hear it in the edge's own form.
	browser bool
	reads   bool // GET and HEAD only
	stream  bool // sets deadlines of its own
	foreign bool // loaded by pages of other origins
	opens   bool // what it opens may keep hold of it; see docs/adr/0029-an-apps-page-keeps-hold-of-the-inbox.md
	built   bool // files with a digest of their content in their names
	quiet   bool // asked every second: neither counted nor logged
}

// paths is the one table of what this server answers where. To serve another
// path, add its line. The rule with the longest path counts.
var paths = newPathTable(
	pathRule{path: "/healthz", edge: healthEdge, headers: ownHeaderBytes, body: bodyTime, reads: true, quiet: true},
	pathRule{path: "/readyz", edge: readyEdge, headers: ownHeaderBytes, body: bodyTime, reads: true, quiet: true},

	pathRule{path: "/{$}", edge: pageEdge, headers: ownHeaderBytes, body: bodyTime, file: indexFile, policy: trustedHosts, reads: true, browser: true, opens: true},
	pathRule{path: "/o/", edge: pageEdge, headers: ownHeaderBytes, body: bodyTime, file: indexFile, policy: trustedHosts, reads: true, browser: true, opens: true},
	pathRule{path: "/sign-in/", edge: returnEdge, headers: ownHeaderBytes, body: bodyTime, reads: true, browser: true},
	pathRule{path: "/console/", edge: pageEdge, headers: ownHeaderBytes, body: bodyTime, file: consoleFile, policy: trustedHosts, reads: true, browser: true},
	pathRule{path: "/setup", edge: pageEdge, headers: ownHeaderBytes, body: bodyTime, file: setupFile, policy: ownFiles, reads: true, browser: true},
	pathRule{path: "/oauth2/auth", edge: pageEdge, headers: ownHeaderBytes, body: bodyTime, file: oauthFile, policy: ownFiles, reads: true, browser: true},
	pathRule{path: "/oauth2/challenge.htm", edge: pageEdge, headers: ownHeaderBytes, body: bodyTime, file: oauthFile, policy: ownFiles, reads: true, browser: true},
	pathRule{path: "/connect/qrconnect", edge: pageEdge, headers: ownHeaderBytes, body: bodyTime, file: oauthFile, policy: ownFiles, reads: true, browser: true},
	pathRule{path: "/connect/oauth2/sns_authorize", edge: pageEdge, headers: ownHeaderBytes, body: bodyTime, file: oauthFile, policy: ownFiles, reads: true, browser: true},
	pathRule{path: "/assets/", edge: pageEdge, headers: ownHeaderBytes, body: bodyTime, policy: ownFiles, reads: true, browser: true},
	pathRule{path: "/assets/build/", edge: pageEdge, headers: ownHeaderBytes, body: bodyTime, policy: ownFiles, reads: true, browser: true, built: true},
	pathRule{path: "/assets/dd.js", edge: pageEdge, headers: ownHeaderBytes, body: bodyTime, policy: ownFiles, reads: true, browser: true, foreign: true},
	pathRule{path: "/assets/picture.html", edge: pageEdge, headers: ownHeaderBytes, body: bodyTime, policy: pictureFrame, reads: true, browser: true, foreign: true},
	pathRule{path: "/assets/picture.js", edge: pageEdge, headers: ownHeaderBytes, body: bodyTime, policy: ownFiles, reads: true, browser: true, foreign: true},
	pathRule{path: "/assets/picture.css", edge: pageEdge, headers: ownHeaderBytes, body: bodyTime, policy: ownFiles, reads: true, browser: true, foreign: true},

	pathRule{path: "/api/v1/", edge: ownEdge, headers: ownHeaderBytes, body: bodyTime},
	pathRule{path: "/api/v1/inbox/events", edge: ownEdge, headers: ownHeaderBytes, body: bodyTime, stream: true},
	pathRule{path: "/api/v1/console/events", edge: ownEdge, headers: ownHeaderBytes, body: bodyTime, stream: true},

	pathRule{path: "/gettoken", edge: wireEdge, headers: wireHeaderBytes, body: bodyTime},
	pathRule{path: "/get_jsapi_ticket", edge: wireEdge, headers: wireHeaderBytes, body: bodyTime},
	pathRule{path: "/sns/", edge: wireEdge, headers: wireHeaderBytes, body: bodyTime},
	pathRule{path: "/service/", edge: wireEdge, headers: wireHeaderBytes, body: bodyTime},
	pathRule{path: "/message/", edge: wireEdge, headers: wireHeaderBytes, body: bodyTime},
	pathRule{path: "/call_back/", edge: wireEdge, headers: wireHeaderBytes, body: bodyTime},
	pathRule{path: "/user/", edge: wireEdge, headers: wireHeaderBytes, body: bodyTime},
	pathRule{path: "/department/", edge: wireEdge, headers: wireHeaderBytes, body: bodyTime},
	pathRule{path: "/auth/scopes", edge: wireEdge, headers: wireHeaderBytes, body: bodyTime},
	pathRule{path: "/media/", edge: wireEdge, headers: wireHeaderBytes, body: uploadTime},
	pathRule{path: "/router/rest", edge: wireEdge, headers: wireHeaderBytes, body: bodyTime},
	pathRule{path: "/topapi/", edge: wireEdge, headers: wireHeaderBytes, body: bodyTime},
	pathRule{path: "/v1.0/", edge: wireEdge, headers: wireHeaderBytes, body: bodyTime},

	// Nobody's: a program there is taken for a client of the wire.
	pathRule{path: "/", edge: wireEdge, headers: wireHeaderBytes, body: bodyTime, browser: true},
)

// pathTable finds the rule of a path.
type pathTable struct {
	rules []pathRule
	exact map[string]*pathRule
	below map[string]*pathRule // by the path without the slash at its end
}

func newPathTable(rules ...pathRule) *pathTable {
	t := &pathTable{rules: rules, exact: map[string]*pathRule{}, below: map[string]*pathRule{}}
	for i := range rules {
		rule := &rules[i]
		if dir, ok := strings.CutSuffix(rule.path, "/"); ok {
			t.below[dir] = rule
		} else {
			t.exact[strings.TrimSuffix(rule.path, "{$}")] = rule
		}
	}
	return t
}

// find returns the rule of a request's path. Paths are taken as they come, but
// for the slashes too many that clients of the wire add.
func (t *pathTable) find(path string) *pathRule {
	if rule := t.match(path); rule.edge != wireEdge {
		return rule
	}
	if rule := t.match(dingtalk.CleanPath(path)); rule.edge == wireEdge {
		return rule
	}
	return t.below[""]
}

func (t *pathTable) match(path string) *pathRule {
	if rule := t.exact[path]; rule != nil {
		return rule
	}
	for {
		if rule := t.below[path]; rule != nil {
			return rule
		}
		path = path[:max(strings.LastIndexByte(path, '/'), 0)]
	}
}

// route is the rule's name in the metrics.
func (r *pathRule) route() string { return strings.TrimSuffix(r.path, "{$}") }
