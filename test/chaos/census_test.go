package chaos_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// stored is a task as the database holds it, in userids.
type stored struct {
	ID, Agent, Revision int64
	Day, Minute         int64
	Message             string // canonical; empty once recalled
	Recalled            bool
	Status              string // as last updated
	outcome
}

// outcome says what became of everyone a task named. Lists are sorted.
type outcome struct {
	Sent           []string
	Held           map[string][]string // by code
	Count          map[string]int64    // the threshold of each code
	Failed         []string
	InvalidUserids []string
	InvalidDeptIDs []int64
}

// census is everything the database holds of one organization.
type census struct {
	Revision  int64
	Revisions []int64 // what tasks and changes took
	Tasks     map[int64]stored
	Order     map[string]uint32 // of people, by userid
}

// takeCensus reads the database. No server has to run.
func takeCensus(t *testing.T, database, corpID string) census {
	t.Helper()
	ctx := context.Background()
	db := storetest.At(t, database, nil)
	organization, err := db.Directory().OrganizationByCorpID(ctx, corpID)
	if err != nil {
		t.Fatal(err)
	}
	c := census{Tasks: map[int64]stored{}, Order: map[string]uint32{}}
	at, log, err := db.Inbox().Log(ctx, organization.ID, 0, math.MaxInt32)
	if err != nil {
		t.Fatal(err)
	}
	c.Revision = at.Revision
	var ids []int64
	for _, entry := range log {
		c.Revisions = append(c.Revisions, entry.Revision)
		if entry.Kind == "" {
			ids = append(ids, entry.TaskID)
		}
	}
	users, err := db.Directory().UsersFrom(ctx, organization.ID, 0, math.MaxInt32)
	if err != nil {
		t.Fatal(err)
	}
	names := map[uint32]string{}
	for _, u := range users {
		names[u.Ordinal], c.Order[u.Userid] = u.Userid, u.Ordinal
	}
	contents, err := db.Inbox().Contents(ctx, organization.ID, ids, inbox.Nobody)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		task, err := db.Tasks().OutcomeByID(ctx, organization.ID, id)
		if err != nil {
			t.Fatal(err)
		}
		s := stored{
			ID: id, Agent: task.AgentID, Revision: task.Revision, Day: task.Day,
			Message: contents[id].Message, Recalled: !task.RecalledAt.IsZero(), Status: task.StatusValue,
			outcome: outcome{
				Sent: userids(names, task.Sent), Held: map[string][]string{}, Count: map[string]int64{},
				InvalidUserids: sorted(task.Invalid.Userids), InvalidDeptIDs: sorted(task.Invalid.DeptIDs),
			},
		}
		for _, h := range task.Held {
			s.Held[h.Code], s.Count[h.Code] = userids(names, h.Set), h.Threshold
		}
		c.Tasks[id] = s
	}
	addMinutes(t, db, organization.ID, c.Tasks)
	return c
}

// addMinutes notes the minutes by which tasks were counted.
func addMinutes(t *testing.T, db *store.DB, organization int64, tasks map[int64]stored) {
	t.Helper()
	type agentDay struct{ agent, day int64 }
	minutes := map[agentDay]map[int64]int64{} // by revision
	for id, s := range tasks {
		key := agentDay{s.Agent, s.Day}
		if minutes[key] == nil {
			minutes[key] = map[int64]int64{}
			list, err := db.Tasks().TasksOfDay(context.Background(), organization, s.Agent, s.Day, 0, 1<<30, false)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range list {
				minutes[key][d.Revision] = d.Minute
			}
		}
		s.Minute = minutes[key][s.Revision]
		tasks[id] = s
	}
}

func userids(names map[uint32]string, set *roaring.Bitmap) []string {
	var list []string
	for it := set.Iterator(); it.HasNext(); {
		ordinal := it.Next()
		name, ok := names[ordinal]
		if !ok {
			name = fmt.Sprintf("nobody has ordinal %d", ordinal)
		}
		list = append(list, name)
	}
	return sorted(list)
}

// everybody returns all people an outcome speaks of, sorted, repeats included.
func (o outcome) everybody() []string {
	all := slices.Concat(o.Sent, o.Failed)
	for _, list := range o.Held {
		all = append(all, list...)
	}
	slices.Sort(all)
	return all
}

func (o outcome) codes() []string { return slices.Sorted(maps.Keys(o.Held)) }

func sorted[T int64 | string](list []T) []T {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}
