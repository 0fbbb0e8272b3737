package directory

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// places are the departments that rows name, each different way of naming once.
// A department has an id here as soon as it has been named: its own, or while
// it is not made the number ^index of missing, below 0.
type places struct {
	numbers map[[2]string]int32
	cells   []placeCell

	// What rows say with both a dept_id and a path: where that department
	// stands and what it is called.
	paths map[int64]string
	ids   map[string]int64

	at      map[placeKey]int64
	missing []missingDepartment // parents before children
	moved   []Department        // as they are to be; their parents may be below 0
	made    []int64             // the ids of missing, 0 for those not made yet
	highest int64               // of the ids that the file gives
}

// placeCell is one way of naming departments.
type placeCell struct {
	department, deptID string
	depts              []int64
	wrong              error
	field              string
}

type missingDepartment struct {
	parent int64 // below 0: another missing one
	name   string
	id     int64 // that it is to have; 0 for the next free one
}

type placeKey struct {
	parent int64
	name   string
}

func newPlaces() places {
	return places{numbers: map[[2]string]int32{}, paths: map[int64]string{}, ids: map[string]int64{}, at: map[placeKey]int64{}}
}

// number returns the number of what two fields say.
func (p *places) number(department, deptID string) int32 {
	if department == "" && deptID == "" {
		return noPlace
	}
	key := [2]string{department, deptID}
	n, known := p.numbers[key]
	if !known {
		n = int32(len(p.cells))
		key = [2]string{strings.Clone(department), strings.Clone(deptID)} // the rest of the line is let go
		p.numbers[key] = n
		p.cells = append(p.cells, placeCell{department: key[0], deptID: key[1]})
	}
	return n
}

// of returns the departments behind a number.
func (p *places) of(number int32) []int64 {
	if number == noPlace {
		return nil
	}
	return p.cells[number].depts
}

// resolve looks all of them up in the tree.
func (p *places) resolve(t *tree) {
	for i := range p.cells {
		p.define(&p.cells[i])
	}
	for i := range p.cells {
		c := &p.cells[i]
		if c.wrong == nil {
			c.depts, c.wrong = p.lookUp(t, c)
		}
	}
	p.made = make([]int64, len(p.missing))
	if most := max(t.maxID, p.highest); len(p.missing) > 0 && most > maxID-int64(len(p.missing)) {
		p.cells[0].wrong = fmt.Errorf("the ids after %d do not suffice for the departments to be made", most)
	}
}

// define notes what a cell with ids and paths says about departments.
func (p *places) define(c *placeCell) {
	if c.department == "" || c.deptID == "" {
		return
	}
	paths, ids := slices.Collect(parts(c.department)), slices.Collect(parts(c.deptID))
	c.field = "dept_id"
	if len(paths) != len(ids) {
		c.wrong = fmt.Errorf("department names %d and dept_id %d: where both are given they name the same departments in the same order", len(paths), len(ids))
		return
	}
	for i, text := range ids {
		id, err := deptID(text)
		if err != nil {
			c.wrong = err
			return
		}
		path, err := cleanPath(paths[i])
		if err != nil {
			c.field, c.wrong = "department", err
			return
		}
		said, twice := p.paths[id]
		other, taken := p.ids[path]
		switch {
		case id == RootID:
			c.wrong = errors.New("department 1 is the organization itself, which has no path: leave the department empty")
		case twice && said != path:
			c.wrong = fmt.Errorf("department %d is %q here and %q elsewhere in the file", id, trimmed(path), trimmed(said))
		case taken && other != id:
			c.wrong = fmt.Errorf("department %q has the id %d here and %d elsewhere in the file", trimmed(path), id, other)
		}
		if c.wrong != nil {
			return
		}
		p.paths[id], p.ids[path], p.highest = path, id, max(p.highest, id)
	}
}

func (p *places) lookUp(t *tree, c *placeCell) ([]int64, error) {
	if c.department == cleared || c.deptID == cleared {
		return []int64{RootID}, nil
	}
	var depts []int64
	if c.deptID == "" {
		c.field = "department"
	}
	for path := range parts(c.department) {
		path, err := cleanPath(path)
		if err != nil {
			return nil, err
		}
		id, err := p.walk(t, path)
		if err != nil {
			return nil, err
		}
		depts = append(depts, id)
	}
	if len(depts) > 0 {
		return depts, nil
	}
	c.field = "dept_id"
	for text := range parts(c.deptID) {
		id, err := deptID(text)
		if err != nil {
			return nil, err
		}
		if path, said := p.paths[id]; said {
			id, err = p.walk(t, path)
		} else if _, known := t.find(id); !known {
			err = fmt.Errorf("department %d is not known", id)
		}
		if err != nil {
			return nil, err
		}
		depts = append(depts, id)
	}
	return depts, nil
}

