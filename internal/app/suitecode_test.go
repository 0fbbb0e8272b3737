package app_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

func (n *node) mustAuthCode(t *testing.T, s suite) string {
	t.Helper()
	code, installed, err := n.NewAuthCode(t.Context(), s.provider.ID, s.ID, s.receiver.ID)
	must(t, err)
	if !installed {
		t.Fatal("it is not installed")
	}
	return code
}

// A code works once and for ten minutes, for its own app, whichever node made it; using
// one ends the others of the installation. A permanent code ends with the installation.
func TestSuiteCodes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n, other := w.mustNode(t), w.mustNode(t)
		s, others := n.mustSuite(t, w), n.mustSuite(t, w)
		take := func(of suite, code string) (app.Authorization, error) {
			return other.PermanentCode(t.Context(), of.proof(), code)
		}
		refused := func(of suite, code string) {
			t.Helper()
			_, err := take(of, code)
			wantCode(t, err, fault.CodeAuthCodeInvalid)
		}

		old := n.mustAuthCode(t, s)
		w.clock.move(10*time.Minute - time.Second)
		first, second := n.mustAuthCode(t, s), n.mustAuthCode(t, s)
		w.clock.move(time.Second)
		refused(s, old)
		refused(others, first)
		refused(s, "")
		got, err := take(s, first)
		must(t, err)
		if got.CorpID != s.receiver.CorpID || got.CorpName != "Receiver" || len(got.PermanentCode) != 64 {
			t.Errorf("taken: %+v", got)
		}
		refused(s, first)
		refused(s, second)

		again, err := take(s, n.mustAuthCode(t, s)) // told twice: both stay good
		must(t, err)
		for _, code := range []string{got.PermanentCode, again.PermanentCode} {
			must(t, n.Activate(t.Context(), s.proof(), s.Key, s.receiver.CorpID, code))
			p := s.proof()
			p.PermanentCode = code
			_, err := n.CorpToken(t.Context(), p, s.receiver.CorpID)
			must(t, err)
		}
		wantCode(t, n.Activate(t.Context(), s.proof(), s.Key, s.receiver.CorpID, first), fault.CodePermanentCodeInvalid)
		wantCode(t, n.Activate(t.Context(), s.proof(), others.Key, s.receiver.CorpID, got.PermanentCode), fault.CodeSuiteKeyInvalid)
		wantCode(t, n.Activate(t.Context(), others.proof(), others.Key, others.receiver.CorpID, got.PermanentCode), fault.CodePermanentCodeInvalid)
		wantCode(t, n.Activate(t.Context(), s.proof(), s.Key, others.receiver.CorpID, got.PermanentCode), fault.CodeNotInstalled)
		wrong := s.proof()
		wrong.PermanentCode = first
		_, err = n.CorpToken(t.Context(), wrong, s.receiver.CorpID)
		wantCode(t, err, fault.CodePermanentCodeInvalid)
		wrong = others.proof() // whose provider was given none
		wrong.PermanentCode = first
		_, err = n.CorpToken(t.Context(), wrong, others.receiver.CorpID)
		must(t, err)

		waiting := n.mustAuthCode(t, s)
		must(t, n.Uninstall(t.Context(), audit.ByOperator(), s.receiver.ID, s.agent.ID))
		refused(s, waiting)
		if _, installed, err := n.NewAuthCode(t.Context(), s.provider.ID, s.ID, s.receiver.ID); installed || err != nil {
			t.Errorf("a code of an app that is not installed: %t, %v", installed, err)
		}
		_, err = n.Install(t.Context(), audit.ByOperator(), s.provider.ID, s.ID, s.receiver.ID, app.Installation{Range: directory.Range{Everyone: true}})
		must(t, err)
		refused(s, waiting)
		wantCode(t, n.Activate(t.Context(), s.proof(), s.Key, s.receiver.CorpID, got.PermanentCode), fault.CodePermanentCodeInvalid)
	})
}

// Of many who take one code at once, one gets the authorization.
func TestSuiteCodeIsTakenOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		nodes := []*node{w.mustNode(t), w.mustNode(t)}
		s := nodes[0].mustSuite(t, w)
		for range 20 {
			code := nodes[0].mustAuthCode(t, s)
			errs := make([]error, 8)
			var all sync.WaitGroup
			for i := range errs {
				all.Go(func() { _, errs[i] = nodes[i%2].PermanentCode(t.Context(), s.proof(), code) })
			}
			all.Wait()
			if n := len(slices.DeleteFunc(errs, func(err error) bool { return fault.Is(err, fault.CodeAuthCodeInvalid) })); n != 1 || errs[0] != nil {
				t.Fatalf("%d took it: %v", n, errs[0])
			}
		}
	})
}
