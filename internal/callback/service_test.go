package callback_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/callback"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/outbound"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// world is a database with organizations and apps, and the network that calls go to.
type world struct {
	t      testing.TB
	db     *store.DB
	people *directory.Service
	apps   *app.Service
	calls  *callback.Service
	ring   *masterkey.Ring

	mu    sync.Mutex
	now   time.Time
	heard map[string][]string // by host, "tag [ids]"
	told  map[string][]said   // likewise
	down  map[string]error    // hosts that do not answer
	keys  map[string]string   // key ids by host
	// says is what a host answers to a check, where that is not a success.
	says map[string]func(said) string
	// meanwhile happens after the first event.
	meanwhile func()
}

// said is an event as it was told.
type said struct {
	EventType, SuiteKey, CorpId, AuthCorpId, AuthCode, SuiteTicket, TimeStamp, Random, TestSuiteKey string

	UserId []string
	DeptId []int64
}

const secretKey = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456"

func mustWorld(t testing.TB, engine string) *world {
	t.Helper()
	w := &world{t: t, now: time.Now(), heard: map[string][]string{}, down: map[string]error{}, keys: map[string]string{}}
	w.told, w.says = map[string][]said{}, map[string]func(said) string{}
	w.db = storetest.Open(t, engine)
	ring, err := masterkey.Create(filepath.Join(t.TempDir(), "key"))
	must(t, err)
	w.ring = ring
	w.people = directory.New(directory.Deps{Store: w.db.Directory(), Now: time.Now})
	w.apps = app.New(app.Deps{Store: w.db.Apps(), Organizations: w.people, Keys: ring, Now: time.Now})
	w.calls = callback.New(callback.Deps{
		Store: w.db.Callbacks(), People: w.people, Suites: w.apps, Keys: ring, Caller: w, Log: slog.New(slog.DiscardHandler), Now: w.time,
	})
	return w
}

func (w *world) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) answer(host string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down[host] = err
}

func (w *world) events(host string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.heard[host])
}

// Post is the apps' side of a call.
func (w *world) Post(_ context.Context, r outbound.Request) (outbound.Answer, error) {
	defer w.after() // deferred first: runs without the lock
	w.mu.Lock()
	defer w.mu.Unlock()
	u, err := url.Parse(r.URL)
	if err != nil {
		return outbound.Answer{}, err
	}
	if err := w.down[u.Host]; err != nil {
		return outbound.Answer{}, err
	}
	c, err := callback.NewCipher("token", secretKey, w.keys[u.Host])
	if err != nil {
		return outbound.Answer{}, err
	}
	var body struct{ Encrypt string }
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return outbound.Answer{}, err
	}
	q := u.Query()
	text, err := c.Open(q.Get("signature"), q.Get("timestamp"), q.Get("nonce"), body.Encrypt)
	if err != nil {
		return outbound.Answer{}, err
	}
	var e said
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return outbound.Answer{}, err
	}
	answered := "success"
	if strings.HasPrefix(e.EventType, "check_") {
		if says := w.says[u.Host]; says != nil {
			answered = says(e)
		}
	} else {
		about := fmt.Sprint(e.UserId)
		if e.UserId == nil {
			about = fmt.Sprint(e.DeptId)
		}
		w.heard[u.Host] = append(w.heard[u.Host], e.EventType+" "+about)
		w.told[u.Host] = append(w.told[u.Host], e)
	}
	sealed := c.Seal(answered)
	answer, err := json.Marshal(map[string]string{"msg_signature": c.Sign("1", "n", sealed), "timeStamp": "1", "nonce": "n", "encrypt": sealed})
	return outbound.Answer{Status: 200, Body: answer}, err
}

// after does, once, what is to happen after the first event.
func (w *world) after() {
	w.mu.Lock()
	do := w.meanwhile
	if len(w.told) == 0 || do == nil {
		w.mu.Unlock()
		return
	}
	w.meanwhile = nil
	w.mu.Unlock()
	do()
}

func (w *world) organization(name string) int64 {
	w.t.Helper()
	o, err := w.people.CreateOrganization(w.t.Context(), audit.ByOperator(), directory.NewOrganization{Name: name})
	must(w.t, err)
	return o.ID
}

// listener makes an app that listens at a host.
func (w *world) listener(organization int64, host string, within *directory.Range, tags ...string) callback.Key {
	w.t.Helper()
	a, _, _, err := w.apps.CreateInternal(w.t.Context(), audit.ByOperator(), organization, app.NewApp{Name: host, Range: within})
	must(w.t, err)
	w.keys[host] = a.Key
	k := callback.Key{Organization: organization, AppID: a.ID}
	if len(tags) == 0 {
		tags = callback.Tags()
	}
	must(w.t, w.calls.Set(w.t.Context(), audit.ByOperator(), k, callback.Settings{URL: "http://" + host + "/", Tags: tags, Token: "token", AESKey: secretKey}))
	return k
}

