package main

import (
	"embed"
	"io"
	"slices"
	"strings"
	"text/template"

	"github.com/alecthomas/kong"
)

// The scripts walk a command line alike: each word that is a command enters it,
// and what stands there then is offered.
//
//go:embed completion/*.tmpl
var completionScripts embed.FS

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

func (c *completionCmd) Run(e *environment, parser *kong.Kong) error {
	return writeCompletion(e.out, parser.Model.Node, c.Shell)
}

// What may stand as a value, beside words to choose from. The scripts know
// these names.
const (
	anyValue  = "<any>"
	fileValue = "<file>"
	dirValue  = "<dir>"
)

// completedCommand is what a command has of its own; the flags of those above
// it may stand there as well. Nothing hidden is in it.
type completedCommand struct {
	Path      string // from the program's name on
	Commands  []completedWord
	Flags     []completedFlag
	Arguments []string // what each may be
}

type completedWord struct{ Name, Help string }

type completedFlag struct {
	completedWord
	Value string // what it may be; empty for a flag without one
}

// writeCompletion writes the completion script of a command grammar. Shell is
// bash, zsh or fish.
func writeCompletion(w io.Writer, root *kong.Node, shell string) error {
	quote := singleQuoted
	if shell == "fish" {
		quote = fishQuoted
	}
	funcs := template.FuncMap{"quote": quote, "zshName": func(s string) string { return strings.ReplaceAll(s, ":", `\:`) }}
	t, err := template.New(shell+".tmpl").Funcs(funcs).ParseFS(completionScripts, "completion/"+shell+".tmpl")
	if err != nil {
		return err
	}
	return t.Execute(w, struct {
		Program  string
		Commands []completedCommand
	}{root.Name, completedBelow(root, root.Name)})
}

func completedBelow(n *kong.Node, path string) []completedCommand {
	own := completedCommand{Path: path}
	for _, f := range n.Flags {
		if !f.Hidden {
			own.Flags = append(own.Flags, completedForms(f)...)
		}
	}
	for _, p := range n.Positional {
		own.Arguments = append(own.Arguments, completedValue(p, p.Name))
	}
	var below []completedCommand
	for _, child := range n.Children {
		if child.Hidden {
			continue
		}
		for _, name := range append([]string{child.Name}, child.Aliases...) {
			own.Commands = append(own.Commands, completedWord{name, firstSentence(child.Help)})
			below = append(below, completedBelow(child, path+" "+name)...)
		}
	}
	return append([]completedCommand{own}, below...)
}

// completedForms are the ways in which a flag may be written.
func completedForms(f *kong.Flag) []completedFlag {
	names := []string{"--" + f.Name}
	for _, alias := range f.Aliases {
		names = append(names, "--"+alias)
	}
	switch no := f.Tag.Negatable; no {
	case "":
	case "_": // what kong makes of the tag without a name
		names = append(names, "--no-"+f.Name)
	default:
		names = append(names, "--"+no)
	}
	if f.Short != 0 {
		names = append(names, "-"+string(f.Short))
	}
	value := ""
	if !f.IsBool() && !f.IsCounter() {
		value = completedValue(f.Value, f.PlaceHolder)
	}
	var forms []completedFlag
	for _, name := range names {
		forms = append(forms, completedFlag{completedWord{name, firstSentence(f.Help)}, value})
	}
	return forms
}

// completedValue is what a value may be. Its name in help tells files and
// directories: FILE, FORM.json, DIR.
func completedValue(v *kong.Value, name string) string {
	switch name = strings.ToUpper(name); {
	case v.Enum != "":
		return strings.Join(slices.DeleteFunc(v.EnumSlice(), func(s string) bool { return s == "" }), " ")
	case strings.HasPrefix(name, "FILE"), strings.HasSuffix(name, ".JSON"):
		return fileValue
	case strings.HasPrefix(name, "DIR"):
		return dirValue
	}
	return anyValue
}

// firstSentence is as much of a help text as has room beside a word.
func firstSentence(help string) string {
	help, _, _ = strings.Cut(help, ". ")
	help, _, _ = strings.Cut(help, "; ")
	return strings.TrimSuffix(help, ".")
}

// singleQuoted is a word of bash and zsh.
func singleQuoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// fishQuoted is a word of fish, where a backslash in quotes escapes.
func fishQuoted(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
