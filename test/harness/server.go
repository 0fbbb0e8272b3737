package harness

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	startWithin = 30 * time.Second // the promise is 15 s on an idle machine
	stopWithin  = 10 * time.Second
)

// Server is one running process.
type Server struct {
	Description
	command *exec.Cmd
	log     *tail
	exited  chan struct{}
	err     error // how it ended, once exited is closed
}

func binary(tb testing.TB) string {
	tb.Helper()
	path := os.Getenv(binaryEnv)
	if path == "" {
		tb.Fatal("there is no binary: TestMain must call harness.Main")
	}
	return path
}

// start runs a server on a database. It does not outlive the test, and a failing test
// shows the end of what it printed.
func start(tb testing.TB, database string, command []string) *Server {
	tb.Helper()
	s := &Server{command: exec.Command(command[0], command[1:]...), log: &tail{}, exited: make(chan struct{})}
	s.command.Stdout, s.command.Stderr, s.command.Env = s.log, s.log, environment(database)
	if err := s.command.Start(); err != nil {
		tb.Fatalf("start: %v", err)
	}
	go func() {
		defer close(s.exited)
		s.err = s.command.Wait()
	}()
	tb.Cleanup(func() {
		s.Kill()
		if tb.Failed() {
			tb.Logf("the server of process %d printed:\n%s", s.command.Process.Pid, s.log)
		}
	})
	return s
}

// describe waits for the file that says the server accepts sends.
func (s *Server) describe(tb testing.TB, path string) {
	tb.Helper()
	var text []byte
	err := Poll(startWithin, func() (bool, error) {
		select {
		case <-s.exited:
			return false, fmt.Errorf("it ended: %w", s.err)
		default:
		}
		var err error
		text, err = os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			return false, nil
		}
		return err == nil, err
	})
	if err != nil {
		tb.Fatalf("the server did not come up: %v\n%s", err, s.log)
	}
	if err := json.Unmarshal(text, &s.Description); err != nil {
		tb.Fatalf("description: %v", err)
	}
}

// Health asks /healthz or /readyz. No answer is an error.
func (s *Server) Health(path string) (status int, err error) {
	const within = 5 * time.Second
	r, err := (&http.Client{Timeout: within}).Get(s.BaseURL + path)
	if err != nil {
		return 0, err
	}
	return r.StatusCode, r.Body.Close()
}

// Log returns the end of what it printed.
func (s *Server) Log() string { return s.log.String() }

// Kill ends the process at once, as a crash does, and waits for it.
func (s *Server) Kill() {
	_ = s.command.Process.Kill() // it may have ended before
	<-s.exited
}

// Wait waits until the process has ended by itself and returns its exit code.
func (s *Server) Wait(within time.Duration) (code int, err error) {
	select {
	case <-s.exited:
		return s.command.ProcessState.ExitCode(), nil
	case <-time.After(within):
		return 0, fmt.Errorf("still running after %s", within)
	}
}

// Stop asks the process to end and waits until it has.
func (s *Server) Stop(tb testing.TB) {
	tb.Helper()
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil {
		tb.Fatalf("stop: %v", err)
	}
	select {
	case <-s.exited:
	case <-time.After(stopWithin):
		tb.Fatalf("still running %s after SIGTERM", stopWithin)
	}
	if s.err != nil {
		tb.Errorf("the server ended with: %v", s.err)
	}
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	const most = 64 << 10
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if extra := len(t.text) - most; extra > 0 {
		t.text = append(t.text[:0], t.text[extra:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
