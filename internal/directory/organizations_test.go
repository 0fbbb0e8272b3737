package directory_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

func TestAnOrganizationBeginsWithItsRoot(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		s := directory.New(directory.Deps{Store: db.Directory(), Now: noon})
		made, err := s.CreateOrganization(ctx, audit.ByOperator(), directory.NewOrganization{Name: " 示例 "})
		must(t, err)
		got, err := directory.New(directory.Deps{Store: db.Directory(), Now: noon}).ByCorpID(ctx, made.CorpID)
		must(t, err)
		want, _ := policy.ForPreset(policy.Standard, false)
		if got.ID != made.ID || got.Name != "示例" || got.Limits != want || got.TimeZone != "Asia/Shanghai" || !got.CreatedAt.Equal(noon()) || !got.DisabledAt.IsZero() {
			t.Errorf("got %+v", got)
		}
		if !regexp.MustCompile(`^ding[0-9a-f]{32}$`).MatchString(got.CorpID) {
			t.Errorf("corp id %q", got.CorpID)
		}
		departments, err := s.Departments(ctx, made.ID)
		must(t, err)
		if len(departments) != 1 || departments[0].ID != directory.RootID || departments[0].Name != "示例" {
			t.Errorf("departments %+v", departments)
		}
		if z := s.Location(made.ID).String(); z != "Asia/Shanghai" {
			t.Errorf("location %s", z)
		}
	})
}

func TestOrganizationsAreRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		s := directory.New(directory.Deps{Store: db.Directory(), Now: noon})
		for _, n := range []directory.NewOrganization{
			{Name: ""},
			{Name: "a-b"},
			{Name: strings.Repeat("长", 65)},
			{Name: "a", TimeZone: "Mars/Olympus"},
			{Name: "a", TimeZone: "Local"},
			{Name: "a", Preset: "generous"},
			{Name: "a", CorpID: "with space"},
			{Name: "a", CorpID: strings.Repeat("x", 65)},
			{Name: "a\x00b"},
			{Name: "a\u3164"},
			{Name: "\u202eb"},
		} {
			_, err := s.CreateOrganization(ctx, audit.ByOperator(), n)
			wantCode(t, err, fault.CodeParameterInvalid)
		}
		_, err := s.CreateOrganization(ctx, audit.ByOperator(), directory.NewOrganization{Name: "a", CorpID: "corp1"})
		must(t, err)
		_, err = s.CreateOrganization(ctx, audit.ByOperator(), directory.NewOrganization{Name: "b", CorpID: "corp1"})
		wantCode(t, err, fault.CodeOrganizationExists)
		_, err = s.Organization(ctx, 999)
		wantCode(t, err, fault.CodeOrganizationUnknown)
		_, err = s.ByCorpID(ctx, "corp2")
		wantCode(t, err, fault.CodeOrganizationUnknown)
		wantCode(t, s.CatchUp(ctx, 999, 1), fault.CodeOrganizationUnknown)
		_, err = s.Resolve(ctx, 999, directory.Audience{Everyone: true}, everyone)
		wantCode(t, err, fault.CodeOrganizationUnknown)
		_, err = s.CreateUser(ctx, audit.ByOperator(), 999, directory.NewUser{Userid: "u", Name: "u"})
		wantCode(t, err, fault.CodeOrganizationUnknown)
		all, err := s.Organizations(ctx)
		must(t, err)
		if len(all) != 1 || all[0].CorpID != "corp1" {
			t.Errorf("organizations %+v", all)
		}
	})
}

