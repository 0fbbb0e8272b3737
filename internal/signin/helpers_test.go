package signin_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/signin"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// settings are what the provider of the tests knows.
type settings struct {
	Issuer  string   `json:"issuer,omitempty"`
	Claim   string   `json:"claim,omitempty"`
	Field   string   `json:"field,omitempty"`
	Domains []string `json:"domains,omitempty"`
}

// provider is a kind of source that believes what it is told.
type provider struct{}

func (provider) Check(text json.RawMessage, _ bool) (json.RawMessage, error) {
	var s settings
	if json.Unmarshal(text, &s) != nil || s.Issuer == "" {
		return nil, fault.New(fault.CodeParameterInvalid, "an issuer is needed").WithField("settings.issuer")
	}
	return json.Marshal(s)
}

func (provider) Fixed(before, after json.RawMessage) string {
	if parsed(before).Issuer != parsed(after).Issuer {
		return "issuer"
	}
	return ""
}

func (provider) Match(text json.RawMessage) signin.Match {
	s := parsed(text)
	return signin.Match{Claim: s.Claim, Field: signin.Field(s.Field), Domains: s.Domains}
}

func (provider) Test(_ context.Context, _ signin.Source, secret string) []signin.Step {
	return []signin.Step{{Name: "secret", OK: secret == "s3cret", Text: secret}}
}

func parsed(text json.RawMessage) (s settings) {
	_ = json.Unmarshal(text, &s)
	return s
}

// node is one server.
type node struct {
	*signin.Service
	accounts *account.Service
}

// world is one database with an organization of some people.
type world struct {
	address string
	keys    *masterkey.Ring
	db      *store.DB
	dir     *directory.Service
	org     int64
	node

	mu     sync.Mutex
	at     time.Time
	states int
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *world) move(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(d)
}

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			fn(t, newWorld(t, engine))
		})
	}
}

func newWorld(tb testing.TB, engine string) *world {
	tb.Helper()
	keys, err := masterkey.Create(tb.TempDir() + "/key")
	must(tb, err)
	w := &world{address: storetest.Ready(tb, engine), keys: keys, at: time.Date(2030, 5, 1, 8, 0, 0, 0, time.UTC)}
	w.db = storetest.At(tb, w.address, w.now)
	must(tb, keys.Bind(tb.Context(), w.db.Keys()))
	w.db.SealAudit(keys)
	w.dir = directory.New(directory.Deps{Store: w.db.Directory(), Now: w.now})
	o, err := w.dir.CreateOrganization(tb.Context(), audit.ByOperator(), directory.NewOrganization{Name: "Example"})
	must(tb, err)
	w.org = o.ID
	w.mustPerson(tb, directory.NewUser{Userid: "ann", Name: "Ann", Email: "Ann@example.com", JobNumber: "E1", Mobile: "+86 13800000001"})
	w.mustPerson(tb, directory.NewUser{Userid: "bob", Name: "Bob", Email: "bob@example.com", JobNumber: "E2"})
	w.mustPerson(tb, directory.NewUser{Userid: "olga", Name: "Olga", Email: "olga@example.com", Roles: []string{"owner"}})
	w.mustPerson(tb, directory.NewUser{Userid: "otto", Name: "Otto", Email: "otto@example.com", Roles: []string{"owner"}})
	w.mustPerson(tb, directory.NewUser{Userid: "adam", Name: "Adam", Email: "adam@example.com", Roles: []string{"administrator"}})
	w.node = w.newNode(tb)
	return w
}

// newNode is another process on the same database.
func (w *world) newNode(tb testing.TB) node {
	tb.Helper()
	db := storetest.At(tb, w.address, w.now)
	db.SealAudit(w.keys)
	accounts := account.New(account.Deps{Store: db.Accounts(), People: w.dir, Now: w.now})
	return node{signin.New(signin.Deps{
		Store: db.SignIn(), Accounts: accounts, People: w.dir, Keys: w.keys, Providers: map[string]signin.Provider{"test": provider{}}, Now: w.now,
	}), accounts}
}

func (w *world) mustPerson(tb testing.TB, n directory.NewUser) directory.User {
	tb.Helper()
	u, err := w.dir.CreateUser(tb.Context(), audit.ByOperator(), w.org, n)
	must(tb, err)
	return u
}

// input is what a source of the tests is made of.
func input(s settings) signin.Input {
	if s.Issuer == "" {
		s.Issuer = "https://id.example.com"
	}
	text, _ := json.Marshal(s)
	secret := "s3cret"
	return signin.Input{Name: "Keycloak", Kind: "test", Settings: text, Secret: &secret}
}

// mustSource makes a source that is on.
func (w *world) mustSource(tb testing.TB, s settings) signin.Source {
	tb.Helper()
	return w.mustSourceNamed(tb, "Keycloak", s)
}

func (w *world) mustSourceNamed(tb testing.TB, name string, s settings) signin.Source {
	tb.Helper()
	in := input(s)
	in.Name = name
	_, err := w.Create(tb.Context(), audit.ByOperator(), w.org, in)
	must(tb, err)
	src, err := w.Enable(tb.Context(), audit.ByOperator(), w.org, name, true)
	must(tb, err)
	return src
}

// state is what a browser begins with, once.
func (w *world) state() [sha256.Size]byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.states++
	return sha256.Sum256(fmt.Append(nil, "state ", w.states))
}

// arriving is a sign-in that has just come back.
func (w *world) arriving(src signin.Source, subject string, claims map[string]string) signin.Finish {
	return signin.Finish{
		Source: src, Identity: signin.Identity{Subject: subject, Shown: "shown " + subject, Claims: claims},
		StateHash: w.state(), Until: w.now().Add(5 * time.Minute), Device: "Firefox · Linux",
	}
}

// from is somebody who is nobody yet.
var from = audit.By{Peer: "192.0.2.7", Device: "Example/1.0"}

func (w *world) finish(tb testing.TB, src signin.Source, subject string, claims map[string]string) (account.SignedIn, error) {
	tb.Helper()
	return w.Finish(tb.Context(), from, w.arriving(src, subject, claims))
}

func (w *world) mustFinish(tb testing.TB, src signin.Source, subject string, claims map[string]string) account.SignedIn {
	tb.Helper()
	in, err := w.finish(tb, src, subject, claims)
	must(tb, err)
	return in
}

// mustWait returns the code of somebody who has to wait.
func mustWait(tb testing.TB, err error) string {
	tb.Helper()
	var waiting *signin.WaitingError
	if !fault.Is(err, fault.CodeSignInWaiting) || !errors.As(err, &waiting) || signin.ParseRef(waiting.Ref) != waiting.Ref || waiting.Ref == "" {
		tb.Fatalf("does not wait: %v", err)
	}
	return waiting.Ref
}

func (w *world) ordinal(tb testing.TB, userid string) uint32 {
	tb.Helper()
	ordinal, ok := w.dir.Ordinal(w.org, userid)
	if !ok {
		tb.Fatalf("no %s", userid)
	}
	return ordinal
}

// asker is somebody of the organization, with a role.
func (w *world) asker(tb testing.TB, userid string, roles ...policy.Role) policy.Asker {
	tb.Helper()
	return policy.Asker{By: audit.By{Actor: audit.Person(w.org, w.ordinal(tb, userid)), Credential: "session:test"}, Roles: policy.RoleSet(roles...)}
}

var operator = policy.Asker{By: audit.ByOperator()}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func mustCode(tb testing.TB, err error, code fault.Code) {
	tb.Helper()
	if !fault.Is(err, code) {
		tb.Fatalf("want %s: %v", code, err)
	}
}
