package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/policy"
)

// SuiteStore keeps third-party apps and their installations. Like AdminStore's,
// its changes advance the revocation counter.
type SuiteStore interface {
	// CreateSuite stores a third-party app with its first secret and ticket, and
	// records that. Fails with CodeOrganizationUnknown.
	CreateSuite(ctx context.Context, a App, first StoredSecret, t StoredTicket, e audit.Entry) error
	// Suites returns a provider's third-party apps with their installations, by
	// ascending id.
	Suites(ctx context.Context, provider int64) ([]SuiteListing, error)
	// ChangeTicket replaces an app's ticket and records that, the app as its
	// subject. Fails with CodeAppUnknown.
	ChangeTicket(ctx context.Context, t StoredTicket, e audit.Entry) error
	// TicketOf returns a third-party app's ticket. Fails with CodeAppUnknown.
	TicketOf(ctx context.Context, provider, appID int64) (StoredTicket, error)
	// Install installs a third-party app, or changes its installation if it has
	// one: it is given id only if it is new. It returns the installation as it
	// is now, and records that, the installation as its subject. Fails with
	// CodeAppUnknown and CodeOrganizationUnknown, and with once set, where the app is
	// installed, with CodeConflict.
	Install(ctx context.Context, g Agent, once bool, e audit.Entry) (Agent, error)
	// Uninstall disables an installation of a third-party app for good, ends
	// its tokens and records that. Fails with CodeAgentUnknown.
	Uninstall(ctx context.Context, organization, agentID int64, at time.Time, e audit.Entry) error
	// AgentOf returns an app's installation in an organization. False when it
	// has none.
	AgentOf(ctx context.Context, provider, appID, organization int64) (Agent, bool, error)
	// AgentsOf returns all installations of an app, ended ones too.
	AgentsOf(ctx context.Context, provider, appID int64) ([]Agent, error)
	// AnyAgentOf returns the id of an installation, wherever that is; false when there
	// was never one.
	AnyAgentOf(ctx context.Context, provider, appID int64) (int64, bool, error)
	// AppOfAgent returns an installation, ended ones included, and its app.
	// Fails with CodeAgentUnknown.
	AppOfAgent(ctx context.Context, agentID int64) (App, Agent, error)
	// AppByKey and AppByID return an app of either kind. They fail with CodeAppUnknown.
	AppByKey(ctx context.Context, key string) (App, error)
	AppByID(ctx context.Context, organization, id int64) (App, error)
	// Installed returns the third-party apps installed in an organization, with
	// the names of their providers, by ascending agent id.
	Installed(ctx context.Context, organization int64) ([]Installed, error)
}

// StoredTicket is a suite ticket as its row holds it.
type StoredTicket struct {
	Organization, AppID int64
	KeyNumber           int
	Ciphertext          []byte
	Any                 bool // every ticket is accepted
	ChangedAt           time.Time
}

func (t StoredTicket) row() masterkey.Row {
	return masterkey.Row{Organization: t.Organization, App: t.AppID}
}

// SuiteListing is a third-party app with its secrets and where it is installed.
type SuiteListing struct {
	App       App
	AnyTicket bool
	Secrets   []Secret
	Agents    []Agent
}

// Installed is a third-party app and one of its installations.
type Installed struct {
	App      App
	Agent    Agent
	Provider string // name of the organization the app belongs to; only from Service.Installed
	CorpName string // name of the organization that has it; only from the other methods
}

// Installation is what an organization lets a third-party app do.
type Installation struct {
	Range  directory.Range
	Scopes []string // nil means all that the app asks for
}

// CreateThirdParty makes a third-party app of a provider, installed nowhere.
// It returns the suite secret, here and never again. With anyTicket every
// suite ticket is accepted, for tests. Fails as CreateInternal.
func (s *Service) CreateThirdParty(ctx context.Context, by audit.By, provider int64, n NewApp, anyTicket bool) (App, string, error) {
	now := milli(s.now())
	a := App{Organization: provider, Kind: ThirdParty, Key: newSuiteKey(), CreatedAt: now, Edition: 1}
	scopes := n.Scopes
	if scopes == nil {
		scopes = NewScopes(a.Kind)
	}
	err := Profile{n.Name, n.Description, n.Icon, n.TrustedHosts, n.PageURL}.apply(&a)
	if err == nil && n.SendToEveryone {
		err = fault.New(fault.CodeParameterInvalid, "a third-party app cannot send to everyone").WithField("send_to_everyone")
	}
	if err == nil {
		err = Grants{false, scopes}.apply(&a)
	}
	if err != nil {
		return App{}, "", err
	}
	var value string
	if a.ID, err = s.nextID(ctx, "app"); err == nil {
		err = s.withKey(ctx, func() error {
			value, err = s.createThirdParty(ctx, a, by, anyTicket)
			return err
		})
	}
	if err != nil {
		return App{}, "", fmt.Errorf("app.CreateThirdParty: %w", err)
	}
	return a, value, nil
}

