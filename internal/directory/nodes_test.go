package directory_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

// backwards tells a node about changed people in the reverse order.
type backwards struct{ directory.Store }

func (b backwards) MembersSince(ctx context.Context, organization, revision int64, each func(directory.Member)) error {
	var all []directory.Member
	err := b.Store.MembersSince(ctx, organization, revision, func(m directory.Member) { all = append(all, m) })
	slices.Reverse(all)
	for _, m := range all {
		each(m)
	}
	return err
}

func TestTheOrderOfChangedRowsDoesNotMatter(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx := context.Background()
		there := org{directory.New(directory.Deps{Store: backwards{o.store()}, Now: noon}), o.id, o.db}
		must(t, there.Load(ctx))
		o.mustUser(t, "ann")
		must(t, there.Load(ctx))
		must(t, o.DeleteUser(ctx, audit.ByOperator(), o.id, "ann"))
		again := o.mustUser(t, "ann")
		must(t, there.Load(ctx))
		if now, ok := there.Ordinal(o.id, "ann"); !ok || now != again.Ordinal {
			t.Errorf("ann is %d, %v; want %d", now, ok, again.Ordinal)
		}
		must(t, o.DeleteUser(ctx, audit.ByOperator(), o.id, "ann"))
		must(t, there.Load(ctx))
		if _, ok := there.Ordinal(o.id, "ann"); ok {
			t.Error("ann is still there")
		}
	})
}

// interposed does something at the last moment before a change takes its lock.
type interposed struct {
	directory.Store

	before func()
}

func (i interposed) ChangeDirectory(ctx context.Context, organization int64, decide directory.Decision) (int64, error) {
	i.before()
	return i.Store.ChangeDirectory(ctx, organization, decide)
}

func TestChangesAreDecidedOnTheLockedState(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx := context.Background()
		var before func()
		there := org{directory.New(directory.Deps{Store: interposed{o.store(), func() { before() }}, Now: noon}), o.id, o.db}

		before = func() { o.mustDept(t, 1, "team") }
		_, err := there.CreateDepartment(ctx, audit.ByOperator(), o.id, directory.NewDepartment{Name: "team"})
		wantCode(t, err, fault.CodeDepartmentDuplicate)

		before = func() { o.mustUser(t, "ann") }
		_, err = there.CreateUser(ctx, audit.ByOperator(), o.id, directory.NewUser{Userid: "ann", Name: "x"})
		wantCode(t, err, fault.CodeUserExists)

		team := int64(2)
		before = func() { o.mustUser(t, "ben", team) }
		wantCode(t, there.DeleteDepartment(ctx, audit.ByOperator(), o.id, team), fault.CodeDepartmentHasUsers)

		before = func() { must(t, o.DeleteUser(ctx, audit.ByOperator(), o.id, "ben")) }
		wantCode(t, there.DisableUser(ctx, audit.ByOperator(), o.id, "ben"), fault.CodeUserUnknown)

		before = func() { must(t, o.DeleteDepartment(ctx, audit.ByOperator(), o.id, team)) }
		_, err = there.CreateUser(ctx, audit.ByOperator(), o.id, directory.NewUser{Userid: "cem", Name: "x", DeptIDs: []int64{team}})
		wantCode(t, err, fault.CodeDepartmentUnknown)
	})
}

func TestCatchUpRefusesWhatIsNotThere(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx := context.Background()
		if err := o.CatchUp(ctx, o.id, 2); err == nil {
			t.Error("caught up with a revision that does not exist")
		}
		o.mustUser(t, "ann")
		must(t, o.CatchUp(ctx, o.id, 2))
		if got := o.mustResolve(t, directory.Audience{}, everyone); got.DirectoryRevision != 2 {
			t.Errorf("revision %d", got.DirectoryRevision)
		}
		gone, cancel := context.WithCancel(ctx)
		cancel()
		_, err := o.CreateUser(gone, audit.ByOperator(), o.id, directory.NewUser{Userid: "ben", Name: "x"})
		if err == nil {
			t.Error("a caller who has gone made a user")
		}
		if _, ok := o.Ordinal(o.id, "ben"); ok {
			t.Error("ben is there")
		}
	})
}

func TestRunFollowsOtherProcesses(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		seen := make(chan struct{})
		there := org{directory.New(directory.Deps{Store: watched{o.store(), seen}, Now: noon}), o.id, o.db}
		_, err := there.Organization(ctx, o.id) // reads the snapshot
		must(t, err)
		o.mustUser(t, "ann")
		ended := make(chan struct{})
		go func() {
			there.Run(ctx)
			close(ended)
		}()
		// The second poll begins after the first has done all it does.
		for range 2 {
			select {
			case <-seen:
			case <-ctx.Done():
				t.Fatal("Run never looked")
			}
		}
		if _, ok := there.Ordinal(o.id, "ann"); !ok {
			t.Error("Run did not find ann")
		}
		cancel()
		<-ended
	})
}

// watched says when Run looks for changes.
type watched struct {
	directory.Store

	seen chan struct{}
}

func (w watched) DirectoryRevisions(ctx context.Context) (map[int64]int64, error) {
	select {
	case w.seen <- struct{}{}:
	case <-ctx.Done():
	}
	return w.Store.DirectoryRevisions(ctx)
}