func (w *world) user(organization int64, userid string, depts ...int64) {
	w.t.Helper()
	_, err := w.people.CreateUser(w.t.Context(), audit.ByOperator(), organization, directory.NewUser{Userid: userid, Name: userid, DeptIDs: depts})
	must(w.t, err)
}

func (w *world) move(organization int64, userid string, depts ...int64) {
	w.t.Helper()
	_, err := w.people.UpdateUser(w.t.Context(), audit.ByOperator(), organization, userid, directory.UserChange{DeptIDs: &depts})
	must(w.t, err)
}

func (w *world) deliver(k callback.Key) {
	w.t.Helper()
	must(w.t, w.calls.DeliverNow(w.t.Context(), k))
}

func (w *world) state(k callback.Key) callback.State {
	w.t.Helper()
	_, state, err := w.calls.Status(w.t.Context(), k)
	must(w.t, err)
	return state
}

func eachEngine(t *testing.T, run func(t *testing.T, w *world)) {
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			run(t, mustWorld(t, engine))
		})
	}
}

// An app hears of those whom its range has or had, of what it listens to, and of its own
// organization only. Nothing is written for an app that does not listen.
func TestWhoHearsWhat(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, w *world) {
		ours, theirs := w.organization("Ours"), w.organization("Theirs")
		for _, o := range []int64{ours, theirs} {
			for id, parent := range map[int64]int64{2: 1, 4: 1} {
				_, err := w.people.CreateDepartment(t.Context(), audit.ByOperator(), o, directory.NewDepartment{ID: id, ParentID: parent, Name: fmt.Sprint("D", id)})
				must(t, err)
			}
			_, err := w.people.CreateDepartment(t.Context(), audit.ByOperator(), o, directory.NewDepartment{ID: 3, ParentID: 2, Name: "D3"})
			must(t, err)
		}
		all := w.listener(ours, "all.example.com", nil)
		leavers := w.listener(ours, "leavers.example.com", nil, callback.UserLeave)
		narrow := w.listener(ours, "narrow.example.com", &directory.Range{DeptIDs: []int64{2}})
		other := w.listener(theirs, "other.example.com", nil)

		w.user(ours, "in", 3)
		w.user(ours, "out", 4)
		w.move(ours, "out", 3) // comes in
		w.move(ours, "in", 4)  // goes out
		w.move(ours, "in", 1)  // is out
		must(t, w.people.DeleteUser(t.Context(), audit.ByOperator(), ours, "out"))
		_, err := w.people.CreateDepartment(t.Context(), audit.ByOperator(), ours, directory.NewDepartment{ID: 5, ParentID: 3, Name: "D5"})
		must(t, err)
		_, err = w.people.CreateDepartment(t.Context(), audit.ByOperator(), ours, directory.NewDepartment{ID: 6, ParentID: 4, Name: "D6"})
		must(t, err)
		must(t, w.people.DeleteDepartment(t.Context(), audit.ByOperator(), ours, 5))

		if n := w.state(leavers).Waiting; n != 1 {
			t.Errorf("%d events are written for an app that listens to one", n)
		}
		for _, k := range []callback.Key{all, leavers, narrow, other} {
			w.deliver(k)
		}
		for host, want := range map[string][]string{
			"all.example.com": {
				"user_add_org [in]", "user_add_org [out]", "user_modify_org [out]", "user_modify_org [in]", "user_modify_org [in]", "user_leave_org [out]",
				"org_dept_create [5]", "org_dept_create [6]", "org_dept_remove [5]",
			},
			"leavers.example.com": {"user_leave_org [out]"},
			"narrow.example.com": {
				"user_add_org [in]", "user_modify_org [out]", "user_modify_org [in]", "user_leave_org [out]", "org_dept_create [5]", "org_dept_remove [5]",
			},
			"other.example.com": nil,
		} {
			if got := w.events(host); !slices.Equal(got, want) {
				t.Errorf("%s heard %q, want %q", host, got, want)
			}
		}
	})
}

