package server

import "runtime/debug"

// Build is what is known about this binary.
type Build struct {
	Version  string // "unknown" outside of a module's build
	Revision string // of the source, "" when that is not known
}

// BuildOf reads it out of the binary.
func BuildOf() Build {
	b := Build{Version: "unknown"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Version = info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			b.Revision = s.Value
		}
	}
	return b
}
