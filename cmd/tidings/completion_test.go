package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// The flags and arguments whose values are files or directories, wherever they
// stand, or where the command is named.
var (
	filesOf = []string{"--config", "--key-file", "--tls-cert", "--tls-key", "--file", "--out", "--describe", "--secret-file", "log verify --against", "user import <file>", "key create <file>", "sign-in create <file>", "sign-in update <file>"}
	dirsOf  = []string{"ca create <dir>", "ca renew <dir>", "--data", "--from-data", "--to-data", "backup --to", "restore --from"}
)

// asked is what was typed, the last word being completed, and what must be
// offered, in any order.
type asked struct {
	words []string
	want  []string
}

// Every visible command, flag and value is offered where it stands, and nothing
// else is: bash is asked about every place of the grammar.
func TestCompletionOffersTheGrammar(t *testing.T) {
	t.Parallel()
	model := mustModel(t, &cli{})
	var all []asked
	for _, n := range visibleBelow(model) {
		all = append(all, askedAt(n)...)
	}
	if len(all) < 200 {
		t.Fatalf("only %d places were found", len(all))
	}
	mustOffer(t, model, all)
}

func TestCompletionOfAGrammar(t *testing.T) {
	t.Parallel()
	var grammar struct {
		Secret bool     `hidden:"" help:"Not shown."`
		Level  string   `short:"l" enum:"low,high" default:"low"`
		Quick  bool     `negatable:"careful" aliases:"fast"`
		Ghost  struct{} `cmd:"" hidden:""`
		Greet  struct {
			Whom string `arg:"" enum:"me,you"`
			Card string `arg:"" name:"file"`
		} `cmd:"" aliases:"hello" help:"It's said: $HOME \\ and \"quotes\"."`
	}
	top := []string{"--help", "-h", "--level", "-l", "--quick", "--fast", "--careful"}
	mustOffer(t, mustModel(t, &grammar), []asked{
		{[]string{""}, []string{"greet", "hello"}},
		{[]string{"g"}, []string{"greet"}},
		{[]string{"-"}, top},
		{[]string{"greet", "-"}, top},
		{[]string{"--l"}, []string{"--level"}},
		{[]string{"-l", ""}, []string{"low", "high"}},
		{[]string{"--level", "low", ""}, []string{"greet", "hello"}},
		{[]string{"--level", "=", "low", ""}, []string{"greet", "hello"}},
		{[]string{"--level", "="}, []string{"low", "high"}},
		{[]string{"--level", "=", "h"}, []string{"high"}},
		{[]string{"--level=h"}, []string{"--level=high"}}, // where = does not part words
		{[]string{"--quick", ""}, []string{"greet", "hello"}},
		{[]string{"--unknown", ""}, []string{"greet", "hello"}},
		{[]string{"hello", ""}, []string{"me", "you"}},
		{[]string{"hello", "you", ""}, []string{"card.json", "place"}},
		{[]string{"hello", "you", "ca"}, []string{"card.json"}},
		{[]string{"hello", "--", "you", "p"}, []string{"place"}},
		{[]string{"hello", "--", "you", "-"}, nil},
		{[]string{"hello", "you", "card.json", ""}, top},
		{[]string{"ghost", "-"}, top},
		{[]string{"hello", "sqlite", ":", "x", ""}, []string{"card.json", "place"}}, // one word, which : parts
	})
}

