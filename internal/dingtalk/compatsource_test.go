package dingtalk_test

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// source is the code of one package, as text: what no table of it says is read there.
type source struct {
	t         *testing.T
	functions map[string]*ast.FuncDecl
	constants map[string]ast.Expr
	rooms     map[string]*source // of the constants that others name
}

// mustSource reads the Go files of a directory, tests left out; there are none where
// the directory is none.
func mustSource(t *testing.T, dir string) *source {
	t.Helper()
	s := &source{t: t, functions: map[string]*ast.FuncDecl{}, constants: map[string]ast.Expr{}, rooms: map[string]*source{}}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			s.add(d)
		}
	}
	return s
}

func (s *source) add(d ast.Decl) {
	if f, ok := d.(*ast.FuncDecl); ok {
		s.functions[receiver(f)+f.Name.Name] = f
	}
	if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.CONST {
		for _, spec := range g.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok && len(v.Values) == len(v.Names) {
				for i, name := range v.Names {
					s.constants[name.Name] = v.Values[i]
				}
			}
		}
	}
}

// receiver is what stands before a method's name in functions: "call." of the wire's.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	kind := f.Recv.List[0].Type
	if star, ok := kind.(*ast.StarExpr); ok {
		kind = star.X
	}
	if name, ok := kind.(*ast.Ident); ok {
		return name.Name + "."
	}
	return "?."
}

// value returns a constant's value, false for an expression that is none.
func (s *source) value(e ast.Expr) (constant.Value, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		return constant.MakeFromLiteral(e.Value, e.Kind, 0), true
	case *ast.ParenExpr:
		return s.value(e.X)
	case *ast.Ident:
		if c, ok := s.constants[e.Name]; ok {
			return s.value(c)
		}
	case *ast.SelectorExpr:
		return s.selected(e)
	case *ast.BinaryExpr:
		x, ok := s.value(e.X)
		y, too := s.value(e.Y)
		if !ok || !too {
			return nil, false
		}
		if e.Op == token.SHL {
			n, _ := constant.Uint64Val(y)
			return constant.Shift(x, e.Op, uint(n)), true
		}
		return constant.BinaryOp(x, e.Op, y), true
	}
	return nil, false
}

func (s *source) selected(e *ast.SelectorExpr) (constant.Value, bool) {
	room, ok := e.X.(*ast.Ident)
	if !ok {
		return nil, false
	}
	if room.Name == "time" {
		unit, ok := map[string]time.Duration{"Second": time.Second, "Minute": time.Minute, "Hour": time.Hour}[e.Sel.Name]
		return constant.MakeInt64(int64(unit)), ok
	}
	return s.room(room.Name).value(e.Sel)
}

// room returns the code of the package internal/NAME.
func (s *source) room(name string) *source {
	if s.rooms[name] == nil {
		s.rooms[name] = mustSource(s.t, filepath.Join("..", name))
	}
	return s.rooms[name]
}

// number is a constant that a line names: room.name.
func (s *source) number(name string) (value int64, ok bool) {
	room, local, _ := strings.Cut(name, ".")
	v, ok := s.room(room).value(&ast.Ident{Name: local})
	if !ok {
		return 0, false
	}
	value, ok = constant.Int64Val(v)
	return value, ok
}

// texts returns the text of an expression: a literal, or a constant of the package.
func (s *source) texts(e ast.Expr) []string {
	if v, ok := s.value(e); ok && v.Kind() == constant.String {
		return []string{constant.StringVal(v)}
	}
	return nil
}

// literals returns the texts of a composite literal's keys, or else of its elements.
func literals(e ast.Expr) []string {
	list, ok := e.(*ast.CompositeLit)
	if !ok {
		return nil
	}
	var all []string
	for _, one := range list.Elts {
		if kv, ok := one.(*ast.KeyValueExpr); ok {
			one = kv.Key
		}
		if text, ok := one.(*ast.BasicLit); ok && text.Kind == token.STRING {
			if s, err := strconv.Unquote(text.Value); err == nil {
				all = append(all, s)
			}
		}
	}
	return all
}
