package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/policy"
)

// Organizations is what this room asks of the directory.
type Organizations interface {
	// Location is an organization's time zone.
	Location(organization int64) *time.Location
	// Organization fails with CodeOrganizationUnknown.
	Organization(ctx context.Context, id int64) (directory.Organization, error)
	// InDepartments reports whether an active person is in or below one of some
	// departments.
	InDepartments(ctx context.Context, organization int64, ordinal uint32, deptIDs []int64) (bool, error)
}

// Store is what this room asks of the database.
type Store interface {
	TokenStore
	CallerStore
	AdminStore
	SuiteStore
	SuiteTokenStore
	SuiteCodeStore
	ComposerStore
	InstallationStore
	SecretStore
	masterkey.Store
	// CountCall adds one to the organization's calls of the month (yyyymm) if
	// there were fewer than limit, in one step, and reports whether it did.
	CountCall(ctx context.Context, organization int64, month, limit int) (bool, error)
}

// Service answers for apps and their tokens. It is safe for concurrent use.
type Service struct {
	store     Store
	directory Organizations
	keys      *masterkey.Ring
	now       func() time.Time

	callers *callers
	calls   *callCounter
	uses    uses
	decoy   decoy
	hints   Hints         // nil: nobody is told
	look    chan struct{} // holds one
}

// Hints is told, after a commit, that what tokens stand for may have changed.
// It must not block.
type Hints interface{ CredentialsMoved() }

// Deps is what a Service works with. All but Hints are required; Keys.Bind
// must have succeeded.
type Deps struct {
	Store         Store
	Organizations Organizations
	Keys          *masterkey.Ring
	Hints         Hints // nil: nobody is told
	Now           func() time.Time
}

// New returns a Service. While Run does not run, tokens are confirmed with the
// database at most every two seconds.
func New(d Deps) *Service {
	s := &Service{
		store: d.Store, directory: d.Organizations, keys: d.Keys, hints: d.Hints, now: d.Now,
		calls: newCallCounter(),
		decoy: newDecoy(d.Keys),
		look:  make(chan struct{}, 1),
	}
	s.callers = newCallers(d.Store, d.Now, s.followKeys)
	return s
}

func (s *Service) followKeys(ctx context.Context) error { return s.keys.Follow(ctx, s.store) }

// HoldsKeys says which master key is missing of those that the database needs. A
// node never starts without one; one that has been away for long may find that
// another key has come into use meanwhile.
func (s *Service) HoldsKeys() error { return s.keys.Lacks() }

// withKey does work that writes with the master key in use, and does it again
// when meanwhile another one came into use.
func (s *Service) withKey(ctx context.Context, work func() error) error {
	const tries = 3 // keys change once in a while
	var err error
	for range tries {
		if err = work(); !errors.Is(err, masterkey.ErrMoved) {
			return err
		}
		if err := s.followKeys(ctx); err != nil {
			return err
		}
	}
	return fault.New(fault.CodeBusy, "the master keys are being replaced, try again").Because(err)
}

// confirmEvery is how often Run reads the revocation counter.
const confirmEvery = time.Second

// Look has Run confirm now. It does not wait.
func (s *Service) Look() {
	select {
	case s.look <- struct{}{}:
	default:
	}
}

// Run confirms every second and after Look, until ctx ends, that what is held
// in memory is still true. A failure to do so is made up for by asking the database.
// Every minute, and at the end, it writes which secrets were used.
func (s *Service) Run(ctx context.Context) {
	tick, write := time.NewTicker(confirmEvery), time.NewTicker(writeUsesEvery)
	defer tick.Stop()
	defer write.Stop()
	for {
		select {
		case <-ctx.Done():
			_ = s.writeUses(context.WithoutCancel(ctx)) // they are a hint to people, nothing depends on them
			return
		case <-write.C:
			_ = s.writeUses(ctx) // tried again in a minute
			continue
		case <-tick.C:
			s.callers.sweep()
		case <-s.look:
		}
		once, cancel := context.WithTimeout(ctx, confirmEvery)
		_ = s.Confirm(once) // without it tokens are checked one by one
		cancel()
	}
}

