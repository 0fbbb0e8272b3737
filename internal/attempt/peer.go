package attempt

import (
	"context"
	"net/netip"
)

type peerKey struct{}

// WithPeer says from which address a request comes.
func WithPeer(ctx context.Context, peer netip.Addr) context.Context {
	return context.WithValue(ctx, peerKey{}, peer)
}

// Peer returns the address that a request comes from; the zero Addr when
// nobody has said.
func Peer(ctx context.Context) netip.Addr {
	peer, _ := ctx.Value(peerKey{}).(netip.Addr)
	return peer
}

// group is what is counted together: an IPv4 address, or the network that one
// IPv6 host can take any address of.
func group(peer netip.Addr) netip.Prefix {
	peer = peer.Unmap().WithZone("")
	bits := 64
	if peer.Is4() {
		bits = 32
	}
	prefix, _ := peer.Prefix(bits) // these fit
	return prefix
}
