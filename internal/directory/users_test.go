package directory_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

func TestUsersAreKept(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx := context.Background()
		dept := o.mustDept(t, 1, "研发")
		made, err := o.CreateUser(ctx, audit.ByOperator(), o.id, directory.NewUser{
			Userid: "员工 01", Name: " 王小明 ", DeptIDs: []int64{dept, 1, dept}, Mobile: "00012345678",
			Email: "wang@example.com", JobNumber: "J1", Title: "工程师", Roles: []string{"reviewer", "author", "author"},
		})
		must(t, err)
		want := directory.User{
			Ordinal: 0, Userid: "员工 01", Name: "王小明", DeptIDs: []int64{1, dept}, Mobile: "00012345678",
			Email: "wang@example.com", JobNumber: "J1", Title: "工程师", Roles: []string{"author", "reviewer"}, CreatedAt: noon(),
		}
		got, err := o.User(ctx, o.id, "员工 01")
		must(t, err)
		if d := cmp.Diff(want, made); d != "" {
			t.Errorf("answered (-want +got):\n%s", d)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("stored (-want +got):\n%s", d)
		}
		title, none := "经理", ""
		got, err = o.UpdateUser(ctx, audit.ByOperator(), o.id, "员工 01", directory.UserChange{Title: &title, Mobile: &none})
		must(t, err)
		want.Title, want.Mobile = title, ""
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("updated (-want +got):\n%s", d)
		}
		plain := o.mustUser(t, "plain")
		if plain.Ordinal != 1 || len(plain.DeptIDs) != 1 || plain.DeptIDs[0] != 1 || plain.Roles[0] != "employee" {
			t.Errorf("plain user %+v", plain)
		}
	})
}

func TestUsersAreRefused(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx := context.Background()
		for _, n := range []directory.NewUser{
			{Name: "no id"},
			{Userid: strings.Repeat("长", 65), Name: "x"},
			{Userid: "a,b", Name: "x"},
			{Userid: " a", Name: "x"},
			{Userid: "a\nb", Name: "x"},
			{Userid: "a\x00", Name: "x"},
			{Userid: "a\xff", Name: "x"},
			{Userid: "a"},
			{Userid: "a", Name: strings.Repeat("x", 81)},
			{Userid: "a", Name: "x\x00"},
			{Userid: "a", Name: "x\u200c"},
			{Userid: "a", Name: "\u115f"},
			{Userid: "a", Name: "x", Title: "Chair\u202eman"},
			{Userid: "a", Name: "x", Email: strings.Repeat("x", 255)},
			{Userid: "a", Name: "x", Roles: []string{"king"}},
		} {
			_, err := o.CreateUser(ctx, audit.ByOperator(), o.id, n)
			wantCode(t, err, fault.CodeParameterInvalid)
		}
		_, err := o.CreateUser(ctx, audit.ByOperator(), o.id, directory.NewUser{Userid: "a", Name: "x", DeptIDs: []int64{1, 7}})
		wantCode(t, err, fault.CodeDepartmentUnknown)
		o.mustUser(t, strings.Repeat("长", 64))
		if u := o.mustUser(t, "a"); u.Ordinal != 1 {
			t.Errorf("a refusal took an ordinal: %d", u.Ordinal)
		}
		_, err = o.CreateUser(ctx, audit.ByOperator(), o.id, directory.NewUser{Userid: "a", Name: "again"})
		wantCode(t, err, fault.CodeUserExists)
		o.mustUser(t, "A") // userids compare exactly
		depts, none := []int64{7}, []int64{}
		_, err = o.UpdateUser(ctx, audit.ByOperator(), o.id, "a", directory.UserChange{DeptIDs: &depts})
		wantCode(t, err, fault.CodeDepartmentUnknown)
		_, err = o.UpdateUser(ctx, audit.ByOperator(), o.id, "a", directory.UserChange{DeptIDs: &none})
		wantCode(t, err, fault.CodeParameterInvalid)
		_, err = o.UpdateUser(ctx, audit.ByOperator(), o.id, "nobody", directory.UserChange{})
		wantCode(t, err, fault.CodeUserUnknown)
		_, err = o.User(ctx, o.id, "nobody")
		wantCode(t, err, fault.CodeUserUnknown)
		wantCode(t, o.DisableUser(ctx, audit.ByOperator(), o.id, "nobody"), fault.CodeUserUnknown)
	})
}

