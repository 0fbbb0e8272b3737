package outbound

import "net/netip"

// Refuse is what a dialler asks about each address.
func Refuse(a Allowed, host string, to netip.Addr, byOperator bool) error {
	return a.refuse(host, to, byOperator)
}
