package account_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// world is one database with one organization of Ann and Bob.
type world struct {
	address   string
	db        *store.DB
	directory *directory.Service
	org       int64

	mu sync.Mutex
	at time.Time
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

func newWorld(t *testing.T, engine string) *world {
	t.Helper()
	w := &world{address: storetest.Ready(t, engine), at: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}
	w.db = storetest.At(t, w.address, w.now)
	w.directory = directory.New(directory.Deps{Store: w.db.Directory(), Now: w.now})
	w.org = w.mustOrganization(t, "One")
	return w
}

func (w *world) mustOrganization(t *testing.T, name string) int64 {
	t.Helper()
	o, err := w.directory.CreateOrganization(t.Context(), audit.ByOperator(), directory.NewOrganization{Name: name})
	must(t, err)
	for _, userid := range []string{"ann", "bob"} {
		w.mustPerson(t, o.ID, userid)
	}
	return o.ID
}

func (w *world) mustPerson(t *testing.T, organization int64, userid string) {
	t.Helper()
	_, err := w.directory.CreateUser(t.Context(), audit.ByOperator(), organization, directory.NewUser{Userid: userid, Name: strings.ToUpper(userid)})
	must(t, err)
}

// node is one process: its own connections and memory.
func (w *world) node(t *testing.T) (*account.Service, *spy) {
	t.Helper()
	s := &spy{Store: storetest.At(t, w.address, w.now).Accounts()}
	return account.New(account.Deps{Store: s, People: w.directory, Now: w.now}), s
}

type spy struct {
	account.Store
	reads, counts atomic.Int64
	// When not nil: what is read is announced and held up.
	arrived, hold chan struct{}
	// When not nil: gets what was noted about sessions in use, after it was,
	// or the refusal failing stands for.
	marked  chan []account.Seen
	failing error
	// Instead of sessions.
	unreadable error
}

func (s *spy) MarkSeen(ctx context.Context, seen []account.Seen) error {
	err := s.failing
	if err == nil {
		err = s.Store.MarkSeen(ctx, seen)
	}
	select {
	case s.marked <- seen:
	case <-ctx.Done():
	}
	return err
}

func (s *spy) APITokensByID(ctx context.Context, organization int64, ids []string) ([]account.Standing, error) {
	s.reads.Add(1)
	rows, err := s.Store.APITokensByID(ctx, organization, ids)
	s.pause()
	return rows, err
}

func (s *spy) SessionsByID(ctx context.Context, organization int64, ids []string) ([]account.Standing, error) {
	s.reads.Add(1)
	if s.unreadable != nil {
		return nil, s.unreadable
	}
	rows, err := s.Store.SessionsByID(ctx, organization, ids)
	s.pause()
	return rows, err
}

func (s *spy) Endings(ctx context.Context) (int64, error) {
	s.counts.Add(1)
	return s.Store.Endings(ctx)
}

func (s *spy) pause() {
	if s.arrived != nil {
		close(s.arrived)
		<-s.hold
	}
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

func mustToken(t *testing.T, s *account.Service, organization int64, userid string) string {
	t.Helper()
	value, err := s.CreateToken(t.Context(), audit.ByOperator(), organization, userid, "laptop", 24*time.Hour)
	must(t, err)
	return value
}

func mustRefuse(t *testing.T, s *account.Service, token string) {
	t.Helper()
	v, err := s.Authenticate(t.Context(), token)
	wantCode(t, err, fault.CodeTokenInvalid)
	if v != (account.Viewer{}) {
		t.Errorf("a refused token stands for %+v", v)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t testing.TB, err error, code fault.Code) {
	t.Helper()
	if !fault.Is(err, code) {
		t.Fatalf("error %v, want %s", err, code)
	}
}

func TestTokenStandsForItsPerson(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		s, _ := w.node(t)
		far, spy := w.node(t)
		token := mustToken(t, s, w.org, "bob")
		ordinal, _ := w.directory.Ordinal(w.org, "bob")
		want := account.Viewer{
			Organization: w.org, Ordinal: ordinal, Userid: "bob", Name: "BOB",
			Credential: account.Credential{ID: strings.Split(token, "_")[2]},
		}
		for range 50 {
			if v, err := far.Authenticate(t.Context(), token); err != nil || v != want {
				t.Fatalf("%+v %v, want %+v", v, err, want)
			}
		}
		if got := spy.reads.Load(); got != 1 {
			t.Errorf("%d reads within a second, want 1", got)
		}
		if !strings.HasPrefix(token, account.Prefix) {
			t.Errorf("no prefix: %d characters", len(token))
		}
		_, err := s.Authenticate(t.Context(), "")
		wantCode(t, err, fault.CodeTokenMissing)
		w.move(24*time.Hour - time.Millisecond)
		_, err = far.Authenticate(t.Context(), token)
		must(t, err)
		w.move(time.Millisecond) // in memory, and yet expired
		mustRefuse(t, far, token)
	})
}

func TestOtherTokensAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	s, spy := w.node(t)
	token := mustToken(t, s, w.org, "ann")
	other := mustToken(t, s, w.org, "ann")
	secret := token[strings.LastIndex(token, "_")+1:]
	w.mustOrganization(t, "Two")
	wrong := []string{
		"x", "tdp_", "tdp___", token + "a", token[:len(token)-1], strings.ToUpper(token), " " + token,
		strings.Replace(token, "tdp_1_", "tdp_01_", 1), strings.Replace(token, "tdp_1_", "tdp_+1_", 1),
		strings.Replace(token, "tdp_1_", "tdp_99999999999999999999_", 1), token + "_" + secret,
		strings.TrimPrefix(token, account.Prefix), strings.Repeat("_", 1<<20),
	}
	for _, malformed := range wrong {
		mustRefuse(t, s, malformed)
	}
	if spy.reads.Load() != 0 {
		t.Error("a malformed token reached the database")
	}
	for range 2 {
		mustRefuse(t, s, other[:strings.LastIndex(other, "_")+1]+secret) // another token's secret
		mustRefuse(t, s, strings.Replace(token, "tdp_1_", "tdp_2_", 1))  // in another organization
		for i := len(token) - len(secret); i < len(token); i++ {
			c := byte('a')
			if token[i] == c {
				c = 'b'
			}
			mustRefuse(t, s, token[:i]+string(c)+token[i+1:])
		}
		_, err := s.Authenticate(t.Context(), token)
		must(t, err)
	}
}

