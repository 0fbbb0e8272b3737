package directory

import (
	"slices"
	"strings"
)

// importPlan is a file measured against the tree: every row's departments are
// known, or are among those to be made.
type importPlan struct {
	*importFile

	// missing departments, parents before children. While one is not made it
	// is known to rows and to its children by the number ^index, below 0.
	missing []missingDepartment
	made    []int64 // their ids once they are made
}

type missingDepartment struct {
	parent int64 // below 0: another missing one
	name   string
}

type placeKey struct {
	parent int64
	name   string
}

// plan looks up every row's departments and adds what is wrong to the file's
// errors.
func (f *importFile) plan(snap *snapshot) *importPlan {
	p := &importPlan{importFile: f}
	places := map[placeKey]int64{}
	for _, row := range f.rows {
		if _, known := snap.living[row.values[columnUserid]]; !known && row.values[columnName] == "" {
			f.errors.add(row.line, "name", "a new user needs a name")
		}
		for _, id := range row.depts {
			if _, ok := snap.tree.find(id); !ok {
				f.errors.add(row.line, "dept_id", "department %d is not known", id)
			}
		}
		for path := range parts(row.values[columnDepartment]) {
			id, err := p.place(&snap.tree, places, path)
			if err != nil {
				f.errors.add(row.line, "department", "%q: each name in the path has 1 to 64 characters and none of - , ，", trimmed(path))
				continue
			}
			row.depts = append(row.depts, id)
		}
	}
	return p
}

// place walks a path such as 研发中心/平台组 down from the root.
func (p *importPlan) place(t *tree, places map[placeKey]int64, path string) (int64, error) {
	at := int64(RootID)
	for name := range strings.SplitSeq(path, "/") {
		name = strings.TrimSpace(name)
		key := placeKey{at, name}
		id, ok := places[key]
		if !ok {
			if err := checkDepartmentName(name); err != nil {
				return 0, err
			}
			if id, ok = t.child(at, name); !ok {
				id = ^int64(len(p.missing))
				p.missing = append(p.missing, missingDepartment{parent: at, name: name})
			}
			places[key] = id
		}
		at = id
	}
	return at, nil
}

// real turns the number of a missing department into its id once it is made.
func (p *importPlan) real(id int64) int64 {
	if id < 0 && ^id < int64(len(p.made)) {
		return p.made[^id]
	}
	return id
}

// sort puts the rows in the order in which they are written: people who are
// there already by ordinal, then new ones by department, depth first, so that
// departments become ranges of ordinals. Whoever is in several counts for the
// one named first; within a department the file's order stays.
func (p *importPlan) sort(snap *snapshot) {
	position := map[int64]int{}
	for i, n := range snap.tree.depthFirst() {
		position[n.ID] = i
	}
	type sortKey struct {
		known bool
		at    int
	}
	keys := make(map[*importRow]sortKey, len(p.rows))
	for _, row := range p.rows {
		if ordinal, known := snap.living[row.values[columnUserid]]; known {
			keys[row] = sortKey{true, int(ordinal)}
		} else if len(row.depts) > 0 {
			keys[row] = sortKey{false, position[p.real(row.depts[0])]}
		}
	}
	slices.SortStableFunc(p.rows, func(a, b *importRow) int {
		x, y := keys[a], keys[b]
		switch {
		case x.known != y.known && x.known:
			return -1
		case x.known != y.known:
			return 1
		default:
			return x.at - y.at
		}
	})
}
