package app_test

import (
	"context"
	"database/sql"
	"encoding/base64"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

var operator = audit.ByOperator()

// mustRaw opens the database behind the store's back.
func (w *world) mustRaw(t *testing.T) *sql.DB {
	t.Helper()
	_, db := storetest.Raw(t, w.address)
	return db
}

func (w *world) mustText(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(w.keyFile)
	must(t, err)
	return string(text)
}

// served is a node that says which keys it holds, as a server does.
func (w *world) mustServe(t *testing.T, name, keyFile string) (*node, *masterkey.Watch) {
	t.Helper()
	db := storetest.At(t, w.address, w.clock.now)
	keys, err := masterkey.Load(keyFile)
	must(t, err)
	watch := masterkey.NewWatch(masterkey.WatchDeps{Keys: keys, Store: db.KeyHolders(), Name: name, Now: w.clock.now, Log: slog.New(slog.DiscardHandler)})
	must(t, watch.Enter(t.Context()))
	must(t, keys.Bind(t.Context(), db.Keys()))
	db.SealAudit(keys)
	s := &spy{Store: db.Apps()}
	return w.newNode(s, db, keys), watch
}

// mustVerify checks the audit logs with the keys that there are. Entries of keys
// that were dropped come first, and are all that cannot be checked.
func (w *world) mustVerify(t *testing.T, organizations ...int64) {
	t.Helper()
	keys, err := masterkey.Load(w.keyFile)
	must(t, err)
	must(t, keys.Bind(t.Context(), w.db.Keys()))
	log := audit.Log{Store: w.db.AuditLog(), Keys: keys}
	for _, o := range append(organizations, audit.Installation) {
		r, err := log.Verify(t.Context(), o)
		must(t, err)
		if r.Wrong != 0 || r.Entries+r.Unverified == 0 || r.Unverified == 0 && keys.InUse() > 1 && o != audit.Installation {
			t.Errorf("the log of organization %d: %+v", o, r)
		}
	}
}

// listing returns what is known of a key.
func (n *node) mustKey(t *testing.T, number int) masterkey.Listing {
	t.Helper()
	all, _, err := n.List(t.Context())
	must(t, err)
	for _, l := range all {
		if l.Number == number {
			return l
		}
	}
	t.Fatalf("key %d is not listed: %+v", number, all)
	return masterkey.Listing{}
}

func (n *node) mustPhases(t *testing.T, want ...string) {
	t.Helper()
	all, _, err := n.List(t.Context())
	must(t, err)
	var got []string
	for _, l := range all {
		got = append(got, fmt.Sprintf("%d %s", l.Number, l.Phase))
	}
	if !slices.Equal(got, want) {
		t.Errorf("keys %q, want %q", got, want)
	}
}

func (n *node) mustAdd(t *testing.T) masterkey.Info {
	t.Helper()
	k, err := n.Add(t.Context(), operator)
	must(t, err)
	return k
}

func (n *node) mustSwitch(t *testing.T) masterkey.Switched {
	t.Helper()
	done, err := n.Switch(t.Context(), operator, 0)
	must(t, err)
	return done
}

// thirdParty makes a third-party app that is installed in its own organization.
func (n *node) mustThirdParty(t *testing.T, o directory.Organization) (proof app.SuiteProof, id int64) {
	t.Helper()
	a, secret, err := n.CreateThirdParty(t.Context(), operator, o.ID, app.NewApp{Name: "Third"}, false)
	must(t, err)
	_, err = n.Install(t.Context(), operator, o.ID, a.ID, o.ID, app.Installation{Range: directory.Range{Everyone: true}})
	must(t, err)
	ticket, err := n.Ticket(t.Context(), o.ID, a.ID)
	must(t, err)
	return app.SuiteProof{Key: a.Key, Secret: secret, Ticket: ticket}, a.ID
}

func (n *node) mustCorpToken(t *testing.T, p app.SuiteProof, corpID string) string {
	t.Helper()
	token, err := n.CorpToken(t.Context(), p, corpID)
	must(t, err)
	return token.Value
}

// The whole of it, beside a node that goes on working.
func TestAMasterKeyIsReplaced(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		n, watch := w.mustServe(t, "node1", w.keyFile)
		o := w.mustOrganization(t, "One")
		a := n.mustApp(t, o.ID, "A")
		third, thirdID := n.mustThirdParty(t, o)
		_, second := n.mustSecondSecret(t, a)
		old, oldThird := n.mustToken(t, a), n.mustCorpToken(t, third, o.CorpID)
		admin := w.mustNode(t)

		// Added: it is read and not used.
		k := admin.mustAdd(t)
		if again := admin.mustAdd(t); again != k || k.Number != 2 {
			t.Errorf("added %+v, then %+v", k, again)
		}
		admin.mustPhases(t, "1 in use", "2 added")
		_, err := admin.Switch(ctx, operator, 0)
		wantCode(t, err, fault.CodeConflict)
		if !strings.Contains(err.Error(), "node1") {
			t.Errorf("the node that lacks the key is not named: %v", err)
		}
		watch.Look(ctx)
		if n.mustToken(t, a) != old {
			t.Error("a key that was added was used")
		}

		// Switched to: what there is goes on, what is new is of the new key.
		done := admin.mustSwitch(t)
		if done.Key.Number != 2 || done.Before != 1 || done.Secrets != 3 || done.Tickets != 1 || len(done.Unreadable) > 0 {
			t.Errorf("switched: %+v", done)
		}
		must(t, n.Confirm(ctx))
		if n.keys.InUse() != 2 {
			t.Error("the node does not follow")
		}
		n.mustCaller(t, old)
		n.mustCaller(t, oldThird)
		fresh := n.mustToken(t, a)
		if !strings.Contains(fresh, "-2-") || !strings.Contains(old, "-1-") || n.mustToken(t, a) != fresh {
			t.Errorf("tokens %s, then %s", old, fresh)
		}
		n.mustTokenWith(t, a.Key, second)
		freshThird := n.mustCorpToken(t, third, o.CorpID)
		if ticket, err := n.Ticket(ctx, o.ID, thirdID); err != nil || ticket != third.Ticket {
			t.Errorf("ticket %q, %v", ticket, err)
		}
		if again := admin.mustSwitch(t); again.Before != 0 || again.Secrets+again.Tickets != 0 {
			t.Errorf("a second time: %+v", again)
		}
		admin.mustPhases(t, "1 old", "2 in use")

		// Dropped, when the last token of it is over.
		_, err = admin.Drop(ctx, operator, false)
		wantCode(t, err, fault.CodeConflict)
		if !strings.Contains(err.Error(), "2 access tokens of key 1 live until 2026-03-31T18:00:00Z") {
			t.Errorf("refused with %v", err)
		}
		w.clock.move(2*time.Hour + time.Minute)
		n.mustToken(t, a)
		dropped, err := admin.Drop(ctx, operator, false)
		must(t, err)
		if !slices.Equal(dropped.Keys, []int{1}) || dropped.EndedTokens != 0 {
			t.Errorf("dropped %+v", dropped)
		}
		admin.mustPhases(t, "1 dropped", "2 in use")
		if text := w.mustText(t); strings.Contains(text, "\n1 ") || !strings.Contains(text, "\n2 ") || !strings.HasPrefix(text, "# Master keys") {
			t.Error("the key file still has the old key, or lacks something else")
		}
		watch.Look(ctx)
		must(t, n.Confirm(ctx))
		n.mustRefuse(t, old)
		n.mustRefuse(t, oldThird)
		n.mustTokenWith(t, a.Key, second)
		if again, err := admin.Drop(ctx, operator, false); err != nil || len(again.Keys) > 0 {
			t.Errorf("a second time: %+v, %v", again, err)
		}
		_ = freshThird
		restarted, _ := w.mustServe(t, "node1 again", w.keyFile)
		restarted.mustToken(t, a)
		restarted.mustCorpToken(t, third, o.CorpID)
		_, err = admin.Switch(ctx, operator, 0)
		wantCode(t, err, fault.CodeConflict)
		w.mustVerify(t, o.ID)
	})
}

