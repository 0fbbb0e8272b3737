package server_test

import (
	"net/http"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain finds out whether a server that has stopped left anything running.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(&quiet{m}, goleak.Cleanup(os.Exit))
}

// quiet lets the clients' idle connections go before anybody looks.
type quiet struct{ *testing.M }

func (q *quiet) Run() int {
	code := q.M.Run()
	http.DefaultClient.CloseIdleConnections()
	return code
}
