package demo

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/width"

	"github.com/tidings-im/tidings/client"
)

// terminal prints for a person.
type terminal struct {
	w      io.Writer
	colour bool
}

const (
	bold   = "1"
	dim    = "2"
	green  = "32"
	yellow = "33"
	red    = "31"
)

func (t *terminal) paint(style, text string) string {
	if !t.colour {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

// line prints one line, over the note of a step that may stand there.
func (t *terminal) line(format string, args ...any) {
	if t.colour {
		fmt.Fprint(t.w, "\r\x1b[K")
	}
	fmt.Fprintf(t.w, format+"\n", args...)
}

// table shows what was sent in one organization and what became of it.
func (t *terminal) table(organization, sender string, rows []row) {
	t.line("\n%s, sent by %s", t.paint(bold, organization), sender)
	t.line("%s", t.paint(dim, columns("  type", "to", "task", "progress", "sent", "read", "held back")))
	for _, r := range rows {
		if r.failed != nil {
			t.line("  %s%s", pad(r.message.name, 14), t.paint(red, "not sent: "+words(r.failed)))
			continue
		}
		if r.unknown != nil {
			t.line("%s", columns("  "+r.message.name, r.message.about, fmt.Sprint(r.task), words(r.unknown)))
			continue
		}
		style := green
		if len(r.result.Held) > 0 || len(r.result.Failed) > 0 {
			style = yellow
		}
		t.line("%s", columns("  "+r.message.name, r.message.about, fmt.Sprint(r.task),
			t.painted(style, fmt.Sprintf("%d %%", r.progress.Percent), 10),
			fmt.Sprint(len(r.result.Read)+len(r.result.Unread)), fmt.Sprint(len(r.result.Read)), fmt.Sprint(len(r.result.Held))))
		for _, words := range explain(r.result) {
			t.line("    %s", t.paint(yellow, words))
		}
	}
}

var columnWidths = []int{16, 28, 15, 10, 6, 6}

func columns(cells ...string) string {
	var line strings.Builder
	for i, cell := range cells {
		if i < len(columnWidths) {
			cell = pad(cell, columnWidths[i])
		}
		line.WriteString(cell)
	}
	return strings.TrimRight(line.String(), " ")
}

// painted pads before painting, since the marks of a colour have no width.
func (t *terminal) painted(style, text string, columns int) string {
	return t.paint(style, pad(text, columns))
}

// pad fills text up to so many columns of a terminal, where an ideograph takes two.
func pad(text string, columns int) string {
	if strings.HasPrefix(text, "\x1b") {
		return text
	}
	for _, r := range text {
		columns--
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			columns--
		}
	}
	return text + strings.Repeat(" ", max(columns, 0))
}

// explain says in words who did not get a message, and why.
func explain(r client.Result) []string {
	var words []string
	counts := map[client.Held]int{}
	for _, h := range r.Held {
		h.Userid = "" // whoever it is
		counts[h]++
	}
	for h, people := range counts {
		words = append(words, fmt.Sprintf("%s held back: %s (%s)", peopleOf(people), reason(h), h.Code))
	}
	slices.Sort(words)
	if n := len(r.Failed); n > 0 {
		words = append(words, peopleOf(n)+" not reached: a required channel gave up")
	}
	if n := len(r.InvalidUserids); n > 0 {
		words = append(words, fmt.Sprintf("%s unknown: %s", peopleOf(n), strings.Join(r.InvalidUserids[:min(n, 5)], ", ")))
	}
	if n := len(r.InvalidDeptIDs); n > 0 {
		words = append(words, fmt.Sprintf("unknown departments: %v", r.InvalidDeptIDs[:min(n, 5)]))
	}
	return words
}

func peopleOf(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}

func reason(h client.Held) string {
	switch h.Code {
	case "143106", "143206":
		return "had the same content from this app today already"
	case "143105", "143205":
		return fmt.Sprintf("had %d messages from this app today, which is the limit", h.Count)
	case "143103", "143203":
		return fmt.Sprintf("the app reached %d people this minute, which is the limit", h.Count)
	case "50002", "50004":
		return "outside the range the app may reach"
	}
	return "kept back by a rule"
}

// words says what an answer of the wire means, without the path in front.
func words(err error) string {
	var said *client.Error
	if errors.As(err, &said) {
		return fmt.Sprintf("errcode %d: %s", said.Cause(), said.Message)
	}
	return err.Error()
}