func TestTheSameUseridAgainIsSomebodyNew(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx := context.Background()
		first := o.mustUser(t, "ann")
		must(t, o.DeleteUser(ctx, audit.ByOperator(), o.id, "ann"))
		wantCode(t, o.DeleteUser(ctx, audit.ByOperator(), o.id, "ann"), fault.CodeUserUnknown)
		if _, ok := o.Ordinal(o.id, "ann"); ok {
			t.Error("a deleted person has an ordinal")
		}
		second := o.mustUser(t, "ann")
		if second.Ordinal == first.Ordinal {
			t.Error("the ordinal was given again")
		}
		fresh := org{directory.New(directory.Deps{Store: o.store(), Now: noon}), o.id, o.db}
		must(t, fresh.Load(ctx))
		for _, node := range []org{o, fresh} {
			if now, ok := node.Ordinal(o.id, "ann"); !ok || now != second.Ordinal {
				t.Errorf("ann is %d, %v", now, ok)
			}
			for _, ordinal := range []uint32{first.Ordinal, second.Ordinal} {
				if userid, ok := node.Userid(o.id, ordinal); !ok || userid != "ann" {
					t.Errorf("ordinal %d is %q, %v", ordinal, userid, ok)
				}
			}
			if _, ok := node.Userid(o.id, 2); ok {
				t.Error("an ordinal that was never given is somebody")
			}
		}
	})
}

// What somebody did long ago is told in the name of who it was, not of whoever
// has the userid today.
func TestPeopleByOrdinal(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx := t.Context()
		first := o.mustUser(t, "ann")
		must(t, o.DeleteUser(ctx, audit.ByOperator(), o.id, "ann"))
		name := "Ann the Second"
		second, err := o.CreateUser(ctx, audit.ByOperator(), o.id, directory.NewUser{Userid: "ann", Name: name})
		must(t, err)
		people, err := o.PeopleByOrdinal(ctx, o.id, []uint32{second.Ordinal, first.Ordinal, 999})
		must(t, err)
		if len(people) != 2 || people[first.Ordinal].Name != "ann" || people[second.Ordinal].Name != name {
			t.Errorf("people %+v", people)
		}
	})
}

func TestDisabledPeopleKeepTheirUserid(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx := context.Background()
		o.mustUser(t, "ann")
		o.mustUser(t, "ben")
		must(t, o.DisableUser(ctx, audit.ByOperator(), o.id, "ann"))
		must(t, o.DisableUser(ctx, audit.ByOperator(), o.id, "ann"))
		_, err := o.CreateUser(ctx, audit.ByOperator(), o.id, directory.NewUser{Userid: "ann", Name: "x"})
		wantCode(t, err, fault.CodeUserExists)
		got := o.mustResolve(t, directory.Audience{Userids: []string{"ann", "ben"}}, everyone)
		wantNames(t, "recipients", o.names(got.Recipients), "ben")
		wantNames(t, "invalid", got.InvalidUserids, "ann")
		before := got.DirectoryRevision
		must(t, o.EnableUser(ctx, audit.ByOperator(), o.id, "ann"))
		must(t, o.EnableUser(ctx, audit.ByOperator(), o.id, "ann"))
		got = o.mustResolve(t, directory.Audience{Everyone: true}, everyone)
		wantNames(t, "recipients", o.names(got.Recipients), "ann", "ben")
		if got.DirectoryRevision != before+1 {
			t.Errorf("revision %d after %d: only what changes takes one", got.DirectoryRevision, before)
		}
	})
}

func TestConcurrentChangesHandOutOrdinalsOnce(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		there := org{directory.New(directory.Deps{Store: o.store(), Now: noon}), o.id, o.db}
		const each = 20
		done := make(chan error)
		for i, node := range []org{o, there, o, there} {
			go func() {
				for k := range each {
					_, err := node.CreateUser(context.Background(), audit.ByOperator(), o.id, directory.NewUser{
						Userid: strings.Repeat("x", i+1) + string(rune('a'+k)), Name: "x",
					})
					if err != nil && !fault.Is(err, fault.CodeBusy) {
						done <- err
						return
					}
				}
				done <- nil
			}()
		}
		for range 4 {
			must(t, <-done)
		}
		users, err := o.Users(context.Background(), o.id)
		must(t, err)
		for i, u := range users {
			if u.Ordinal != uint32(i) {
				t.Fatalf("ordinal %d at place %d", u.Ordinal, i)
			}
		}
	})
}

// A userid names who has it, or else the one who had it; of several who had it the
// caller chooses.
func TestHolder(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx, by := t.Context(), audit.ByOperator()
		create := func() uint32 {
			u, err := o.CreateUser(ctx, by, o.id, directory.NewUser{Userid: "ann", Name: "Ann"})
			must(t, err)
			return u.Ordinal
		}
		remove := func() { must(t, o.DeleteUser(ctx, by, o.id, "ann")) }
		check := func(userid string, want uint32, code fault.Code, others ...uint32) {
			t.Helper()
			got, also, err := o.Holder(ctx, o.id, userid)
			if got != want || !slices.Equal(also, others) || code == "" && err != nil || code != "" && !fault.Is(err, code) {
				t.Errorf("%s: %d, %v, %v; want %d, %v, %q", userid, got, also, err, want, others, code)
			}
		}
		check("ann", 0, fault.CodeUserUnknown)
		first := create()
		check("ann", first, "")
		remove()
		check("ann", first, "")
		second := create()
		check("ann", second, "", first)
		remove()
		check("ann", 0, fault.CodeConflict, first, second)
		check("zoe", 0, fault.CodeUserUnknown)
	})
}
