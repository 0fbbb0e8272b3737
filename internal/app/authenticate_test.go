package app_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/masterkey"
)

func TestKnownTokenAsksNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	n := w.mustNode(t)
	token := n.mustToken(t, n.mustApp(t, w.mustOrganization(t, "One").ID, "A"))
	must(t, n.Confirm(t.Context()))
	for range 30 {
		n.mustCaller(t, token)
		w.clock.move(time.Second)
		must(t, n.Confirm(t.Context()))
	}
	if got := n.spy.lookups.Load(); got != 1 {
		t.Errorf("%d lookups, want 1", got)
	}
	// Nobody confirms: believed for two seconds, then asked once in two.
	for range 10 {
		w.clock.move(time.Second)
		n.mustCaller(t, token)
	}
	if got := n.spy.lookups.Load(); got < 5 || got > 6 {
		t.Errorf("%d lookups after ten seconds unconfirmed, want one in two seconds", got)
	}
}

func TestForgedTokensNeverReachTheDatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	n, o := w.mustNode(t), w.mustOrganization(t, "One")
	token := n.mustToken(t, n.mustApp(t, o.ID, "A"))
	forged := []string{
		"x", ".", "a.b", token + "x", " " + token, token + " ", token + "=", strings.ToUpper(token),
		strings.Replace(token, ".", "", 1), token + "." + token, strings.TrimRight(token, token[len(token)-1:]),
		"0" + token, "+" + token, "9" + token, strings.Replace(token, "-1-", "-2-", 1), strings.Replace(token, "-1-", "-01-", 1),
		strings.Repeat("1", 1<<20),
	}
	for i := range token { // every character turned into another one
		c := byte('a')
		if token[i] == c {
			c = 'b'
		}
		forged = append(forged, token[:i]+string(c)+token[i+1:])
	}
	for range 2 { // before and after the real one is known
		for _, f := range forged {
			n.mustRefuse(t, f)
		}
		n.mustCaller(t, token)
	}
	if got := n.spy.lookups.Load(); got != 1 {
		t.Errorf("%d lookups, want the real token's only", got)
	}
	_, err := n.Authenticate(t.Context(), "")
	wantCode(t, err, fault.CodeTokenMissing)
}

func TestTokensOfAnotherInstallationAreForged(t *testing.T) {
	t.Parallel()
	mine, theirs := newWorld(t, "sqlite"), newWorld(t, "sqlite")
	n, m := mine.mustNode(t), theirs.mustNode(t)
	n.mustApp(t, mine.mustOrganization(t, "One").ID, "A")
	n.mustRefuse(t, m.mustToken(t, m.mustApp(t, theirs.mustOrganization(t, "One").ID, "A")))
	if n.spy.lookups.Load() != 0 {
		t.Error("a token signed with a foreign key reached the database")
	}
}

func TestMissesAreRememberedForASecond(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	n := w.mustNode(t)
	a := n.mustApp(t, w.mustOrganization(t, "One").ID, "A")
	token := n.mustToken(t, a)
	must(t, n.EndTokens(t.Context(), audit.ByOperator(), a.Organization, a.ID))
	for range 100 {
		n.mustRefuse(t, token)
	}
	w.clock.move(999 * time.Millisecond)
	n.mustRefuse(t, token)
	if got := n.spy.lookups.Load(); got != 1 {
		t.Errorf("%d lookups within a second, want 1", got)
	}
	w.clock.move(time.Millisecond)
	n.mustRefuse(t, token)
	if got := n.spy.lookups.Load(); got != 2 {
		t.Errorf("%d lookups after a second, want 2", got)
	}
}

func TestOneLookupForAllWhoWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFakeStore()
		s, token := f.mustService(t)
		f.hold = make(chan struct{})
		gone, leave := context.WithCancel(t.Context())
		var waiting sync.WaitGroup
		waiting.Go(func() { // whoever asked first gives up, and harms nobody
			_, err := s.Authenticate(gone, token)
			if !fault.Is(err, fault.CodeBusy) {
				t.Errorf("the one who left got %v", err)
			}
		})
		synctest.Wait()
		for range 64 {
			waiting.Go(func() {
				if _, err := s.Authenticate(t.Context(), token); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		leave()
		synctest.Wait()
		close(f.hold)
		waiting.Wait()
		if got := f.lookups.Load(); got != 1 {
			t.Errorf("%d lookups, want 1", got)
		}
	})
}