// Many people make few events, and someone who was erased meanwhile is not named.
func TestManyPeople(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, w *world) {
		o := w.organization("Ours")
		k := w.listener(o, "all.example.com", nil)
		csv := "userid,name\n"
		for i := range 450 {
			csv += fmt.Sprintf("u%d,User\n", i)
		}
		_, err := w.people.Import(t.Context(), audit.ByOperator(), o, strings.NewReader(csv), directory.ImportOptions{})
		must(t, err)
		if n := w.state(k).Waiting; n > 4 {
			t.Errorf("%d events for 450 people", n)
		}
		must(t, w.people.DeleteUser(t.Context(), audit.ByOperator(), o, "u7"))
		holders, err := w.people.Holders(t.Context(), o, "u7")
		must(t, err)
		must(t, w.people.Erase(t.Context(), o, holders[0]))
		w.deliver(k)
		text := strings.Join(w.events("all.example.com"), ";")
		if strings.Contains(text, "u7 ") || strings.Contains(text, "erased") || strings.Count(text, "u") < 449 || strings.Contains(text, "user_leave_org") {
			t.Errorf("heard %.200s…", text)
		}
		if s := w.state(k); s.Waiting+s.GivenUp != 0 {
			t.Errorf("afterwards: %+v", s)
		}
	})
}

// What fails is tried again, in its order and later each time, and given up in the end.
// Others hear at once. What was given up is there for who asks, once.
func TestFailing(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, w *world) {
		ctx, o := t.Context(), w.organization("Ours")
		k, well := w.listener(o, "down.example.com", nil), w.listener(o, "well.example.com", nil)
		w.answer("down.example.com", errors.New("connection refused"))
		for i := range 3 {
			w.user(o, fmt.Sprint("u", i), 1)
		}
		w.deliver(well)
		w.deliver(k)
		if got := w.events("well.example.com"); len(got) != 3 {
			t.Errorf("another app heard %q", got)
		}
		s := w.state(k)
		if s.Failures != 1 || s.Waiting != 3 || s.Reason != "connection refused" || !s.NextAt.After(w.time()) || s.FailedAt.IsZero() || !s.SucceededAt.IsZero() {
			t.Errorf("after one failure: %+v", s)
		}
		due := func() bool {
			list, err := w.db.Callbacks().Due(ctx, w.time())
			must(t, err)
			return slices.ContainsFunc(list, func(d callback.Due) bool { return d.Key == k })
		}
		if due() {
			t.Error("it is tried again without a pause")
		}
		waited := time.Duration(0)
		for range 5 { // 1, 2, 4, 8, 16 s
			pause := w.state(k).NextAt.Sub(w.time())
			if pause <= waited || pause > 5*time.Minute {
				t.Errorf("a pause of %v follows one of %v", pause, waited)
			}
			waited = pause
			w.pass(pause)
			if !due() {
				t.Error("it is not tried again")
			}
			w.deliver(k)
		}
		w.answer("down.example.com", nil)
		w.deliver(k)
		if got := w.events("down.example.com"); !slices.Equal(got, []string{"user_add_org [u0]", "user_add_org [u1]", "user_add_org [u2]"}) {
			t.Errorf("heard %q", got)
		}
		if s := w.state(k); s.Failures != 0 || s.Waiting != 0 || s.SucceededAt.IsZero() {
			t.Errorf("after success: %+v", s)
		}

		w.answer("down.example.com", errors.New("connection refused"))
		w.user(o, "poison", 1)
		w.user(o, "next", 1)
		for range 30 {
			w.deliver(k)
		}
		if s := w.state(k); s.Waiting != 1 || s.GivenUp != 1 {
			t.Errorf("after 30 attempts: %+v", s)
		}
		w.pass(25 * time.Hour)
		w.deliver(k)
		if s := w.state(k); s.Waiting != 0 || s.GivenUp != 2 {
			t.Errorf("after a day: %+v", s)
		}
		list, more, err := w.calls.TakeGivenUp(ctx, k)
		must(t, err)
		if len(list) != 2 || more || list[0].Userids[0] != "poison" || list[1].Userids[0] != "next" || list[0].Tag != callback.UserAdd {
			t.Errorf("given up: %+v, more: %t", list, more)
		}
		if list, _, err := w.calls.TakeGivenUp(ctx, k); err != nil || len(list) != 0 {
			t.Errorf("a second time: %+v, %v", list, err)
		}
	})
}

// Only one node delivers at a time; another one takes over when its time is over.
func TestLease(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, w *world) {
		s, now := w.db.Callbacks(), w.time()
		take := func(node string, at time.Time, want bool) {
			t.Helper()
			if got, err := s.Lease(t.Context(), node, at, at.Add(time.Minute)); err != nil || got != want {
				t.Errorf("%s has it: %t, %v; want %t", node, got, err, want)
			}
		}
		take("a", now, true)
		take("b", now, false)
		take("a", now.Add(30*time.Second), true)
		take("b", now.Add(time.Minute), false)
		take("b", now.Add(2*time.Minute), true)
		must(t, s.EndLease(t.Context(), "b"))
		take("a", now.Add(2*time.Minute), true)
	})
}

