package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/store/storetest"
)

// Home is where servers are started, one after the other or several at once:
// a data directory and a database.
type Home struct {
	Dir      string
	Database string // its address, as --database takes it
}

// NewHome returns an empty one on the engine, removed after the test.
func NewHome(tb testing.TB, engine string) *Home {
	tb.Helper()
	return &Home{Dir: tb.TempDir(), Database: storetest.Address(tb, engine)}
}

// Demo starts `tidings demo` and returns once it accepts sends. The first one
// makes the sample organizations.
func (h *Home) Demo(tb testing.TB, args ...string) *Server {
	tb.Helper()
	describe := filepath.Join(tb.TempDir(), "describe.json")
	s := h.start(tb, append([]string{"demo", "--listen", "127.0.0.1:0", "--describe", describe}, args...))
	s.describe(tb, describe)
	return s
}

// Admin runs `tidings admin`, which may be beside a running server, and decodes
// what it prints; into may be nil.
func (h *Home) Admin(tb testing.TB, into any, args ...string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	all := append([]string{"admin", "--json"}, h.options()...)
	all = append(all, "--key-file", filepath.Join(h.Dir, "key"))
	c := exec.CommandContext(ctx, binary(tb), append(all, args...)...)
	var out, problems bytes.Buffer
	c.Stdout, c.Stderr = &out, &problems
	if err := c.Run(); err != nil {
		tb.Fatalf("admin %s: %v\n%s", strings.Join(args, " "), err, problems.String())
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(out.Bytes(), into); err != nil {
		tb.Fatalf("admin %s printed no JSON: %v\n%s", strings.Join(args, " "), err, out.String())
	}
}

func (h *Home) options() []string {
	return []string{"--data", h.Dir, "--database", h.Database}
}

func (h *Home) start(tb testing.TB, args []string) *Server {
	tb.Helper()
	return start(tb, slices.Concat(args[:1], h.options(), args[1:]))
}
