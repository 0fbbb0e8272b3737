package account_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

func mustLink(t *testing.T, s *account.Service, organization int64, userid string, reusable bool) string {
	t.Helper()
	value, err := s.CreateSignInLink(t.Context(), audit.ByOperator(), organization, userid, account.LinkLife, reusable)
	must(t, err)
	return value
}

// mustSignIn signs somebody in by a link of their own.
func mustSignIn(t *testing.T, s *account.Service, organization int64, userid string, held ...string) account.SignedIn {
	t.Helper()
	in, err := s.SignIn(t.Context(), account.SignInRequest{
		Link: mustLink(t, s, organization, userid, false), Device: "Firefox · Linux", Held: holding(held...), Replace: true,
	})
	must(t, err)
	return in
}

// holding is what a browser with these sessions sends.
func holding(values ...string) account.HeldList {
	cookies := account.Cookies{}
	var headers []string
	for _, value := range values {
		number, _ := strconv.ParseInt(strings.Split(value+"__", "_")[1], 10, 64)
		headers = append(headers, cookies.Name(number)+"="+value)
	}
	return cookies.Held(headers)
}

func mustRefuseSession(t *testing.T, s *account.Service, value string) {
	t.Helper()
	v, err := s.Session(t.Context(), value)
	wantCode(t, err, fault.CodeTokenInvalid)
	if v != (account.Viewer{}) {
		t.Errorf("a refused session stands for %+v", v)
	}
}

func mustRefuseLink(t *testing.T, s *account.Service, link string) {
	t.Helper()
	in, err := s.SignIn(t.Context(), account.SignInRequest{Link: link})
	wantCode(t, err, fault.CodeTokenInvalid)
	if in != (account.SignedIn{}) {
		t.Errorf("a refused link signs in %+v", in)
	}
}

func (w *world) mustSessions(t *testing.T, s *account.Service, userid string) []account.Session {
	t.Helper()
	ordinal, _ := w.directory.Ordinal(w.org, userid)
	all, err := s.Sessions(t.Context(), w.org, ordinal)
	must(t, err)
	return all
}

// run notes what sessions are used for, until the test ends.
func run(t *testing.T, s *account.Service, spy *spy) {
	t.Helper()
	spy.marked = make(chan []account.Seen)
	storetest.Run(t, s.Run)
}

func TestLinkSignsInOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		s, _ := w.node(t)
		far, spy := w.node(t)
		link := mustLink(t, s, w.org, "ann", false)
		in, err := s.SignIn(t.Context(), account.SignInRequest{Link: link, Device: "Firefox · Linux"})
		must(t, err)
		ordinal, _ := w.directory.Ordinal(w.org, "ann")
		want := account.Viewer{
			Organization: w.org, Ordinal: ordinal, Userid: "ann", Name: "ANN",
			Credential: account.Credential{Session: true, ID: strings.Split(in.Value, "_")[2]},
		}
		if in.Viewer != want || !strings.HasPrefix(in.Value, account.SessionPrefix) || !strings.HasPrefix(link, account.LinkPrefix) {
			t.Errorf("signed in %+v, want %+v", in.Viewer, want)
		}
		for range 50 {
			if v, err := far.Session(t.Context(), in.Value); err != nil || v != want {
				t.Fatalf("%+v %v, want %+v", v, err, want)
			}
		}
		if n := spy.reads.Load(); n != 1 {
			t.Errorf("%d reads within a second, want 1", n)
		}
		mustRefuseLink(t, s, link)
		mustRefuseLink(t, far, link)
		_, err = s.Session(t.Context(), "")
		wantCode(t, err, fault.CodeTokenMissing)

		// No kind of credential is taken for another.
		mustRefuse(t, s, in.Value)
		mustRefuse(t, s, link)
		mustRefuseSession(t, s, mustToken(t, s, w.org, "ann"))
		mustRefuseSession(t, s, link)
		mustRefuseLink(t, s, in.Value)
		mustRefuse(t, s, account.Prefix+strings.TrimPrefix(in.Value, account.SessionPrefix))
	})
}

func TestTwoUsesOfOneLinkAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		var nodes []*account.Service
		for range 2 {
			s, _ := w.node(t)
			nodes = append(nodes, s)
		}
		for range 10 {
			link := mustLink(t, nodes[0], w.org, "ann", false)
			var mu sync.Mutex
			won := 0
			var users sync.WaitGroup
			for i := range 8 {
				users.Go(func() {
					_, err := nodes[i%2].SignIn(t.Context(), account.SignInRequest{Link: link})
					for fault.Is(err, fault.CodeBusy) { // whoever has waited for too long is asked to come again
						_, err = nodes[i%2].SignIn(t.Context(), account.SignInRequest{Link: link})
					}
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						won++
					} else if !fault.Is(err, fault.CodeTokenInvalid) {
						t.Errorf("the others hear %v", err)
					}
				})
			}
			users.Wait()
			if won != 1 {
				t.Fatalf("%d of 8 were signed in", won)
			}
		}
		if n := len(w.mustSessions(t, nodes[0], "ann")); n != 10 {
			t.Errorf("%d sessions of 10 links", n)
		}
	})
}

// Whatever is wrong with a link, the answer is the same.
func TestLinksThatAreNotGood(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		s, _ := w.node(t)
		ann, bob := mustLink(t, s, w.org, "ann", false), mustLink(t, s, w.org, "bob", true)
		other := mustLink(t, s, w.org, "ann", false)
		secret := func(value string) string { return value[strings.LastIndex(value, "_")+1:] }
		w.mustOrganization(t, "Two")
		for _, wrong := range []string{
			"", "x", account.LinkPrefix, ann + "a", strings.ToUpper(ann), strings.TrimSuffix(ann, secret(ann)) + secret(other),
			strings.Replace(ann, "tdl_1_", "tdl_2_", 1),
		} {
			mustRefuseLink(t, s, wrong)
		}
		must(t, w.directory.DisableUser(ctx, audit.ByOperator(), w.org, "ann"))
		mustRefuseLink(t, s, ann)
		must(t, w.directory.EnableUser(ctx, audit.ByOperator(), w.org, "ann"))
		mustRefuseLink(t, s, ann) // that is no way back
		ann, other = mustLink(t, s, w.org, "ann", false), mustLink(t, s, w.org, "ann", false)
		must(t, w.directory.DeleteUser(ctx, audit.ByOperator(), w.org, "bob"))
		mustRefuseLink(t, s, bob)
		w.mustPerson(t, w.org, "bob") // the userid's next person
		mustRefuseLink(t, s, bob)

		off, on := true, false
		_, err := w.directory.UpdateOrganization(ctx, audit.ByOperator(), w.org, directory.OrganizationChange{Disabled: &off})
		must(t, err)
		w.move(time.Second)
		mustRefuseLink(t, s, ann)
		_, err = w.directory.UpdateOrganization(ctx, audit.ByOperator(), w.org, directory.OrganizationChange{Disabled: &on})
		must(t, err)

		w.move(account.LinkLife - time.Second - time.Millisecond)
		_, err = s.SignIn(ctx, account.SignInRequest{Link: ann}) // refusals did not use it
		must(t, err)
		w.move(time.Millisecond)
		mustRefuseLink(t, s, other) // expired
	})
}

func TestWhatALinkMayNotBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	s, _ := w.node(t)
	for _, c := range []struct {
		userid   string
		life     time.Duration
		reusable bool
		code     fault.Code
	}{
		{"ann", 0, false, fault.CodeParameterInvalid},
		{"ann", -time.Hour, false, fault.CodeParameterInvalid},
		{"ann", account.MaxLinkLife + 1, false, fault.CodeParameterInvalid},
		{"ann", account.MaxReusableLife + 1, true, fault.CodeParameterInvalid},
		{"nobody", time.Hour, false, fault.CodeUserUnknown},
	} {
		_, err := s.CreateSignInLink(t.Context(), audit.ByOperator(), w.org, c.userid, c.life, c.reusable)
		wantCode(t, err, c.code)
	}
	_, err := s.CreateSignInLink(t.Context(), audit.ByOperator(), w.org, "ann", account.MaxLinkLife, false)
	must(t, err)
}

func TestReusableLink(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		s, _ := w.node(t)
		link, err := s.CreateSignInLink(t.Context(), audit.ByOperator(), w.org, "ann", account.MaxReusableLife, true)
		must(t, err)
		mustLink(t, s, w.org, "ann", false) // making another removes what is over, and nothing else
		for range 3 {
			_, err := s.SignIn(t.Context(), account.SignInRequest{Link: link})
			must(t, err)
		}
		w.move(account.MaxReusableLife)
		mustRefuseLink(t, s, link)
	})
}

