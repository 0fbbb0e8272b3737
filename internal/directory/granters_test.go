package directory_test

import (
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

// Owners are asked for a role first, then administrators, of those who are there.
func TestGranters(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx := t.Context()
		asked := func(some int, want string) {
			t.Helper()
			users, err := o.Granters(ctx, o.id, some)
			must(t, err)
			var names []string
			for _, u := range users {
				names = append(names, u.Userid)
			}
			if got := strings.Join(names, " "); got != want {
				t.Errorf("%d of them: %q, want %q", some, got, want)
			}
		}
		asked(3, "")
		for userid, roles := range map[string]string{
			"adm": "administrator", "aud": "auditor", "emp": "", "own": "owner", "both": "administrator,owner", "left": "owner", "off": "owner",
		} {
			u := o.mustUser(t, userid)
			list := strings.Split(roles, ",")
			if roles == "" {
				list = nil
			}
			_, err := o.UpdateUser(ctx, audit.ByOperator(), o.id, u.Userid, directory.UserChange{Roles: &list})
			must(t, err)
		}
		must(t, o.DeleteUser(ctx, audit.ByOperator(), o.id, "left"))
		must(t, o.DisableUser(ctx, audit.ByOperator(), o.id, "off"))
		other, err := o.CreateOrganization(ctx, audit.ByOperator(), directory.NewOrganization{Name: "Other"})
		must(t, err)
		users, err := o.Granters(ctx, o.id, 3)
		must(t, err)
		if len(users) != 3 || users[2].Userid != "adm" || users[0].Ordinal > users[1].Ordinal {
			t.Errorf("%+v", users)
		}
		if users, err = o.Granters(ctx, other.ID, 3); err != nil || len(users) != 0 {
			t.Errorf("of another organization: %v, %v", users, err)
		}
		must(t, o.DisableUser(ctx, audit.ByOperator(), o.id, "own"))
		asked(3, "both adm")
		asked(1, "both")
	})
}
