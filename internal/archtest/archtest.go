package archtest

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// Check reads the tree below root and returns what breaks a rule and what is
// merely past a soft limit, one line each, sorted by path.
func Check(root string) (broken, notes []string, err error) {
	files, err := read(root)
	if err != nil {
		return nil, nil, err
	}
	c := &checker{vars: packageVars(files), unknown: map[string]bool{}}
	for _, f := range files {
		c.arrows(f)
		c.fences(f)
		c.sizes(f)
		c.panics(f)
		c.state(f)
	}
	c.packages(files)
	c.docs(files)
	slices.Sort(c.broken)
	slices.Sort(c.notes)
	return c.broken, c.notes, nil
}

type checker struct {
	vars          map[string]map[string]bool // package directory → its package-level variables
	unknown       map[string]bool            // rooms reported already
	broken, notes []string
}

func (c *checker) breaks(format string, args ...any) {
	c.broken = append(c.broken, fmt.Sprintf(format, args...))
}

func (c *checker) note(format string, args ...any) {
	c.notes = append(c.notes, fmt.Sprintf(format, args...))
}

// arrows: a room imports only what its row in the table names.
func (c *checker) arrows(f *file) {
	allowed, known := arrows[f.room]
	if !known && !c.unknown[f.room] {
		c.unknown[f.room] = true
		c.breaks("%s: room %q is not in the table of arrows", f.path, f.room)
	}
	if !known || f.test {
		return
	}
	for _, path := range f.imports {
		if helper(path) && !helper(f.dir()) {
			c.breaks("%s: imports %s, which is for tests", f.path, path)
		}
		room := roomOf(strings.TrimPrefix(path, Module+"/"))
		if !strings.HasPrefix(path, Module+"/") || room == f.room || slices.Contains(allowed, "*") {
			continue
		}
		if !slices.Contains(allowed, room) {
			c.breaks("%s: %s may not import %s", f.path, f.room, room)
		}
	}
}

// helper reports whether an import path or directory holds test helpers. Ours
// are below test/, or end in "test" as storetest does.
func helper(path string) bool {
	if path == "testing" || path == "net/http/httptest" {
		return true
	}
	path = strings.TrimPrefix(path, Module+"/")
	return strings.HasPrefix(path, "test/") ||
		strings.HasPrefix(path, "internal/") && strings.HasSuffix(path, "test") && path != "internal/archtest"
}

// fences: a library stays in its rooms.
func (c *checker) fences(f *file) {
	if f.test {
		return
	}
	for _, path := range f.imports {
		for _, fence := range fences {
			if below(path, fence.path) && !slices.Contains(fence.rooms, f.room) {
				c.breaks("%s: imports %s: %s", f.path, path, fence.why)
			}
		}
	}
}

// below reports whether an import path is another one or below it.
func below(path, of string) bool { return path == of || strings.HasPrefix(path, of+"/") }

// sizes: files and functions stay readable. Tests are only listed.
func (c *checker) sizes(f *file) {
	if f.generated {
		return
	}
	if !f.test && f.lines > hardFile {
		c.breaks("%s: %d lines; the limit is %d", f.path, f.lines, hardFile)
	} else if f.lines > softFile {
		c.note("%s: %d lines, better under %d", f.path, f.lines, softFile)
	}
	for name, fn := range f.funcs() {
		lines := f.line(fn.End()) - f.line(fn.Pos()) + 1
		if !f.test && lines > hardFunc && !slices.Contains(longFuncs, f.path+":"+name) {
			c.breaks("%s: %s has %d lines; the limit is %d", f.path, name, lines, hardFunc)
		} else if lines > softFunc {
			c.note("%s: %s has %d lines, better under %d", f.path, name, lines, softFunc)
		}
	}
}

// packages: one that is large has a reason.
func (c *checker) packages(files []*file) {
	for dir, lines := range packageLines(files) {
		if lines > hardPackage && largePackages[dir] == "" {
			c.breaks("%s: %d lines without tests, the limit is %d: split it, or give the reason in largePackages", dir, lines, hardPackage)
		}
	}
}

func packageLines(files []*file) map[string]int {
	lines := map[string]int{}
	for _, f := range files {
		if !f.test && !f.generated {
			lines[f.dir()] += f.lines
		}
	}
	return lines
}

// panics: an error is returned, never thrown.
func (c *checker) panics(f *file) {
	if f.test || helper(f.dir()) {
		return
	}
	for name, fn := range f.funcs() {
		for _, call := range panicsIn(fn) {
			if !slices.Contains(panics, f.path+":"+name) {
				c.breaks("%s:%d: %s panics", f.path, f.line(call.Pos()), name)
			}
		}
	}
}

// state: package-level variables are tables. Nothing outside init writes them.
func (c *checker) state(f *file) {
	if f.test {
		return
	}
	for name, fn := range f.funcs() {
		if name == "init" {
			continue
		}
		ast.Inspect(fn, func(n ast.Node) bool {
			for _, target := range written(n) {
				if id := rootIdent(target); id != nil && c.isPackageVar(f, id) {
					c.breaks("%s:%d: %s writes the package's variable %s", f.path, f.line(n.Pos()), name, id.Name)
				}
			}
			return true
		})
	}
}

// isPackageVar reports whether id names a variable of the package: either the
// parser found its declaration at the top of this file, or it found none here
// and another file of the package declares it.
func (c *checker) isPackageVar(f *file, id *ast.Ident) bool {
	if id.Obj != nil {
		return f.ast.Scope.Lookup(id.Name) == id.Obj && id.Obj.Kind == ast.Var
	}
	return c.vars[f.dir()][id.Name]
}

// docs: every room says in doc.go what it decides.
func (c *checker) docs(files []*file) {
	documented := map[string]bool{}
	for _, f := range files {
		dir := f.dir()
		if dir != "internal/"+f.room || f.test {
			continue
		}
		documented[dir] = documented[dir] || strings.HasSuffix(f.path, "/doc.go") && f.ast.Doc.Text() != ""
	}
	for dir, ok := range documented {
		if !ok {
			c.breaks("%s: no doc.go that says what this room decides", dir)
		}
	}
}
