package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// Unused reads the tree below root and returns the permissions in the table
// that nothing there needs, one line each, sorted. A permission goes with its
// last use: nobody would notice later that something uses it again.
func Unused(root string) ([]string, error) {
	files, err := read(root)
	if err != nil {
		return nil, err
	}
	u := uses{arrows: map[[2]string]bool{}, fences: map[[2]string]bool{}, funcs: map[string]int{}, panics: map[string]bool{}}
	for _, f := range files {
		if !f.test {
			u.read(f)
		}
	}
	unused := append(u.unusedImports(), u.unusedExceptions(packageLines(files))...)
	slices.Sort(unused)
	return unused, nil
}

// uses is what the code of a tree does that needs a permission.
type uses struct {
	arrows map[[2]string]bool // from which room to which
	fences map[[2]string]bool // which room uses what is behind which fence
	funcs  map[string]int     // path:function → its lines
	panics map[string]bool    // path:function
}

func (u *uses) read(f *file) {
	for _, path := range f.imports {
		if own, ok := strings.CutPrefix(path, Module+"/"); ok {
			u.arrows[[2]string{f.room, roomOf(own)}] = true
		}
		for _, fence := range fences {
			if below(path, fence.path) {
				u.fences[[2]string{f.room, fence.path}] = true
			}
		}
	}
	for name, fn := range f.funcs() {
		u.funcs[f.path+":"+name] = f.line(fn.End()) - f.line(fn.Pos()) + 1
		if len(panicsIn(fn)) > 0 {
			u.panics[f.path+":"+name] = true
		}
	}
}

func (u *uses) unusedImports() (unused []string) {
	for from, rooms := range arrows {
		for _, to := range rooms {
			if to != "*" && !u.arrows[[2]string{from, to}] {
				unused = append(unused, fmt.Sprintf("arrows: %s may import %s and does not", from, to))
			}
		}
	}
	for _, fence := range fences {
		for _, room := range fence.rooms {
			if !u.fences[[2]string{room, fence.path}] {
				unused = append(unused, fmt.Sprintf("fences: %s may import %s and does not", room, fence.path))
			}
		}
	}
	return unused
}

func (u *uses) unusedExceptions(lines map[string]int) (unused []string) {
	for dir := range largePackages {
		if lines[dir] <= hardPackage {
			unused = append(unused, fmt.Sprintf("largePackages: %s may have more than %d lines and has %d", dir, hardPackage, lines[dir]))
		}
	}
	for _, name := range longFuncs {
		if u.funcs[name] <= hardFunc {
			unused = append(unused, fmt.Sprintf("longFuncs: %s may have more than %d lines and has %d", name, hardFunc, u.funcs[name]))
		}
	}
	for _, name := range panics {
		if !u.panics[name] {
			unused = append(unused, fmt.Sprintf("panics: %s may panic and does not", name))
		}
	}
	return unused
}
