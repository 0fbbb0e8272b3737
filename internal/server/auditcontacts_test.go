package server_test

import (
	"context"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

// contacts are what apps change of people and departments; each is refused to one whose
// range is elsewhere.
func (d *deed) contacts(m *made) []step {
	dir, name, by := d.rooms.Directory, "Renamed", audit.ByOperator()
	everywhere := func() directory.Viewer {
		return directory.Viewer{Organization: m.org, Within: directory.Range{Everyone: true}, Provider: m.org}
	}
	elsewhere := func() directory.Viewer {
		return directory.Viewer{Organization: m.org, Within: directory.Range{Userids: []string{"ann"}}, Provider: m.org}
	}
	var dept int64
	somebody := directory.NewUser{Userid: "cat", Name: "Cat", Mobile: "13900000009", DeptIDs: []int64{1}}
	create := func(ctx context.Context, v directory.Viewer) error {
		_, err := dir.CreateContact(ctx, by, v, somebody)
		return err
	}
	createDepartment := func(ctx context.Context, v directory.Viewer) error {
		one, err := dir.CreateContactDepartment(ctx, by, v, directory.NewDepartment{Name: "Shop", ParentID: 1})
		dept = one.ID
		return err
	}
	update := func(ctx context.Context, v directory.Viewer) error {
		return dir.UpdateContact(ctx, by, v, somebody.Userid, directory.UserChange{Name: &name})
	}
	updateDepartment := func(ctx context.Context, v directory.Viewer) error {
		return dir.UpdateContactDepartment(ctx, by, v, dept, directory.DepartmentChange{Name: &name})
	}
	steps := []step{}
	for _, s := range []struct {
		method, want string
		do           func(context.Context, directory.Viewer) error
	}{
		{"CreateContactDepartment", "department.create", createDepartment},
		{"UpdateContactDepartment", "department.save", updateDepartment},
		{"CreateContact", "person.create", create},
		{"UpdateContact", "person.save", update},
		{"DeleteContacts", "person.delete", func(ctx context.Context, v directory.Viewer) error {
			return dir.DeleteContacts(ctx, by, v, somebody.Userid)
		}},
		{"DeleteContactDepartment", "department.delete", func(ctx context.Context, v directory.Viewer) error {
			return dir.DeleteContactDepartment(ctx, by, v, dept)
		}},
	} {
		steps = append(steps, step{
			"Directory." + s.method, s.want,
			func(ctx context.Context) error { return s.do(ctx, everywhere()) },
			func(ctx context.Context) error { return s.do(ctx, elsewhere()) },
		})
	}
	return steps
}
