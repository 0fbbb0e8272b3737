package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/masterkey"
	servers "github.com/tidings-im/tidings/internal/node"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// A node that has not heard of the switch yet writes nothing with the old key,
// and renews no token of it: otherwise it could never be dropped.
func TestNodesThatHaveNotHeardWriteWithTheNewKey(t *testing.T) {
	t.Parallel()
	writes := map[string]func(t *testing.T, n *node, o string, a installed, third app.SuiteProof, thirdID int64) (token string){
		"renew": func(t *testing.T, n *node, _ string, a installed, _ app.SuiteProof, _ int64) string {
			return n.mustToken(t, a)
		},
		"take": func(t *testing.T, n *node, _ string, a installed, _ app.SuiteProof, _ int64) string {
			return n.mustToken(t, n.mustApp(t, a.Organization, "New"))
		},
		"take in corp": func(t *testing.T, n *node, corpID string, a installed, _ app.SuiteProof, _ int64) string {
			token, err := n.TokenIn(t.Context(), corpID, a.Key, a.secret)
			must(t, err)
			return token.Value
		},
		"third party": func(t *testing.T, n *node, corpID string, _ installed, third app.SuiteProof, _ int64) string {
			return n.mustCorpToken(t, third, corpID)
		},
		"secret": func(t *testing.T, n *node, _ string, a installed, _ app.SuiteProof, _ int64) string {
			_, value := n.mustSecondSecret(t, a)
			return n.mustTokenWith(t, a.Key, value)
		},
		"ticket": func(t *testing.T, n *node, _ string, a installed, _ app.SuiteProof, thirdID int64) string {
			_, err := n.NewTicket(t.Context(), operator, a.Organization, thirdID)
			must(t, err)
			return ""
		},
		"profile": func(t *testing.T, n *node, _ string, a installed, _ app.SuiteProof, _ int64) string { // an entry of the log
			must(t, n.SetProfile(t.Context(), operator, a.Organization, a.ID, app.Profile{Name: "Other"}))
			return ""
		},
		"suite": func(t *testing.T, n *node, _ string, a installed, _ app.SuiteProof, _ int64) string {
			_, _, err := n.CreateThirdParty(t.Context(), operator, a.Organization, app.NewApp{Name: "Other"}, true)
			must(t, err)
			return ""
		},
	}
	for name, write := range writes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				n := w.mustNode(t)
				o := w.mustOrganization(t, "One")
				a := n.mustApp(t, o.ID, "A")
				third, thirdID := n.mustThirdParty(t, o)
				n.mustToken(t, a)
				w.clock.move(30 * time.Minute) // time to renew
				admin := w.mustNode(t)
				admin.mustAdd(t)
				_, err := n.keys.Reload()
				must(t, err)
				admin.mustSwitch(t)
				if n.keys.InUse() != 1 {
					t.Fatal("the node has heard")
				}
				if token := write(t, n, o.CorpID, a, third, thirdID); token != "" && !strings.Contains(token, "-2-") {
					t.Errorf("a token of the old key: %s", token)
				}
				w.clock.move(91*time.Minute + time.Second) // two hours and a minute after the token was given
				_, err = admin.Drop(t.Context(), operator, false)
				must(t, err)
				w.mustVerify(t, o.ID)
			})
		})
	}
}

// Whatever nodes do meanwhile, nothing is refused, and when the old key is dropped
// nothing is left of it.
func TestReplacingUnderLoad(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		const nodes, rotations = 2, 3
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		o := w.mustOrganization(t, "One")
		admin := w.mustNode(t)
		var calls atomic.Int64
		var working, watching sync.WaitGroup
		for i := range nodes {
			n, watch := w.mustServe(t, fmt.Sprint("node", i), w.keyFile)
			watching.Go(func() { n.Run(ctx) })
			watching.Go(func() { watch.Run(ctx) })
			a := admin.mustApp(t, o.ID, fmt.Sprint("A", i))
			third, thirdID := admin.mustThirdParty(t, o)
			working.Go(func() {
				for ctx.Err() == nil {
					if err := n.work(context.WithoutCancel(ctx), a, third, thirdID, o.CorpID); err != nil {
						t.Error(err)
						return
					}
					calls.Add(1)
				}
			})
		}
		for range rotations {
			admin.mustAdd(t)
			_, err := admin.Switch(ctx, operator, aHang)
			must(t, err)
			before := calls.Load()
			until(t, func() bool { return calls.Load() > before+5 || t.Failed() })
			_, err = admin.Drop(ctx, operator, true)
			must(t, err)
		}
		stop()
		working.Wait()
		watching.Wait()
		admin.mustPhases(t, "1 dropped", "2 dropped", "3 dropped", "4 in use")
		for number, use := range mustUses(t, w, 1, 2, 3) {
			if number < 4 && use != (masterkey.Use{}) {
				t.Errorf("of key %d there is %+v", number, use)
			}
		}
		w.mustVerify(t, o.ID)
	})
}

