package app

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

// AdminStore keeps apps, installations and secrets. Every method that changes
// something advances the revocation counter in the same transaction, as its
// last statement.
type AdminStore interface {
	// NextIDs returns n fresh ids of a sequence.
	NextIDs(ctx context.Context, sequence string, n int) ([]int64, error)
	// CreateApp stores an internal app with its installation and first secret,
	// and records that. Fails with CodeOrganizationUnknown.
	CreateApp(ctx context.Context, a App, g Agent, first StoredSecret, e audit.Entry) error
	// Apps returns an organization's internal apps by ascending id.
	Apps(ctx context.Context, organization int64) ([]Listing, error)
	// AppsOfFile returns the organization's app of an id and those whose icon a
	// file is.
	AppsOfFile(ctx context.Context, organization, appID int64, mediaID string) ([]App, error)
	// TrustedHosts returns the hosts that the organization and the apps
	// installed in it trust, disabled ones too, with repeats.
	TrustedHosts(ctx context.Context, organization int64) ([]string, error)
	// ChangeApp locks an app, lets change alter its copy and stores that.
	// If endTokens is set all of its tokens end at that time. Fails with
	// CodeAppUnknown, and with what change returns.
	ChangeApp(ctx context.Context, organization, id int64, endTokens time.Time, change func(*App) error) error
	// ChangeAgent is ChangeApp for an installation. Fails with CodeAgentUnknown.
	ChangeAgent(ctx context.Context, organization, id int64, endTokens time.Time, change func(*Agent) error) error
	// SetRange changes whom an installation may reach and records that. Fails
	// with CodeAgentUnknown.
	SetRange(ctx context.Context, organization, agentID int64, r directory.Range, e audit.Entry) error
	// CreateSecret stores one more secret of an app unless it has `most` active
	// ones, and records that, the app as its subject. Fails with CodeAppUnknown
	// and CodeConflict.
	CreateSecret(ctx context.Context, s StoredSecret, most int, e audit.Entry) error
	// EndSecret erases a secret, ends the tokens taken with it and records that,
	// the app as its subject. One that has ended stays as it is. Fails with
	// CodeNotFound.
	EndSecret(ctx context.Context, organization, app, id int64, at time.Time, e audit.Entry) error
}

// MaxSecrets is how many secrets of an app may be active: the one in use, and
// the one that replaces it.
const MaxSecrets = 2

// CreateInternal makes an internal app with its one installation and its first
// secret, whose value is returned here and never again. Fails with
// CodeParameterInvalid, naming the field, and CodeOrganizationUnknown.
func (s *Service) CreateInternal(ctx context.Context, by audit.By, organization int64, n NewApp) (App, Agent, string, error) {
	now := milli(s.now())
	a := App{Organization: organization, Kind: Internal, Key: newAppKey(), CreatedAt: now}
	g := Agent{Organization: organization, AppOrganization: organization, CreatedAt: now, Range: directory.Range{Everyone: true}}
	scopes := n.Scopes
	if scopes == nil {
		scopes = Scopes()
	}
	err := Profile{n.Name, n.Description, n.Icon, n.TrustedHosts, n.PageURL}.apply(&a)
	if err == nil {
		err = Grants{n.SendToEveryone, scopes}.apply(&a)
	}
	if err == nil && n.Range != nil {
		g.Range, err = checkRange(*n.Range)
	}
	if err != nil {
		return App{}, Agent{}, "", err
	}
	if a.ID, err = s.nextID(ctx, "app"); err == nil {
		g.AppID = a.ID
		g.ID, err = s.nextID(ctx, "agent")
	}
	var first StoredSecret
	var value string
	var e audit.Entry
	if err == nil {
		first, value, err = s.newStoredSecret(ctx, organization, a.ID, now)
	}
	if err == nil {
		e, err = s.entry(ctx, by, organization, audit.AppCreate, strconv.FormatInt(g.ID, 10))
	}
	if err == nil {
		err = s.changed(s.store.CreateApp(ctx, a, g, first, e))
	}
	if err != nil {
		return App{}, Agent{}, "", fmt.Errorf("app.CreateInternal: %w", err)
	}
	return a, g, value, nil
}

// Apps returns an organization's internal apps by ascending id; none for an
// organization that does not exist.
func (s *Service) Apps(ctx context.Context, organization int64) ([]Listing, error) {
	return s.store.Apps(ctx, organization)
}

