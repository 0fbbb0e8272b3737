package dingtalk_test

import (
	"fmt"
	"strconv"
	"strings"
)

// compatHead begins the page.
const compatHead = `# Compatibility

What DingTalk documents of work notifications, contacts, signing in, files, callbacks and tokens, and how Tidings treats it. The page is
written from the tables in the code (` + "`internal/dingtalk/testdata/compat`" + ` has the reasons), and a test fails when it says what the code does not.
[contract.md](contract.md) says how each call works, [errors.md](errors.md) what to do about each code,
[integrations.md](integrations.md) how programs are pointed at Tidings.

*Same* is what a client of DingTalk expects. *Differs* works, but not in each respect as DingTalk documents it. *Not offered* answers
as an unknown path does where it is a call, and is ignored where it is a parameter. *Added* is what DingTalk does not document.

- [Calls](#calls), with their parameters and the fields of messages · [Codes](#codes) · [Limits](#limits)

Every call that needs an access token takes it in the query and in the body; the tables leave ` + "`access_token`" + ` out.
`

// cell makes a text fit into a cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// treated is the last two cells of a row.
func treated(l *compatLine) string {
	return "| " + string(l.verdict) + " | " + cell(l.why) + " |\n"
}

func callTables(sections []compatSection) string {
	page := "\n## Calls\n"
	for _, s := range sections {
		page += "\n### " + s.heading + "\n\n"
		if s.about != "" {
			page += s.about + "\n"
		}
		page += "| call, parameter | Tidings | because |\n| --- | --- | --- |\n"
		for _, l := range s.lines {
			page += "| **`" + shownCall(l.name) + "`** " + treated(l)
			page += belowRows(l.below)
		}
	}
	return page
}

// shownCall is a call's name without the word that says what kind of name it is.
func shownCall(name string) string {
	for _, kind := range []string{"METHOD ", "PAGE ", "TYPE ", "EVENT ", "LINK "} {
		if rest, ok := strings.CutPrefix(name, kind); ok {
			return rest
		}
	}
	return name
}

// belowRows are the rows of parameters; those next to each other that are treated alike are one.
func belowRows(lines []*compatLine) string {
	rows := ""
	for i := 0; i < len(lines); {
		names, first := lines[i].shown(), lines[i]
		for i++; i < len(lines) && lines[i].verdict == first.verdict && lines[i].why == first.why; i++ {
			names += ", " + lines[i].shown()
		}
		rows += "| " + cell(names) + " " + treated(first)
	}
	return rows
}

func codeTables(sections []compatSection, says map[int]string) string {
	page := "\n## Codes\n\nThe text is what Tidings answers; of a code that it does not answer, what DingTalk means by it.\n"
	for _, s := range sections {
		page += "\n### " + s.heading + "\n\n" + s.about + "| code | text | Tidings | because |\n| --- | --- | --- | --- |\n"
		for _, l := range s.lines {
			text := l.words
			if n, err := strconv.Atoi(l.name); err == nil && says[n] != "" {
				text = says[n]
			}
			page += fmt.Sprintf("| `%s` | %s %s", l.name, cell(text), treated(l))
		}
	}
	return page
}

func limitTables(sections []compatSection, values map[*compatLine]limitValue) string {
	page := "\n## Limits\n"
	for _, s := range sections {
		page += "\n### " + s.heading + "\n\n"
		if s.about != "" {
			page += s.about + "\n"
		}
		page += "| limit | DingTalk | Tidings | | because |\n| --- | --- | --- | --- | --- |\n"
		for _, l := range s.lines {
			v := values[l]
			what := v.what
			if l.verdict == isAdded {
				v.documented = "none"
			}
			if !strings.Contains(l.name, ".") && l.offered() {
				what += " (`" + l.name + "`)"
			}
			page += fmt.Sprintf("| %s | %s | %s %s", cell(what), v.documented, v.ours, treated(l))
		}
	}
	return page
}
