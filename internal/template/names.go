package template

import (
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

// Mentions returns the ids of users and departments that are written in the
// values of a template's parameters, to be looked up.
func (t *Template) Mentions(given Values) (userids []string, deptIDs []int64) {
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