// FileOwner returns the app of an organization that a file was uploaded by, and
// whether it is the icon of any. An app that is not there has the id 0.
func (s *Service) FileOwner(ctx context.Context, organization, appID int64, mediaID string) (owner App, icon bool, err error) {
	apps, err := s.store.AppsOfFile(ctx, organization, appID, mediaID)
	if err != nil {
		return App{}, false, fmt.Errorf("app.FileOwner: %w", err)
	}
	for _, a := range apps {
		if a.ID == appID {
			owner = a
		}
		icon = icon || a.Icon == mediaID
	}
	return owner, icon, nil
}

// TrustedHosts returns the hosts that cards of an organization may trust: its
// own and those of the apps installed in it, of disabled ones too, whose
// messages are still there; sorted, each once. It reads them from the database.
func (s *Service) TrustedHosts(ctx context.Context, organization int64) ([]string, error) {
	hosts, err := s.store.TrustedHosts(ctx, organization)
	if err != nil {
		return nil, fmt.Errorf("app.TrustedHosts: %w", err)
	}
	return sorted(hosts), nil
}

// AddSecret gives an app a second active secret, writes who did it in the
// organization's audit log, and returns the value, here
// and never again: clients move over, then the old one is ended. Fails with
// CodeAppUnknown, and with CodeConflict when MaxSecrets are active.
func (s *Service) AddSecret(ctx context.Context, by audit.By, organization, appID int64) (Secret, string, error) {
	stored, value, err := s.newStoredSecret(ctx, organization, appID, milli(s.now()))
	var e audit.Entry
	if err == nil {
		e, err = s.entry(ctx, by, organization, audit.SecretAdd, "")
		e.Note = secretNote(stored.ID)
	}
	if err == nil {
		err = s.changed(s.store.CreateSecret(ctx, stored, MaxSecrets, e))
	}
	if err != nil {
		return Secret{}, "", fmt.Errorf("app.AddSecret: %w", err)
	}
	return Secret{ID: stored.ID, CreatedAt: stored.CreatedAt}, value, nil
}

// EndSecret ends a secret and every token taken with it; it is erased. Who did
// it is written in the organization's audit log. Ending it again is fine. Fails with CodeNotFound.
func (s *Service) EndSecret(ctx context.Context, by audit.By, organization, appID, secretID int64) error {
	e, err := s.entry(ctx, by, organization, audit.SecretEnd, "")
	if err != nil {
		return fmt.Errorf("app.EndSecret: %w", err)
	}
	e.Note = secretNote(secretID)
	return s.changed(s.store.EndSecret(ctx, organization, appID, secretID, milli(s.now()), e))
}

func secretNote(id int64) string { return fmt.Sprintf("secret %d", id) }

// entry begins an entry of the audit log of an organization.
func (s *Service) entry(ctx context.Context, by audit.By, organization int64, action audit.Action, subject string) (audit.Entry, error) {
	id, err := s.nextID(ctx, "audit")
	return audit.Entry{Organization: organization, ID: id, At: milli(s.now()), By: by, Action: action, Subject: subject}, err
}

// SetProfile changes what people see of an app. Fails with CodeAppUnknown and
// CodeParameterInvalid.
func (s *Service) SetProfile(ctx context.Context, organization, appID int64, p Profile) error {
	return s.changed(s.store.ChangeApp(ctx, organization, appID, time.Time{}, p.apply))
}

// SetGrants changes what an app may be used for. Fails with CodeAppUnknown and
// CodeParameterInvalid.
func (s *Service) SetGrants(ctx context.Context, organization, appID int64, g Grants) error {
	return s.changed(s.store.ChangeApp(ctx, organization, appID, time.Time{}, g.apply))
}

// DisableApp ends all of an app's tokens and gives no more until EnableApp.
// Fails with CodeAppUnknown.
func (s *Service) DisableApp(ctx context.Context, organization, appID int64) error {
	now := milli(s.now())
	return s.changed(s.store.ChangeApp(ctx, organization, appID, now, func(a *App) error {
		a.DisabledAt = disabled(a.DisabledAt, now)
		return nil
	}))
}

// EnableApp undoes DisableApp; tokens from before stay ended. Fails with
// CodeAppUnknown.
func (s *Service) EnableApp(ctx context.Context, organization, appID int64) error {
	return s.changed(s.store.ChangeApp(ctx, organization, appID, milli(s.now()), func(a *App) error {
		a.DisabledAt = time.Time{}
		return nil
	}))
}

// EndTokens ends all of an app's tokens; new ones can be taken at once. Fails
// with CodeAppUnknown.
func (s *Service) EndTokens(ctx context.Context, organization, appID int64) error {
	return s.changed(s.store.ChangeApp(ctx, organization, appID, milli(s.now()), func(*App) error { return nil }))
}