// Run alone, on a node that did not make the change, ends a token in time, and
// also when the counter cannot be read.
func TestRunSeesRevocationsWithinTwoSeconds(t *testing.T) {
	t.Parallel()
	for _, blind := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			f := newFakeStore()
			s, token := f.mustService(t)
			ctx, stop := context.WithCancel(t.Context())
			var running sync.WaitGroup
			running.Go(func() { s.Run(ctx) })
			for range 50 {
				if _, err := s.Authenticate(ctx, token); err != nil {
					t.Fatal(err)
				}
				time.Sleep(100 * time.Millisecond) //nolint:forbidigo // a synctest bubble's own clock
			}
			if got := f.lookups.Load(); got != 1+1 {
				// The first confirmation begins the era in which it is kept.
				t.Errorf("%d lookups in five seconds, want 2", got)
			}
			f.blind.Store(blind)
			f.revoke()
			time.Sleep(2 * time.Second) //nolint:forbidigo // a synctest bubble's own clock
			if _, err := s.Authenticate(ctx, token); !fault.Is(err, fault.CodeTokenInvalid) {
				t.Errorf("blind=%v: two seconds after its end: %v", blind, err)
			}
			stop()
			running.Wait()
		})
	}
}

// An answer that was on its way while the token ended must not be believed
// once the end was seen.
func TestLateAnswersDieWithTheirEra(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFakeStore()
		s, token := f.mustService(t)
		f.hold = make(chan struct{})
		var waiting sync.WaitGroup
		waiting.Go(func() { _, _ = s.Authenticate(t.Context(), token) })
		synctest.Wait() // it has read "valid" and is held up
		f.revoke()
		must(t, s.Confirm(t.Context()))
		close(f.hold)
		waiting.Wait()
		if _, err := s.Authenticate(t.Context(), token); !fault.Is(err, fault.CodeTokenInvalid) {
			t.Errorf("after its end was seen: %v", err)
		}
	})
}

func TestADatabaseThatIsGoneRefusesNobodyForGood(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFakeStore()
		s, token := f.mustService(t)
		f.broken.Store(true)
		_, err := s.Authenticate(t.Context(), token)
		wantCode(t, err, fault.CodeBusy)
		f.broken.Store(false)
		_, err = s.Authenticate(t.Context(), token)
		must(t, err)
	})
}

// What has expired is not kept for ever.
func TestMemoryForgetsTheDead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFakeStore()
		s, first := f.mustService(t)
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { s.Run(ctx) })
		second := f.mustNextToken(t, s)
		time.Sleep(3 * time.Second) //nolint:forbidigo // a synctest bubble's own clock
		for _, token := range []string{first, second} {
			_, _ = s.Authenticate(ctx, token) // the first is a miss by now
		}
		if got := app.Remembered(s); got != 2 {
			t.Errorf("%d tokens remembered, want 2", got)
		}
		time.Sleep(3 * time.Second) //nolint:forbidigo // a synctest bubble's own clock
		if got := app.Remembered(s); got != 1 {
			t.Errorf("%d tokens remembered once the miss is old, want 1", got)
		}
		time.Sleep(3 * time.Hour) //nolint:forbidigo // a synctest bubble's own clock
		if got := app.Remembered(s); got != 0 {
			t.Errorf("%d tokens remembered after their lives, want 0", got)
		}
		stop()
		running.Wait()
		if n := f.marked.Load(); n != 1 {
			t.Errorf("uses within a minute are written %d times, want once", n)
		}
	})
}

