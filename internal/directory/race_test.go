package directory_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

// TestResolvesRaceWithChanges resolves without pause while people come, move
// and go and departments are moved. One half of the people never moves: it is
// in every answer, and nobody is in two sets of one.
func TestResolvesRaceWithChanges(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx := context.Background()
		a, b := o.mustDept(t, 1, "a"), o.mustDept(t, 1, "b")
		team := o.mustDept(t, a, "team")
		var still []string
		for i := range 10 {
			still = append(still, o.mustUser(t, fmt.Sprintf("still%d", i), a).Userid)
		}
		stop := make(chan struct{})
		var readers sync.WaitGroup
		for i := range 4 {
			readers.Go(func() {
				audience := []directory.Audience{
					{DeptIDs: []int64{a}}, {Everyone: true}, {DeptIDs: []int64{a, b}}, {Userids: append([]string{"mover"}, still...)},
				}[i]
				var last int64
				for {
					select {
					case <-stop:
						return
					default:
					}
					got, err := o.Resolve(ctx, o.id, audience, directory.Range{DeptIDs: []int64{a, team}})
					if err != nil {
						t.Error(err)
						return
					}
					names := o.names(got.Recipients)
					for _, userid := range still {
						if !slices.Contains(names, userid) {
							t.Errorf("%s is missing from %v", userid, names)
							return
						}
					}
					if got.DirectoryRevision < last || got.Recipients.Intersects(got.OutsideDept) || got.Recipients.Intersects(got.OutsideUser) {
						t.Errorf("revision %d after %d, %v, %v, %v", got.DirectoryRevision, last, got.Recipients, got.OutsideDept, got.OutsideUser)
						return
					}
					last = got.DirectoryRevision
					got.Recipients.Clear() // it is ours
				}
			})
		}
		changeForAWhile(t, o, a, b, team)
		close(stop)
		readers.Wait()
	})
}

func changeForAWhile(t *testing.T, o org, a, b, team int64) {
	ctx := context.Background()
	for i := range 15 {
		u := o.mustUser(t, "mover", team)
		depts, parent := []int64{b, team}, []int64{a, b}[i%2]
		_, err := o.UpdateUser(ctx, audit.ByOperator(), o.id, u.Userid, directory.UserChange{DeptIDs: &depts})
		must(t, err)
		_, err = o.UpdateDepartment(ctx, audit.ByOperator(), o.id, team, directory.DepartmentChange{ParentID: &parent})
		must(t, err)
		must(t, o.DisableUser(ctx, audit.ByOperator(), o.id, u.Userid))
		must(t, o.DeleteUser(ctx, audit.ByOperator(), o.id, u.Userid))
	}
}

func TestUseridsHoldsNoLockWhileTheCallerLooks(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		o.mustUser(t, "ann")
		o.mustUser(t, "ben")
		set := roaring.BitmapOf(0, 1, 7)
		var got []string
		for userid := range o.Userids(o.id, set) {
			got = append(got, userid)
			o.mustUser(t, "met "+userid) // would wait for ever behind a held lock
		}
		wantNames(t, "userids", got, "ann", "ben")
		for range o.Userids(o.id, set) {
			break
		}
	})
}
