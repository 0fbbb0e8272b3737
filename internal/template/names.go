package template

import (
	"context"
	"fmt"
	"strconv"
)

// mentionText is the longest value in bytes in which ids are looked for: no
// message has room for a longer one.
const mentionText = 32 << 10

// NameTable is Names that were looked up before.
type NameTable struct {
	Users       map[string]string // by userid
	Departments map[int64]string
}

// UserName returns a user's name.
func (t NameTable) UserName(userid string) (string, bool) {
	name, ok := t.Users[userid]
	return name, ok
}

// DepartmentName returns a department's name.
func (t NameTable) DepartmentName(id string) (string, bool) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return "", false
	}
	name, ok := t.Departments[n]
	return name, ok
}

// Directory names users and departments of an organization.
type Directory interface {
	// Names returns the names of those that there are.
	Names(ctx context.Context, organization int64, userids []string, deptIDs []int64) (users map[string]string, depts map[int64]string, err error)
}

// LookUp returns the names of whoever is mentioned in values, for Message; nil
// when nobody is. Fails as the directory.
func (t *Template) LookUp(ctx context.Context, d Directory, organization int64, given Values) (Names, error) {
	userids, deptIDs := t.mentions(given)
	if len(userids)+len(deptIDs) == 0 {
		return nil, nil
	}
	users, depts, err := d.Names(ctx, organization, userids, deptIDs)
	if err != nil {
		return nil, fmt.Errorf("names: %w", err)
	}
	return NameTable{users, depts}, nil
}

// mentions returns the ids of users and departments that are written in the
// values of a template's parameters, to be looked up.
func (t *Template) mentions(given Values) (userids []string, deptIDs []int64) {
	for _, p := range t.form.Parameters {
		text := given[p.Name]
		if len(text) > mentionText {
			continue
		}
		translate(text, finder{&userids, &deptIDs})
	}
	return userids, deptIDs
}

// finder is Names that knows nobody and notes who is asked for.
type finder struct {
	userids *[]string
	deptIDs *[]int64
}

func (f finder) UserName(userid string) (string, bool) {
	*f.userids = append(*f.userids, userid)
	return "", false
}

func (f finder) DepartmentName(id string) (string, bool) {
	if n, err := strconv.ParseInt(id, 10, 64); err == nil {
		*f.deptIDs = append(*f.deptIDs, n)
	}
	return "", false
}