// Tokens of the old key end at once where the operator says so, on every node,
// and apps take new ones.
func TestTokensOfAnOldKeyAreEnded(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		n, watch := w.mustServe(t, "node1", w.keyFile)
		o := w.mustOrganization(t, "One")
		third, _ := n.mustThirdParty(t, o)
		var apps []installed
		var old []string
		for i := range 3 {
			apps = append(apps, n.mustApp(t, o.ID, fmt.Sprint("A", i)))
			old = append(old, n.mustToken(t, apps[i]))
		}
		for range 250 { // more than end in one transaction
			old = append(old, n.mustCorpToken(t, third, o.CorpID))
		}
		for _, token := range old {
			n.mustCaller(t, token)
		}
		admin := w.mustNode(t)
		admin.mustAdd(t)
		watch.Look(ctx)
		admin.mustSwitch(t)
		must(t, n.Confirm(ctx))
		fresh := n.mustToken(t, apps[0])
		if use := admin.mustKey(t, 1).Use; use.Tokens != int64(len(old)) || use.Secrets+use.Tickets != 0 {
			t.Errorf("of key 1: %+v", use)
		}
		done, err := admin.Drop(ctx, operator, true)
		must(t, err)
		if done.EndedTokens != len(old) || !slices.Equal(done.Keys, []int{1}) {
			t.Errorf("dropped %+v", done)
		}
		must(t, n.Confirm(ctx))
		for _, token := range old {
			n.mustRefuse(t, token)
			if !n.Signed(token) {
				t.Fatal("a client whose token was ended would be taken for one that guesses")
			}
		}
		n.mustCaller(t, fresh)
		for _, a := range apps {
			n.mustCaller(t, n.mustToken(t, a))
		}
	})
}

