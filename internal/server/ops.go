package server

import (
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"slices"
	"strings"
)

// opsHandler serves what is for operators only, on a listener of its own at
// address.
func opsHandler(m *metrics, address string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.handler())
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return named(mux, address)
}

// named refuses requests to a name that is not this machine's. A page of
// somebody else's can give its own name this machine's address, and would then
// read memory profiles with the browser of whoever opens it. It cannot do so
// with an address, nor with a name without dots.
func named(next http.Handler, address string) http.Handler {
	own := []string{"localhost"}
	if host, _, err := net.SplitHostPort(address); err == nil {
		own = append(own, strings.ToLower(host))
	}
	if host, err := os.Hostname(); err == nil {
		own = append(own, strings.ToLower(host))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		host = strings.ToLower(strings.Trim(host, "[]"))
		if net.ParseIP(host) == nil && strings.Contains(host, ".") && !slices.Contains(own, host) {
			http.Error(w, "this is not "+host+": use the address, a name without dots, or the name that --ops-listen says", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}
