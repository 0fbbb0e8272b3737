package bench_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
)

// BenchmarkLive holds 10,000 event streams, one for each person of an
// organization of 10,000 (fewer where a process may not open as many files),
// and sends ten messages to all of them, one by one: an iteration is all ten.
// The driver is bench/livedriver, a process of its own beside the server's:
// every client reads its whole event from its own connection over loopback.
//
//	tidings   the built server on SQLite: send over HTTP, commit, read the
//	          change, render, write to each stream; then a count of unread
//	          messages derived for each person, which is not part of last-ms
//	bare      what costs the least: a loop over the connections that writes
//	          the same bytes, without a commit, from memory
//
// last-ms is from the beginning of the send until the last client has the
// message (the median of the rounds, and the worst), unread-ms until the last
// has its new count; KiB/stream is what the server's process grew by, after
// the rounds.
func BenchmarkLive(b *testing.B) {
	streams := mustAffordStreams(b)
	b.Run("tidings/sqlite", func(b *testing.B) {
		driver, binary := mustBuild(b, "bench/livedriver"), mustBuild(b, "cmd/tidings")
		p := mustPrepare(b, "sqlite:"+b.TempDir()+"/tidings.db", streams)
		tokens := p.mustTokens(b, streams)
		token, agent := p.mustApp(b)
		s := p.mustStart(b, binary)
		empty := s.mustKiB(b, "VmRSS")
		d := mustDrive(b, driver, tokens, "-address", s.address, "-agent", fmt.Sprint(agent),
			"-send", sendPath+token)
		d.rounds(b)
		b.ReportMetric((s.mustKiB(b, "VmRSS")-empty)/float64(streams), "KiB/stream")
		d.mustEnd(b)
		s.mustStop(b)
	})
	b.Run("bare", func(b *testing.B) {
		driver := mustBuild(b, "bench/livedriver")
		l := mustBareHub(b)
		d := mustDrive(b, driver, slices.Repeat([]string{"none"}, streams), "-address", l.listener.Addr().String(), "-send", "/")
		d.rounds(b)
		d.mustEnd(b)
	})
}

