package dingtalk_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/dingtalk"
	"github.com/tidings-im/tidings/internal/message"
)

// servedCall is something that a line of calls.txt may name.
type servedCall struct {
	kinds   []string // what may stand before its name: GET, POST, METHOD, PAGE, TYPE, EVENT
	asks    []string // parameters, or fields
	written bool     // it has its line
}

// served returns everything that has to have a line.
func served(t *testing.T) map[string]*servedCall {
	t.Helper()
	all, code, by := map[string]*servedCall{}, mustSource(t, "."), dingtalk.ServedBy()
	for _, rt := range dingtalk.Routes() {
		all[rt.Path] = &servedCall{kinds: rt.Methods, asks: code.parametersOf(by[rt.Path])}
	}
	for _, method := range dingtalk.GatewayMethods() {
		all[method] = &servedCall{kinds: []string{"METHOD"}}
	}
	for _, path := range signInPages(t) {
		all[path] = &servedCall{kinds: []string{"PAGE"}}
	}
	for _, event := range callbackEvents(t) {
		all[event] = &servedCall{kinds: []string{"EVENT"}}
	}
	maps.Copy(all, messageTypes(t))
	return all
}

// callbackEvents are the events that an app may listen to.
func callbackEvents(t *testing.T) []string {
	t.Helper()
	code := mustSource(t, "../callback")
	var all []string
	for _, function := range []string{"Tags", "SuiteTags", "SuiteNames"} {
		tags := code.functions[function]
		if tags == nil {
			t.Fatalf("internal/callback has no function %s, which names events", function)
		}
		ast.Inspect(tags.Body, func(n ast.Node) bool {
			if name, ok := n.(*ast.Ident); ok {
				all = append(all, code.texts(name)...)
			}
			return true
		})
	}
	return all
}

// signInPages are the paths at which the server shows the page of a sign-in, by its table
// of paths.
func signInPages(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../server/paths.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var pages []string
	ast.Inspect(file, func(n ast.Node) bool {
		rule, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		path, shows := "", ""
		for _, e := range rule.Elts {
			kv, _ := e.(*ast.KeyValueExpr)
			if kv == nil {
				continue
			}
			key, _ := kv.Key.(*ast.Ident)
			if text, ok := kv.Value.(*ast.BasicLit); ok && key != nil && key.Name == "path" {
				path, _ = strconv.Unquote(text.Value)
			}
			if name, ok := kv.Value.(*ast.Ident); ok && key != nil && key.Name == "file" {
				shows = name.Name
			}
		}
		if shows == "oauthFile" {
			pages = append(pages, path)
		}
		return true
	})
	if len(pages) == 0 {
		t.Fatal("the server's table of paths has no page of a sign-in")
	}
	return pages
}

// messageTypes are the types of messages with the fields that each of them reads.
func messageTypes(t *testing.T) map[string]*servedCall {
	t.Helper()
	all, code := map[string]*servedCall{}, mustSource(t, "../message")
	readers := map[message.Type][]string{
		message.TypeText: {"readText"}, message.TypeImage: {"readImage"}, message.TypeVoice: {"readVoice"}, message.TypeFile: {"readFile"},
		message.TypeLink: {"readLinkCard"}, message.TypeMarkdown: {"readMarkdown"}, message.TypeActionCard: {"readActionCard"},
		message.TypeOA: {"readOA", "oaCard.readHead", "oaCard.readStatus", "oaCard.readBody"},
	}
	for kind, names := range readers {
		call := &servedCall{kinds: []string{"TYPE"}}
		for _, name := range names {
			if f := code.functions[name]; f != nil {
				call.asks = append(call.asks, fieldsIn(f)...)
			}
		}
		if len(call.asks) == 0 {
			t.Errorf("no field of %s was found in internal/message", kind)
		}
		slices.Sort(call.asks)
		call.asks = slices.Compact(call.asks)
		all[string(kind)] = call
	}
	return all
}

// fieldsIn returns the names of the fields that a function of the message room reads.
func fieldsIn(f *ast.FuncDecl) []string {
	reads := []string{"required", "requiredIf", "optional", "object", "objects"}
	var names []string
	ast.Inspect(f.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		on, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || !slices.Contains(reads, on.Sel.Name) {
			return true
		}
		for _, arg := range call.Args {
			if text, ok := arg.(*ast.BasicLit); ok && text.Kind == token.STRING {
				name, _ := strconv.Unquote(text.Value)
				names = append(names, name)
			}
		}
		return true
	})
	return names
}

// heldBackCodes are the reasons of a result that only internal/policy names.
func heldBackCodes(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../policy/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, path := range files {
		if text, err := os.ReadFile(path); err == nil && !strings.HasSuffix(path, "_test.go") {
			for _, m := range regexp.MustCompile(`"(143[0-9]+)"`).FindAllStringSubmatch(string(text), -1) {
				all = append(all, m[1])
			}
		}
	}
	if len(all) == 0 {
		t.Fatal("internal/policy names no reason of a result")
	}
	return all
}
