package app

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/policy"
)

// Kind says whose an app is.
type Kind string

// The kinds of apps. An internal app belongs to the one organization it is
// installed in.
const (
	Internal   Kind = "internal"
	ThirdParty Kind = "third_party"
)

// The scopes: what an app may be used for.
const (
	ScopeSend   = "work_notification.send"   // send, recall, change status bars
	ScopeResult = "work_notification.result" // ask for progress and results
	ScopeMedia  = "media.upload"             // upload files, and get them back

	ScopeContacts      = "contacts.read"  // look people and departments up
	ScopeContactsWrite = "contacts.write" // create, change and delete them
)

// Scopes returns every scope.
func Scopes() []string {
	return []string{ScopeContacts, ScopeContactsWrite, ScopeMedia, ScopeResult, ScopeSend}
}

// NewScopes returns what a new app gets when no scopes are named: what sending work
// notifications takes, and for an internal app to look up whom it sends to.
func NewScopes(k Kind) []string {
	if k == ThirdParty {
		return []string{ScopeMedia, ScopeResult, ScopeSend}
	}
	return []string{ScopeContacts, ScopeMedia, ScopeResult, ScopeSend}
}

// App is a sender. DisabledAt is zero while it is enabled.
type App struct {
	Organization   int64 // that it belongs to
	ID             int64
	Kind           Kind
	Name           string
	Description    string
	Icon           string // media id or address of a picture, "" for none
	Key            string // app_key on the wire, unique over all organizations
	Scopes         []string
	TrustedHosts   []string // hosts whose links on cards open without a warning, lower case
	PageURL        string   // http(s) address that links to its mini program lead to in a browser, "" for none
	SendToEveryone bool
	CreatedAt      time.Time
	DisabledAt     time.Time
	Edition        int64 // grows with every change
}

// InstalledIn returns what an app's installation is to the table of rights: it belongs
// to the organization that it is in, whoever's the app is.
func (a App) InstalledIn(organization int64) policy.Resource {
	return policy.Resource{
		Organization: organization, App: a.ID, ThirdParty: a.Kind == ThirdParty || a.Organization != organization, ReceivedBy: organization,
	}
}

// Resource returns what an app is to the table of rights, named by itself.
func (a App) Resource() policy.Resource {
	return policy.Resource{Organization: a.Organization, App: a.ID, ThirdParty: a.Kind == ThirdParty}
}

// Agent is one installation of an app in one organization. ID is unique over
// all organizations. DisabledAt is zero while it is enabled.
type Agent struct {
	Organization    int64
	ID              int64
	AppOrganization int64
	AppID           int64
	Range           directory.Range
	// Overrides is a JSON object with the policy.Limits that differ from the
	// organization's; nil for none.
	Overrides json.RawMessage

	// Of third-party apps: what the organization lets it do, nil for all that
	// it asks for; whether it may send without a template; and since when it
	// is installed no more.
	Scopes        []string
	DirectSend    bool
	UninstalledAt time.Time

	Composers Composers // who may send with it by hand, beside managers

	// Retention is in what the installation differs from its organization; what
	// is 0 does not differ. Changes are the organization's alone.
	Retention policy.Retention

	CreatedAt  time.Time
	DisabledAt time.Time
	Edition    int64 // grows with every change
}

// Secret is one of an app's secrets, without its value. EndedAt is zero while
// it is active.
type Secret struct {
	ID         int64
	CreatedAt  time.Time
	CreatedBy  audit.Actor // nobody where that was not noted yet
	LastUsedAt time.Time   // when it was last presented, up to a minute late; zero before
	EndedAt    time.Time
}

// Listing is an internal app with its installation and all its secrets, oldest
// first.
type Listing struct {
	App     App
	Agent   Agent
	Secrets []Secret
}

// Caller is who a valid access token stands for. Its slices are shared between
// requests and must not be changed.
type Caller struct {
	Organization   int64 // in which the app is installed
	AppID          int64
	AgentID        int64
	ThirdParty     bool
	Provider       int64 // the organization the app belongs to
	DirectSend     bool  // may send without a template
	AppName        string
	SendToEveryone bool
	Range          directory.Range
	Limits         policy.Limits // the organization's, overridden by the installation's
	Scopes         []string
}

// Require returns nil when the caller's app has the scope, else
// CodePermissionDenied with the missing scope in its text.
func (c *Caller) Require(scope string) error {
	if slices.Contains(c.Scopes, scope) {
		return nil
	}
	return fault.New(fault.CodePermissionDenied, "the app lacks the scope %s", scope).WithField(scope)
}

// By is the caller's app, in the audit log.
func (c *Caller) By() audit.By { return audit.By{Actor: audit.App(c.Provider, c.AppID)} }

// AgentView is what a card shows of its sender.
type AgentView struct {
	AgentID int64
	AppID   int64
	Name    string
	Icon    string
	PageURL string
	// TrustedHosts are the app's and its organization's, sorted.
	TrustedHosts []string
}

// NewApp describes an internal app to be made.
type NewApp struct {
	Name           string
	Description    string
	Icon           string
	TrustedHosts   []string
	PageURL        string
	SendToEveryone bool
	Scopes         []string         // nil means NewScopes
	Range          *directory.Range // nil means everyone
}

// Profile is what people see of an app.
type Profile struct {
	Name         string
	Description  string
	Icon         string
	TrustedHosts []string
	PageURL      string // http or https, "" for none
}

// Grants is what an app may be used for.
type Grants struct {
	SendToEveryone bool
	Scopes         []string
}

// milli is a time as the store keeps it.
func milli(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// Profile is the app's, to be changed and given to SetProfile.
func (a App) Profile() Profile {
	return Profile{Name: a.Name, Description: a.Description, Icon: a.Icon, TrustedHosts: a.TrustedHosts, PageURL: a.PageURL}
}

func (p Profile) apply(a *App) error {
	name, description, icon := strings.TrimSpace(p.Name), strings.TrimSpace(p.Description), strings.TrimSpace(p.Icon)
	if err := checkText("name", name, 1, 64); err != nil {
		return err
	}
	if err := checkText("description", description, 0, 500); err != nil {
		return err
	}
	if err := checkText("icon", icon, 0, 1024); err != nil {
		return err
	}
	hosts, err := message.CleanTrustedHosts(p.TrustedHosts)
	if err != nil {
		return err
	}
	page, err := cleanPage(p.PageURL)
	if err != nil {
		return err
	}
	a.Name, a.Description, a.Icon, a.TrustedHosts, a.PageURL = name, description, icon, hosts, page
	return nil
}

func (g Grants) apply(a *App) error {
	for _, scope := range g.Scopes {
		if !slices.Contains(Scopes(), scope) {
			return fault.New(fault.CodeParameterInvalid, "a scope is one of %s", strings.Join(Scopes(), ", ")).WithField("scopes")
		}
	}
	a.Scopes = sorted(g.Scopes)
	a.SendToEveryone = g.SendToEveryone
	return nil
}