// mustAffordStreams returns how many streams the limit of open files allows.
func mustAffordStreams(b *testing.B) int {
	b.Helper()
	const wanted, others = 10_000, 200
	var limit syscall.Rlimit
	must(b, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	// Every Go process raises its soft limit to the hard one by itself.
	if most := limit.Max - others; most < wanted {
		b.Logf("%d streams instead of %d: no more files may be open", most, wanted)
		return int(most)
	}
	return wanted
}

// mustTokens makes an API token for each person.
func (p *prepared) mustTokens(b *testing.B, people int) []string {
	b.Helper()
	const makers = 16
	tokens := make([]string, people)
	todo := make(chan int)
	var making sync.WaitGroup
	for range makers {
		making.Go(func() {
			for i := range todo {
				var err error
				if tokens[i], err = p.rooms.Accounts.CreateToken(context.Background(), audit.ByOperator(), p.organization, userid(i), "bench", 24*time.Hour); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for i := range people {
		todo <- i
	}
	close(todo)
	making.Wait()
	return tokens
}

// mustApp makes a sender and returns its token and agent.
func (p *prepared) mustApp(b *testing.B) (token string, agent int64) {
	b.Helper()
	ctx := context.Background()
	a, installed, secret, err := p.rooms.Apps.CreateInternal(ctx, audit.ByOperator(), p.organization, app.NewApp{Name: "Bench", SendToEveryone: true})
	must(b, err)
	t, err := p.rooms.Apps.TokenByKey(ctx, a.Key, secret)
	must(b, err)
	return t.Value, installed.ID
}

// liveDriver is the process of the clients.
type liveDriver struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	lines *bufio.Reader
	said  *strings.Builder // on its standard error
}

// mustDrive starts the clients and returns once all are connected.
func mustDrive(b *testing.B, binary string, tokens []string, args ...string) *liveDriver {
	b.Helper()
	d := &liveDriver{cmd: exec.Command(binary, args...), said: &strings.Builder{}}
	d.cmd.Stderr = d.said
	var err error
	d.stdin, err = d.cmd.StdinPipe()
	must(b, err)
	stdout, err := d.cmd.StdoutPipe()
	must(b, err)
	d.lines = bufio.NewReader(stdout)
	must(b, d.cmd.Start())
	b.Cleanup(func() { _ = d.cmd.Process.Kill() })
	begin := time.Now()
	_, err = io.WriteString(d.stdin, strings.Join(tokens, "\n")+"\n\n")
	must(b, err)
	if line := d.mustRead(b); line != "connected\n" {
		b.Fatalf("the clients said %q", line)
	}
	b.Logf("%d clients connected in %v", len(tokens), time.Since(begin).Round(time.Millisecond))
	return d
}

func (d *liveDriver) mustRead(b *testing.B) string {
	b.Helper()
	line, err := d.lines.ReadString('\n')
	if err != nil {
		b.Fatalf("the clients ended: %v: %s", d.cmd.Wait(), d.said)
	}
	return line
}

// rounds runs the benchmark's iterations.
func (d *liveDriver) rounds(b *testing.B) {
	b.Helper()
	const each = 10
	var answers, lasts, unreads []float64
	for b.Loop() {
		for range each {
			_, err := io.WriteString(d.stdin, "round\n")
			must(b, err)
			var answer, last, unread float64
			_, err = fmt.Sscanf(d.mustRead(b), "round %g %g %g", &answer, &last, &unread)
			must(b, err)
			answers, lasts, unreads = append(answers, answer/1e3), append(lasts, last/1e3), append(unreads, unread/1e3)
		}
	}
	report(b, answers, "answer")
	report(b, lasts, "last")
	report(b, unreads, "unread")
}

// report gives the median and the worst of times in ms.
func report(b *testing.B, ms []float64, name string) {
	b.Helper()
	slices.Sort(ms)
	b.ReportMetric(ms[len(ms)/2], name+"-ms")
	b.ReportMetric(ms[len(ms)-1], name+"-worst-ms")
}

func (d *liveDriver) mustEnd(b *testing.B) {
	b.Helper()
	must(b, d.stdin.Close())
	must(b, d.cmd.Wait())
}

// bareHub is the baseline of live streams: raw connections and a loop.
type bareHub struct {
	listener net.Listener
	mu       sync.Mutex
	streams  []net.Conn
}

func mustBareHub(b *testing.B) *bareHub {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(b, err)
	h := &bareHub{listener: listener}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { h.serve(conn) })
		}
	})
	b.Cleanup(func() {
		_ = listener.Close()
		serving.Wait()
		for _, conn := range h.streams {
			_ = conn.Close()
		}
	})
	return h
}

// serve answers a request and lets the goroutine go: a stream that says
// nothing needs none.
func (h *bareHub) serve(conn net.Conn) {
	const small = 512
	in := bufio.NewReaderSize(conn, small)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			_ = conn.Close()
			return
		}
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+chunk(unreadEvent(0)))
			h.mu.Lock()
			h.streams = append(h.streams, conn)
			h.mu.Unlock()
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		h.tell()
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"errcode\":0}")
	}
}

// tell writes a message and a count to every stream, from as many goroutines
// as there are processors here.
func (h *bareHub) tell() {
	h.mu.Lock()
	defer h.mu.Unlock()
	text := []byte(chunk(messageEvent) + chunk(unreadEvent(1)))
	var telling sync.WaitGroup
	for part := range slices.Chunk(h.streams, (len(h.streams)+1)/2) {
		telling.Go(func() {
			for _, conn := range part {
				_, _ = conn.Write(text)
			}
		})
	}
	telling.Wait()
}

const messageEvent = "event: message\nid: 17\ndata: " + `{"message_id":"bWVzc2FnZS1pZC1vZi1vbmU","read_at":null,"task_id":"1017","revision":"17",` +
	`"app":{"agent_id":"1001","name":"Bench","icon":""},"type":"text","title":"To everybody, round 17","preview":"To everybody, round 17",` +
	`"html":"<p>To everybody, round 17</p>","body":{},"status_bar":null,"sent_at":"2026-03-01T08:00:00.123Z","recalled_at":null}` + "\n\n"

func unreadEvent(count int) string {
	return fmt.Sprintf("event: unread\ndata: {\"count\":%d,\"by_app\":{\"1001\":%d},\"message_ids\":[\"bWVzc2FnZS1pZC1vZi1vbmU\"]}\n\n", count, count)
}

func chunk(text string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(text), text) }