func TestPeopleWhoLeave(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		s, _ := w.node(t)
		ann, bob := mustToken(t, s, w.org, "ann"), mustToken(t, s, w.org, "bob")
		for _, token := range []string{ann, bob} {
			_, err := s.Authenticate(ctx, token)
			must(t, err)
		}
		must(t, w.directory.DisableUser(ctx, audit.ByOperator(), w.org, "ann"))
		mustRefuse(t, s, ann) // at once: the directory is asked every time
		must(t, w.directory.DeleteUser(ctx, audit.ByOperator(), w.org, "bob"))
		mustRefuse(t, s, bob)
		w.mustPerson(t, w.org, "bob") // the userid's next person
		mustRefuse(t, s, bob)
		w.move(time.Minute)
		mustRefuse(t, s, bob)
		if tokens, err := s.Tokens(ctx, w.org, "bob"); err != nil || len(tokens) != 0 {
			t.Errorf("the next bob has %v %v", tokens, err)
		}
		_, err := s.CreateToken(ctx, audit.ByOperator(), w.org, "ann", "x", time.Hour)
		wantCode(t, err, fault.CodeUserUnknown)
		_, err = s.Tokens(ctx, w.org, "nobody")
		wantCode(t, err, fault.CodeUserUnknown)
	})
}

func TestRevoking(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		s, _ := w.node(t)
		far, _ := w.node(t)
		first := mustToken(t, s, w.org, "ann")
		w.move(time.Minute)
		second := mustToken(t, s, w.org, "ann")
		for _, at := range []*account.Service{s, far} {
			_, err := at.Authenticate(ctx, first)
			must(t, err)
		}
		tokens, err := s.Tokens(ctx, w.org, "ann")
		must(t, err)
		if len(tokens) != 2 || tokens[0].CreatedAt.Before(tokens[1].CreatedAt) || tokens[1].Name != "laptop" ||
			!strings.Contains(first, tokens[1].ID) || !tokens[1].ExpiresAt.Equal(tokens[1].CreatedAt.Add(24*time.Hour)) {
			t.Fatalf("tokens %+v", tokens)
		}
		id := tokens[1].ID

		// Somebody else's token is like none.
		wantCode(t, s.RevokeToken(ctx, audit.ByOperator(), w.org, "bob", id), fault.CodeNotFound)
		wantCode(t, s.RevokeToken(ctx, audit.ByOperator(), w.org, "ann", "none"), fault.CodeNotFound)
		wantCode(t, s.RevokeToken(ctx, audit.ByOperator(), w.mustOrganization(t, "Two"), "ann", id), fault.CodeNotFound)
		_, err = s.Authenticate(ctx, first)
		must(t, err)

		must(t, s.RevokeToken(ctx, audit.ByOperator(), w.org, "ann", id))
		mustRefuse(t, s, first)
		w.move(time.Second)
		mustRefuse(t, far, first)
		must(t, s.RevokeToken(ctx, audit.ByOperator(), w.org, "ann", id))
		after, err := s.Tokens(ctx, w.org, "ann")
		must(t, err)
		if after[1].RevokedAt.IsZero() || !after[1].RevokedAt.Before(w.now()) || !after[0].RevokedAt.IsZero() {
			t.Errorf("tokens %+v", after)
		}
		_, err = far.Authenticate(ctx, second)
		must(t, err)
	})
}

func TestWhatATokenMayNotBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	s, _ := w.node(t)
	for _, c := range []struct {
		name string
		life time.Duration
	}{
		{"", time.Hour},
		{strings.Repeat("x", 65), time.Hour},
		{"a\nb", time.Hour},
		{"\xff", time.Hour},
		{"x", 0},
		{"x", -time.Hour},
		{"x", account.MaxTokenLife + 1},
	} {
		_, err := s.CreateToken(t.Context(), audit.ByOperator(), w.org, "ann", c.name, c.life)
		wantCode(t, err, fault.CodeParameterInvalid)
	}
}

// An answer that was on its way while its token was revoked must not be
// believed afterwards.
func TestLateAnswersAreNotRemembered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	s, spy := w.node(t)
	token := mustToken(t, s, w.org, "ann")
	spy.arrived, spy.hold = make(chan struct{}), make(chan struct{})
	var reader sync.WaitGroup
	reader.Go(func() { _, _ = s.Authenticate(t.Context(), token) })
	<-spy.arrived // it has read a good token
	must(t, s.RevokeToken(t.Context(), audit.ByOperator(), w.org, "ann", strings.Split(token, "_")[2]))
	close(spy.hold)
	reader.Wait()
	spy.arrived, spy.hold = nil, nil
	mustRefuse(t, s, token)
}

func TestManyReadersAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	s, _ := w.node(t)
	tokens := []string{mustToken(t, s, w.org, "ann"), mustToken(t, s, w.org, "bob")}
	var readers sync.WaitGroup
	for i := range 64 {
		readers.Go(func() {
			for n := range 50 {
				if v, err := s.Authenticate(t.Context(), tokens[i%2]); err != nil || v.Userid != []string{"ann", "bob"}[i%2] {
					t.Errorf("%+v %v", v, err)
				}
				if n%10 == 0 {
					w.move(200 * time.Millisecond)
				}
			}
		})
	}
	readers.Wait()
}

// FuzzAuthenticate: nothing but the token itself is accepted, and what is not
// of its form never reaches the database.
func FuzzAuthenticate(f *testing.F) {
	store := &oneToken{}
	s := account.New(account.Deps{Store: store, People: everybody{}, Now: time.Now})
	token, err := s.CreateToken(f.Context(), audit.ByOperator(), 7, "ann", "x", time.Hour)
	must(f, err)
	for _, seed := range []string{token, "", "tdp_", "tdp_7__", token + "_", strings.Replace(token, "_7_", "_07_", 1), "tdp_7_" + strings.Repeat("a", 16) + "_" + strings.Repeat("b", 26)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		_, err := s.Authenticate(context.Background(), given)
		if (err == nil) != (given == token) {
			t.Fatalf("%q: %v", given, err)
		}
		if store.asked != "" && !strings.HasPrefix(given, account.Prefix+store.asked+"_") {
			t.Fatalf("%q: the database was asked for %q", given, store.asked)
		}
		store.asked = ""
	})
}

type everybody struct{}

func (everybody) Ordinal(int64, string) (uint32, bool) { return 1, true }

func (everybody) Asker(context.Context, audit.By) (policy.Asker, error) { return policy.Asker{}, nil }

type oneToken struct {
	account.Store
	token account.StoredToken
	asked string
}

func (o *oneToken) Endings(context.Context) (int64, error) { return 0, nil }

func (o *oneToken) CreateAPIToken(_ context.Context, t account.StoredToken, _ audit.Entry) error {
	o.token = t
	return nil
}

func (o *oneToken) APITokensByID(_ context.Context, organization int64, ids []string) ([]account.Standing, error) {
	o.asked = fmt.Sprintf("%d_%s", organization, ids[0])
	if organization != o.token.Organization || ids[0] != o.token.ID {
		return nil, nil
	}
	return []account.Standing{{ID: ids[0], Organization: organization, Ordinal: 1, Hash: o.token.Hash, EndsAt: o.token.ExpiresAt}}, nil
}
