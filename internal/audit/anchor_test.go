package audit_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
)

type heads map[int64]audit.Head

func (h heads) AuditHeads(context.Context) (map[int64]audit.Head, error) { return h, nil }

// The server's log has each head once, and again in the hour in which it moved.
func TestHeadsAreNoted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var text bytes.Buffer
		logs := heads{0: {N: 2, MAC: []byte{1}}, 3: {N: 7, MAC: []byte{0xab, 0xcd}}}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			audit.Noter{Heads: logs, Log: slog.New(slog.NewTextHandler(&text, nil))}.Run(ctx)
			close(ended)
		}()
		said := func() []string {
			synctest.Wait()
			lines := strings.Split(strings.TrimSpace(text.String()), "\n")
			text.Reset()
			return lines
		}
		if lines := said(); len(lines) != 2 || !strings.HasSuffix(lines[1], `msg="audit head" organization=3 n=7 code=abcd`) {
			t.Errorf("at first: %q", lines)
		}
		time.Sleep(time.Hour) //nolint:forbidigo // on the bubble's clock
		if lines := said(); len(lines) != 1 || lines[0] != "" {
			t.Errorf("nothing moved: %q", lines)
		}
		logs[3] = audit.Head{N: 8, MAC: []byte{0xef}}
		time.Sleep(59 * time.Minute) //nolint:forbidigo // on the bubble's clock
		if lines := said(); lines[0] != "" {
			t.Errorf("before the hour: %q", lines)
		}
		time.Sleep(time.Minute) //nolint:forbidigo // on the bubble's clock
		if lines := said(); len(lines) != 1 || !strings.HasSuffix(lines[0], "organization=3 n=8 code=ef") {
			t.Errorf("one moved: %q", lines)
		}
		stop()
		<-ended
	})
}