// mustNextToken stores a token in place of the last.
func (f *fakeStore) mustNextToken(t *testing.T, s *app.Service) string {
	t.Helper()
	_, _, secret, err := s.CreateInternal(t.Context(), audit.ByOperator(), 1, app.NewApp{Name: "A"})
	must(t, err)
	token, err := s.TokenByKey(t.Context(), "key", secret)
	must(t, err)
	return token.Value
}

// fakeStore is one token in memory; what it does not override must not be
// called.
type fakeStore struct {
	app.Store
	counter, lookups atomic.Int64
	ended            atomic.Bool
	blind, broken    atomic.Bool
	hold             chan struct{}

	mu     sync.Mutex
	marked atomic.Int64 // transactions that note uses of secrets
	token  app.StoredToken
	secret app.StoredSecret
}

func newFakeStore() *fakeStore { return &fakeStore{} }

// mustService returns a service and the token of the store's only app.
func (f *fakeStore) mustService(t *testing.T) (*app.Service, string) {
	t.Helper()
	keys, err := masterkey.Create(t.TempDir() + "/key")
	must(t, err)
	s := app.New(app.Deps{Store: f, Keys: keys, Now: time.Now})
	return s, f.mustNextToken(t, s)
}

// revoke ends the token as another node would: the row and the counter at once.
func (f *fakeStore) revoke() {
	f.ended.Store(true)
	f.counter.Add(1)
}

var errBlind = errors.New("no answer")

func (f *fakeStore) Revocations(context.Context) (int64, error) {
	if f.blind.Load() {
		return 0, errBlind
	}
	return f.counter.Load(), nil
}

func (f *fakeStore) TokenByID(ctx context.Context, organization int64, id string) (app.Standing, bool, error) {
	f.lookups.Add(1)
	f.mu.Lock()
	t := f.token
	f.mu.Unlock()
	if f.broken.Load() {
		return app.Standing{}, false, fault.New(fault.CodeBusy, "gone")
	}
	found := organization == 1 && id == t.ID && !f.ended.Load()
	if f.hold != nil {
		<-f.hold
	}
	if ctx.Err() != nil {
		return app.Standing{}, false, ctx.Err()
	}
	return app.Standing{Agent: app.Agent{Organization: 1, ID: 7}, ExpiresAt: t.ExpiresAt}, found, nil
}

func (f *fakeStore) NextIDs(context.Context, string, int) ([]int64, error) { return []int64{7}, nil }

func (f *fakeStore) CreateApp(_ context.Context, _ app.App, _ app.Agent, first app.StoredSecret, _ audit.Entry) error {
	f.secret = first
	return nil
}

func (f *fakeStore) Keys(context.Context) (masterkey.Record, error) { return masterkey.Record{}, nil }

func (f *fakeStore) MarkSecretsUsed(context.Context, []app.SecretUse) error {
	f.marked.Add(1)
	return nil
}

func (f *fakeStore) SecretsByKey(context.Context, string, int, time.Time) ([]app.StoredSecret, error) {
	return []app.StoredSecret{f.secret}, nil
}

func (f *fakeStore) CreateToken(_ context.Context, _ app.StoredSecret, fresh app.StoredToken) (app.StoredToken, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.token = fresh
	return fresh, true, nil
}

func BenchmarkAuthenticateKnown(b *testing.B) {
	w := newWorld(b, "sqlite")
	keys, err := masterkey.Load(w.keyFile)
	must(b, err)
	s := app.New(app.Deps{Store: w.db.Apps(), Organizations: w.directory, Keys: keys, Now: time.Now})
	a, _, secret, err := s.CreateInternal(b.Context(), audit.ByOperator(), w.mustOrganization(b, "One").ID, app.NewApp{Name: "A"})
	must(b, err)
	got, err := s.TokenByKey(b.Context(), a.Key, secret)
	must(b, err)
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	go s.Run(ctx)
	b.Run("one", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Authenticate(ctx, got.Value); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("64", func(b *testing.B) {
		b.SetParallelism(32)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := s.Authenticate(ctx, got.Value); err != nil {
					b.Error(err)
				}
			}
		})
	})
}