// A shell that is here finds nothing wrong with its script.
func TestCompletionScriptsParse(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish"} {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			code, script, problems := run([]string{"completion", shell}, nil)
			if code != exitDone || !strings.Contains(script, "for "+shell) {
				t.Fatalf("exit code %d, %s\n%s", code, problems, script)
			}
			path, err := exec.LookPath(shell)
			if err != nil {
				t.Skip("no " + shell + " here")
			}
			file := filepath.Join(t.TempDir(), "tidings."+shell)
			mustWrite(t, file, script)
			if out, err := exec.Command(path, "-n", file).CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

func mustModel(t *testing.T, grammar any) *kong.Node {
	t.Helper()
	parser, err := kong.New(grammar, kong.Name("tidings"), helpWords())
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model.Node
}

// visibleBelow are a command and all below it that is not hidden.
func visibleBelow(n *kong.Node) []*kong.Node {
	all := []*kong.Node{n}
	for _, child := range n.Children {
		if !child.Hidden {
			all = append(all, visibleBelow(child)...)
		}
	}
	return all
}

// pathOf is how a command is written, without its older names.
func pathOf(n *kong.Node) string {
	words := slices.DeleteFunc(strings.Fields(n.Path()), func(w string) bool { return strings.HasPrefix(w, "(") })
	return strings.Join(words, " ")
}

// askedAt are the questions about one command: what is below it, its flags with
// those above it, the values of its own, its arguments in turn.
func askedAt(n *kong.Node) []asked {
	at := strings.Fields(pathOf(n))
	var flags, below []string
	var all []asked
	for _, group := range n.AllFlags(true) {
		for _, f := range group {
			flags = append(flags, "--"+f.Name)
			if f.Tag.Negatable != "" {
				flags = append(flags, "--no-"+f.Name)
			}
			if f.Short != 0 {
				flags = append(flags, "-"+string(f.Short))
			}
		}
	}
	all = append(all, asked{slices.Concat(at, []string{"-"}), flags})
	for _, child := range n.Children {
		if !child.Hidden {
			below = append(append(below, child.Name), child.Aliases...)
		}
	}
	if len(below) > 0 {
		return append(all, asked{slices.Concat(at, []string{""}), below})
	}
	for _, f := range n.Flags {
		if !f.Hidden && !f.IsBool() {
			values := offered(f.Value, strings.Join(at, " ")+" --"+f.Name)
			all = append(all, asked{slices.Concat(at, []string{"--" + f.Name, ""}), values})
		}
	}
	before := at
	for _, p := range n.Positional {
		all = append(all, asked{slices.Concat(before, []string{""}), offered(p, strings.Join(at, " ")+" <"+p.Name+">")})
		before = slices.Concat(before, []string{"x"})
	}
	return append(all, asked{slices.Concat(before, []string{""}), flags})
}

// offered is what is offered as a value, in a directory that mustOffer makes.
func offered(v *kong.Value, where string) []string {
	ends := func(name string) bool { return strings.HasSuffix(" "+where, " "+name) }
	switch {
	case v.Enum != "":
		return strings.Split(v.Enum, ",")
	case slices.ContainsFunc(filesOf, ends):
		return []string{"card.json", "place"}
	case slices.ContainsFunc(dirsOf, ends):
		return []string{"place"}
	}
	return nil
}

// mustOffer asks bash, with the script of a grammar, in a directory with a file
// card.json and a directory place.
func mustOffer(t *testing.T, grammar *kong.Node, all []asked) {
	t.Helper()
	dir := t.TempDir()
	mustWrite(t, filepath.Join(dir, "card.json"), "{}")
	if err := os.Mkdir(filepath.Join(dir, "place"), 0o700); err != nil {
		t.Fatal(err)
	}
	var script bytes.Buffer
	if err := writeCompletion(&script, grammar, "bash"); err != nil {
		t.Fatal(err)
	}
	script.WriteString("ask() { COMP_WORDS=(tidings \"$@\"); COMP_CWORD=$#; _tidings; printf '%s ' \"${COMPREPLY[@]}\"; echo; }\n")
	for _, a := range all {
		script.WriteString("ask")
		for _, word := range a.words {
			script.WriteString(" " + singleQuoted(word))
		}
		script.WriteString("\n")
	}
	bash := exec.Command("bash", "--norc")
	bash.Dir, bash.Stdin = dir, &script
	var problems bytes.Buffer
	bash.Stderr = &problems
	out, err := bash.Output()
	if err != nil || problems.Len() > 0 {
		t.Fatalf("%v\n%s", err, problems.String())
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != len(all) {
		t.Fatalf("%d answers to %d questions", len(lines), len(all))
	}
	for i, a := range all {
		got, want := strings.Fields(lines[i]), slices.Sorted(slices.Values(a.want))
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%q: %q is offered, want %q", a.words, got, want)
		}
	}
}

func mustWrite(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
