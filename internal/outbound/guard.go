package outbound

import (
	"fmt"
	"net/netip"
	"strings"
)

// verdict is what becomes of an address when nobody has allowed it.
type verdict uint8

const (
	open    verdict = iota // on the Internet
	private                // only for the operator: this machine and its networks
	never                  // no server is there, or one that is nobody's to name
)

// nevers are addresses that reach no ordinary server, or that hold another address
// which the checks below would not see.
var nevers = prefixes(
	"0.0.0.0/8",       // this network; on Linux it is loopback
	"169.254.0.0/16",  // link-local, with the metadata services of clouds
	"192.0.0.0/24",    // protocol assignments, with another metadata service
	"192.0.2.0/24",    // for documentation, as the next two
	"198.51.100.0/24", //
	"203.0.113.0/24",  //
	"192.88.99.0/24",  // relays of 6to4
	"198.18.0.0/15",   // for benchmarks
	"224.0.0.0/4",     // multicast
	"240.0.0.0/4",     // reserved, and broadcast

	"::/96",         // unspecified, and IPv4 written as IPv6 in the old form
	"::ffff:0:0/96", // IPv4 written as IPv6
	"64:ff9b::/96",  // NAT64: leads to an IPv4 address
	"64:ff9b:1::/48",
	"100::/64",      // is thrown away
	"2001::/23",     // protocol assignments, with Teredo
	"2001:db8::/32", // for documentation, as the next
	"3fff::/20",
	"2002::/16", // 6to4: leads to an IPv4 address
	"fe80::/10", // link-local
	"fec0::/10", // site-local, given up and still routed by some
	"ff00::/8",  // multicast
)

// metadata are services of clouds among the private addresses.
var metadata = prefixes("100.100.100.200/32", "fd00:ec2::254/128")

// privates are the networks around this machine.
var privates = prefixes(
	"127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
	"100.64.0.0/10", // shared by the customers of a provider, and used by VPNs
	"::1/128", "fc00::/7",
)

// global is what is given out of IPv6 so far.
var global = netip.MustParsePrefix("2000::/3")

func prefixes(texts ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		all[i] = netip.MustParsePrefix(text)
	}
	return all
}

func within(all []netip.Prefix, a netip.Addr) bool {
	for _, p := range all {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// judge decides about an address. One that is written in another family's form is not
// read as what it stands for: nothing that resolves names gives such an address.
func judge(a netip.Addr) verdict {
	a = a.WithZone("")
	switch {
	case !a.IsValid() || within(metadata, a):
		return never
	case within(privates, a):
		return private
	case within(nevers, a) || a.Is6() && !global.Contains(a):
		return never
	}
	return open
}

// Allowed is what the operator lets everybody's addresses lead to, beside the Internet.
type Allowed struct {
	Prefixes []netip.Prefix
	Hosts    []string // names, lower case; where they lead may be private
}

// ParseAllowed reads networks, addresses and names of hosts with commas between them,
// such as 10.1.0.0/16,192.168.0.5,hooks.example.com.
func ParseAllowed(text string) (Allowed, error) {
	var a Allowed
	for one := range strings.SplitSeq(text, ",") {
		one = strings.ToLower(strings.TrimSpace(one))
		if one == "" {
			continue
		}
		if p, err := netip.ParsePrefix(one); err == nil {
			a.Prefixes = append(a.Prefixes, p.Masked())
			continue
		}
		if addr, err := netip.ParseAddr(one); err == nil && addr.Zone() == "" {
			a.Prefixes = append(a.Prefixes, netip.PrefixFrom(addr, addr.BitLen()))
			continue
		}
		if one = strings.TrimSuffix(one, "."); !hostName(one) || looksNumeric(one) {
			return Allowed{}, fmt.Errorf("%q is neither a network such as 10.0.0.0/8, nor an address, nor the name of a host", one)
		}
		a.Hosts = append(a.Hosts, one)
	}
	return a, nil
}

// String is what ParseAllowed reads.
func (a Allowed) String() string {
	var all []string
	for _, p := range a.Prefixes {
		if p.IsSingleIP() {
			all = append(all, p.Addr().String())
		} else {
			all = append(all, p.String())
		}
	}
	return strings.Join(append(all, a.Hosts...), ",")
}

// refuse returns why an address may not be dialled that a host's name has led to.
func (a Allowed) refuse(host string, to netip.Addr, byOperator bool) error {
	v := judge(to)
	if v == open || within(a.Prefixes, to.WithZone("")) || v == private && (byOperator || a.host(host)) {
		return nil
	}
	return &RefusedError{Address: to}
}

func (a Allowed) host(name string) bool {
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	for _, h := range a.Hosts {
		if h == name {
			return true
		}
	}
	return false
}

// RefusedError says that a name led to an address that may not be dialled. Its text is
// for the operator: who named the host must not learn where it leads.
type RefusedError struct{ Address netip.Addr }

// Error names the option that would allow it.
func (e *RefusedError) Error() string {
	a := e.Address.WithZone("")
	return fmt.Sprintf("%s is not on the Internet and not allowed: --outbound-allow %s/%d would allow it", a, a, a.BitLen())
}