// Confirm reads the revocation counter once. If it has moved, it forgets all
// callers and cards' views of agents, and follows what is on record of the master
// keys. Fails with CodeBusy when the database cannot be asked.
func (s *Service) Confirm(ctx context.Context) error { return s.callers.confirm(ctx) }

// Authenticate returns who a token stands for. It fails with CodeTokenMissing
// for an empty token, with CodeTokenInvalid for one that is malformed, forged,
// expired or revoked, or whose app, installation or organization is disabled,
// and with CodeBusy when the database had to be asked and could not, or when this
// node has not got the master key that the token was signed with.
func (s *Service) Authenticate(ctx context.Context, token string) (Caller, error) {
	if token == "" {
		return Caller{}, fault.New(fault.CodeTokenMissing, "an access token is required")
	}
	if c, known := s.callers.known(token); known {
		if c == nil {
			return Caller{}, tokenInvalid()
		}
		return *c, nil
	}
	id, err := s.verify(token)
	if err != nil {
		return Caller{}, err
	}
	c, err := s.callers.load(ctx, id, token)
	if err != nil {
		return Caller{}, fmt.Errorf("app.Authenticate: %w", err)
	}
	if c == nil {
		return Caller{}, tokenInvalid()
	}
	return *c, nil
}

func tokenInvalid() error {
	return fault.New(fault.CodeTokenInvalid, "the access token is not valid or has expired")
}

// Agent returns what cards show of an installation's app, disabled ones
// included, from memory where it can. Fails with CodeAgentUnknown.
func (s *Service) Agent(ctx context.Context, organization, agentID int64) (AgentView, error) {
	v, err := s.callers.agent(ctx, organization, agentID)
	if err != nil {
		return AgentView{}, fmt.Errorf("app.Agent: %w", err)
	}
	return v, nil
}

// Acting returns who an installation's app is on the wire, for what somebody does
// by hand with what it has sent: a disabled one too. Fails with CodeAgentUnknown.
func (s *Service) Acting(ctx context.Context, organization, agentID int64) (Caller, error) {
	stands, err := s.store.AgentStanding(ctx, organization, agentID)
	if err != nil {
		return Caller{}, fmt.Errorf("app.Acting: %w", err)
	}
	c, err := stands.caller()
	if err != nil {
		return Caller{}, fmt.Errorf("app.Acting: %w", err)
	}
	return *c, nil
}

// Standing is what the rows behind a token say.
type Standing struct {
	App       App
	Agent     Agent
	Limits    policy.Limits // the organization's
	ExpiresAt time.Time
}

// caller is what Standing comes to.
func (s *Standing) caller() (*Caller, error) {
	a, g := &s.App, &s.Agent
	c := Caller{
		Organization: g.Organization, AppID: a.ID, AgentID: g.ID, ThirdParty: a.Kind == ThirdParty, AppName: a.Name,
		Provider: a.Organization, DirectSend: g.DirectSend, SendToEveryone: a.SendToEveryone, Range: g.Range,
		Limits: limitsFor(s.App, s.Limits), Scopes: GrantedScopes(a.Scopes, g.Scopes),
	}
	var err error
	if c.Limits, err = overridden(c.Limits, g.Overrides); err != nil {
		return nil, fmt.Errorf("limits of agent %d: %w", c.AgentID, err)
	}
	return &c, nil
}

// GrantedScopes is what an app asks for and its installation was given; nil is
// everything that it asks for.
func GrantedScopes(asked, given []string) []string {
	if given == nil {
		return asked
	}
	return slices.DeleteFunc(slices.Clone(asked), func(scope string) bool { return !slices.Contains(given, scope) })
}
