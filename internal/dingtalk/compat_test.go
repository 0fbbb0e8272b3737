package dingtalk_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/dingtalk"
	"github.com/tidings-im/tidings/internal/message"
)

var update = flag.Bool("update", false, "write docs/compat.md anew")

const compatPage = "../../docs/compat.md"

// docs/compat.md has a line for everything that DingTalk documents and for everything that
// the wire has, and says nothing that the code does not.
func TestCompat(t *testing.T) {
	t.Parallel()
	calls, codes, limits := mustLines(t, "calls.txt"), mustLines(t, "codes.txt"), mustLines(t, "limits.txt")
	checkCalls(t, calls)
	says := dingtalk.AnsweredCodes()
	checkCodes(t, codes, says)
	values := checkLimits(t, limits)
	if t.Failed() {
		return
	}
	page := compatHead + callTables(calls) + codeTables(codes, says) + limitTables(limits, values)
	old, err := os.ReadFile(compatPage)
	if err == nil && string(old) == page {
		return
	}
	if !*update {
		t.Fatal("docs/compat.md is out of date: go test ./internal/dingtalk -run TestCompat -update")
	}
	if err := os.WriteFile(compatPage, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
}

// checkCalls holds the lines of calls against the table of routes, and those below them
// against what the code asks for.
func checkCalls(t *testing.T, sections []compatSection) {
	t.Helper()
	has := served(t)
	for _, s := range sections {
		for _, l := range s.lines {
			kind, name, _ := strings.Cut(l.name, " ")
			if kind == "LINK" {
				checkLink(t, l, name)
				continue
			}
			call, ok := has[strings.TrimSuffix(name, " ")]
			if ok {
				call.written = true
			}
			switch {
			case ok && !l.offered():
				t.Errorf(compatDir+"calls.txt says that %s is not offered, and the code has it: write %s: same, or differs because …", name, l.name)
			case !ok && l.offered():
				t.Errorf(compatDir+"calls.txt names %s, which the code does not have: remove the line, or write %s: not offered because …", name, l.name)
			case ok && !slices.Contains(call.kinds, kind):
				t.Errorf(compatDir+"calls.txt says %s of %s, which has %s", kind, name, strings.Join(call.kinds, ", "))
			case ok:
				checkBelow(t, l, call)
			}
		}
	}
	for name, call := range has {
		if !call.written {
			t.Errorf("%scalls.txt has no line for %s. Add below the heading that it belongs to:\n%s %s: same\n(or: differs because …, or: added because …)%s",
				compatDir, name, call.kinds[0], name, linesFor(call.asks))
		}
	}
}

func linesFor(names []string) string {
	text := ""
	for _, name := range names {
		text += "\n  " + name + ": same"
	}
	return text
}

// checkBelow holds the parameters of a call, or the fields of a type, against those that
// the code asks for.
func checkBelow(t *testing.T, l *compatLine, call *servedCall) {
	t.Helper()
	var written []string
	for _, p := range l.below {
		name := p.name[strings.LastIndexByte(p.name, '.')+1:] // head.text is read as text
		written = append(written, name)
		has := slices.Contains(call.asks, name)
		switch {
		case has && !p.offered() && !strings.HasPrefix(p.name, "("):
			t.Errorf(compatDir+"calls.txt says below %s that %s is not offered, and the code asks for it", l.name, p.name)
		case !has && p.offered():
			t.Errorf(compatDir+"calls.txt names %s below %s, and the code does not ask for it: remove the line, or write %s: not offered because …", p.name, l.name, p.name)
		}
	}
	for _, name := range call.asks {
		if !slices.Contains(written, name) {
			t.Errorf("%scalls.txt has no line for the parameter %s. Add below %q:\n  %s: same\n(or: differs because …, or: added because …)", compatDir, name, l.name, name)
		}
	}
}

// checkLink asks what a link of that form opens.
func checkLink(t *testing.T, l *compatLine, address string) {
	t.Helper()
	const inside = "https%3A%2F%2Fexample.com"
	if strings.HasSuffix(address, "://") {
		address += "example.com/"
	}
	opens := message.Resolve(address+"?url="+inside+"&redirect_url="+inside+"&pcLink="+inside).Kind != message.LinkOther
	if opens != l.offered() {
		t.Errorf(compatDir+"calls.txt says %s of %s, and a card opens it: %v", l.verdict, l.name, opens)
	}
}

// checkCodes holds the lines of codes against those that the wire answers.
func checkCodes(t *testing.T, sections []compatSection, says map[int]string) {
	t.Helper()
	answered := map[string]bool{}
	for n := range says {
		answered[fmt.Sprint(n)] = true
	}
	for code := range dingtalk.ModernCodes() {
		answered[code] = true
	}
	for _, code := range heldBackCodes(t) {
		answered[code] = true
	}
	written := map[string]bool{}
	for _, s := range sections {
		for _, l := range s.lines {
			switch {
			case written[l.name]:
				t.Errorf(compatDir+"codes.txt has %s twice", l.name)
			case answered[l.name] && !l.offered():
				t.Errorf(compatDir+"codes.txt says that %s is not offered, and Tidings answers it", l.name)
			case !answered[l.name] && l.offered():
				t.Errorf(compatDir+"codes.txt says that Tidings answers %s, which it does not: write %s (meaning): not offered because …", l.name, l.name)
			case !l.offered() && l.words == "":
				t.Errorf(compatDir+"codes.txt does not say what %s means: write %s (meaning): not offered because …", l.name, l.name)
			}
			written[l.name] = true
		}
	}
	for code := range answered {
		if !written[code] {
			t.Errorf("%scodes.txt has no line for %s. Add below the heading that it belongs to:\n%s: same\n(or: differs because …, or: added because …)", compatDir, code, code)
		}
	}
}
