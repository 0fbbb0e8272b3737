package bench_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// senders is how many send at once where senders compete.
const senders = 64

// BenchmarkSingle sends to one person each from 64 goroutines, without HTTP:
// what group commit makes of many small sends.
func BenchmarkSingle(b *testing.B) {
	for _, engine := range storetest.BothEngines() {
		b.Run(engine, func(b *testing.B) {
			i := mustInstall(b, engine, 10_000)
			i.caller.Limits.MessagesPerDay = 0
			var number atomic.Int64
			b.SetParallelism(senders / 2)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					n := number.Add(1)
					_, err := i.notify.Send(context.Background(), notify.SendRequest{
						Envelope: notify.Envelope{
							Caller: i.caller, AgentID: i.caller.AgentID, Endpoint: "asyncsend_v2",
							Audience: directory.Audience{Userids: []string{userid(int(n) % 10_000)}},
						},
						Message: fmt.Appendf(nil, `{"msgtype":"text","text":{"content":"Message number %d of the benchmark"}}`, n),
					})
					if err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
