package main

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/tidings-im/tidings/internal/transfer"
)

// progress shows on a terminal what is being worked on, in one line that is
// written over. It shows nothing elsewhere.
type progress struct {
	out  io.Writer // nil when nobody watches
	last time.Time
}

func (e *environment) progress() *progress {
	if !colourful(e.err, e.lookup) {
		return &progress{}
	}
	return &progress{out: e.err}
}

// show is called for every row, so it looks at the clock first.
func (p *progress) show(step, detail string, n int64) {
	const every, often = 100 * time.Millisecond, 64
	if p.out == nil || n%often != 1 || time.Since(p.last) < every {
		return
	}
	p.last = time.Now()
	fmt.Fprintf(p.out, "\r\x1b[K\x1b[2m%s %s: %d …\x1b[0m", step, detail, n)
}

func (p *progress) clear() {
	if p.out != nil {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}

// reportView is what was transferred as --json shows it.
type reportView struct {
	Schema  int64            `json:"schema"`
	Rows    int64            `json:"rows"`
	Tables  map[string]int64 `json:"tables"`
	Files   int64            `json:"files"`
	Bytes   int64            `json:"bytes"`
	Missing []string         `json:"missing_files"`
	Others  []string         `json:"other_tables"`
	KeyFile string           `json:"key_file,omitempty"`
}

func viewReport(r transfer.Report) reportView {
	v := reportView{
		Schema: r.Schema, Rows: r.Rows(), Tables: map[string]int64{}, Files: r.Files, Bytes: r.Bytes,
		Missing: append([]string{}, r.Missing...), Others: append([]string{}, r.Others...),
	}
	for _, t := range r.Tables {
		v.Tables[t.Name] = t.Rows
	}
	return v
}

// showReport prints what was transferred, and to the other stream what was not.
func (e *environment) showReport(r transfer.Report) {
	rows := [][]string{}
	for _, t := range r.Tables {
		rows = append(rows, []string{t.Name, strconv.FormatInt(t.Rows, 10), t.Digest[:16]})
	}
	table(e.out, []string{"TABLE", "ROWS", "DIGEST"}, rows)
	fmt.Fprintf(e.out, "%d uploaded files, %d bytes; schema version %d\n", r.Files, r.Bytes, r.Schema)
	e.warn(r)
}

// warn names what is missing in a transfer.
func (e *environment) warn(r transfer.Report) {
	for _, id := range r.Missing {
		fmt.Fprintf(e.err, "tidings: warning: the uploaded file %s has a row, but its content was not there\n", id)
	}
	for _, name := range r.Others {
		fmt.Fprintf(e.err, "tidings: warning: table %s is not Tidings' own and was left out\n", name)
	}
}
