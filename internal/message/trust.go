package message

import (
	"slices"
	"strings"

	"github.com/tidings-im/tidings/internal/fault"
)

// TrustedHosts are hosts that an app or an organization vouches for, each as
// CleanTrustedHosts writes it. "example.com" stands for https://example.com alone,
// "*.example.com" for every host below it, "example.com:8443" for another port,
// and "http://example.com" for addresses that anybody on the way may answer.
type TrustedHosts []string

// CleanTrustedHosts brings entries into one form, sorted and each once: lower
// case, a host of Chinese characters in ASCII, without https:// and without the
// scheme's own port. CodeParameterInvalid (field "trusted_hosts") for one that is
// no host.
func CleanTrustedHosts(entries []string) (TrustedHosts, error) {
	clean := make(TrustedHosts, 0, len(entries))
	for _, entry := range entries {
		one, ok := cleanTrusted(strings.ToLower(strings.TrimSpace(entry)))
		if !ok {
			return nil, fault.New(fault.CodeParameterInvalid,
				"%q is no trusted host: write one as example.com, *.example.com, example.com:8443 or http://example.com", entry).
				WithField("trusted_hosts")
		}
		clean = append(clean, one)
	}
	slices.Sort(clean)
	return slices.Compact(clean), nil
}

func cleanTrusted(entry string) (string, bool) {
	scheme, authority, found := strings.Cut(entry, "://")
	if !found {
		scheme, authority = "https", entry
	}
	authority, below := strings.CutPrefix(authority, "*.")
	if scheme != "http" && scheme != "https" || authority == "" || strings.ContainsAny(authority, "/\\@?#,* ") || hasInvisible(authority) {
		return "", false
	}
	host, port, ok := splitHost(authority)
	if !ok || strings.Contains(host, ":") { // no policy of a page can name an IPv6 address
		return "", false
	}
	if below {
		host = "*." + host
	}
	return trustedEntry(scheme, host, port), true
}

// trustedEntry is the form of an entry, and of the address that it is compared with.
func trustedEntry(scheme, host, port string) string {
	prefix := ""
	if scheme == "http" {
		prefix = "http://"
	}
	if port == "" || scheme == "http" && port == "80" || scheme == "https" && port == "443" {
		return prefix + host
	}
	return prefix + host + ":" + port
}

// Trusts reports whether an absolute http or https address, as Resolve returns
// it, leads to one of the hosts.
func (t TrustedHosts) Trusts(address string) bool {
	scheme, rest, _ := strings.Cut(address, "://")
	authority := rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		authority = rest[:end]
	}
	host, port, ok := splitHost(authority)
	if !ok || host == "" {
		return false
	}
	if slices.Contains(t, trustedEntry(scheme, host, port)) {
		return true
	}
	for {
		_, parent, found := strings.Cut(host, ".")
		if !found {
			return false
		}
		if slices.Contains(t, trustedEntry(scheme, "*."+parent, port)) {
			return true
		}
		host = parent
	}
}
