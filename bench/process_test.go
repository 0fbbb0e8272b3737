package bench_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/server"
)

// prepared is a data directory with an organization in it, and no server yet.
type prepared struct {
	rooms        *server.Rooms // closed by the first start
	dir, address string
	organization int64
}

// mustPrepare makes the organization through the rooms, as administration does.
func mustPrepare(b *testing.B, address string, people int) *prepared {
	b.Helper()
	ctx := context.Background()
	p := &prepared{dir: b.TempDir(), address: address}
	rooms, err := server.Open(ctx, config.Config{
		Data: p.dir, Database: address, KeyFile: filepath.Join(p.dir, "key"), MakeKey: true, Preset: policy.Standard,
	}, server.Options{Log: slog.New(slog.DiscardHandler), Fatal: func(err error) { panic(err) }, Now: time.Now, Init: true})
	must(b, err)
	p.rooms = rooms
	org, err := rooms.Directory.CreateOrganization(ctx, audit.ByOperator(), directory.NewOrganization{Name: "Bench"})
	must(b, err)
	_, err = rooms.Directory.Import(ctx, audit.ByOperator(), org.ID, newCSV(people), directory.ImportOptions{})
	must(b, err)
	p.organization = org.ID
	return p
}

// mustBuild builds a command of this module.
func mustBuild(b *testing.B, path string) string {
	b.Helper()
	binary := filepath.Join(b.TempDir(), filepath.Base(path))
	out, err := exec.CommandContext(context.Background(), "go", "build", "-o", binary, "github.com/tidings-im/tidings/"+path).CombinedOutput()
	if err != nil {
		b.Fatalf("build %s: %v\n%s", path, err, out)
	}
	return binary
}

// process is a server in a process of its own.
type process struct {
	cmd     *exec.Cmd
	address string        // HOST:PORT
	took    time.Duration // from its start until it was ready
}

var listening = regexp.MustCompile(`"msg":"listening","address":"([^"]+)"`)

// mustStart runs `tidings serve` and returns once it accepts sends.
func (p *prepared) mustStart(b *testing.B, binary string) *process {
	b.Helper()
	if p.rooms != nil {
		must(b, p.rooms.Close())
		p.rooms = nil
	}
	begin := time.Now()
	cmd := exec.Command(binary, "serve", "--listen", "127.0.0.1:0", "--ops-listen", opsListen(), "--log-format", "json",
		"--data", p.dir, "--key-file", filepath.Join(p.dir, "key"))
	cmd.Env = append(os.Environ(), "TIDINGS_CONFIG=/dev/null", "TIDINGS_DATABASE="+p.address)
	log, err := cmd.StderrPipe()
	must(b, err)
	must(b, cmd.Start())
	b.Cleanup(func() { _ = cmd.Process.Kill() }) // nothing stays behind a failure
	lines := bufio.NewReader(log)
	s := &process{cmd: cmd}
	var said strings.Builder
	for s.address == "" {
		line, err := lines.ReadString('\n')
		said.WriteString(line)
		if err != nil {
			b.Fatalf("the server did not start: %v\n%s", cmd.Wait(), said.String())
		}
		if m := listening.FindStringSubmatch(line); m != nil {
			s.address = m[1]
		}
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	s.mustBeReady(b)
	s.took = time.Since(begin)
	return s
}

// opsListen is off unless somebody wants to profile the server:
// BENCH_OPS_LISTEN=127.0.0.1:8081.
func opsListen() string {
	if address := os.Getenv("BENCH_OPS_LISTEN"); address != "" {
		return address
	}
	return "off"
}

func (s *process) mustBeReady(b *testing.B) {
	b.Helper()
	const pause, patience = 2 * time.Millisecond, time.Minute
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for begin := time.Now(); time.Since(begin) < patience; <-tick.C {
		resp, err := http.Get("http://" + s.address + "/readyz")
		if err != nil {
			continue
		}
		must(b, resp.Body.Close())
		if resp.StatusCode == http.StatusOK {
			return
		}
	}
	b.Fatal("the server is not ready")
}

// mustStop ends the process as an operator would.
func (s *process) mustStop(b *testing.B) {
	b.Helper()
	must(b, s.cmd.Process.Signal(syscall.SIGTERM))
	must(b, s.cmd.Wait())
}

// mustKiB returns a line of the process's status in KiB: VmRSS is what it
// holds now, VmHWM the most it ever held.
func (s *process) mustKiB(b *testing.B, name string) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	must(b, err)
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			kib, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 64)
			must(b, err)
			return kib
		}
	}
	b.Fatalf("no %s in the status", name)
	return 0
}
