package clients_test

import (
	"net"
	"net/http"
	"net/url"
	"os"
	"sync/atomic"
	"testing"

	"github.com/fastwego/dingding"

	"github.com/tidings-im/tidings/test/harness"
)

// redirect leads the hard-coded hosts of the hosted service to the server under
// test, as entries in /etc/hosts would.
type redirect struct {
	to   atomic.Pointer[url.URL]
	next http.RoundTripper
}

func (r *redirect) RoundTrip(q *http.Request) (*http.Response, error) {
	if q.URL.Host == "oapi.dingtalk.com" || q.URL.Host == "eco.taobao.com" {
		q = q.Clone(q.Context())
		to := r.to.Load()
		q.URL.Scheme, q.URL.Host, q.Host = to.Scheme, to.Host, to.Host
	}
	return r.next.RoundTrip(q)
}

// hosted is where the hosted service is for this process. One test at a time
// may use it.
var hosted = &redirect{next: http.DefaultTransport}

func TestMain(m *testing.M) {
	http.DefaultTransport = hosted
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: names}
	dingding.Logger = nil // it prints tokens
	os.Exit(harness.Main(m))
}

// serveAt leads the libraries to a server.
func serveAt(t *testing.T, base string) {
	t.Helper()
	to, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	hosted.to.Store(to)
	dingding.ServerUrl = base
}
