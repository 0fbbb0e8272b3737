package directory

import (
	"context"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
)

// FirstOrdinal is that of the first person of an organization.
const FirstOrdinal = 0

// Founding is an organization with its first person, as one transaction stores it: at
// directory revision 1, the next ordinal being the one after FirstOrdinal.
type Founding struct {
	Organization Organization
	Root         Department
	Owner        User
	Entries      []audit.Entry // for the audit log
}

// Commit stores a Founding, all or nothing.
type Commit func(ctx context.Context, f Founding) error

// Found makes an organization with the id given, its root department and its first
// person; by may be that person. commit stores all of it, and may refuse. Fails with
// what commit returns, and with parameter_invalid; the field of what is wrong with the
// organization's name is organization.
func (s *Service) Found(
	ctx context.Context, by audit.By, id int64, n NewOrganization, owner NewUser, commit Commit,
) (Founding, error) {
	o, err := n.build(s.now())
	if err != nil {
		if f := fault.From(err); f.Field == "name" {
			err = f.WithField("organization")
		}
		return Founding{}, err
	}
	u, err := owner.build(s.now())
	if err != nil {
		return Founding{}, err
	}
	o.ID, u.Ordinal = id, FirstOrdinal
	f := Founding{Organization: o, Root: o.root(), Owner: u, Entries: []audit.Entry{
		s.createdEntry(by, o), s.joinedEntry(by, id, u),
	}}
	if err := commit(ctx, f); err != nil {
		return Founding{}, err
	}
	s.tell(id)
	return f, s.CatchUp(context.WithoutCancel(ctx), id, 1)
}

// Empty reports whether there is no organization, as far as this node knows.
func (s *Service) Empty() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, t := range s.tenants {
		if t.revision() >= 0 {
			return false
		}
	}
	return true
}
