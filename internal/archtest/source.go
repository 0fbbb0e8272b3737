package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// file is one parsed Go file.
type file struct {
	path      string // slash-separated, from the root of the repository
	room      string
	test      bool
	generated bool
	lines     int
	imports   []string
	ast       *ast.File
	set       *token.FileSet
}

func (f *file) dir() string            { return path.Dir(f.path) }
func (f *file) line(pos token.Pos) int { return f.set.Position(pos).Line }

// funcs yields every function and method that has a body, with its name.
func (f *file) funcs() iter.Seq2[string, *ast.FuncDecl] {
	return func(yield func(string, *ast.FuncDecl) bool) {
		for _, decl := range f.ast.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if ok && fn.Body != nil && !yield(funcName(fn), fn) {
				return
			}
		}
	}
}

// funcName is "Send" for a function and "Service.Send" for a method.
func funcName(fn *ast.FuncDecl) string {
	if fn.Recv == nil || len(fn.Recv.List) == 0 {
		return fn.Name.Name
	}
	if id := rootIdent(fn.Recv.List[0].Type); id != nil {
		return id.Name + "." + fn.Name.Name
	}
	return fn.Name.Name
}

// roomOf names the room of a path inside the repository: internal/NAME/…, or
// internal/NAME/PART/… where the table of arrows has NAME/PART as a room of its own, or
// the first element of everything else.
func roomOf(p string) string {
	first, rest, _ := strings.Cut(p, "/")
	if first != "internal" {
		return first
	}
	room, below, _ := strings.Cut(rest, "/")
	part, _, _ := strings.Cut(below, "/")
	if _, own := arrows[room+"/"+part]; own {
		return room + "/" + part
	}
	return room
}

// skipped directories hold no code of the module.
func skipped(name string) bool {
	switch name {
	case "testdata", "node_modules", "vendor", "tools", "tmp", "bin":
		return true
	}
	return strings.HasPrefix(name, ".") && name != "."
}

func read(root string) ([]*file, error) {
	var files []*file
	tree := os.DirFS(root)
	err := fs.WalkDir(tree, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && skipped(d.Name()):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(p) != ".go":
			return nil
		}
		text, err := fs.ReadFile(tree, p)
		if err != nil {
			return err
		}
		f, err := parse(p, text)
		files = append(files, f)
		return err
	})
	return files, err
}

func parse(p string, text []byte) (*file, error) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, p, text, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	f := &file{
		path: p, ast: tree, set: set,
		room:      roomOf(p),
		test:      strings.HasSuffix(p, "_test.go"),
		generated: ast.IsGenerated(tree),
		lines:     strings.Count(string(text), "\n"),
	}
	for _, spec := range tree.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p, err)
		}
		f.imports = append(f.imports, imported)
	}
	return f, nil
}

// packageVars lists the package-level variables of every directory.
func packageVars(files []*file) map[string]map[string]bool {
	vars := map[string]map[string]bool{}
	for _, f := range files {
		for name, obj := range f.ast.Scope.Objects {
			if obj.Kind != ast.Var || f.test {
				continue
			}
			if vars[f.dir()] == nil {
				vars[f.dir()] = map[string]bool{}
			}
			vars[f.dir()][name] = true
		}
	}
	return vars
}

// written returns the expressions a statement assigns to.
func written(n ast.Node) []ast.Expr {
	switch s := n.(type) {
	case *ast.AssignStmt:
		return s.Lhs
	case *ast.IncDecStmt:
		return []ast.Expr{s.X}
	}
	return nil
}

// panicsIn returns the calls of panic in a function.
func panicsIn(fn *ast.FuncDecl) (calls []*ast.CallExpr) {
	ast.Inspect(fn, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if id, ok := call.Fun.(*ast.Ident); ok && id.Name == "panic" {
			calls = append(calls, call)
		}
		return true
	})
	return calls
}

// rootIdent is the x of x, x.f, x[i], *x and their combinations.
func rootIdent(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}
