package harness

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // asks whether the server answers
)

// Postgres is a PostgreSQL server of a test's own, which may be stopped, killed
// and started again. It loses nothing it must not: fsync is on.
type Postgres struct {
	bin, dir string
	port     int
	password string
	as       *syscall.Credential // PostgreSQL refuses to run as root
	process  *exec.Cmd           // nil while there is none
	exited   chan struct{}
	log      *tail
}

// NewPostgres makes a server and starts it. It ends with the test. Where
// PostgreSQL is not installed the test is skipped, or fails when
// TIDINGS_TEST_REQUIRE is set.
func NewPostgres(tb testing.TB) *Postgres {
	tb.Helper()
	p := &Postgres{bin: postgresBin(tb), password: rand.Text(), log: &tail{}}
	p.port = freePort(tb)
	dir, err := os.MkdirTemp("", "tidings-postgres-")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	p.dir = dir
	if os.Getuid() == 0 {
		p.as = unprivileged(tb)
		if err := os.Chown(dir, int(p.as.Uid), int(p.as.Gid)); err != nil {
			tb.Fatal(err)
		}
	}
	secret := filepath.Join(dir, "password")
	if err := os.WriteFile(secret, []byte(p.password), 0o644); err != nil { //nolint:gosec // the server's user reads it
		tb.Fatal(err)
	}
	out, err := p.command("initdb", "-D", p.data(), "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8",
		"-A", "scram-sha-256", "--pwfile="+secret, "--no-sync").CombinedOutput()
	if err != nil {
		tb.Fatalf("initdb: %v\n%s", err, out)
	}
	tb.Cleanup(func() {
		p.Kill()
		if tb.Failed() {
			tb.Logf("PostgreSQL printed:\n%s", p.log)
		}
	})
	p.Start(tb)
	return p
}

func (p *Postgres) data() string { return filepath.Join(p.dir, "data") }

// Host is where it listens, as HOST:PORT.
func (p *Postgres) Host() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port)) }

// Address is what --database takes; host is Host, or that of a relay to it.
func (p *Postgres) Address(host string) string {
	return fmt.Sprintf("postgres://postgres:%s@%s/postgres?sslmode=disable", p.password, host)
}

// Start starts the server and returns once it answers.
func (p *Postgres) Start(tb testing.TB) {
	tb.Helper()
	const within = time.Minute // it may have to recover
	db, err := sql.Open("pgx", p.Address(p.Host()))
	if err != nil {
		tb.Fatal(err)
	}
	defer db.Close()
	err = Poll(within, func() (bool, error) {
		// A killed one may hold its memory for a moment, and the next gives up.
		if p.process == nil || p.ended() {
			if err := p.run(); err != nil {
				return false, err
			}
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		return db.PingContext(ctx) == nil, nil
	})
	if err != nil {
		tb.Fatalf("PostgreSQL does not start: %v\n%s", err, p.log)
	}
}

func (p *Postgres) run() error {
	c := p.command("postgres", "-D", p.data(), "-c", "listen_addresses=127.0.0.1", "-p", strconv.Itoa(p.port),
		"-k", p.dir, "-c", "max_connections=120", "-c", "log_min_messages=fatal")
	c.Stdout, c.Stderr = p.log, p.log
	if err := c.Start(); err != nil {
		return err
	}
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		_ = c.Wait() // how it ended is in its log
	}()
	p.process, p.exited = c, exited
	return nil
}

func (p *Postgres) ended() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// Stop ends the server as an administrator would: fast ends the sessions and
// writes what is in memory, otherwise it is left to recovery.
func (p *Postgres) Stop(tb testing.TB, fast bool) {
	tb.Helper()
	signal := syscall.SIGQUIT
	if fast {
		signal = syscall.SIGINT
	}
	if err := p.process.Process.Signal(signal); err != nil {
		tb.Fatalf("stop PostgreSQL: %v", err)
	}
	select {
	case <-p.exited:
	case <-time.After(time.Minute):
		tb.Fatal("PostgreSQL does not stop")
	}
	p.process = nil
}

// Kill kills all of the server's processes at once, as a crash of the machine
// does, except for what the kernel has in its cache.
func (p *Postgres) Kill() {
	if p.process == nil {
		return
	}
	pid := p.process.Process.Pid
	_ = p.process.Process.Signal(syscall.SIGSTOP) // it starts no more of them
	for _, child := range children(pid) {
		_ = syscall.Kill(child, syscall.SIGKILL)
	}
	_ = p.process.Process.Kill()
	<-p.exited
	p.process = nil
}

// children are the processes that a process has started.
func children(pid int) []int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return nil
	}
	var all []int
	for field := range strings.FieldsSeq(string(text)) {
		if child, err := strconv.Atoi(field); err == nil {
			all = append(all, child)
		}
	}
	return all
}

// command runs one of PostgreSQL's programs as its user. It ends with the test's
// process, however that ends.
func (p *Postgres) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(p.bin, name), args...)
	c.Dir = p.dir
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: p.as, Pdeathsig: syscall.SIGQUIT}
	return c
}

// postgresBin is the directory of the newest PostgreSQL's programs.
func postgresBin(tb testing.TB) string {
	tb.Helper()
	dirs, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		tb.Fatal(err)
	}
	slices.Sort(dirs)
	if path, err := exec.LookPath("initdb"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	if len(dirs) > 0 {
		return dirs[len(dirs)-1]
	}
	if os.Getenv("TIDINGS_TEST_REQUIRE") != "" {
		tb.Fatal("PostgreSQL is not installed, and it is required here")
	}
	tb.Skip("PostgreSQL is not installed")
	return ""
}

func unprivileged(tb testing.TB) *syscall.Credential {
	tb.Helper()
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}
	tb.Fatal("there is no user postgres or nobody for PostgreSQL to run as")
	return nil
}

// freePort is a port that nobody has now, for what has to come back to the same
// one after a restart.
func freePort(tb testing.TB) int {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	a, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		tb.Fatalf("listening on %s", l.Addr())
	}
	return a.Port
}
