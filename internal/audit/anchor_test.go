package audit_test

import (
	"bytes"
	"context"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
)

// heads are a store's, and lines what the noter wrote of them. The mutex orders
// what the test does after what the noter did: sleeping does not.
type heads struct {
	mutex sync.Mutex
	heads map[int64]audit.Head
	lines bytes.Buffer
}

func (h *heads) AuditHeads(context.Context) (map[int64]audit.Head, error) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return maps.Clone(h.heads), nil
}

func (h *heads) Write(line []byte) (int, error) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.lines.Write(line)
}

func (h *heads) move(organization int64, to audit.Head) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.heads[organization] = to
}

// said returns the lines written since it was last asked.
func (h *heads) said() []string {
	synctest.Wait()
	h.mutex.Lock()
	defer h.mutex.Unlock()
	lines := strings.Split(strings.TrimSpace(h.lines.String()), "\n")
	h.lines.Reset()
	return lines
}

// The server's log has each head once, and again in the hour in which it moved.
func TestHeadsAreNoted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		logs := &heads{heads: map[int64]audit.Head{0: {N: 2, MAC: []byte{1}}, 3: {N: 7, MAC: []byte{0xab, 0xcd}}}}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			audit.Noter{Heads: logs, Log: slog.New(slog.NewTextHandler(logs, nil))}.Run(ctx)
			close(ended)
		}()
		if lines := logs.said(); len(lines) != 2 || !strings.HasSuffix(lines[1], `msg="audit head" organization=3 n=7 code=abcd`) {
			t.Errorf("at first: %q", lines)
		}
		time.Sleep(time.Hour) //nolint:forbidigo // on the bubble's clock
		if lines := logs.said(); len(lines) != 1 || lines[0] != "" {
			t.Errorf("nothing moved: %q", lines)
		}
		logs.move(3, audit.Head{N: 8, MAC: []byte{0xef}})
		time.Sleep(59 * time.Minute) //nolint:forbidigo // on the bubble's clock
		if lines := logs.said(); lines[0] != "" {
			t.Errorf("before the hour: %q", lines)
		}
		time.Sleep(time.Minute) //nolint:forbidigo // on the bubble's clock
		if lines := logs.said(); len(lines) != 1 || !strings.HasSuffix(lines[0], "organization=3 n=8 code=ef") {
			t.Errorf("one moved: %q", lines)
		}
		stop()
		<-ended
	})
}
