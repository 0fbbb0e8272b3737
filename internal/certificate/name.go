package certificate

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
)

// ErrName is the error of a name that no certificate can be for.
var ErrName = errors.New("is neither a host such as tidings.example.com nor an IP address")

// The most bytes of a host's name, and of a part of it.
const maxHost, maxLabel = 253, 63

// splitNames tells hosts from addresses, each once and in the order given. There must be
// a host, since without one nothing would bind hosts.
func splitNames(names []string) (hosts []string, addresses []net.IP, err error) {
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			if v4 := ip.To4(); v4 != nil {
				ip = v4
			}
			if !slices.ContainsFunc(addresses, ip.Equal) {
				addresses = append(addresses, ip)
			}
			continue
		}
		host := strings.ToLower(name)
		if !isHost(host) {
			return nil, nil, fmt.Errorf("%q %w", name, ErrName)
		}
		if !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	if len(hosts) == 0 {
		return nil, nil, errors.New("certificate: no host is named")
	}
	return hosts, addresses, nil
}

// isHost reports whether a text is a host's name in ASCII, without wildcard.
func isHost(name string) bool {
	if len(name) > maxHost {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			c := label[i]
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
				return false
			}
		}
	}
	return true
}
