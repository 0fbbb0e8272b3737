package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
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
	Database string // its address, as TIDINGS_DATABASE takes it
	// Command starts servers instead of the binary under test: another binary,
	// or something that runs it, with the arguments before the server's own.
	Command []string
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

// Refused runs `tidings serve`, which is to end by itself, and returns its exit
// code and what it printed.
func (h *Home) Refused(tb testing.TB, args ...string) (code int, said string) {
	tb.Helper()
	s := h.start(tb, append([]string{"serve", "--listen", "127.0.0.1:0", "--ops-listen", "off"}, args...))
	code, err := s.Wait(startWithin)
	if err != nil {
		tb.Fatal(err)
	}
	return code, s.Log()
}

// Serve starts `tidings serve` on what a demo made and returns once it answers,
// which may be before it accepts sends.
func (h *Home) Serve(tb testing.TB, args ...string) *Server {
	tb.Helper()
	address := freeAddress(tb)
	s := h.start(tb, append([]string{"serve", "--listen", address, "--ops-listen", "off", "--key-file", filepath.Join(h.Dir, "key")}, args...))
	s.BaseURL = "http://" + address
	err := Poll(startWithin, func() (bool, error) {
		select {
		case <-s.exited:
			return false, fmt.Errorf("it ended: %w", s.err)
		default:
		}
		status, _ := s.Health("/healthz")
		return status == http.StatusOK, nil
	})
	if err != nil {
		tb.Fatalf("the server did not come up: %v\n%s", err, s.log)
	}
	return s
}

func freeAddress(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
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
	c.Stdout, c.Stderr, c.Env = &out, &problems, environment(h.Database)
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

func (h *Home) options() []string { return []string{"--data", h.Dir} }

func (h *Home) start(tb testing.TB, args []string) *Server {
	tb.Helper()
	command := h.Command
	if len(command) == 0 {
		command = []string{binary(tb)}
	}
	return start(tb, h.Database, slices.Concat(command, args[:1], h.options(), args[1:]))
}