// createThirdParty stores an app with a first secret and ticket, and returns the
// secret.
func (s *Service) createThirdParty(ctx context.Context, a App, by audit.By, anyTicket bool) (string, error) {
	first, value, err := s.newStoredSecret(ctx, by, a.Organization, a.ID, a.CreatedAt)
	if err != nil {
		return "", err
	}
	t, _, err := s.newTicket(a.Organization, a.ID, anyTicket, a.CreatedAt)
	if err != nil {
		return "", err
	}
	e := s.entry(by, a.Organization, audit.AppCreate, nil)
	e.Subject = a.Key
	return value, s.changed(s.store.CreateSuite(ctx, a, first, t, e))
}

// Suites returns a provider's third-party apps by ascending id.
func (s *Service) Suites(ctx context.Context, provider int64) ([]SuiteListing, error) {
	return s.store.Suites(ctx, provider)
}

// Ticket returns a third-party app's suite ticket. Fails with CodeAppUnknown.
func (s *Service) Ticket(ctx context.Context, provider, appID int64) (string, error) {
	t, err := s.store.TicketOf(ctx, provider, appID)
	if err != nil {
		return "", fmt.Errorf("app.Ticket: %w", err)
	}
	return s.keys.Open(t.row(), masterkey.Sealed{Number: t.KeyNumber, Ciphertext: t.Ciphertext})
}

// TicketAge is since when a third-party app has its suite ticket. Any is set where every
// ticket is accepted.
type TicketAge struct {
	Since time.Time
	Any   bool
}

// TicketAge tells how old a third-party app's suite ticket is. Fails with CodeAppUnknown.
func (s *Service) TicketAge(ctx context.Context, provider, appID int64) (TicketAge, error) {
	t, err := s.store.TicketOf(ctx, provider, appID)
	if err != nil {
		return TicketAge{}, fmt.Errorf("app.TicketAge: %w", err)
	}
	return TicketAge{t.ChangedAt, t.Any}, nil
}

// NewTicket gives a third-party app another suite ticket; the one before is
// not accepted any more. Tokens taken with it live on. Fails with
// CodeAppUnknown.
func (s *Service) NewTicket(ctx context.Context, by audit.By, provider, appID int64) (string, error) {
	e := s.entry(by, provider, audit.TicketNew, nil)
	before, err := s.store.TicketOf(ctx, provider, appID)
	if err != nil {
		return "", fmt.Errorf("app.NewTicket: %w", err)
	}
	var value string
	err = s.withKey(ctx, func() error {
		t, fresh, err := s.newTicket(provider, appID, before.Any, milli(s.now()))
		if err != nil {
			return err
		}
		value = fresh
		return s.changed(s.store.ChangeTicket(ctx, t, e))
	})
	if err != nil {
		return "", fmt.Errorf("app.NewTicket: %w", err)
	}
	return value, nil
}

func (s *Service) newTicket(provider, appID int64, anyTicket bool, now time.Time) (StoredTicket, string, error) {
	value := rand.Text()
	t := StoredTicket{Organization: provider, AppID: appID, Any: anyTicket, ChangedAt: now}
	e, err := s.keys.Seal(t.row(), value)
	t.KeyNumber, t.Ciphertext = e.Number, e.Ciphertext
	return t, value, err
}

// Install installs a provider's third-party app in an organization. Where it
// is, or was, installed it keeps its agent id and gets this range and these
// scopes. Fails with CodeAppUnknown, CodeOrganizationUnknown and
// CodeParameterInvalid.
func (s *Service) Install(ctx context.Context, by audit.By, provider, appID, organization int64, i Installation) (Agent, error) {
	return s.install(ctx, by, provider, appID, organization, i, false)
}

// InstallByKey installs the third-party app with a suite key, of whichever provider,
// in an organization that does not have it installed. Fails with CodeAppUnknown,
// CodeConflict and CodeParameterInvalid.
func (s *Service) InstallByKey(ctx context.Context, by audit.By, organization int64, suiteKey string, i Installation) (Known, error) {
	suite, err := s.store.SuiteByKey(ctx, suiteKey)
	if err != nil {
		return Known{}, fmt.Errorf("app.InstallByKey: %w", err)
	}
	if suite.App.ID == 0 {
		return Known{}, fault.New(fault.CodeAppUnknown, "there is no third-party app with this suite key").WithField("suite_key")
	}
	if err := suite.App.asksFor(i.Scopes); err != nil {
		return Known{}, err
	}
	g, err := s.install(ctx, by, suite.App.Organization, suite.App.ID, organization, i, true)
	return Known{App: suite.App, Agent: g}, err
}

