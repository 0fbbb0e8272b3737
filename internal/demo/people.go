package demo

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed data/*.txt
var peopleFiles embed.FS

// person is one line of a sample organization.
type person struct {
	userid, name, title, role string
	dept                      string // path from below the root: "Sales/Key Accounts"
}

// cast reads a sample organization's departments, parents first, and people.
func cast(file string) (depts []string, people []person, err error) {
	text, err := peopleFiles.ReadFile("data/" + file)
	if err != nil {
		return nil, nil, fmt.Errorf("sample data: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || strings.HasPrefix(line, "#"):
		case len(words) == 1 && !strings.HasPrefix(line, " "):
			depts = append(depts, spaced(words[0]))
		case len(words) == 4 && len(depts) > 0:
			people = append(people, person{
				userid: words[0], name: spaced(words[1]), title: spaced(words[2]), role: words[3], dept: depts[len(depts)-1],
			})
		default:
			return nil, nil, fmt.Errorf("sample data: %s: cannot read %q", file, line)
		}
	}
	return depts, people, nil
}

func spaced(s string) string { return strings.ReplaceAll(s, "_", " ") }