// SetRange changes whom an installation may reach, and writes who did it in the
// organization's audit log. Fails with CodeAgentUnknown and CodeParameterInvalid.
func (s *Service) SetRange(ctx context.Context, by audit.By, organization, agentID int64, r directory.Range) error {
	r, err := checkRange(r)
	if err != nil {
		return err
	}
	e, err := s.entry(ctx, by, organization, audit.RangeSet, strconv.FormatInt(agentID, 10))
	if err != nil {
		return fmt.Errorf("app.SetRange: %w", err)
	}
	e.Note = rangeNote(r)
	return s.changed(s.store.SetRange(ctx, organization, agentID, r, e))
}

// rangeNote is a range without anybody's userid: the log stays when people are
// erased.
func rangeNote(r directory.Range) string {
	if r.Everyone {
		return "everyone"
	}
	return fmt.Sprintf("departments %v and %d people", r.DeptIDs, len(r.Userids))
}

// SetLimits sets the limits in which an installation differs from its
// organization: a JSON object with some of the fields of policy.Limits, or
// nothing. A limit of 0 is given, and means none. Fails with CodeAgentUnknown
// and CodeParameterInvalid.
func (s *Service) SetLimits(ctx context.Context, organization, agentID int64, overrides json.RawMessage) error {
	overrides, err := checkOverrides(overrides)
	if err != nil {
		return err
	}
	return s.changed(s.store.ChangeAgent(ctx, organization, agentID, time.Time{}, func(g *Agent) error {
		g.Overrides = overrides
		return nil
	}))
}

// SetRetention sets how long an installation's messages and receipts are kept
// where that differs from its organization. Changes are one log for the whole
// organization, so that they cannot differ. Fails with CodeAgentUnknown and
// CodeParameterInvalid.
func (s *Service) SetRetention(ctx context.Context, organization, agentID int64, r policy.Retention) error {
	if err := r.Check(); err != nil {
		return err
	}
	if r.Changes != 0 {
		return fault.New(fault.CodeParameterInvalid, "changes are kept as the organization decides").WithField("changes_days")
	}
	return s.changed(s.store.ChangeAgent(ctx, organization, agentID, time.Time{}, func(g *Agent) error {
		g.Retention = r
		return nil
	}))
}

// DisableAgent ends an installation's tokens and gives no more until
// EnableAgent. Fails with CodeAgentUnknown.
func (s *Service) DisableAgent(ctx context.Context, organization, agentID int64) error {
	now := milli(s.now())
	return s.changed(s.store.ChangeAgent(ctx, organization, agentID, now, func(g *Agent) error {
		g.DisabledAt = disabled(g.DisabledAt, now)
		return nil
	}))
}

// EnableAgent undoes DisableAgent; tokens from before stay ended. Fails with
// CodeAgentUnknown.
func (s *Service) EnableAgent(ctx context.Context, organization, agentID int64) error {
	return s.changed(s.store.ChangeAgent(ctx, organization, agentID, milli(s.now()), func(g *Agent) error {
		g.DisabledAt = time.Time{}
		return nil
	}))
}

// changed makes this node forget what a change may have altered; the other
// nodes see the counter. It forgets after failures too: some of them may have
// been committed.
func (s *Service) changed(err error) error {
	s.callers.forget()
	if s.hints != nil {
		s.hints.CredentialsMoved()
	}
	return err
}

func (s *Service) nextID(ctx context.Context, sequence string) (int64, error) {
	ids, err := s.store.NextIDs(ctx, sequence, 1)
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

func (s *Service) newStoredSecret(ctx context.Context, organization, appID int64, now time.Time) (StoredSecret, string, error) {
	id, err := s.nextID(ctx, "secret")
	if err != nil {
		return StoredSecret{}, "", err
	}
	value := newSecret()
	e := s.keys.seal(secretRow{organization, appID, id}, value)
	return StoredSecret{
		Organization: organization, AppID: appID, ID: id,
		KeyNumber: e.number, Ciphertext: e.ciphertext, CreatedAt: now,
	}, value, nil
}

// disabled keeps the time of the first disabling.
func disabled(at, now time.Time) time.Time {
	if at.IsZero() {
		return now
	}
	return at
}

// newSecret returns 64 URL-safe characters of 384 random bits.
func newSecret() string {
	var b [48]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// newAppKey returns a key of the form that DingTalk's clients know: "ding" and
// 16 lower-case letters and digits, 80 random bits.
func newAppKey() string { return "ding" + strings.ToLower(rand.Text()[:16]) }