func deptID(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 || id > maxID {
		return 0, fmt.Errorf("%q is no department id", trimmed(text))
	}
	return id, nil
}

// cleanPath checks the names of a path such as 研发中心/平台组.
func cleanPath(path string) (string, error) {
	names := strings.Split(path, "/")
	for i, name := range names {
		names[i] = strings.TrimSpace(name)
		if checkDepartmentName(names[i]) != nil {
			return "", fmt.Errorf("%q: each name in the path has 1 to 64 characters and none of - , ，", trimmed(path))
		}
	}
	return strings.Join(names, "/"), nil
}

// walk goes down a path from the root, to where the file says it leads.
func (p *places) walk(t *tree, path string) (int64, error) {
	at := int64(RootID)
	for end := 0; end < len(path); end++ {
		name := path[end:]
		if n := strings.IndexByte(name, '/'); n >= 0 {
			name = name[:n]
		}
		end += len(name)
		key := placeKey{at, name}
		id, known := p.at[key]
		if !known {
			var err error
			if id, err = p.step(t, key, path[:end]); err != nil {
				return 0, err
			}
			p.at[key] = id
		}
		at = id
	}
	return at, nil
}

// step finds one department of a path, or notes that it is to be made, renamed
// or moved.
func (p *places) step(t *tree, key placeKey, path string) (int64, error) {
	there, known := t.child(key.parent, key.name)
	id, said := p.ids[path]
	if _, elsewhere := p.paths[there]; known && elsewhere && there != id {
		known = false // the file says that it is to stand elsewhere
	}
	switch {
	case !said && known, said && known && there == id:
		return there, nil
	case said && known:
		return 0, fmt.Errorf("department %q is there already, with the id %d and not %d: rename or delete that one first", trimmed(path), there, id)
	case said:
		if n, ok := t.find(id); ok {
			d := n.Department
			d.ParentID, d.Name = key.parent, key.name
			p.moved = append(p.moved, d)
			return id, nil
		}
		if t.nodes[id] != nil {
			return 0, fmt.Errorf("department %d was deleted, and its id is not given again", id)
		}
	}
	p.missing = append(p.missing, missingDepartment{parent: key.parent, name: key.name, id: id})
	return ^int64(len(p.missing) - 1), nil
}

// complain adds what is wrong with departments to the lines that name them.
func (f *importFile) complain() {
	for _, row := range f.rows {
		if row.place == noPlace {
			continue
		}
		if c := &f.places.cells[row.place]; c.wrong != nil {
			f.errors.add(int(row.line), c.field, "%s", c.wrong)
		}
	}
	slices.SortStableFunc(f.errors.list, func(a, b LineError) int { return cmp.Compare(a.Line, b.Line) })
}

// real turns the number of a missing department into its id once it is made.
func (p *places) real(id int64) int64 {
	if id < 0 && p.made[^id] != 0 {
		return p.made[^id]
	}
	return id
}

// realOf are the departments of a row, as far as they are made.
func (p *places) realOf(depts []int64) []int64 {
	ids := make([]int64, len(depts))
	for i, id := range depts {
		ids[i] = p.real(id)
	}
	return cleanIDs(ids)
}

// sort puts the rows in the order in which they are written: people who are
// there already by ordinal, then new ones by department, depth first, so that
// departments become ranges of ordinals. Whoever is in several counts for the
// one named first; within a department the file's order stays.
func (f *importFile) sort(snap *snapshot) {
	position := map[int64]int64{}
	for i, n := range snap.tree.depthFirst() {
		position[n.ID] = int64(i)
	}
	for i, row := range f.rows {
		if depts := f.places.of(row.place); row.key >= newPerson && len(depts) > 0 {
			f.rows[i].key = newPerson + position[f.places.real(depts[0])]
		}
	}
	slices.SortStableFunc(f.rows, func(a, b rowPlace) int { return cmp.Compare(a.key, b.key) })
}
