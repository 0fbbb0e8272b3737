package oauth

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

// How long codes and tokens live.
const (
	CodeLife    = 5 * time.Minute
	TokenLife   = 2 * time.Hour
	RefreshLife = 30 * 24 * time.Hour
)

// MaxTokens is how many sign-ins of one person to one app go on at the same time. Another
// one ends the oldest.
const MaxTokens = 20

// keepCode is how long a code stays known after its end, so that one which is seen twice
// is noticed.
const keepCode = 24 * time.Hour

// What codes and tokens begin with.
const (
	codePrefix    = "tdc_"
	tokenPrefix   = "tdu_"
	refreshPrefix = "tdr_"
)

// Viewer is a person who is signed in here, with a session.
type Viewer struct {
	Organization int64
	Ordinal      uint32
	Userid       string
}

// Grant is what a person has allowed an app: to be told this, at that address.
type Grant struct {
	Organization int64
	Ordinal      uint32
	AppID        int64
	RedirectURI  string
	Told         []string
	CreatedAt    time.Time
}

// Code is an authorization code as it is stored. UsedAt is zero while it is not used.
type Code struct {
	Grant
	ID        string
	Hash      [sha256.Size]byte
	Kind      string
	Challenge string // "" for none
	ExpiresAt time.Time
	UsedAt    time.Time

	// Not stored in the row: whose it is, which is read with it, and the app, which is
	// given with it. Codes of pages have none.
	Userid string
	Client Client
}

// Kinds of codes. Each is taken by one method and by no other.
const (
	AuthCode = "authCode"        // by Exchange
	SNSCode  = "sns"             // by SNSPerson
	PageCode = "requestAuthCode" // by Visitor

	// OperateCode is spent by the send for which somebody has done something on the page.
	OperateCode = "requestOperateAuthCode"
)

// Token is one sign-in of a person to an app, as it is stored: its user token, and the
// refresh token by which both are renewed. Its id is that of the code it was made of.
type Token struct {
	Organization  int64
	ID            string
	AppID         int64
	Ordinal       uint32
	Told          []string
	Hash          [sha256.Size]byte
	ExpiresAt     time.Time
	Refresh       [sha256.Size]byte
	RefreshEndsAt time.Time
	// Before is the refresh token that was renewed last; zero before.
	Before    [sha256.Size]byte
	CreatedAt time.Time

	// Read with the row, not stored in it.
	Userid string
	Client Client
}

// Store keeps codes, tokens and consents. What belongs to an organization or an app that
// is disabled, or to somebody who is disabled or has left, is as if it were not there.
type Store interface {
	RedirectStore
	// Program returns the app with this key, in use; CodeAppUnknown.
	Program(ctx context.Context, key string) (Program, error)
	// Client returns an app as it is installed in an organization and in use there;
	// CodeAppUnknown. Of p the provider and the id count.
	Client(ctx context.Context, p Program, organization int64) (Client, error)
	Grant(ctx context.Context, organization int64, ordinal uint32, appID int64) (Grant, bool, error)
	// Authorize stores a code with its consent, in place of the person's consent to the
	// app before, and removes codes of theirs that ended before a time. It fails with
	// CodeUserUnknown or CodeAppUnknown when person or app were disabled meanwhile.
	Authorize(ctx context.Context, c Code, over time.Time) error
	// Page returns an installation's, in use; CodeAgentUnknown.
	Page(ctx context.Context, organization, agentID int64) (Page, error)
	// AddPageCode stores a code and removes codes of its person that ended before a time.
	// It fails with CodeUserUnknown or CodeAgentUnknown when person or installation were
	// disabled meanwhile.
	AddPageCode(ctx context.Context, c Code, agentID int64, over time.Time) error
	// Code returns CodeAuthCodeInvalid where there is none.
	Code(ctx context.Context, organization int64, id string) (Code, error)
	// UseCode marks a code that is good at t.CreatedAt and stores the token, and ends the
	// person's oldest ones of the app beyond most. False when the code cannot be used: if
	// it was used before, the token of the same id is removed.
	UseCode(ctx context.Context, t Token, most int) (bool, error)
	// SpendCode removes a code that is good at a time, of a kind of which no tokens come.
	// False when it cannot be used.
	SpendCode(ctx context.Context, organization int64, id string, at time.Time) (bool, error)
	// Token returns false where there is none.
	Token(ctx context.Context, organization int64, id string) (Token, bool, error)
	// Renew stores a token's new hashes, if its refresh token is still the one of
	// t.Before. Otherwise it removes the token and returns false.
	Renew(ctx context.Context, t Token) (bool, error)
	// EndToken removes a token.
	EndToken(ctx context.Context, organization int64, id string) error
	// Grants returns a person's, newest first.
	Grants(ctx context.Context, organization int64, ordinal uint32) ([]Consent, error)
	// Withdraw removes a consent with the codes and tokens that it was for, if there
	// is one.
	Withdraw(ctx context.Context, organization int64, ordinal uint32, appID int64) error
}

// RedirectStore keeps the addresses that apps declare.
type RedirectStore interface {
	RedirectURIs(ctx context.Context, organization, appID int64) ([]string, error)
	// ChangeRedirectURIs stores what change makes of an app's list, and e, which is about
	// the app, in the audit log if it is another one.
	ChangeRedirectURIs(ctx context.Context, organization, appID int64, e audit.Entry, change func([]string) ([]string, error)) ([]string, error)
}

// Apps knows programs by their secrets.
type Apps interface {
	// Prove fails with CodeCredentialsInvalid.
	// It returns the organization that the app belongs to.
	Prove(ctx context.Context, key, secret string) (provider, appID int64, err error)
	// ProveSigned fails with CodeSignatureTimestamp, CodeSignatureExpired and
	// CodeSignatureInvalid.
	ProveSigned(ctx context.Context, p app.SuiteProof) (provider, appID int64, err error)
}

// People knows people as apps see them.
type People interface {
	Contact(ctx context.Context, v directory.Viewer, userid string) (directory.Contact, error)
	OpenID(ctx context.Context, v directory.Viewer, appID int64, ordinal uint32) (string, error)
	PageTicket(ctx context.Context, organization, agentID int64) (string, error)
	Organization(ctx context.Context, id int64) (directory.Organization, error)
}

// Deps is what a Service works with. All are required.
type Deps struct {
	Store  Store
	Apps   Apps
	People People
	Now    func() time.Time
}

// Service signs people in to programs. It is safe for concurrent use.
type Service struct {
	store    Store
	apps     Apps
	people   People
	now      func() time.Time
	contacts string // the scope of apps that may read contacts
}

// New returns a Service.
func New(d Deps) *Service {
	return &Service{store: d.Store, apps: d.Apps, people: d.People, now: d.Now, contacts: app.ScopeContacts}
}

// at is the time as rows hold it.
func (s *Service) at() time.Time { return s.now().UTC().Truncate(time.Millisecond) }
