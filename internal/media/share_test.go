package media_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/media"
)

// asker asks a share for one organization and notes when it got its turn.
type asker struct {
	s     media.Share
	mu    sync.Mutex
	order []string
}

func (a *asker) note(what string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.order = append(a.order, what)
}

// ask does not wait; the returned function ends the turn.
func (a *asker) ask(ctx context.Context, name string, organization, bytes int64) (done func()) {
	end := make(chan struct{})
	go func() {
		release, err := a.s.Acquire(ctx, organization, bytes)
		if err != nil {
			a.note(name + " gave up")
			return
		}
		a.note(name)
		<-end
		release()
	}()
	synctest.Wait()
	return func() { close(end); synctest.Wait() }
}

func (a *asker) want(t *testing.T, order string) {
	t.Helper()
	if got := strings.Join(a.order, ", "); got != order {
		t.Errorf("turns: %s; want %s", got, order)
	}
}

// However many pictures one organization has waiting, another's first one is
// next.
func TestOrganizationsTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &asker{s: media.NewShare(100, 2)}
		first := a.ask(t.Context(), "a1", 1, 100)
		second := a.ask(t.Context(), "a2", 1, 100)
		third := a.ask(t.Context(), "a3", 1, 100)
		other := a.ask(t.Context(), "b1", 2, 1)
		more := a.ask(t.Context(), "b2", 2, 1)
		a.want(t, "a1")
		first()
		a.want(t, "a1, a2")
		second()
		a.want(t, "a1, a2, b1")
		other()
		a.want(t, "a1, a2, b1, a3")
		third()
		a.want(t, "a1, a2, b1, a3, b2")
		more()
	})
}

// One organization does not take all processors, even where there is memory.
func TestOneOrganizationHasFewTurnsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &asker{s: media.NewShare(100, 2)}
		first := a.ask(t.Context(), "a1", 1, 1)
		second := a.ask(t.Context(), "a2", 1, 1)
		third := a.ask(t.Context(), "a3", 1, 1)
		other := a.ask(t.Context(), "b1", 2, 1)
		a.want(t, "a1, a2, b1")
		first()
		a.want(t, "a1, a2, b1, a3")
		second()
		third()
		other()
	})
}

// Who gives up while waiting is not waited for, and leaves its turn to others.
func TestGivingUpATurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &asker{s: media.NewShare(100, 2)}
		first := a.ask(t.Context(), "a1", 1, 60)
		ctx, cancel := context.WithCancel(t.Context())
		a.ask(ctx, "b1", 2, 100)
		last := a.ask(t.Context(), "c1", 3, 40)
		a.want(t, "a1") // b1 waits for memory, and c1 behind it
		cancel()
		synctest.Wait()
		if len(a.order) != 3 {
			t.Fatalf("turns: %v", a.order)
		}
		first()
		last()
		whole := a.ask(t.Context(), "d1", 4, 100)
		if a.order[3] != "d1" {
			t.Errorf("memory is lost: %v", a.order)
		}
		whole()
	})
}

// While all memory is taken an upload waits, and hears that the server is busy
// when that takes too long.
func TestUploadWaitsForItsTurn(t *testing.T) {
	t.Parallel()
	png := mustPNG(t, corners(2, 2))
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		release := f.Hold(1)
		_, err := f.upload("image", "x", png)
		wantCode(t, err, fault.CodeBusy)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = f.Upload(ctx, media.Upload{Organization: 7, Kind: "image", Content: strings.NewReader(png)})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("who hung up: %v", err)
		}
		release()
		f.mustUpload(t, "image", "x", png)
	})
}