func TestAnOrganizationChangesOnEveryNode(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			address := storetest.Ready(t, engine)
			here := mustOrg(t, storetest.At(t, address, nil), "Example")
			there := org{directory.New(directory.Deps{Store: storetest.At(t, address, nil).Directory(), Now: noon}), here.id, here.db}
			must(t, there.Load(ctx))

			limits, _ := policy.ForPreset(policy.DingTalk, false)
			name, zone, hosts, off := "Renamed", "Europe/Berlin", []string{"B.example.com", "a.example.com"}, true
			_, err := here.UpdateOrganization(ctx, audit.ByOperator(), here.id, directory.OrganizationChange{
				Name: &name, TimeZone: &zone, Limits: &limits, TrustedHosts: &hosts, Disabled: &off,
			})
			must(t, err)
			must(t, there.Load(ctx))
			for _, o := range []org{here, there} {
				got, err := o.Organization(ctx, o.id)
				must(t, err)
				if got.Name != name || got.Limits != limits || strings.Join(got.TrustedHosts, " ") != "a.example.com b.example.com" || got.DisabledAt.IsZero() {
					t.Errorf("got %+v", got)
				}
				if o.Location(o.id).String() != zone {
					t.Errorf("location %s", o.Location(o.id))
				}
				departments, err := o.Departments(ctx, o.id)
				must(t, err)
				if departments[0].Name != name {
					t.Errorf("root is named %s", departments[0].Name)
				}
				_, err = o.Resolve(ctx, o.id, directory.Audience{Everyone: true}, everyone)
				wantCode(t, err, fault.CodeOrganizationDisabled)
			}
			on := false
			got, err := there.UpdateOrganization(ctx, audit.ByOperator(), here.id, directory.OrganizationChange{Disabled: &on})
			must(t, err)
			if got.DisabledAt != (time.Time{}) || got.Name != name {
				t.Errorf("got %+v", got)
			}
			there.mustResolve(t, directory.Audience{Everyone: true}, everyone)
		})
	}
}

func TestOrganizationsDoNotSeeEachOther(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		a := mustOrg(t, db, "A")
		made, err := a.CreateOrganization(ctx, audit.ByOperator(), directory.NewOrganization{Name: "B"})
		must(t, err)
		b := org{a.Service, made.ID, db}
		dept := a.mustDept(t, 1, "Sales")
		a.mustUser(t, "ann", dept)
		a.mustUser(t, "zoe")
		if u := b.mustUser(t, "ben"); u.Ordinal != 0 {
			t.Errorf("the first ordinal of B is %d", u.Ordinal)
		}
		got := b.mustResolve(t, directory.Audience{Userids: []string{"ann", "ben"}, DeptIDs: []int64{dept}}, everyone)
		wantNames(t, "recipients", b.names(got.Recipients), "ben")
		wantNames(t, "invalid", got.InvalidUserids, "ann")
		if len(got.InvalidDeptIDs) != 1 {
			t.Errorf("invalid departments %v", got.InvalidDeptIDs)
		}
		_, err = b.User(ctx, b.id, "ann")
		wantCode(t, err, fault.CodeUserUnknown)
		wantCode(t, b.DeleteUser(ctx, audit.ByOperator(), b.id, "ann"), fault.CodeUserUnknown)
		wantCode(t, b.DeleteDepartment(ctx, audit.ByOperator(), b.id, dept), fault.CodeDepartmentUnknown)
		if _, ok := b.Ordinal(b.id, "ann"); ok {
			t.Error("B knows ann's ordinal")
		}
		if _, ok := b.Userid(b.id, 1); ok {
			t.Error("B knows an ordinal of A")
		}
		users, err := b.Users(ctx, b.id)
		must(t, err)
		if len(users) != 1 || users[0].Userid != "ben" {
			t.Errorf("users of B: %+v", users)
		}
	})
}

// Whom to ask is kept with the organization. The only one is known from memory;
// a disabled one does not count.
func TestContact(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx := context.Background()
		far := directory.New(directory.Deps{Store: o.db.Directory(), Now: noon})
		for _, bad := range []string{strings.Repeat("长", 201), "two\nlines", "\xff"} {
			_, err := o.UpdateOrganization(ctx, audit.ByOperator(), o.id, directory.OrganizationChange{Contact: &bad})
			wantCode(t, err, fault.CodeParameterInvalid)
		}
		for text, want := range map[string]string{" IT help desk, 分机 5555 ": "IT help desk, 分机 5555", "": ""} {
			_, err := o.UpdateOrganization(ctx, audit.ByOperator(), o.id, directory.OrganizationChange{Contact: &text})
			must(t, err)
			must(t, far.Load(ctx))
			if got, ok := far.Only(); !ok || got.ID != o.id || got.Contact != want {
				t.Errorf("%+v %v, want %q", got, ok, want)
			}
		}
		other, err := o.CreateOrganization(ctx, audit.ByOperator(), directory.NewOrganization{Name: "Other"})
		must(t, err)
		if got, ok := o.Only(); ok || got.ID != 0 {
			t.Errorf("of two: %+v", got)
		}
		off := true
		_, err = o.UpdateOrganization(ctx, audit.ByOperator(), other.ID, directory.OrganizationChange{Disabled: &off})
		must(t, err)
		if got, ok := o.Only(); !ok || got.ID != o.id {
			t.Errorf("of one that is enabled: %+v %v", got, ok)
		}
	})
}
