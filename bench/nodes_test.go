package bench_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/store/storetest"
)

// BenchmarkNodes is the built server, one process and three on the same
// PostgreSQL, driven over HTTP from this process:
//
//	single    one person each over 64 connections, spread over the nodes
//	everyone  all 1,000,000 people of an organization, one send after the other,
//	          each to the next node
//	live      as BenchmarkLive: 10,000 event streams spread over the nodes, and
//	          messages to all of them sent to the first
func BenchmarkNodes(b *testing.B) {
	binary := mustBuild(b, "cmd/tidings")
	for _, count := range []int{1, 3} {
		b.Run(fmt.Sprintf("single/%d", count), func(b *testing.B) {
			n := mustNodes(b, binary, count, 10_000, 0)
			drive(b, n.agent, n.urls...)
			n.mustStop(b)
		})
		b.Run(fmt.Sprintf("everyone/%d", count), func(b *testing.B) {
			n := mustNodes(b, binary, count, million, 0)
			client := &http.Client{}
			b.Cleanup(client.CloseIdleConnections)
			number := 0
			for b.Loop() {
				body := fmt.Sprintf(`{"agent_id":%d,"to_all_user":true,"msg":{"msgtype":"text","text":{"content":"Message number %d of the benchmark"}}}`, n.agent, number)
				must(b, post(client, n.urls[number%count], body))
				number++
			}
			n.mustStop(b)
		})
		b.Run(fmt.Sprintf("live/%d", count), func(b *testing.B) {
			driver, streams := mustBuild(b, "bench/livedriver"), mustAffordStreams(b)
			n := mustNodes(b, binary, count, streams, streams)
			d := mustDrive(b, driver, n.tokens, "-address", strings.Join(n.addresses, ","), "-agent", fmt.Sprint(n.agent), "-send", sendPath+n.token)
			d.rounds(b)
			d.mustEnd(b)
			n.mustStop(b)
		})
	}
}

// nodes are processes on one PostgreSQL with an organization in it.
type nodes struct {
	processes       []*process
	addresses, urls []string
	token           string // of the app
	agent           int64
	tokens          []string // of people
}

// mustNodes makes an organization and starts count nodes, with API tokens for
// the first of its people.
func mustNodes(b *testing.B, binary string, count, people, tokens int) *nodes {
	b.Helper()
	p := mustPrepare(b, storetest.Address(b, "postgres"), people)
	n := &nodes{tokens: p.mustTokens(b, tokens)}
	n.token, n.agent = p.mustApp(b)
	for range count {
		s := p.mustStart(b, binary)
		n.processes = append(n.processes, s)
		n.addresses = append(n.addresses, s.address)
		n.urls = append(n.urls, "http://"+s.address+sendPath+n.token)
	}
	return n
}

func (n *nodes) mustStop(b *testing.B) {
	b.Helper()
	b.StopTimer()
	for _, s := range n.processes {
		s.mustStop(b)
	}
}
