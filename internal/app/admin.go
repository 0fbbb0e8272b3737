package app

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/masterkey"
)

// AdminStore keeps apps, installations and secrets. Every method that changes
// something advances the revocation counter in the same transaction, as its
// last statement. Those that store a ciphertext fail with masterkey.ErrMoved when it was
// made with another master key than the one in use.
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
	// IconsElsewhere returns the icons of other organizations' apps that are, or were,
	// installed in an organization, with those they belong to.
	IconsElsewhere(ctx context.Context, organization int64) (map[string]int64, error)
	// TrustedHosts returns the hosts that the organization and the apps
	// installed in it trust, disabled ones too, with repeats.
	TrustedHosts(ctx context.Context, organization int64) ([]string, error)
	// ChangeApp locks an app, lets change alter its copy, stores that and records
	// it, the app as its subject, with the details that change returns.
	// If endTokens is set all of its tokens end at that time. Fails with
	// CodeAppUnknown, and with what change returns.
	ChangeApp(ctx context.Context, organization, id int64, endTokens time.Time, e audit.Entry, change func(*App) (audit.Details, error)) error
	// ChangeAgent is ChangeApp for an installation, whose details e has. Fails with
	// CodeAgentUnknown.
	ChangeAgent(ctx context.Context, organization, id int64, endTokens time.Time, e audit.Entry, change func(*Agent) error) error
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
	a := App{Organization: organization, Kind: Internal, Key: newAppKey(), CreatedAt: now, Edition: 1}
	g := Agent{Organization: organization, AppOrganization: organization, CreatedAt: now, Edition: 1, Range: directory.Range{Everyone: true}}
	scopes := n.Scopes
	if scopes == nil {
		scopes = NewScopes(a.Kind)
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
	var value string
	if err == nil {
		err = s.withKey(ctx, func() error {
			value, err = s.createInternal(ctx, a, g, by)
			return err
		})
	}
	if err != nil {
		return App{}, Agent{}, "", fmt.Errorf("app.CreateInternal: %w", err)
	}
	return a, g, value, nil
}

// createInternal stores an app with a first secret, and returns that.
func (s *Service) createInternal(ctx context.Context, a App, g Agent, by audit.By) (string, error) {
	first, value, err := s.newStoredSecret(ctx, by, a.Organization, a.ID, a.CreatedAt)
	if err != nil {
		return "", err
	}
	e := s.entry(by, a.Organization, audit.AppCreate, nil)
	e.Subject = strconv.FormatInt(g.ID, 10)
	return value, s.changed(s.store.CreateApp(ctx, a, g, first, e))
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

// IconOwner returns the organization whose app, which is or was installed in another
// one, has a file as its icon. False when there is none.
func (s *Service) IconOwner(ctx context.Context, organization int64, mediaID string) (owner int64, found bool, err error) {
	icons, err := s.store.IconsElsewhere(ctx, organization)
	owner, found = icons[mediaID]
	return owner, found, err
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

// AddSecret gives an app a second active secret and returns its value, here and
// never again: clients move over, then the old one is ended. Fails with
// CodeAppUnknown, and with CodeConflict when MaxSecrets are active.
func (s *Service) AddSecret(ctx context.Context, by audit.By, organization, appID int64) (made Secret, value string, err error) {
	err = s.withKey(ctx, func() error {
		made, value, err = s.addSecret(ctx, by, organization, appID)
		return err
	})
	if err != nil {
		return Secret{}, "", fmt.Errorf("app.AddSecret: %w", err)
	}
	return made, value, nil
}

func (s *Service) addSecret(ctx context.Context, by audit.By, organization, appID int64) (Secret, string, error) {
	stored, value, err := s.newStoredSecret(ctx, by, organization, appID, milli(s.now()))
	if err != nil {
		return Secret{}, "", err
	}
	e := s.entry(by, organization, audit.SecretAdd, audit.Details{"secret_id": stored.ID})
	return Secret{ID: stored.ID, CreatedAt: stored.CreatedAt, CreatedBy: by.Actor}, value, s.changed(s.store.CreateSecret(ctx, stored, MaxSecrets, e))
}

// EndSecret ends a secret and every token taken with it; it is erased. Ending it
// again is fine. Fails with CodeNotFound.
func (s *Service) EndSecret(ctx context.Context, by audit.By, organization, appID, secretID int64) error {
	e := s.entry(by, organization, audit.SecretEnd, audit.Details{"secret_id": secretID})
	return s.changed(s.store.EndSecret(ctx, organization, appID, secretID, e.At, e))
}

// entry begins an entry of the audit log of an organization.
func (s *Service) entry(by audit.By, organization int64, action audit.Action, d audit.Details) audit.Entry {
	return audit.Entry{Organization: organization, At: milli(s.now()), By: by, Action: action, Details: d}
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

func (s *Service) newStoredSecret(ctx context.Context, by audit.By, organization, appID int64, now time.Time) (StoredSecret, string, error) {
	id, err := s.nextID(ctx, "secret")
	if err != nil {
		return StoredSecret{}, "", err
	}
	value := newSecret()
	e, err := s.keys.Seal(masterkey.Row{Organization: organization, App: appID, ID: id}, value)
	if err != nil {
		return StoredSecret{}, "", err
	}
	return StoredSecret{
		Organization: organization, AppID: appID, ID: id,
		KeyNumber: e.Number, Ciphertext: e.Ciphertext, CreatedAt: now, CreatedBy: by.Actor,
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
