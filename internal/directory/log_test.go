package directory_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

// log returns the entries after the nth, oldest first, as text.
func (o org) log(t *testing.T, organization, n int64) []string {
	t.Helper()
	page, err := o.db.AuditLog().AuditPage(context.Background(), organization, audit.Query{Limit: audit.MaxPage})
	must(t, err)
	var list []string
	for _, e := range slices.Backward(page.Entries) {
		if e.N <= n {
			continue
		}
		delete(e.Details, "run") // is random
		list = append(list, fmt.Sprintf("%s %s: %s by %s", e.Action, e.Subject, e.Details, e.By))
	}
	return list
}

// Every change of an organization, its departments and its people is in its log,
// once, with who made it. A change that changes nothing and one that is refused
// are not, and nothing in the log names anybody.
func TestChangesOfDirectoriesAreLogged(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx := context.Background()
		by := audit.OnBehalfOf(o.id, 7)
		text := func(s string) *string { return &s }
		user := func(userid string, c directory.UserChange) func() error {
			return func() error { _, err := o.UpdateUser(ctx, by, o.id, userid, c); return err }
		}
		organization := func(c directory.OrganizationChange) func() error {
			return func() error { _, err := o.UpdateOrganization(ctx, by, o.id, c); return err }
		}
		department := func(c directory.DepartmentChange) func() error {
			return func() error { _, err := o.UpdateDepartment(ctx, by, o.id, 2, c); return err }
		}
		load := func(file string, options directory.ImportOptions) func() error {
			return func() error {
				_, err := o.Import(ctx, by, o.id, strings.NewReader(file), options)
				return err
			}
		}
		limits, err := policy.ForPreset(policy.Standard, false)
		must(t, err)
		fewer, err := limits.Changed([]byte(`{"messages_per_day":3}`))
		must(t, err)
		yes, root, two := true, int64(1), int64(2)
		for _, c := range []struct {
			name string
			do   func() error
			want []string // the entries, without who did it
			code fault.Code
		}{
			{"department", func() error {
				_, err := o.CreateDepartment(ctx, by, o.id, directory.NewDepartment{Name: "Sales"})
				return err
			}, []string{"department.create dept:2: parent 1"}, ""},
			{"department twice", func() error {
				_, err := o.CreateDepartment(ctx, by, o.id, directory.NewDepartment{Name: "Sales"})
				return err
			}, nil, fault.CodeDepartmentDuplicate},
			{"rename", department(directory.DepartmentChange{Name: text("Support"), ParentID: &root}), []string{"department.save dept:2: changed name"}, ""},
			{"rename again", department(directory.DepartmentChange{Name: text("Support")}), nil, ""},
			{"below itself", department(directory.DepartmentChange{ParentID: &two}), nil, fault.CodeDepartmentLoop},
			{"person", func() error {
				_, err := o.CreateUser(ctx, by, o.id, directory.NewUser{
					Userid: "ann", Name: "Ann Canary", Mobile: "canary", Email: "canary@example.com", DeptIDs: []int64{2}, Roles: []string{"author"},
				})
				return err
			}, []string{"person.create person:0: departments 2; roles author"}, ""},
			{"person twice", func() error {
				_, err := o.CreateUser(ctx, by, o.id, directory.NewUser{Userid: "ann", Name: "Ann"})
				return err
			}, nil, fault.CodeUserExists},
			{"name", user("ann", directory.UserChange{Name: text("Ann C. Canary"), Title: text("Canary")}), []string{"person.save person:0: changed name, title"}, ""},
			{"name again", user("ann", directory.UserChange{Name: text("Ann C. Canary")}), nil, ""},
			{"move", user("ann", directory.UserChange{DeptIDs: &[]int64{1, 2}}), []string{"person.save person:0: changed dept_ids; departments 1, 2"}, ""},
			{"roles", user("ann", directory.UserChange{Roles: &[]string{"owner"}}), []string{"roles.save person:0: before author; roles owner"}, ""},
			{"both", user("ann", directory.UserChange{Email: text(""), Roles: &[]string{"author"}}), []string{
				"person.save person:0: changed email", "roles.save person:0: before owner; roles author",
			}, ""},
			{"no such role", user("ann", directory.UserChange{Roles: &[]string{"king"}}), nil, fault.CodeParameterInvalid},
			{"disable", func() error { return o.DisableUser(ctx, by, o.id, "ann") }, []string{"person.disable person:0: "}, ""},
			{"disable again", func() error { return o.DisableUser(ctx, by, o.id, "ann") }, nil, ""},
			{"enable", func() error { return o.EnableUser(ctx, by, o.id, "ann") }, []string{"person.enable person:0: "}, ""},
			{"delete", func() error { return o.DeleteUser(ctx, by, o.id, "ann") }, []string{"person.delete person:0: "}, ""},
			{"delete again", func() error { return o.DeleteUser(ctx, by, o.id, "ann") }, nil, fault.CodeUserUnknown},
			{"delete a department", func() error { return o.DeleteDepartment(ctx, by, o.id, 2) }, []string{"department.delete dept:2: "}, ""},
			{"delete the root", func() error { return o.DeleteDepartment(ctx, by, o.id, 1) }, nil, fault.CodeDepartmentRoot},
			{"limits", organization(directory.OrganizationChange{Name: text("Canary Ltd"), Limits: &fewer}), []string{
				"organization.save organization: changed limits, name; messages per day 3",
			}, ""},
			{"limits again", organization(directory.OrganizationChange{Limits: &fewer}), nil, ""},
			{"limits of the preset", organization(directory.OrganizationChange{Limits: &limits}), []string{
				"organization.save organization: changed limits; messages per day default",
			}, ""},
			{"retention", organization(directory.OrganizationChange{Retention: &policy.Retention{Messages: 30, Receipts: policy.Forever}}), []string{
				"organization.save organization: changed retention; messages days 30; receipts days forever",
			}, ""},
			{"off", organization(directory.OrganizationChange{Disabled: &yes, Contact: text("canary"), ReviewsOthers: &yes}), []string{
				"organization.save organization: changed contact, disabled, reviews_others; disabled yes; reviews others yes",
			}, ""},
			{"no such zone", organization(directory.OrganizationChange{TimeZone: text("Mars")}), nil, fault.CodeParameterInvalid},
			{"dry run", load("userid,name\nben,Ben Canary\n", directory.ImportOptions{DryRun: true}), nil, ""},
			{"import", load("userid,name,department,roles\nben,Ben Canary,Canary,owner\ncyd,Cyd Canary,,\n", directory.ImportOptions{}), []string{
				"people.import organization: full no; step begun",
				"people.import organization: changed 0; created 2; departments 1; departments changed 0; disabled 0; full no; roles given 1; step done",
			}, ""},
			{"the same import", load("userid,name\nben,Ben Canary\ncyd,Cyd Canary\n", directory.ImportOptions{}), nil, ""},
			{"full import", load("userid,name\ncyd,Cyd C. Canary\n", directory.ImportOptions{Full: true, MaxDisabled: 50}), []string{
				"people.import organization: full yes; step begun",
				"people.import organization: changed 1; created 0; departments 0; departments changed 0; disabled 1; full yes; roles given 0; step done",
			}, ""},
			{"wrong file", load("userid,name\ndan,\n", directory.ImportOptions{}), nil, fault.CodeParameterInvalid},
		} {
			before, err := o.db.AuditLog().AuditHead(ctx, o.id)
			must(t, err)
			if err := c.do(); c.code == "" && err != nil || c.code != "" && !fault.Is(err, c.code) {
				t.Errorf("%s: %v, want %q", c.name, err, c.code)
			}
			for i := range c.want {
				c.want[i] += fmt.Sprintf(" by %s", by)
			}
			if got := o.log(t, o.id, before.N); !slices.Equal(got, c.want) {
				t.Errorf("%s: logged\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		}
		if all := strings.Join(o.log(t, o.id, 0), "\n"); strings.Contains(strings.ToLower(all), "canary") {
			t.Errorf("the log names somebody:\n%s", all)
		}
		made, err := o.CreateOrganization(ctx, audit.ByOperator(), directory.NewOrganization{Name: "Other", TimeZone: "UTC"})
		must(t, err)
		want := "organization.create organization: preset standard; time zone UTC by operator"
		if got := o.log(t, made.ID, 0); len(got) != 1 || got[0] != want {
			t.Errorf("a new organization: %q, want %q", got, want)
		}
	})
}

// An import that is cut off says how far it came, by the same run.
func TestImportsThatFailAreLogged(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		s := directory.New(directory.Deps{Store: &cutOff{Store: o.store(), cut: cancel}, Now: noon})
		var file strings.Builder
		file.WriteString("userid,name\n")
		for i := range 500 {
			fmt.Fprintf(&file, "u%d,Somebody\n", i)
		}
		r, err := s.Import(ctx, audit.ByOperator(), o.id, strings.NewReader(file.String()), directory.ImportOptions{})
		if err == nil || r.Created != 200 {
			t.Fatalf("created %d, %v", r.Created, err)
		}
		page, err := o.db.AuditLog().AuditPage(context.Background(), o.id, audit.Query{Action: audit.PeopleImport, Limit: 10})
		must(t, err)
		if len(page.Entries) != 2 {
			t.Fatalf("%d entries: %+v", len(page.Entries), page.Entries)
		}
		done, begun := page.Entries[0], page.Entries[1]
		if begun.Details["step"] != "begun" || done.Details["step"] != "done" || done.Details["interrupted"] != true ||
			fmt.Sprint(done.Details["created"]) != "200" || begun.Details["run"] == "" || begun.Details["run"] != done.Details["run"] {
			t.Errorf("begun %s, done %s", begun.Details, done.Details)
		}
	})
}

// cutOff ends the caller's context after the first piece of an import.
type cutOff struct {
	directory.Store

	cut context.CancelFunc
}

func (c *cutOff) ChangeDirectoryLater(ctx context.Context, organization int64, decide directory.Decision) (int64, error) {
	revision, err := c.Store.ChangeDirectoryLater(ctx, organization, decide)
	c.cut()
	return revision, err
}
