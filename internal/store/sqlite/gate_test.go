package sqlite_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/tidings-im/tidings/internal/store/engine"
	"github.com/tidings-im/tidings/internal/store/sqlite"
)

// held is an engine whose gate is taken by a job that waits for release.
type held struct {
	*sqlite.Engine
	release chan struct{}
	callers sync.WaitGroup
}

// inBubble runs fn with a held engine where waiting goroutines can be waited for.
func inBubble(t *testing.T, fn func(t *testing.T, h *held)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "a.db"), sqlite.Options{Fatal: func(err error) { panic(err) }})
		if err != nil {
			t.Fatal(err)
		}
		h := &held{Engine: e, release: make(chan struct{})}
		h.write(t, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
			if _, err := tx.ExecContext(ctx, "CREATE TABLE t (a TEXT)"); err != nil {
				return err
			}
			<-h.release
			return nil
		})
		synctest.Wait()
		fn(t, h)
		h.callers.Wait()
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
}

func (h *held) write(t *testing.T, class engine.Class, work engine.Work) {
	h.callers.Go(func() {
		if err := h.Write(context.Background(), class, work); err != nil {
			t.Error(err)
		}
	})
}

func add(value string) engine.Work {
	return func(ctx context.Context, tx engine.Querier) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO t (a) VALUES ($1)", value)
		return err
	}
}

func (h *held) rows(t *testing.T) []string {
	t.Helper()
	rows, err := h.Reader().QueryContext(context.Background(), "SELECT a FROM t ORDER BY rowid")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var a string
		if err := rows.Scan(&a); err != nil {
			t.Fatal(err)
		}
		all = append(all, a)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestTheMostUrgentClassIsServedFirst(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, h *held) {
		for _, w := range []struct {
			class engine.Class
			value string
		}{{engine.Background, "background"}, {engine.Directory, "directory"}, {engine.Receipts, "receipts"}, {engine.Sends, "sends"}} {
			h.write(t, w.class, add(w.value))
			synctest.Wait()
		}
		close(h.release)
		h.callers.Wait()
		if got := h.rows(t); !slices.Equal(got, []string{"sends", "receipts", "directory", "background"}) {
			t.Errorf("written in the order %v", got)
		}
	})
}

// A receipt batch that fails in the transaction of a send takes nothing with
// it, and one that succeeds is there.
func TestRidersStandOrFallAlone(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, h *held) {
		broken := errors.New("broken")
		h.write(t, engine.Sends, add("send"))
		h.write(t, engine.Receipts, add("rider"))
		h.callers.Go(func() {
			err := h.Write(context.Background(), engine.Receipts, func(ctx context.Context, tx engine.Querier) error {
				return errors.Join(add("half")(ctx, tx), broken)
			})
			if !errors.Is(err, broken) {
				t.Errorf("the failing rider: %v", err)
			}
		})
		synctest.Wait()
		close(h.release)
		h.callers.Wait()
		got := h.rows(t)
		slices.Sort(got)
		if !slices.Equal(got, []string{"rider", "send"}) {
			t.Errorf("written %v", got)
		}
	})
}

func TestAPanicIsOneWritesFailure(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, h *held) {
		close(h.release)
		err := h.Write(context.Background(), engine.Sends, func(ctx context.Context, tx engine.Querier) error {
			_ = add("lost")(ctx, tx)
			panic("poison")
		})
		if err == nil {
			t.Error("a panic was answered with success")
		}
		h.write(t, engine.Sends, add("next"))
		h.callers.Wait()
		if got := h.rows(t); !slices.Equal(got, []string{"next"}) {
			t.Errorf("written %v", got)
		}
	})
}

func TestWhatWaitsCanBeWithdrawn(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, h *held) {
		ctx, cancel := context.WithCancel(context.Background())
		h.callers.Go(func() {
			if err := h.Write(ctx, engine.Sends, add("withdrawn")); !errors.Is(err, context.Canceled) {
				t.Errorf("withdrawn: %v", err)
			}
		})
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(h.release)
		h.callers.Wait()
		if got := h.rows(t); len(got) != 0 {
			t.Errorf("written %v", got)
		}
	})
}
