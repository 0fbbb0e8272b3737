package directory

import (
	"cmp"
	"iter"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
)

// node is one department of the snapshot.
type node struct {
	Department
	known  bool            // its row was read; a member's row may come first
	living int             // people directly in it, disabled ones included
	direct *roaring.Bitmap // active people directly in it
	all    *roaring.Bitmap // active people in it and below it
}

func (n *node) exists() bool { return n.known && n.DeletedAt.IsZero() }

// tree holds an organization's departments, deleted ones included: their ids
// are never given again.
type tree struct {
	nodes    map[int64]*node
	children map[int64]map[string]int64 // parent → name → id, without deleted ones
	maxID    int64
}

func newTree() tree {
	return tree{nodes: map[int64]*node{}, children: map[int64]map[string]int64{}}
}

// node returns the department's node, made when it is not there.
func (t *tree) node(id int64) *node {
	n := t.nodes[id]
	if n == nil {
		n = &node{Department: Department{ID: id}, direct: roaring.New(), all: roaring.New()}
		t.nodes[id] = n
	}
	return n
}

// find returns a department that exists.
func (t *tree) find(id int64) (*node, bool) {
	n := t.nodes[id]
	return n, n != nil && n.exists()
}

// put replaces one department and reports whether people changed place with
// it, so that the sets above must be built again.
func (t *tree) put(d Department) (moved bool) {
	n := t.node(d.ID)
	if n.exists() && t.children[n.ParentID][n.Name] == n.ID {
		delete(t.children[n.ParentID], n.Name)
	}
	moved = (!n.known || n.ParentID != d.ParentID) && !n.all.IsEmpty()
	n.Department, n.known = d, true
	t.maxID = max(t.maxID, d.ID)
	if !n.exists() {
		return moved
	}
	if t.children[d.ParentID] == nil {
		t.children[d.ParentID] = map[string]int64{}
	}
	t.children[d.ParentID][d.Name] = d.ID
	return moved
}

// upwards walks from a department to the root. It ends after as many steps as
// there are departments, whatever the rows say.
func (t *tree) upwards(id int64) iter.Seq[*node] {
	return func(yield func(*node) bool) {
		for range len(t.nodes) {
			n := t.nodes[id]
			if n == nil || !yield(n) {
				return
			}
			id = n.ParentID
		}
	}
}

// rebuild builds every set from the people directly in each department.
func (t *tree) rebuild() {
	for _, n := range t.nodes {
		n.all = roaring.New()
	}
	for id, n := range t.nodes {
		if n.direct.IsEmpty() {
			continue
		}
		for a := range t.upwards(id) {
			a.all.Or(n.direct)
		}
	}
	for _, n := range t.nodes {
		n.all.RunOptimize()
	}
}

// child finds a department by its name below a parent.
func (t *tree) child(parent int64, name string) (int64, bool) {
	id, ok := t.children[parent][name]
	return id, ok
}

// below returns the departments directly below a parent as they are shown.
func (t *tree) below(parent int64) []*node {
	nodes := make([]*node, 0, len(t.children[parent]))
	for _, id := range t.children[parent] {
		nodes = append(nodes, t.nodes[id])
	}
	slices.SortFunc(nodes, func(a, b *node) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.ID, b.ID))
	})
	return nodes
}

// depthFirst returns all departments, the root first and each one's whole
// subtree right after it.
func (t *tree) depthFirst() []*node {
	root, ok := t.find(RootID)
	if !ok {
		return nil
	}
	return slices.Collect(t.from(root, true))
}

// from yields a department, and then those below it, each one's whole subtree right
// after it.
func (t *tree) from(top *node, below bool) iter.Seq[*node] {
	return func(yield func(*node) bool) {
		stack := []*node{top}
		for len(stack) > 0 {
			n := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if !yield(n) || !below {
				return
			}
			children := t.below(n.ID)
			slices.Reverse(children)
			stack = append(stack, children...)
		}
	}
}
