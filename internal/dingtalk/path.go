package dingtalk

import "strings"

// topAPI is where the API methods are, whose names follow from their paths.
const topAPI = "/topapi/"

// CleanPath returns the path that a request's path means. Clients join a host
// and a path with a slash too many, as in //gettoken, or add one at the end:
// slashes doubled at the front count as one, one at the end as none. All other
// bytes count.
func CleanPath(path string) string {
	for strings.HasPrefix(path, "//") {
		path = path[1:]
	}
	if len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	return path
}

// isModern reports whether a path belongs to the newer wire, whose paths begin
// with a version such as /v1.0/.
func isModern(path string) bool {
	version, ok := strings.CutPrefix(path, "/v")
	if !ok {
		return false
	}
	version, _, _ = strings.Cut(version, "/")
	major, minor, ok := strings.Cut(version, ".")
	return ok && isDigits(major) && isDigits(minor)
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
