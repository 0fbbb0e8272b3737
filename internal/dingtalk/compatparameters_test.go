package dingtalk_test

import (
	"go/ast"
	"slices"
)

// reader finds which parameters a function asks for, itself and through those that it
// calls. What is asked for by a name that only the request has, it cannot find.
type reader struct {
	*source
	asked map[string]bool
	seen  map[string]bool // function and its texts
}

// parametersOf returns what a method of the wire asks for.
func (s *source) parametersOf(method string) []string {
	r := &reader{source: s, asked: map[string]bool{}, seen: map[string]bool{}}
	r.walk("call."+method, nil)
	var all []string
	for name := range r.asked {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// scope are the texts that names of a function stand for: its parameters', and those
// of its variables.
type scope map[string][]string

// walk reads a function that was called with texts, one set for each parameter.
func (r *reader) walk(name string, texts [][]string) {
	f := r.functions[name]
	key := name
	for _, t := range texts {
		key += "\x00" + joined(t)
	}
	if f == nil || f.Body == nil || r.seen[key] {
		return
	}
	r.seen[key] = true
	known, at := scope{}, 0
	for _, field := range f.Type.Params.List {
		for _, n := range field.Names {
			if at < len(texts) {
				known[n.Name] = texts[at]
			}
			at++
		}
	}
	r.variables(f, known)
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			r.call(call, known)
		}
		if value, ok := n.(*ast.SelectorExpr); ok { // a method that is passed on
			if on, ok := value.X.(*ast.Ident); ok && on.Name == "c" && !takesText(r.functions["call."+value.Sel.Name]) {
				r.walk("call."+value.Sel.Name, nil)
			}
		}
		return true
	})
}

// variables adds the texts of a function's own variables.
func (r *reader) variables(f *ast.FuncDecl, known scope) {
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.RangeStmt:
			if key, ok := n.Key.(*ast.Ident); ok {
				name := key
				if value, ok := n.Value.(*ast.Ident); ok && key.Name == "_" {
					name = value
				}
				known[name.Name] = append(known[name.Name], literals(n.X)...)
			}
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if name, ok := left.(*ast.Ident); ok && i < len(n.Rhs) {
					known[name.Name] = append(known[name.Name], literals(n.Rhs[i])...)
				}
			}
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if i < len(n.Values) {
					known[name.Name] = append(known[name.Name], r.texts(n.Values[i])...)
				}
			}
		}
		return true
	})
}

// call reads one call: of the arguments, or of another function of the package.
func (r *reader) call(call *ast.CallExpr, known scope) {
	var texts [][]string
	for _, arg := range call.Args {
		texts = append(texts, r.said(arg, known))
	}
	switch f := call.Fun.(type) {
	case *ast.Ident:
		if f.Name == "read" && len(texts) > 1 {
			r.note(texts[1])
			return
		}
		r.walk(f.Name, texts)
	case *ast.SelectorExpr:
		if on, ok := f.X.(*ast.SelectorExpr); ok && on.Sel.Name == "args" {
			r.note(texts[len(texts)-1])
		} else if on, ok := f.X.(*ast.Ident); ok && on.Name == "c" {
			r.walk("call."+f.Sel.Name, texts)
		}
	}
}

func (r *reader) note(texts []string) {
	for _, text := range texts {
		r.asked[text] = true
	}
}

// said returns the texts that an argument of a call may be.
func (r *reader) said(e ast.Expr, known scope) []string {
	switch e := e.(type) {
	case *ast.Ident:
		if texts, ok := known[e.Name]; ok {
			return texts
		}
	case *ast.IndexExpr:
		return r.said(e.X, known)
	}
	return r.texts(e)
}

// takesText reports whether a function has a text among its parameters.
func takesText(f *ast.FuncDecl) bool {
	if f == nil {
		return false
	}
	return slices.ContainsFunc(f.Type.Params.List, func(field *ast.Field) bool {
		kind, ok := field.Type.(*ast.Ident)
		return ok && kind.Name == "string"
	})
}

func joined(texts []string) string {
	all := ""
	for _, t := range texts {
		all += t + ","
	}
	return all
}
