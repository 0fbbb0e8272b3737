package server

import (
	"net/http"
	"net/netip"
	"strings"

	"github.com/tidings-im/tidings/internal/attempt"
)

// peers tells from which address a request comes.
type peers struct {
	proxies []netip.Prefix // whose word counts
	header  string         // in which they say it
}

// of returns the connection's address, or the one for which a trusted proxy
// speaks: of the addresses in its header the last one that is not a trusted
// proxy itself. What stands before that anybody may have written. The zero Addr
// when the connection has no address.
func (p peers) of(r *http.Request) netip.Addr {
	peer, ok := address(r.RemoteAddr)
	if !ok || !p.trusts(peer) {
		return peer
	}
	said := strings.Split(strings.Join(r.Header.Values(p.header), ","), ",")
	for i := len(said) - 1; i >= 0; i-- {
		next, ok := address(strings.TrimSpace(said[i]))
		if !ok {
			return peer
		}
		if peer = next; !p.trusts(peer) {
			return peer
		}
	}
	return peer
}

func (p peers) trusts(peer netip.Addr) bool {
	for _, proxy := range p.proxies {
		if proxy.Contains(peer) {
			return true
		}
	}
	return false
}

// address reads an address with or without a port.
func address(text string) (netip.Addr, bool) {
	if withPort, err := netip.ParseAddrPort(text); err == nil {
		return withPort.Addr().Unmap().WithZone(""), true
	}
	addr, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return addr.Unmap().WithZone(""), err == nil
}

// known returns the request with its peer, whom the rooms count failures of.
func (p peers) known(r *http.Request) *http.Request {
	return r.WithContext(attempt.WithPeer(r.Context(), p.of(r)))
}
