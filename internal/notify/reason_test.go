package notify_test

import (
	"context"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// What was true at the acceptance stays with the task, whatever becomes of
// people and departments afterwards.
func TestTasksKeepWhyIdsMeantNobody(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		f := mustFixture(t, db, wrap{})
		c := f.mustOrganization(t, 4, nil)
		parent, _ := mustDepts(t, f, c.Organization)
		gone, err := f.directory.CreateDepartment(ctx, audit.ByOperator(), c.Organization, directory.NewDepartment{ParentID: 1, Name: "gone"})
		must(t, err)
		must(t, f.directory.DeleteDepartment(ctx, audit.ByOperator(), c.Organization, gone.ID))
		must(t, f.directory.DisableUser(ctx, audit.ByOperator(), c.Organization, "u1"))
		must(t, f.directory.DeleteUser(ctx, audit.ByOperator(), c.Organization, "u3"))
		a := directory.Audience{Userids: []string{"u1", "u0", "u3", "ghost"}, DeptIDs: []int64{gone.ID, parent, 99}}
		id, err := f.Send(ctx, request(c, "x", a))
		must(t, err)
		must(t, f.directory.EnableUser(ctx, audit.ByOperator(), c.Organization, "u1"))

		got, err := db.Tasks().OutcomeByID(ctx, c.Organization, id)
		must(t, err)
		want := notify.Invalid{
			Userids: []string{"u1", "u3", "ghost"}, DeptIDs: []int64{gone.ID, 99},
			UserReasons: []directory.Reason{directory.ReasonDisabled, directory.ReasonDeleted, directory.ReasonUnknown},
			DeptReasons: []directory.Reason{directory.ReasonDeleted, directory.ReasonUnknown},
		}
		if d := cmp.Diff(want, got.Invalid); d != "" {
			t.Error(d)
		}
		for userid, reason := range map[string]directory.Reason{"u1": "disabled", "u3": "deleted", "ghost": "unknown", "u0": "", "u2": ""} {
			if r := got.Invalid.UserReason(userid); r != reason {
				t.Errorf("%s: %q, want %q", userid, r, reason)
			}
		}
		byUserid := roaring.New()
		if _, err := byUserid.FromBuffer(got.Named.ByUserid); err != nil || !byUserid.Equals(roaring.BitmapOf(0)) {
			t.Errorf("named one by one: %v (%v), want u0, who has ordinal 0", byUserid, err)
		}
	})
}
