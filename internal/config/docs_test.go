package config_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/config"
)

var update = flag.Bool("update", false, "rewrite the table of options in docs/config.md")

// docs/config.md lists exactly the options there are.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	const path, begin, end = "../../docs/config.md", "<!-- options -->\n", "<!-- end of options -->"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(page), begin)
	old, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no marks around its table", path)
	}
	table := "| flag and key | environment | default | meaning |\n| --- | --- | --- | --- |\n"
	for _, o := range config.Options() {
		table += fmt.Sprintf("| `--%s %s` | `%s` | %s | %s |\n", o.Name, o.Placeholder, o.Env, o.Default, o.Help)
	}
	if old == table {
		return
	}
	if !*update {
		t.Fatalf("%s is out of date: go test ./internal/config -update", path)
	}
	if err := os.WriteFile(path, []byte(before+begin+table+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