// work is a round of what apps and operators do. A token that the operator ends
// meanwhile is told so, and another one is good.
func (n *node) work(ctx context.Context, a installed, third app.SuiteProof, thirdID int64, corpID string) error {
	own := func() (app.Token, error) { return n.TokenByKey(ctx, a.Key, a.secret) }
	corp := func() (app.Token, error) { return n.CorpToken(ctx, third, corpID) }
	for _, take := range []func() (app.Token, error){own, corp} {
		ok := false
		for range 3 {
			token, err := take()
			if err == nil {
				_, err = n.Authenticate(ctx, token.Value)
			}
			if ok = err == nil; ok {
				break
			}
			if !fault.Is(err, fault.CodeTokenInvalid) {
				return err
			}
		}
		if !ok {
			return fmt.Errorf("no token that was just taken is good")
		}
	}
	_, _, _, err := n.CreateInternal(ctx, operator, a.Organization, app.NewApp{Name: "Another"})
	if err != nil {
		return err
	}
	ticket, err := n.Ticket(ctx, a.Organization, thirdID)
	if err == nil && ticket != third.Ticket {
		err = fmt.Errorf("another ticket: %q", ticket)
	}
	return err
}

const aHang = time.Minute

func until(t *testing.T, done func() bool) {
	t.Helper()
	deadline := time.After(aHang)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("never")
		}
	}
}

func mustUses(t *testing.T, w *world, numbers ...int) map[int]masterkey.Use {
	t.Helper()
	uses, err := w.db.Keys().KeyUses(t.Context(), numbers, w.clock.now())
	must(t, err)
	return uses
}

// A node without the key in use answers that somebody else has to, and not that
// a token is none. It heals when it has the file.
func TestANodeWithoutTheKeyInUse(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		before := mustKeyFile(t, w.mustText(t))
		n := w.mustNode(t)
		a := n.mustApp(t, w.mustOrganization(t, "One").ID, "A")
		lost, watch := w.mustServe(t, "lost", before)
		_, err := w.mustRaw(t).Exec(`UPDATE node SET seen_at = seen_at - 61000`) // so long away that nobody counts on it
		must(t, err)
		n.mustAdd(t)
		n.mustSwitch(t)
		fresh := n.mustToken(t, a)
		must(t, lost.Confirm(ctx))
		if err := lost.HoldsKeys(); err == nil || !strings.Contains(err.Error(), "master key 2") {
			t.Errorf("missing: %v", err)
		}
		_, err = lost.Authenticate(ctx, fresh)
		wantCode(t, err, fault.CodeBusy)
		_, err = lost.TokenByKey(ctx, a.Key, a.secret)
		if err == nil {
			t.Error("a token without the key")
		}
		lost.mustRefuse(t, strings.Replace(fresh, "-2-", "-3-", 1))
		_, err = masterkey.Load(before)
		must(t, err)
		if k, err := masterkey.Load(before); err != nil || k.Bind(ctx, w.db.Keys()) == nil {
			t.Errorf("a new node starts without the key: %v", err)
		}
		must(t, os.WriteFile(before, []byte(w.mustText(t)), 0o600))
		watch.Look(ctx)
		must(t, lost.HoldsKeys())
		lost.mustCaller(t, fresh)
		lost.mustToken(t, a)
	})
}

