package dingtalk

import (
	"strings"

	"github.com/tidings-im/tidings/internal/fault"
)

// unknown and unknownModern stand for the route of a path that has none. They
// answer differently: client libraries of the newer wire take any answer of
// HTTP 200 for success.
var (
	unknown       = &route{path: "unknown"}
	unknownModern = &route{path: "unknown", style: modern}
)

// notFound returns the fault for an unknown path.
func (c *call) notFound() error {
	rest, ok := strings.CutPrefix(c.path+"/", topAPI)
	if !ok {
		return fault.New(fault.CodeRouteUnknown, "there is nothing at this path")
	}
	return fault.New(fault.CodeAPIUnknown, "%s", apiName(strings.TrimSuffix(rest, "/")))
}

// apiName turns v2/user/get into the name that the service's own error
// speaks of. What does not belong into a name is shown as "?".
func apiName(path string) string {
	const longest = 128
	if len(path) > longest {
		path = path[:longest]
	}
	name := strings.Map(func(r rune) rune {
		switch {
		case r == '/':
			return '.'
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '.', r == '-':
			return r
		}
		return '?'
	}, path)
	return "dingtalk.oapi." + name
}
