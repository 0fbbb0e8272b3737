package rest

import (
	"log/slog"
	"net/http"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/rest/route"
)

// Accounts knows people, and what they are known by.
type Accounts interface {
	route.Credentials
	route.Askers
	endings
	sessionRoom
	tokenRoom
}

// Inbox is what people have been sent.
type Inbox interface {
	messageRoom
	shownFiles
	previews
	cardRoom
}

// Media has files.
type Media interface {
	fileRoom
	uploadRoom
}

// Apps knows apps and their installations.
type Apps interface {
	sendingApps
	knownApps
	secretRoom
	installRoom
	appsByHand
	fileOwners
}

// Organizations names organizations.
type Organizations interface {
	route.Organizations
	// Only returns the organization where there is no other.
	Only() (directory.Organization, bool)
	// Empty reports whether there is none.
	Empty() bool
}

// Deps is what the API works with. All rooms are required; see Refused.
type Deps struct {
	// PublicURL is where people reach the server, if that is known. Cookies
	// follow it, and pages from there are our own whatever Host a proxy sends.
	PublicURL     string
	Cookies       account.Cookies
	Accounts      Accounts
	Inbox         Inbox
	Media         Media
	Organizations Organizations
	Live          Streams
	Consoles      ConsoleStreams
	Templates     Templates
	Apps          Apps
	People        People
	AuditLog      AuditLog
	Watch         *Watch // of the same Accounts
	Tasks         Tasks
	Sends         Sends
	Nodes         Nodes
	SignIns       SignIns
	Setup         Setup
	Callbacks     Callbacks
	Sources       Sources
	SignIn        SignInFlow
	// RedirectURI is where a provider sends people back to, by the id of its source.
	RedirectURI func(source string) string
	Log         *slog.Logger
	// Refused hears of every problem that is answered; may be nil.
	Refused func(r *http.Request, f *fault.Fault)
}

// Handler serves everything under /api/v1. Each resource registers its routes itself.
func Handler(d Deps) http.Handler {
	a := route.New(route.Config{
		PublicURL: d.PublicURL, Cookies: d.Cookies, Accounts: d.Accounts, Organizations: d.Organizations, Log: d.Log, Refused: d.Refused,
	})
	(&messages{d.Inbox, d.Live, d.Watch}).routes(a.Table("inbox"))
	shown := &files{d.Media, d.Inbox, d.Apps, d.Apps, d.Accounts, d.Tasks}
	shown.routes(a.Table("media"))
	(&self{d.Accounts, d.Organizations, d.People, d.Apps, d.Inbox}).routes(a.Table("account"))
	browsers := &sessions{d.Accounts, d.Organizations, d.Cookies}
	browsers.routes(a.Table("account"))
	(&setups{d.Setup, browsers, d.Nodes}).routes(a.Table("account"))
	(&sources{d.Sources, d.RedirectURI}).routes(a.Table("sign-in"))
	elsewhere := &providers{d.SignIn, d.Sources, d.Organizations, tryCookies{d.Cookies}}
	elsewhere.routes(a.Table("sign-in"))
	(&trials{elsewhere, d.Sources}).routes(a.Table("sign-in"))
	(&tokens{d.Accounts}).routes(a.Table("account"))
	(&authorizations{d.SignIns, d.Accounts, d.Organizations}).routes(a.Table("account"))
	ofApps := &templates{d.Templates, d.Apps, d.People, d.Inbox, d.Organizations, d.Accounts}
	ofApps.routes(a.Table("templates"))
	(&auditLog{log: d.AuditLog, people: d.People, organizations: d.Organizations, verifying: map[int64]bool{}}).routes(a.Table("audit"))
	known := &apps{d.Apps, d.Inbox, d.People, d.Organizations, shown, d.Media}
	known.routes(a.Table("apps"))
	(&secrets{known, d.Apps, d.Nodes}).routes(a.Table("apps"))
	(&redirects{known, d.SignIns}).routes(a.Table("apps"))
	(&callbacks{known, d.Callbacks}).routes(a.Table("apps"))
	(&installs{known, d.Apps, d.Nodes}).routes(a.Table("apps"))
	sent := &tasks{d.Tasks, d.Inbox, d.People, d.Organizations}
	sent.routes(a.Table("tasks"))
	(&consoles{d.Consoles, d.Watch, sent, d.Tasks, d.Templates, d.Accounts}).routes(a.Table("console"))
	(&exports{sent, d.Log}).routes(a.Table("tasks"))
	byHand := &sends{d.Sends, d.Apps, d.Inbox, sent, ofApps}
	byHand.routes(a.Table("sends"))
	people := &colleagues{d.People, d.Apps}
	people.routes(a.Table("people"))
	(&matching{people, byHand}).routes(a.Table("people"))
	(&uploads{d.Media, known, d.Organizations}).routes(a.Table("media"))
	return a.Handler()
}
