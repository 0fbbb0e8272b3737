package policy

import (
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
)

// MayAdmit says whether somebody may give a person of their organization a way in, or take
// one away, who has the right to do so at all: nobody gives out a way in to more than
// they could be given themselves. That of a person with a role beyond employee is an
// owner's, that of an owner another owner's. The operator may always. It fails with
// CodePermissionDenied.
func MayAdmit(a Asker, of audit.Actor, roles Roles) error {
	switch {
	case a.By.IsOperator() || roles&^RoleSet(Employee) == 0:
		return nil
	case a.Roles&owners == 0:
		return fault.New(fault.CodePermissionDenied, "the person has a role beyond employee: this takes the role owner")
	case roles&owners != 0 && a.By.Actor == of:
		return fault.New(fault.CodePermissionDenied, "another owner does this for an owner, or the operator")
	}
	return nil
}
