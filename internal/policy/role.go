package policy

import (
	"slices"
	"strings"
)

// Role is what somebody may be in an organization. A person has one or more.
type Role string

// The roles. Employee is everybody who has no other.
const (
	Employee      Role = "employee"
	Developer     Role = "developer"
	Author        Role = "author"
	Reviewer      Role = "reviewer"
	Auditor       Role = "auditor"
	Administrator Role = "administrator"
	Owner         Role = "owner"
)

// AllRoles returns every role, in the order in which they are shown.
func AllRoles() []Role {
	return []Role{Employee, Developer, Author, Reviewer, Auditor, Administrator, Owner}
}

// RoleNames returns every role as text.
func RoleNames() []string {
	var names []string
	for _, r := range AllRoles() {
		names = append(names, string(r))
	}
	return names
}

// Granters returns the roles whose people are asked for a role: those who answer for
// all of the organization first.
func Granters() []Role { return []Role{Owner, Administrator} }

// Roles is a set of roles; the zero Roles is the empty one. Sets can be compared.
type Roles uint16

// RoleSet returns the set of some roles. Names that are no role are left out: an
// older node may meet one.
func RoleSet[R ~string](names ...R) Roles {
	var set Roles
	for _, name := range names {
		if i := slices.Index(AllRoles(), Role(name)); i >= 0 {
			set |= 1 << i
		}
	}
	return set
}

// List returns the roles of a set, in the order of AllRoles.
func (r Roles) List() []Role {
	list := []Role{}
	for _, role := range AllRoles() {
		if r&RoleSet(role) != 0 {
			list = append(list, role)
		}
	}
	return list
}

// phrase names the roles of a set for a reader: "the role author, administrator
// or owner".
func (r Roles) phrase() string {
	if r == beyondEmployee {
		return "any role but " + string(Employee)
	}
	var names []string
	for _, role := range r.List() {
		names = append(names, string(role))
	}
	if n := len(names); n > 1 {
		names = []string{strings.Join(names[:n-1], ", ") + " or " + names[n-1]}
	}
	return "the role " + strings.Join(names, "")
}
