package harness

import (
	"errors"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// Node is one of several `tidings serve` on one PostgreSQL. It keeps its
// address over restarts.
type Node struct {
	*Server
	Base string // its address, http://HOST:PORT
	args []string
	asks *http.Client

	database string
}

// NewNode starts a node on the database, which may be behind a relay, with the
// master keys of keyFile.
func NewNode(tb testing.TB, database, keyFile string) *Node {
	tb.Helper()
	listen := net.JoinHostPort("127.0.0.1", strconv.Itoa(freePort(tb)))
	n := &Node{
		Base: "http://" + listen,
		args: []string{
			"serve", "--listen", listen, "--ops-listen", "off",
			"--data", tb.TempDir(), "--key-file", keyFile,
		},
		database: database,

		asks: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}},
	}
	n.Start(tb)
	return n
}

// Start runs the node and returns once it accepts sends.
func (n *Node) Start(tb testing.TB) {
	tb.Helper()
	n.Server = start(tb, n.database, append([]string{binary(tb)}, n.args...))
	n.Await(tb, true)
}

// Await waits until the node says that it accepts sends, or that it does not.
func (n *Node) Await(tb testing.TB, ready bool) {
	tb.Helper()
	const within = time.Minute
	err := Poll(within, func() (bool, error) {
		select {
		case <-n.exited:
			return false, errors.Join(errors.New("it has ended"), n.err)
		default:
			return n.Ready() == ready, nil
		}
	})
	if err != nil {
		tb.Fatalf("node %s does not become ready: %v: %v\n%s", n.Base, ready, err, n.log)
	}
}

// Ready asks the node whether it accepts sends.
func (n *Node) Ready() bool {
	w, err := n.asks.Get(n.Base + "/readyz")
	if err != nil {
		return false
	}
	defer w.Body.Close()
	return w.StatusCode == http.StatusOK
}

// Pause stops the process where it is, as a machine does that stalls. What it
// holds it goes on holding.
func (s *Server) Pause(tb testing.TB) { s.signal(tb, syscall.SIGSTOP) }

// Resume lets it go on.
func (s *Server) Resume(tb testing.TB) { s.signal(tb, syscall.SIGCONT) }

func (s *Server) signal(tb testing.TB, signal syscall.Signal) {
	tb.Helper()
	if err := s.command.Process.Signal(signal); err != nil {
		tb.Fatalf("%s: %v", signal, err)
	}
}