func TestSessionsEndByThemselves(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		s, _ := w.node(t)
		idle := mustSignIn(t, s, w.org, "ann")
		w.move(account.IdleLife - time.Millisecond)
		_, err := s.Session(t.Context(), idle.Value)
		must(t, err)
		w.move(time.Millisecond)
		mustRefuseSession(t, s, idle.Value)
		if all := w.mustSessions(t, s, "ann"); len(all) != 0 {
			t.Errorf("a session that is over is listed: %+v", all)
		}

		s, spy := w.node(t)
		run(t, s, spy)
		used := mustSignIn(t, s, w.org, "ann")
		for day := 1; day < 180; day++ {
			w.move(24 * time.Hour)
			_, err := s.Session(t.Context(), used.Value)
			must(t, err)
			<-spy.marked
		}
		w.move(24*time.Hour - time.Millisecond)
		_, err = s.Session(t.Context(), used.Value)
		must(t, err)
		w.move(time.Millisecond)
		mustRefuseSession(t, s, used.Value)
	})
}

// What is noted of a session's use: once an hour at most, whoever asks, and
// nobody waits for it.
func TestUseIsNotedOnceAnHour(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		s, spy := w.node(t)
		in := mustSignIn(t, s, w.org, "ann")
		use := func() {
			_, err := s.Session(t.Context(), in.Value)
			must(t, err)
		}
		seenAt := func() time.Time { return w.mustSessions(t, s, "ann")[0].SeenAt }
		began := w.now()
		w.move(account.SeenEvery)
		use() // nothing runs that could note it, and it is answered all the same
		if !seenAt().Equal(began) {
			t.Fatal("it was noted by the one who asked")
		}
		run(t, s, spy)
		if got := <-spy.marked; len(got) != 1 || !got[0].At.Equal(w.now()) {
			t.Fatalf("noted %+v", got)
		}
		first := w.now()
		for range 59 {
			w.move(time.Minute)
			use()
		}
		if !seenAt().Equal(first) {
			t.Errorf("seen at %v, want %v", seenAt(), first)
		}
		// Another node, which read the row before, cannot move it either.
		must(t, spy.Store.MarkSeen(t.Context(), []account.Seen{{Organization: w.org, ID: in.Viewer.Credential.ID, At: w.now()}}))
		if !seenAt().Equal(first) {
			t.Errorf("seen at %v, want %v", seenAt(), first)
		}
		// A stream that is watched counts as use.
		w.move(time.Minute)
		if ended, err := s.Ended(t.Context(), []account.Viewer{in.Viewer}); err != nil || len(ended) != 0 {
			t.Fatalf("%v %v", ended, err)
		}
		<-spy.marked
		if !seenAt().Equal(w.now()) {
			t.Errorf("seen at %v, want now", seenAt())
		}
	})
}

func TestUseThatCannotBeNoted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	s, spy := w.node(t)
	spy.failing = errors.New("no room")
	in := mustSignIn(t, s, w.org, "ann")
	w.move(account.SeenEvery)
	run(t, s, spy)
	_, err := s.Session(t.Context(), in.Value)
	must(t, err)
	<-spy.marked
	for range 10 { // none of them waits
		w.move(time.Minute)
		_, err := s.Session(t.Context(), in.Value)
		must(t, err)
	}
}

// What is known when Run is told to end is noted before it returns.
func TestUseIsNotedAtTheEnd(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		s, spy := w.node(t)
		spy.marked = make(chan []account.Seen, 1)
		in := mustSignIn(t, s, w.org, "ann")
		w.move(account.SeenEvery)
		_, err := s.Session(t.Context(), in.Value)
		must(t, err)
		ended, end := context.WithCancel(t.Context())
		end()
		s.Run(ended)
		if got := w.mustSessions(t, s, "ann")[0].SeenAt; !got.Equal(w.now()) {
			t.Errorf("seen at %v, want %v", got, w.now())
		}
	})
}

