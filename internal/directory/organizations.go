package directory

import (
	"context"
	"slices"

	"github.com/tidings-im/tidings/internal/audit"
)

// CreateOrganization makes an organization with its root department. Fails
// with parameter_invalid and organization_exists.
func (s *Service) CreateOrganization(ctx context.Context, by audit.By, n NewOrganization) (Organization, error) {
	o, err := n.build(s.now())
	if err != nil {
		return Organization{}, err
	}
	if o.ID, err = s.store.CreateOrganization(ctx, o, o.root(), s.createdEntry(by, o)); err != nil {
		return Organization{}, err
	}
	s.tell(o.ID)
	return o, s.CatchUp(context.WithoutCancel(ctx), o.ID, 1)
}

// UpdateOrganization changes an organization and returns it as it is then. It
// takes a directory revision, so that whoever decides at the newest revision
// knows the newest limits, zone and state too, unless it changes nothing. Fails with
// organization_unknown and parameter_invalid.
func (s *Service) UpdateOrganization(ctx context.Context, by audit.By, id int64, c OrganizationChange) (Organization, error) {
	err := s.change(ctx, id, func(ctx context.Context, at *changing) (Changes, error) {
		was, err := at.OrganizationByID(ctx, id)
		if err != nil {
			return Changes{}, err
		}
		o := was
		if err := c.apply(&o, s.now()); err != nil {
			return Changes{}, err
		}
		e, changed := s.organizationEntry(by, was, o)
		if !changed {
			return Changes{}, nil
		}
		changes := Changes{Organization: &o, Entries: []audit.Entry{e}}
		return changes, at.see(func(snap *snapshot) error {
			if root, ok := snap.tree.find(RootID); ok && root.Name != o.Name {
				d := root.Department
				d.Name = o.Name
				changes.Departments = append(changes.Departments, d)
			}
			return nil
		})
	})
	if err != nil {
		return Organization{}, err
	}
	return s.Organization(ctx, id)
}

// Only returns the organization from memory where it is the only one that is
// not disabled.
func (s *Service) Only() (Organization, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var only Organization
	for _, t := range s.tenants {
		t.mu.RLock()
		here := t.snap != nil && t.snap.organization.DisabledAt.IsZero()
		if here && only.ID != 0 {
			t.mu.RUnlock()
			return Organization{}, false
		}
		if here {
			only = t.snap.organization
			only.TrustedHosts = slices.Clone(only.TrustedHosts)
		}
		t.mu.RUnlock()
	}
	return only, only.ID != 0
}
