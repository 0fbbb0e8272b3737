package main

import (
	"io"
	"os"

	"github.com/mattn/go-isatty"
)

// colourful reports whether w is a terminal that wants colours.
func colourful(w io.Writer, lookup func(string) (string, bool)) bool {
	_, refused := lookup("NO_COLOR")
	term, _ := lookup("TERM")
	return terminal(w) && !refused && term != "" && term != "dumb"
}

// terminal reports whether somebody reads what is written to w as it comes, and nothing
// else does: neither a file, nor a log, nor /dev/null.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}
