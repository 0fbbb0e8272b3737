package directory_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// noon is when every test happens.
func noon() time.Time { return time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC) }

// org is one organization as one node knows it.
type org struct {
	*directory.Service

	id int64
	db *store.DB
}

func (o org) store() directory.Store { return o.db.Directory() }

func mustOrg(tb testing.TB, db *store.DB, name string) org {
	tb.Helper()
	s := directory.New(directory.Deps{Store: db.Directory(), Now: noon})
	o, err := s.CreateOrganization(context.Background(), audit.ByOperator(), directory.NewOrganization{Name: name})
	if err != nil {
		tb.Fatal(err)
	}
	return org{s, o.ID, db}
}

// eachOrg runs fn on both engines with a fresh organization.
func eachOrg(t *testing.T, fn func(t *testing.T, o org)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { fn(t, mustOrg(t, db, "Example")) })
}

func (o org) mustDept(tb testing.TB, parent int64, name string) int64 {
	tb.Helper()
	d, err := o.CreateDepartment(context.Background(), audit.ByOperator(), o.id, directory.NewDepartment{ParentID: parent, Name: name})
	if err != nil {
		tb.Fatalf("create department %s: %v", name, err)
	}
	return d.ID
}

func (o org) mustUser(tb testing.TB, userid string, depts ...int64) directory.User {
	tb.Helper()
	u, err := o.CreateUser(context.Background(), audit.ByOperator(), o.id, directory.NewUser{Userid: userid, Name: userid, DeptIDs: depts})
	if err != nil {
		tb.Fatalf("create user %s: %v", userid, err)
	}
	return u
}

func (o org) mustResolve(tb testing.TB, a directory.Audience, r directory.Range) directory.Resolved {
	tb.Helper()
	out, err := o.Resolve(context.Background(), o.id, a, r)
	if err != nil {
		tb.Fatalf("resolve: %v", err)
	}
	return out
}

// names are the userids of a set, sorted.
func (o org) names(set *roaring.Bitmap) []string {
	return slices.Sorted(o.Userids(o.id, set))
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func wantCode(tb testing.TB, err error, code fault.Code) {
	tb.Helper()
	if !fault.Is(err, code) {
		tb.Errorf("got %v, want %s", err, code)
	}
}

func wantNames(tb testing.TB, what string, got []string, want ...string) {
	tb.Helper()
	if !slices.Equal(got, want) {
		tb.Errorf("%s: got %v, want %v", what, got, want)
	}
}

var everyone = directory.Range{Everyone: true}