// A node counts while it may be working: it says that it is there, and when it
// stops. One that was killed counts until it has been silent for a minute.
func TestNodesThatCount(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		before := mustKeyFile(t, w.mustText(t))
		n := w.mustNode(t)
		n.mustAdd(t)
		_, with := w.mustServe(t, "with", w.keyFile)
		_, stopped := w.mustServe(t, "stopped", before)
		w.mustServe(t, "killed", before)
		must(t, stopped.Leave(ctx))
		_, err := n.Switch(ctx, operator, 0)
		wantCode(t, err, fault.CodeConflict)
		if text := err.Error(); !strings.Contains(text, "killed") || strings.Contains(text, "with") && strings.Contains(text, "stopped") {
			t.Errorf("refused with %v", err)
		}
		raw := w.mustRaw(t)
		for ago, counts := range map[int]bool{45_000: true, 61_000: false} {
			_, err := raw.Exec(`UPDATE node SET seen_at = seen_at + (SELECT MAX(seen_at) FROM node) - seen_at - $1 WHERE name = 'killed'`, ago)
			must(t, err)
			_, nodes, err := n.List(ctx)
			must(t, err)
			i := slices.IndexFunc(nodes, func(k servers.Node) bool { return k.Name == "killed" })
			if len(nodes) != 2 || nodes[i].Alive() != counts {
				t.Errorf("silent for %d ms: %+v", ago, nodes)
			}
		}
		_, err = raw.Exec(`UPDATE node SET seen_at = seen_at - 61000 WHERE name = 'killed'`)
		must(t, err)
		n.mustSwitch(t)
		// It beats four times a minute, and forgets who has been silent for a day.
		_, err = raw.Exec(`UPDATE node SET seen_at = seen_at - 90000000`)
		must(t, err)
		with.Look(ctx)
		if _, nodes, err := n.List(ctx); err != nil || len(nodes) != 2 || nodes[1].Alive() {
			t.Errorf("too early: %+v, %v", nodes, err)
		}
		w.clock.move(15 * time.Second)
		with.Look(ctx)
		if _, nodes, err := n.List(ctx); err != nil || len(nodes) != 1 || nodes[0].Name != "with" || !nodes[0].Alive() || len(nodes[0].Keys) != 2 {
			t.Errorf("afterwards: %+v, %v", nodes, err)
		}
	})
}

// A secret that somebody has damaged stops nothing else, and is named.
func TestWhatCannotBeDecryptedIsNamed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n := w.mustNode(t)
		o := w.mustOrganization(t, "One").ID
		a, b := n.mustApp(t, o, "A"), n.mustApp(t, o, "B")
		_, err := w.mustRaw(t).Exec(`UPDATE app_secret SET ciphertext = $1 WHERE app_id = $2`, []byte("damaged"), a.ID)
		must(t, err)
		n.mustAdd(t)
		done := n.mustSwitch(t)
		if done.Secrets != 1 || len(done.Unreadable) != 1 || done.Unreadable[0].AppID != a.ID || done.Old.Secrets != 1 {
			t.Errorf("switched: %+v", done)
		}
		n.mustToken(t, b)
		_, err = n.Drop(t.Context(), operator, true)
		wantCode(t, err, fault.CodeConflict)
		must(t, n.EndSecret(t.Context(), operator, o, a.ID, done.Unreadable[0].ID))
		_, err = n.Drop(t.Context(), operator, true)
		must(t, err)
	})
}

// Each step is in the installation's log, once.
func TestReplacingIsRecorded(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n := w.mustNode(t)
		a := n.mustApp(t, w.mustOrganization(t, "One").ID, "A")
		twice := func(step func() error) {
			must(t, step())
			must(t, step())
		}
		twice(func() error { _, err := n.Add(t.Context(), operator); return err })
		twice(func() error { _, err := n.Cancel(t.Context(), operator); return err })
		twice(func() error { _, err := n.Add(t.Context(), operator); return err })
		n.mustToken(t, a)
		twice(func() error { _, err := n.Switch(t.Context(), operator, 0); return err })
		twice(func() error { _, err := n.Drop(t.Context(), operator, true); return err })
		all, err := w.db.Templates().Log(t.Context(), 0, audit.KeysSubject)
		must(t, err)
		var got []string
		for _, e := range all {
			if !e.By.IsOperator() {
				t.Errorf("by %v", e.By)
			}
			got = append(got, fmt.Sprintf("%s %d", e.Action, e.Version))
		}
		slices.Sort(got)
		if want := []string{"key.add 2", "key.add 3", "key.cancel 2", "key.drop 1", "key.tokens_end 1", "key.use 3"}; !slices.Equal(got, want) {
			text, _ := json.Marshal(all)
			t.Errorf("recorded %q: %s", got, text)
		}
	})
}

// Every table that names master keys is decided: its rows are encrypted again, or
// they are entries of the audit log, which are never written again.
func TestEveryCiphertextIsEncryptedAgain(t *testing.T) {
	t.Parallel()
	address := storetest.Ready(t, "sqlite")
	_, db := storetest.Raw(t, address)
	rows, err := db.Query(`SELECT t.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' AND c.name = 'key_number' ORDER BY t.name`)
	must(t, err)
	defer rows.Close()
	var tables []string
	for rows.Next() {
		var name string
		must(t, rows.Scan(&name))
		tables = append(tables, name)
	}
	must(t, rows.Err())
	if want := []string{"app_secret", "audit_entry", "callback", "sign_in_source", "suite"}; !slices.Equal(tables, want) {
		t.Errorf("tables with key_number %q, and decided are %q: SealedSecrets, SealedTickets, SealedCallbacks and SealedSources must have ciphertexts, and KeyUses", tables, want)
	}
}
