package callback_test

import (
	"errors"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/callback"
	"github.com/tidings-im/tidings/internal/fault"
)

// A test says no more of an address that cannot be called than that. One that is
// answered well lets what waits be told at once, however long the pause was to be.
func TestTestedCallbackIsTriedAtOnce(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, w *world) {
		o := w.organization("Ours")
		k := w.listener(o, "a.example.com", nil)
		w.user(o, "ann")
		w.answer("a.example.com", errors.New("10.0.0.1 refuses"))
		for range 9 {
			w.deliver(k)
		}
		_, state, err := w.calls.Status(t.Context(), k)
		must(t, err)
		if state.Failures != 9 || state.NextAt.Before(w.time().Add(4*time.Minute)) || state.Failure != (callback.Failure{Kind: callback.Unreachable}) {
			t.Fatalf("after nine failures: %+v", state)
		}
		if f, err := w.calls.Test(t.Context(), k); err != nil || f != (callback.Failure{Kind: callback.Unreachable}) {
			t.Errorf("tested: %+v, %v", f, err)
		}
		if due := w.due(); len(due) != 0 {
			t.Errorf("after a test that failed there is due: %v", due)
		}
		w.answer("a.example.com", nil)
		if f, err := w.calls.Test(t.Context(), k); err != nil || f != (callback.Failure{}) {
			t.Errorf("tested: %+v, %v", f, err)
		}
		if due := w.due(); len(due) != 1 || due[0].Key != k {
			t.Errorf("after a good test there is due: %v", due)
		}
		must(t, w.calls.Delete(t.Context(), audit.ByOperator(), k))
		if _, err := w.calls.Test(t.Context(), k); !fault.Is(err, fault.CodeCallbackUnknown) {
			t.Errorf("without a callback: %v", err)
		}
	})
}

func (w *world) due() []callback.Due {
	w.t.Helper()
	due, err := w.db.Callbacks().Due(w.t.Context(), w.time())
	must(w.t, err)
	return due
}