func (s *Service) install(ctx context.Context, by audit.By, provider, appID, organization int64, i Installation, once bool) (Agent, error) {
	r, err := checkRange(i.Range)
	if err != nil {
		return Agent{}, err
	}
	for _, scope := range i.Scopes {
		if !slices.Contains(Scopes(), scope) {
			return Agent{}, fault.New(fault.CodeParameterInvalid, "a scope is one of %s", strings.Join(Scopes(), ", ")).WithField("scopes")
		}
	}
	g := Agent{
		Organization: organization, AppOrganization: provider, AppID: appID, Range: r, CreatedAt: milli(s.now()), Edition: 1,
	}
	if i.Scopes != nil {
		g.Scopes = sorted(i.Scopes)
	}
	if g.ID, err = s.nextID(ctx, "agent"); err == nil {
		g, err = s.store.Install(ctx, g, once, s.entry(by, organization, audit.AppInstall, rangeDetails(r)))
	}
	if err = s.changed(err); err != nil {
		return Agent{}, fmt.Errorf("app.Install: %w", err)
	}
	return g, nil
}

// Reinstalled is what becomes of an installation when its app is installed again,
// as the new one says: it keeps its id and settings. What one that had ended was
// allowed beside, it is not allowed any more.
func (g Agent) Reinstalled(as Agent) Agent {
	g.Range, g.Scopes = as.Range, as.Scopes
	if !g.UninstalledAt.IsZero() {
		g.DirectSend, g.Composers = false, Composers{}
	}
	g.DisabledAt, g.UninstalledAt = time.Time{}, time.Time{}
	g.Edition++
	return g
}

// AllowedAs reports whether an installation reaches the same people, and may do the
// same, as another state of it.
func (g Agent) AllowedAs(other Agent) bool {
	r, o := g.Range, other.Range
	return r.Everyone == o.Everyone && slices.Equal(r.DeptIDs, o.DeptIDs) && slices.Equal(r.Userids, o.Userids) &&
		slices.Equal(g.Scopes, other.Scopes) && (g.Scopes == nil) == (other.Scopes == nil) && g.DirectSend == other.DirectSend
}

// Uninstall ends an installation of a third-party app and its tokens. What it
// has sent stays. Fails with CodeAgentUnknown, also for an internal app.
func (s *Service) Uninstall(ctx context.Context, by audit.By, organization, agentID int64) error {
	e := s.entry(by, organization, audit.AppUninstall, nil)
	e.Subject = strconv.FormatInt(agentID, 10)
	return s.changed(s.store.Uninstall(ctx, organization, agentID, e.At, e))
}

// SetDirectSend lets an installation send without a template, or no longer,
// and writes who did it in the organization's audit log. Doing it again changes
// nothing but the log. Fails with CodeAgentUnknown.
func (s *Service) SetDirectSend(ctx context.Context, by audit.By, organization, agentID int64, on bool) error {
	return s.changeAgent(ctx, s.entry(by, organization, directSend(on), nil), agentID, false, func(g *Agent) { g.DirectSend = on })
}

func directSend(on bool) audit.Action {
	if on {
		return audit.DirectSendOn
	}
	return audit.DirectSendOff
}

// Installations returns where an app is installed at present.
func (s *Service) Installations(ctx context.Context, a App) ([]Agent, error) {
	agents, err := s.store.AgentsOf(ctx, a.Organization, a.ID)
	if err != nil {
		return nil, fmt.Errorf("app.Installations: %w", err)
	}
	return slices.DeleteFunc(agents, func(g Agent) bool { return !g.UninstalledAt.IsZero() }), nil
}

// AgentIn returns an app's installation in an organization. False when it has
// none, or one that is disabled.
func (s *Service) AgentIn(ctx context.Context, a App, organization int64) (Agent, bool, error) {
	g, ok, err := s.store.AgentOf(ctx, a.Organization, a.ID, organization)
	return g, ok && g.DisabledAt.IsZero() && a.DisabledAt.IsZero(), err
}

// InstallationOf is AgentIn for an app of which no more is known than what it is to
// the table of rights.
func (s *Service) InstallationOf(ctx context.Context, of policy.Resource, organization int64) (Agent, bool, error) {
	g, ok, err := s.store.AgentOf(ctx, of.Organization, of.App, organization)
	if err != nil || !ok {
		return Agent{}, false, err
	}
	a, g, err := s.store.AppOfAgent(ctx, g.ID)
	return g, g.DisabledAt.IsZero() && a.DisabledAt.IsZero(), err
}

// AppOfAgent returns the app that is, or was, installed under an agent id,
// whatever organization that is in. Fails with CodeAgentUnknown.
func (s *Service) AppOfAgent(ctx context.Context, agentID int64) (App, Agent, error) {
	return s.store.AppOfAgent(ctx, agentID)
}

// Installed returns the third-party apps installed in an organization, by
// ascending agent id.
func (s *Service) Installed(ctx context.Context, organization int64) ([]Installed, error) {
	return s.store.Installed(ctx, organization)
}

// newSuiteKey returns a key of the form of suites: "suite" and 16 lower-case
// letters and digits, 80 random bits.
func newSuiteKey() string { return "suite" + strings.ToLower(rand.Text()[:16]) }
