package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/gallery/README.md and say of what its pictures are; make pictures takes them")

const (
	documents = "../../docs/gallery"
	looks     = "../../web/shared"
)

// TestPicturesShowWhatIsRendered holds the pictures of docs/gallery against drift: each
// is of a card that the server renders today, and looks as the web app draws it.
func TestPicturesShowWhatIsRendered(t *testing.T) {
	t.Parallel()
	page, of := mustDocument(t)
	for name, want := range map[string][]byte{"README.md": page, "rendered.txt": of} {
		path := filepath.Join(documents, name)
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil { //nolint:gosec // a document
				t.Fatal(err)
			}
			continue
		}
		have, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(have, want) {
			t.Errorf("%s is old: look at the cards (make gallery), then run make pictures", path)
		}
	}
	for _, d := range documentation() {
		for _, theme := range []string{"light", "dark"} {
			if _, err := os.Stat(filepath.Join(documents, d.name+"-"+theme+".png")); err != nil && !*update {
				t.Error(err)
			}
		}
	}
}

// mustDocument writes the page, and of what its pictures are: a line for each card and
// each style sheet.
func mustDocument(t *testing.T) (page, of []byte) {
	t.Helper()
	shown, err := gallery(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var lines, text strings.Builder
	for _, it := range shown[len(shown)-1].Items {
		fmt.Fprintf(&lines, "%s %x\n", it.Name, sha256.Sum256([]byte(it.HTML)))
	}
	for _, sheet := range []string{"look/tokens.css", "card/card.css", "card/markdown.css", "card/actions.css"} {
		content, err := os.ReadFile(filepath.Join(looks, sheet))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&lines, "%s %x\n", sheet, sha256.Sum256(content))
	}
	text.WriteString(beginning)
	for _, d := range documentedTypes() {
		fmt.Fprintf(&text, "\n### %s\n\n%s\n\n%s\n```json\n%s\n```\n", d.title, d.about, picture(d), mustIndent(t, d.message))
	}
	text.WriteString("\n## Templates\n\nA template is written in the console or by the API, reviewed, and sent with values.\n")
	for _, d := range documentedTemplates() {
		fmt.Fprintf(&text, "\n### %s\n\n%s\n\n%s\n```json\n%s\n```\n\nSent with\n\n```json\n%s\n```\n",
			d.title, d.about, picture(d), mustIndent(t, d.form), mustIndent(t, d.values))
	}
	return []byte(text.String()), []byte(lines.String())
}

const beginning = `# Every message type and template kind

What programs send, and what people see. ` + "`make pictures`" + ` takes the pictures; a test compares what they are of.

## Message types

The object below each picture is the ` + "`msg`" + ` of the wire; [docs/contract.md](../contract.md) has every field and limit.
`

// picture shows the card in the reader's own theme.
func picture(d documented) string {
	return fmt.Sprintf("<picture><source media=\"(prefers-color-scheme: dark)\" srcset=\"%[1]s-dark.png\"><img src=\"%[1]s-light.png\" alt=\"%[2]s\" width=\"360\"></picture>\n",
		d.name, d.title)
}

func mustIndent(t *testing.T, v any) []byte {
	t.Helper()
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(out.Bytes())
}
