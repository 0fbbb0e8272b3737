package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// show prints view as JSON, or lets human print it.
func (e *environment) show(asJSON bool, view any, human func()) error {
	if !asJSON {
		human()
		return nil
	}
	out := json.NewEncoder(e.out)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(view)
}

// table prints rows below a heading, columns lined up.
func table(w io.Writer, heading []string, rows [][]string) {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{heading}, rows...) {
		fmt.Fprintln(out, strings.Join(row, "\t"))
	}
	_ = out.Flush() // a terminal that is gone hears nothing
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