// A disabled app hears nothing, and what happened before waits until it is enabled.
func TestDisabled(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, w *world) {
		o := w.organization("Ours")
		k := w.listener(o, "all.example.com", nil)
		w.user(o, "before", 1)
		must(t, w.apps.DisableApp(t.Context(), audit.ByOperator(), o, k.AppID))
		w.user(o, "during", 1)
		if due, err := w.db.Callbacks().Due(t.Context(), w.time()); err != nil || len(due) != 0 {
			t.Errorf("due: %v, %v", due, err)
		}
		must(t, w.apps.EnableApp(t.Context(), audit.ByOperator(), o, k.AppID))
		if due, err := w.db.Callbacks().Due(t.Context(), w.time()); err != nil || len(due) != 1 {
			t.Errorf("due: %v, %v", due, err)
		}
		w.deliver(k)
		if got := w.events("all.example.com"); !slices.Equal(got, []string{"user_add_org [before]"}) {
			t.Errorf("heard %q", got)
		}
	})
}

// What changes while events are being delivered decides about the next one.
func TestChangesWhileDelivering(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(w *world, k callback.Key) error
		moved  int // how many events the new address hears
	}{
		"another address": {func(w *world, k callback.Key) error {
			return w.calls.Set(w.t.Context(), audit.ByOperator(), k, callback.Settings{
				URL: "http://new.example.com/", Tags: callback.Tags(), Token: "token", AESKey: secretKey,
			})
		}, 2},
		"switched off": {func(w *world, k callback.Key) error {
			return w.apps.DisableApp(w.t.Context(), audit.ByOperator(), k.Organization, k.AppID)
		}, 0},
		"taken away": {func(w *world, k callback.Key) error { return w.calls.Delete(w.t.Context(), audit.ByOperator(), k) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachEngine(t, func(t *testing.T, w *world) {
				o := w.organization("Ours")
				k := w.listener(o, "old.example.com", nil)
				w.keys["new.example.com"] = w.keys["old.example.com"]
				for _, userid := range []string{"u1", "u2", "u3"} {
					w.user(o, userid, 1)
				}
				w.meanwhile = func() { must(t, c.change(w, k)) }
				w.deliver(k)
				if old, moved := w.events("old.example.com"), w.events("new.example.com"); len(old) != 1 || len(moved) != c.moved {
					t.Errorf("heard %q, then at the new address %q", old, moved)
				}
			})
		})
	}
}

// A change that is refused makes no event, and neither does the change of a callback that
// is refused change it.
func TestRefusedChanges(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, w *world) {
		o := w.organization("Ours")
		k := w.listener(o, "all.example.com", nil)
		w.user(o, "ann", 1)
		if _, err := w.people.CreateUser(t.Context(), audit.ByOperator(), o, directory.NewUser{Userid: "ann", Name: "Ann"}); err == nil {
			t.Error("a userid is given twice")
		}
		if n := w.state(k).Waiting; n != 1 {
			t.Errorf("%d events of one change", n)
		}
		w.answer("new.example.com", errors.New("no such host"))
		err := w.calls.Update(t.Context(), audit.ByOperator(), k, callback.Settings{URL: "http://new.example.com/"})
		if !fault.Is(err, fault.CodeCallbackUnreachable) {
			t.Errorf("an address that does not answer: %v", err)
		}
		if is, err := w.calls.Get(t.Context(), k); err != nil || is.URL != "http://all.example.com/" || is.Token != "token" || is.AESKey != secretKey {
			t.Errorf("afterwards: %+v, %v", is, err)
		}
	})
}

// The secrets of callbacks are encrypted again with a new master key.
func TestMasterKey(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		must(t, w.ring.Bind(ctx, w.db.Keys()))
		k := w.listener(w.organization("Ours"), "all.example.com", nil)
		rotation := masterkey.Rotation{Store: w.db.Keys(), Ring: w.ring, Now: time.Now}
		_, err := rotation.Add(ctx, audit.ByOperator())
		must(t, err)
		done, err := rotation.Switch(ctx, audit.ByOperator(), time.Second)
		must(t, err)
		if done.Secrets != 2 || len(done.Unreadable) != 0 { // the app's and the callback's
			t.Errorf("encrypted again: %+v", done)
		}
		uses, err := w.db.Keys().KeyUses(ctx, []int{1, 2}, time.Now())
		must(t, err)
		if uses[1].Secrets != 0 || uses[2].Secrets != 2 {
			t.Errorf("what names the keys: %+v", uses)
		}
		if is, err := w.calls.Get(ctx, k); err != nil || is.Token != "token" || is.AESKey != secretKey {
			t.Errorf("afterwards: %+v, %v", is, err)
		}
	})
}