// A token of a dropped key is refused even if its row says that it lives.
func TestADroppedKeySignsNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n := w.mustNode(t)
		a := n.mustApp(t, w.mustOrganization(t, "One").ID, "A")
		old, before := n.mustToken(t, a), w.mustText(t)
		n.mustAdd(t)
		n.mustSwitch(t)
		_, err := n.Drop(t.Context(), operator, true)
		must(t, err)
		must(t, os.WriteFile(w.keyFile, []byte(w.mustText(t)+strings.Split(before, "\n")[3]+"\n"), 0o600))
		_, err = w.mustRaw(t).Exec(`UPDATE access_token SET revoked_at = NULL`)
		must(t, err)
		other := w.mustNode(t)
		other.mustRefuse(t, old)
		other.mustPhases(t, "1 dropped", "2 in use")
		if !other.mustKey(t, 1).InFile {
			t.Error("the key is not back in the file, so this proves nothing")
		}
		// Taken out of the file by dropping again, as on every other node.
		done, err := other.Drop(t.Context(), operator, false)
		if err != nil || !slices.Equal(done.Keys, []int{1}) || other.mustKey(t, 1).InFile {
			t.Errorf("dropped %+v, %v", done, err)
		}
	})
}

// Two who add a key, on files that do not know of each other, do not get two.
func TestAddingOnAnotherFile(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		first, other := w.keyFile, mustKeyFile(t, w.mustText(t))
		n := w.mustNode(t)
		k := n.mustAdd(t)
		w.keyFile = other
		m := w.mustNode(t)
		_, err := m.Add(t.Context(), operator)
		wantCode(t, err, fault.CodeConflict)
		if !strings.Contains(err.Error(), k.Fingerprint) {
			t.Errorf("which key is wanted is not said: %v", err)
		}
		_, err = m.Switch(t.Context(), operator, 0)
		wantCode(t, err, fault.CodeConflict)
		m.mustPhases(t, "1 in use", "2 added")

		// Taken back; its number is not given again, and the file that has it does no harm.
		numbers, err := m.Cancel(t.Context(), operator)
		if err != nil || !slices.Equal(numbers, []int{2}) {
			t.Errorf("took back %v, %v", numbers, err)
		}
		if again, err := m.Cancel(t.Context(), operator); err != nil || len(again) > 0 {
			t.Errorf("a second time: %v, %v", again, err)
		}
		w.keyFile = first
		n = w.mustNode(t)
		if k := n.mustAdd(t); k.Number != 3 {
			t.Errorf("added %+v", k)
		}
		n.mustPhases(t, "1 in use", "2 dropped", "3 added")
		n.mustSwitch(t)
		if n.keys.InUse() != 3 {
			t.Errorf("key %d is in use", n.keys.InUse())
		}
	})
}

// Those who add at the same time add one key.
func TestAddingTogether(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		var mu sync.Mutex
		added := map[masterkey.Info]bool{}
		var nodes []*node
		for range 6 {
			nodes = append(nodes, w.mustNode(t))
		}
		var adding sync.WaitGroup
		for _, n := range nodes {
			adding.Go(func() {
				for {
					k, err := n.Add(context.Background(), operator)
					if fault.Is(err, fault.CodeBusy) {
						continue
					}
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					defer mu.Unlock()
					added[k] = true
					return
				}
			})
		}
		adding.Wait()
		if len(added) != 1 || strings.Count(w.mustText(t), "\n2 ") != 1 || strings.Contains(w.mustText(t), "\n3 ") {
			t.Errorf("added %v", added)
		}
	})
}

// A key that somebody writes into the file is not used by that alone.
func TestASecondKeyIsNotUsedUntilItIsSwitchedTo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.keyFile = mustKeyFile(t, key(1, 'a'))
		n := w.mustNode(t)
		a := n.mustApp(t, w.mustOrganization(t, "One").ID, "A")
		old := n.mustToken(t, a)
		must(t, os.WriteFile(w.keyFile, []byte(key(1, 'a')+key(2, 'b')), 0o600))
		n = w.mustNode(t)
		n.mustCaller(t, old)
		if n.mustToken(t, a) != old {
			t.Error("another token within the life of the old one")
		}
		b := n.mustApp(t, a.Organization, "B")
		if fresh := n.mustToken(t, b); !strings.Contains(fresh, "-1-") {
			t.Error("a key is in use that nobody has switched to")
		}
	})
}

// key is one line of a key file.
func key(number int, fill byte) string {
	return fmt.Sprintf("%d %s\n", number, base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(rune(fill)), 32))))
}

func mustKeyFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	must(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}
