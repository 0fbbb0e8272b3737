package callback_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/callback"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// BenchmarkImport imports people, in teams of 100, into an empty organization. The
// baseline is that nobody listens; then one app is to hear of everybody who joins. What it
// is to hear waits: nothing is delivered meanwhile.
func BenchmarkImport(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		for _, engine := range storetest.BothEngines() {
			for _, listeners := range []int{0, 1} {
				b.Run(fmt.Sprintf("%s/people=%d/listeners=%d", engine, n, listeners), func(b *testing.B) {
					size := n
					if testing.Short() {
						size /= 100
					}
					var took time.Duration
					for b.Loop() {
						took += importWhileListening(b, engine, size, listeners)
					}
					b.ReportMetric(float64(size*b.N)/took.Seconds(), "people/s")
				})
			}
		}
	}
}

// importWhileListening returns how long one import takes.
func importWhileListening(b *testing.B, engine string, n, listeners int) time.Duration {
	b.Helper()
	b.StopTimer()
	defer b.StartTimer()
	w := mustWorld(b, engine)
	o := w.organization("Example")
	var keys []callback.Key
	for i := range listeners {
		keys = append(keys, w.listener(o, fmt.Sprintf("app%d.example.com", i), nil, callback.UserAdd))
	}
	file := company(n)
	start := time.Now()
	b.StartTimer()
	_, err := w.people.Import(b.Context(), audit.ByOperator(), o, file, directory.ImportOptions{})
	b.StopTimer()
	took := time.Since(start)
	must(b, err)
	for _, k := range keys {
		if waiting := w.state(k).Waiting; waiting < n/500 {
			b.Fatalf("%d events wait", waiting)
		}
	}
	return took
}

// company is a file of people.
func company(n int) *bytes.Buffer {
	var file bytes.Buffer
	file.WriteString("userid,name,department,email,job_number\n")
	for i := range n {
		team := i * 7919 % n / 100 // neighbours in the file are not neighbours in the tree
		fmt.Fprintf(&file, "user%07d,Person %d,division%d/section%d/team%d,user%07d@example.com,J%07d\n", i, i, team/100, team/10, team, i, i)
	}
	return &file
}