func TestEndingSessions(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		s, _ := w.node(t)
		far, _ := w.node(t)
		ann, _ := w.directory.Ordinal(w.org, "ann")
		bob, _ := w.directory.Ordinal(w.org, "bob")
		first := mustSignIn(t, s, w.org, "ann")
		w.move(time.Minute)
		second := mustSignIn(t, s, w.org, "ann")
		bobs := mustSignIn(t, s, w.org, "bob")
		for _, at := range []*account.Service{s, far} {
			_, err := at.Session(ctx, first.Value)
			must(t, err)
		}
		all := w.mustSessions(t, s, "ann")
		if len(all) != 2 || all[0].ID != second.Viewer.Credential.ID || all[1].ID != first.Viewer.Credential.ID ||
			all[0].Device != "Firefox · Linux" || !all[0].CreatedAt.Equal(w.now()) || !all[1].SeenAt.Equal(all[1].CreatedAt) {
			t.Fatalf("sessions %+v", all)
		}

		// Somebody else's session is like none.
		id, two := first.Viewer.Credential.ID, w.mustOrganization(t, "Two")
		wantCode(t, s.EndSession(ctx, audit.ByOperator(), w.org, bob, id), fault.CodeNotFound)
		wantCode(t, s.EndSession(ctx, audit.ByOperator(), w.org, ann, "none"), fault.CodeNotFound)
		wantCode(t, s.EndSession(ctx, audit.ByOperator(), two, ann, id), fault.CodeNotFound)
		_, err := s.Session(ctx, first.Value)
		must(t, err)

		must(t, s.EndSession(ctx, audit.ByOperator(), w.org, ann, id))
		mustRefuseSession(t, s, first.Value)
		w.move(time.Second)
		mustRefuseSession(t, far, first.Value)
		wantCode(t, s.EndSession(ctx, audit.ByOperator(), w.org, ann, id), fault.CodeNotFound)

		third := mustSignIn(t, s, w.org, "ann")
		if n, err := s.EndSessions(ctx, audit.ByOperator(), w.org, ann); err != nil || n != 2 {
			t.Errorf("%d ended, %v", n, err)
		}
		for _, value := range []string{second.Value, third.Value} {
			mustRefuseSession(t, s, value)
		}
		_, err = s.Session(ctx, bobs.Value)
		must(t, err)
	})
}

// Signing in again ends the session that the browser had there, whoever's it
// was, and no other; a guess at one ends nothing.
func TestSigningInReplaces(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		s, _ := w.node(t)
		two := w.mustOrganization(t, "Two")
		bobs, elsewhere := mustSignIn(t, s, w.org, "bob"), mustSignIn(t, s, two, "ann")
		phone := mustSignIn(t, s, w.org, "ann")
		for _, in := range []account.SignedIn{bobs, elsewhere, phone} {
			_, err := s.Session(ctx, in.Value)
			must(t, err)
		}
		guess := phone.Value[:len(phone.Value)-1] + "a"
		if guess == phone.Value {
			guess = phone.Value[:len(phone.Value)-1] + "b"
		}
		mustSignIn(t, s, w.org, "ann", bobs.Value, elsewhere.Value, guess, "junk")
		mustRefuseSession(t, s, bobs.Value)
		for _, in := range []account.SignedIn{elsewhere, phone} {
			_, err := s.Session(ctx, in.Value)
			must(t, err)
		}
		// A link that is refused ends nothing.
		_, err := s.SignIn(ctx, account.SignInRequest{Link: "tdl_", Held: holding(phone.Value)})
		wantCode(t, err, fault.CodeTokenInvalid)
		_, err = s.Session(ctx, phone.Value)
		must(t, err)
	})
}

func TestSessionsOfPeopleWhoLeave(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		s, _ := w.node(t)
		ann, bob := mustSignIn(t, s, w.org, "ann"), mustSignIn(t, s, w.org, "bob")
		must(t, w.directory.DisableUser(ctx, audit.ByOperator(), w.org, "ann"))
		mustRefuseSession(t, s, ann.Value)
		must(t, w.directory.DeleteUser(ctx, audit.ByOperator(), w.org, "bob"))
		w.mustPerson(t, w.org, "bob")
		mustRefuseSession(t, s, bob.Value)
		if all := w.mustSessions(t, s, "bob"); len(all) != 0 {
			t.Errorf("the next bob has %+v", all)
		}
	})
}

// The people of a disabled organization are signed out, until it is enabled.
func TestDisabledOrganization(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		s, _ := w.node(t)
		in, token := mustSignIn(t, s, w.org, "ann"), mustToken(t, s, w.org, "ann")
		set := func(disabled bool) {
			_, err := w.directory.UpdateOrganization(ctx, audit.ByOperator(), w.org, directory.OrganizationChange{Disabled: &disabled})
			must(t, err)
			w.move(time.Second)
		}
		if ended, err := s.Ended(ctx, []account.Viewer{in.Viewer}); err != nil || len(ended) != 0 {
			t.Errorf("%v %v", ended, err)
		}
		set(true)
		mustRefuseSession(t, s, in.Value)
		mustRefuse(t, s, token)
		if ended, err := s.Ended(ctx, []account.Viewer{in.Viewer}); err != nil || len(ended) != 1 {
			t.Errorf("%v %v", ended, err)
		}
		set(false)
		_, err := s.Session(ctx, in.Value)
		must(t, err)
		_, err = s.Authenticate(ctx, token)
		must(t, err)
	})
}
