package server

import (
	"regexp"
	"slices"
	"strings"
)

// policyOf lets the page load our own files and nothing else, but for
// pictures and side panels from the hosts given. No text becomes markup or the
// address of a script except through the page's one gate, named tidings.
func policyOf(hosts []string) string {
	sources := strings.Join(append([]string{"'self'"}, hostSources(hosts)...), " ")
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src " + sources + "; media-src 'self'; font-src 'self'; " +
		"connect-src 'self'; worker-src 'self'; manifest-src 'self'; frame-src " + sources + "; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types tidings"
}

// ownFilesPolicy is that of all other files: what counts for a worker, and for
// whoever opens a picture of ours by itself.
var ownFilesPolicy = policyOf(nil)

// picturePolicy is that of the frame which shows one foreign picture, after a
// click. It has an origin of its own and can reach nothing of ours; 'self' is
// the address the frame came from all the same.
const picturePolicy = "default-src 'none'; img-src http: https:; script-src 'self'; style-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-scripts"

// mostHosts bounds the header: servers in front of ours take only so much.
const mostHosts = 200

// policyHost is a trusted host that may stand in a policy: a name or an IPv4
// address, or *. before a name for every host below it, perhaps with a scheme and
// a port. What else people may have trusted is left out: nothing may end the
// header or begin a directive.
var policyHost = regexp.MustCompile(`^(?:https?://)?(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?::[0-9]{1,5})?$`)

// hostSources makes sources of trusted hosts: each once, sorted.
func hostSources(hosts []string) []string {
	const longest = 253
	var sources []string
	for _, h := range hosts {
		h = strings.ToLower(h)
		if len(h) <= longest && policyHost.MatchString(h) {
			if !strings.Contains(h, "://") {
				h = "https://" + h
			}
			sources = append(sources, h)
		}
	}
	slices.Sort(sources)
	sources = slices.Compact(sources)
	return sources[:min(len(sources), mostHosts)]
}
