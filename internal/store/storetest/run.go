package storetest

import (
	"context"
	"testing"
)

// Run runs a service until stop is called, or the test ends. stop returns when
// the service has ended, and may be called again.
func Run(tb testing.TB, service func(context.Context)) (stop func()) {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		service(ctx)
	}()
	stop = func() {
		cancel()
		<-ended
	}
	tb.Cleanup(stop)
	return stop
}
