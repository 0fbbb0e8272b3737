package harness

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// traceEnv set to "off" leaves out the tests that need strace.
const traceEnv = "TIDINGS_TEST_TRACE"

// Injection is a strace that makes system calls of a server fail.
type Injection struct {
	trace string
	said  *tail
}

// Inject makes the server's calls on one file fail as strace's option inject
// says, from now on: "fsync,fdatasync:error=EIO:when=3". Every thread counts
// for itself. It ends with the server.
func (s *Server) Inject(tb testing.TB, file, inject string) *Injection {
	tb.Helper()
	mayTrace(tb)
	i := &Injection{trace: filepath.Join(tb.TempDir(), "trace"), said: &tail{}}
	calls, _, _ := strings.Cut(inject, ":")
	c := exec.Command("strace", "-f", "-p", strconv.Itoa(s.command.Process.Pid), "-o", i.trace,
		"-P", file, "-e", "trace="+calls, "-e", "inject="+inject)
	c.Stdout, c.Stderr = i.said, i.said
	if err := c.Start(); err != nil {
		tb.Fatalf("strace: %v", err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = c.Wait() // its code is that of what it watched
	}()
	tb.Cleanup(func() {
		s.Kill()
		<-ended
	})
	err := Poll(startWithin, func() (bool, error) {
		if strings.Contains(i.said.String(), " attached") {
			return true, nil
		}
		select {
		case <-ended:
			return false, fmt.Errorf("it ended: %s", i.said)
		default:
			return false, nil
		}
	})
	if err != nil {
		untraceable(tb, fmt.Sprintf("a strace that may attach to a process: %v", err))
	}
	return i
}

// RunInjected runs a command of the binary whose calls on one file fail, as
// Inject makes them. It returns what the command printed, and how it ended.
func RunInjected(tb testing.TB, file, inject string, args ...string) (printed string, err error) {
	tb.Helper()
	mayTrace(tb)
	calls, _, _ := strings.Cut(inject, ":")
	all := []string{"-f", "-o", os.DevNull, "-P", file, "-e", "trace=" + calls, "-e", "inject=" + inject, binary(tb)}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "strace", append(all, args...)...).CombinedOutput()
	return string(out), err
}

// Count returns how many calls have failed so far because of it.
func (i *Injection) Count() int {
	text, _ := os.ReadFile(i.trace) // missing: none
	return strings.Count(string(text), "(INJECTED)")
}

func mayTrace(tb testing.TB) {
	tb.Helper()
	if os.Getenv(traceEnv) == "off" {
		tb.Skip(traceEnv + "=off: this test makes system calls fail")
	}
	if _, err := exec.LookPath("strace"); err != nil {
		untraceable(tb, "strace")
	}
	if out, err := exec.Command("strace", "-o", os.DevNull, "true").CombinedOutput(); err != nil {
		untraceable(tb, fmt.Sprintf("a strace that may trace: %v: %s", err, out))
	}
}

// untraceable ends a test. Where all tests are required it fails.
func untraceable(tb testing.TB, missing string) {
	tb.Helper()
	text := fmt.Sprintf("this test needs %s (%s=off leaves it out)", missing, traceEnv)
	if os.Getenv("TIDINGS_TEST_REQUIRE") != "" {
		tb.Fatal(text)
	}
	tb.Skip(text)
}
