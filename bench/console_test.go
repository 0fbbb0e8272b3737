package bench_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// BenchmarkFollowed says what a console that is open costs the senders: the same
// server is sent single messages over HTTP, in turn while no console is connected to it
// and while one is told of each send. alone-cpu-µs and followed-cpu-µs are the
// server's processor time for each send, the medians of the rounds; ratio is the
// median of the rounds' ratios, and from and to are their range.
func BenchmarkFollowed(b *testing.B) {
	for _, engine := range storetest.Engines(b) {
		b.Run(engine, func(b *testing.B) {
			const rounds, sends = 6, 3000
			p := mustPrepare(b, storetest.Address(b, engine), 1000)
			roles := []string{string(policy.Owner)}
			_, err := p.rooms.Directory.UpdateUser(b.Context(), audit.ByOperator(), p.organization, userid(0), directory.UserChange{Roles: &roles})
			must(b, err)
			token := p.mustTokens(b, 1)[0]
			wire, agent := p.mustApp(b)
			s := p.mustStart(b, mustBuild(b, "cmd/tidings"))
			number := 0
			s.mustSendSingles(b, wire, agent, &number, sends) // warms it up
			var alone, followed, ratios []float64
			for range b.N {
				for range rounds {
					a := s.mustSendSingles(b, wire, agent, &number, sends)
					leave := s.mustFollow(b, token)
					f := s.mustSendSingles(b, wire, agent, &number, sends)
					leave()
					alone, followed, ratios = append(alone, a), append(followed, f), append(ratios, f/a)
				}
			}
			s.mustStop(b)
			for _, all := range [][]float64{alone, followed, ratios} {
				slices.Sort(all)
			}
			b.ReportMetric(alone[len(alone)/2], "alone-cpu-µs")
			b.ReportMetric(followed[len(followed)/2], "followed-cpu-µs")
			b.ReportMetric(ratios[len(ratios)/2], "ratio")
			b.ReportMetric(ratios[0], "from")
			b.ReportMetric(ratios[len(ratios)-1], "to")
		})
	}
}

// mustFollow opens a console's stream and reads it until the returned function is called.
func (s *process) mustFollow(b *testing.B, token string) (leave func()) {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://"+s.address+"/api/v1/console/events", http.NoBody)
	must(b, err)
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(r)
	must(b, err)
	if resp.StatusCode != http.StatusOK {
		b.Fatalf("console: %d", resp.StatusCode)
	}
	var reading sync.WaitGroup
	reading.Go(func() { _, _ = io.Copy(io.Discard, resp.Body) })
	return func() {
		_ = resp.Body.Close()
		reading.Wait()
	}
}

// mustSendSingles sends messages to one person each from eight senders, and returns
// the server's processor time for each in microseconds.
func (s *process) mustSendSingles(b *testing.B, wire string, agent int64, number *int, sends int) float64 {
	b.Helper()
	before := s.mustProcessorTime(b)
	todo := make(chan int)
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() {
			for n := range todo {
				body := fmt.Appendf(nil, `{"agent_id":%d,"userid_list":%q,"msg":{"msgtype":"text","text":{"content":"Message number %d of the benchmark"}}}`, agent, userid(n%1000), n)
				resp, err := http.Post("http://"+s.address+sendPath+wire, "application/json", bytes.NewReader(body))
				if err != nil {
					b.Error(err)
					continue
				}
				text, err := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				if err != nil || !strings.HasPrefix(string(text), `{"errcode":0`) {
					b.Errorf("send: %v: %s", err, text)
				}
			}
		})
	}
	for range sends {
		*number++
		todo <- *number
	}
	close(todo)
	senders.Wait()
	return float64((s.mustProcessorTime(b) - before).Microseconds()) / float64(sends)
}

// mustProcessorTime is what the process has used of the processors.
func (s *process) mustProcessorTime(b *testing.B) time.Duration {
	b.Helper()
	const tick = 10 * time.Millisecond // Linux's, whatever the kernel's own is
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	must(b, err)
	_, rest, _ := strings.Cut(string(text), ") ") // behind the command's name
	fields := strings.Fields(rest)
	var ticks int
	for _, field := range fields[11:13] { // utime and stime
		n, err := strconv.Atoi(field)
		must(b, err)
		ticks += n
	}
	return time.Duration(ticks) * tick
}
