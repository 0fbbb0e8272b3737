package main

import (
	"fmt"
	"runtime"

	"github.com/tidings-im/tidings/internal/server"
)

type versionCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// versionView is what is known about this binary.
type versionView struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func (c *versionCmd) Run(e *environment) error {
	b := server.BuildOf()
	v := versionView{Version: b.Version, Revision: b.Revision, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	return e.show(c.JSON, v, func() {
		fmt.Fprintf(e.out, "tidings %s\n%s %s\n", v.Version, v.Go, v.Platform)
	})
}
