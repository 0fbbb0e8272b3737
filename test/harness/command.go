package harness

import (
	"bytes"
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Run runs a command of the binary on this installation until it ends, and
// returns what it printed. A command that fails fails the test.
func (h *Home) Run(tb testing.TB, args ...string) string {
	tb.Helper()
	args = append(args, h.options()...)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, binary(tb), args...)
	var out, problems bytes.Buffer
	c.Stdout, c.Stderr, c.Env = &out, &problems, environment(h.Database)
	if err := c.Run(); err != nil {
		tb.Fatalf("tidings %s: %v\n%s%s", strings.Join(args, " "), err, out.String(), problems.String())
	}
	return out.String()
}
