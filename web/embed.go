// Package web holds the files a browser loads, built into the binary.
//
// dist is committed with a placeholder page, so that a fresh clone compiles.
package web

import (
	"embed"
	"io/fs"
)

//go:embed dist
var files embed.FS

// Files are index.html and the directory assets.
func Files() (fs.FS, error) { return fs.Sub(files, "dist") }
