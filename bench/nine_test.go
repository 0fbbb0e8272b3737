package bench_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/store/storetest"
)

// Nine o'clock in a company of ninePeople, six times over.
const (
	ninePeople = 20_000
	nineSends  = 300 // a second, to one to five people each
	nineOpens  = 300 // a second: a page of 20, the count, and what is on it read
	nineLasts  = 30 * time.Second
	nineBefore = 300 // sends to a department or everybody that lie there already
)

// BenchmarkNine lets everybody of a company come to work at the same time: open
// loops, which do not wait for an answer before the next call, of sends to few
// and of people who open their inbox, and in the middle a send to everybody. The
// server is a process of its own; the clients share the machine with it and with
// PostgreSQL.
//
// sends-refused counts answers that are not errcode 0. opens-refused counts
// people of whom a read was answered 503; refusal-ms is the longest that one of
// them waited for it.
func BenchmarkNine(b *testing.B) {
	for _, engine := range storetest.BothEngines() {
		b.Run(engine, func(b *testing.B) {
			binary := mustBuild(b, "cmd/tidings")
			p := mustPrepare(b, storetest.Ready(b, engine), ninePeople)
			tokens := p.mustTokens(b, ninePeople)
			token, agent := p.mustApp(b)
			s := p.mustStart(b, binary)
			n := &nine{
				b: b, base: "http://" + s.address, send: "http://" + s.address + sendPath + token, agent: agent, tokens: tokens,
				client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4096}, Timeout: time.Minute},
			}
			b.Cleanup(n.client.CloseIdleConnections)
			for i := range nineBefore {
				n.mustSend(fmt.Sprintf(`"dept_id_list":"%d"`, 2+i%3))
			}
			b.ResetTimer()
			for b.Loop() {
				n.run()
			}
			n.report()
			b.ReportMetric(s.mustKiB(b, "VmHWM")/1024, "MiB")
			s.mustStop(b)
		})
	}
}

// nine drives the server and keeps what it saw.
type nine struct {
	b          *testing.B
	base, send string
	agent      int64
	tokens     []string
	client     *http.Client
	number     atomic.Int64

	mu                         sync.Mutex
	sends, opens               []time.Duration
	allHands, refusal          time.Duration
	sendsRefused, opensRefused int
	failed                     map[string]int
}

func (n *nine) run() {
	var calls sync.WaitGroup
	// Each call has its time: a loop that was late catches up.
	every := func(perSecond int, do func()) func() {
		return func() {
			begin := time.Now()
			for i := range perSecond * int(nineLasts.Seconds()) {
				<-time.After(time.Until(begin.Add(time.Duration(i) * time.Second / time.Duration(perSecond))))
				calls.Go(do)
			}
		}
	}
	var loops sync.WaitGroup
	loops.Go(every(nineSends, n.sendToFew))
	loops.Go(every(nineOpens, n.open))
	loops.Go(func() {
		<-time.After(nineLasts / 2)
		begin := time.Now()
		n.mustSend(`"to_all_user":true`)
		n.allHands = time.Since(begin)
	})
	loops.Wait()
	calls.Wait()
}

func (n *nine) sendToFew() {
	people := make([]string, 1+rand.IntN(5))
	for i := range people {
		people[i] = userid(rand.IntN(ninePeople))
	}
	begin := time.Now()
	err := n.post(fmt.Sprintf(`"userid_list":"%s"`, strings.Join(people, ",")))
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sends = append(n.sends, time.Since(begin))
	if err != nil {
		n.sendsRefused++
		n.fail(err)
	}
}

func (n *nine) mustSend(audience string) {
	if err := n.post(audience); err != nil {
		n.b.Errorf("%s: %v", audience, err)
	}
}

func (n *nine) post(audience string) error {
	return post(n.client, n.send, fmt.Sprintf(`{"agent_id":%d,%s,"msg":{"msgtype":"text","text":{"content":"Message number %d of the morning"}}}`,
		n.agent, audience, n.number.Add(1)))
}

// open is what a page does: what is new, how much of it, and reading it.
func (n *nine) open() {
	token := n.tokens[rand.IntN(len(n.tokens))]
	begin := time.Now()
	err := n.look(token)
	took := time.Since(begin)
	n.mu.Lock()
	defer n.mu.Unlock()
	var refused *refusedError
	switch {
	case err == nil:
		n.opens = append(n.opens, took)
	case asRefused(err, &refused):
		n.opensRefused++
		n.refusal = max(n.refusal, refused.after)
	default:
		n.fail(err)
	}
}

func (n *nine) look(token string) error {
	var page struct {
		Items []struct {
			ID     string  `json:"message_id"`
			ReadAt *string `json:"read_at"`
		}
	}
	if err := n.ask(http.MethodGet, "/api/v1/inbox/messages", token, nil, &page); err != nil {
		return err
	}
	if err := n.ask(http.MethodGet, "/api/v1/inbox/unread", token, nil, &struct{}{}); err != nil {
		return err
	}
	var unread []string
	for _, i := range page.Items {
		if i.ReadAt == nil {
			unread = append(unread, i.ID)
		}
	}
	if len(unread) == 0 {
		return nil
	}
	return n.ask(http.MethodPost, "/api/v1/inbox/read", token, map[string]any{"message_ids": unread}, nil)
}

// refusedError is a 503 that says when to come again.
type refusedError struct{ after time.Duration }

func (r *refusedError) Error() string { return "refused after " + r.after.String() }

func asRefused(err error, into **refusedError) bool {
	r, ok := err.(*refusedError) //nolint:errorlint // as ask returns it
	*into = r
	return ok
}

func (n *nine) ask(method, path, token string, body, into any) error {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = strings.NewReader(string(text))
	}
	r, err := http.NewRequestWithContext(context.Background(), method, n.base+path, content)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	begin := time.Now()
	resp, err := n.client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return err
	case resp.StatusCode == http.StatusServiceUnavailable && resp.Header.Get("Retry-After") != "":
		return &refusedError{time.Since(begin)}
	case resp.StatusCode >= http.StatusBadRequest:
		return fmt.Errorf("%s %s: %d %s", method, path, resp.StatusCode, text)
	case into == nil:
		return nil
	default:
		return json.Unmarshal(text, into)
	}
}

// fail counts what must not happen. The caller holds the lock.
func (n *nine) fail(err error) {
	if n.failed == nil {
		n.failed = map[string]int{}
	}
	text := err.Error()
	n.failed[text[:min(len(text), 200)]]++
}

func (n *nine) report() {
	n.b.Helper()
	milli := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }
	for name, took := range map[string][]time.Duration{"send": n.sends, "open": n.opens} {
		if len(took) == 0 {
			continue
		}
		slices.Sort(took)
		n.b.ReportMetric(milli(took[len(took)/2]), name+"-p50-ms")
		n.b.ReportMetric(milli(took[len(took)*99/100]), name+"-p99-ms")
		n.b.ReportMetric(float64(len(took))/nineLasts.Seconds(), name+"s/s")
	}
	n.b.ReportMetric(float64(n.sendsRefused), "sends-refused")
	n.b.ReportMetric(float64(n.opensRefused), "opens-refused")
	n.b.ReportMetric(milli(n.refusal), "refusal-ms")
	n.b.ReportMetric(milli(n.allHands), "all-hands-ms")
	for text, count := range n.failed {
		n.b.Logf("%d times: %s", count, text)
	}
}
