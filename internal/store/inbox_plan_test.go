package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// Every statement of the recipient's side finds its rows by an index with
// everything it asks for in it, and none sorts.
func TestPlansOfTheInbox(t *testing.T) {
	t.Parallel()
	ids := []any{1, 2, 3, 4, 5, 6, 7, 8}
	of := func(first ...any) []any { return append(first, ids...) }
	args := map[string][]any{
		"revision":  {1},
		"filed":     {1, 7, 0, 1 << 40, 21},
		"large":     {1, 100, 800, 1000},
		"sets":      of(1),
		"badge":     {1, 7, 1 << 40, 100},
		"pending":   of(1, 7),
		"settled":   {1, 7, []int64{1, 2, 3, 4, 5, 6, 7, 8}, 890, 9},
		"addresses": of(1, 7),
		"contents":  of(1, 7),
		"sent at":   of(1),
		"changed":   {1, 890, 1 << 40, 2001},
		"log":       {1, 890, 2001},
		"readers":   {1, 7, 0, 100},
		"last":      {1, 7},
		"read at":   {1, 7, 3},
	}
	// What each statement's plan must name, on either engine.
	byID := "sqlite_autoindex_task_1|task_pkey"
	bySend := "PRIMARY KEY (organization=? AND ordinal=? AND revision|inbox_pkey"
	byReceipt := "r USING PRIMARY KEY (organization=? AND task_id=? AND ordinal=?)|receipt_pkey|task_id = t.id"
	indexes := map[string][]string{
		"revision": {"SEARCH org_revision|org_revision_pkey"},
		"filed":    {bySend},
		"large":    {"task_large"},
		"sets":     {byID},
		"badge":    {bySend, "sqlite_autoindex_unread_by_app_1|unread_by_app"},
		"pending":  {byID, byReceipt},
		"settled": {
			"r USING PRIMARY KEY (organization=? AND task_id=? AND ordinal=?)|receipt_pkey|task_id = list.id",
			"PRIMARY KEY (organization=? AND revision|change_pkey",
		},
		"addresses": {byID, byReceipt, "PRIMARY KEY (organization=? AND ordinal=? AND revision=?)|inbox_pkey"},
		"contents":  {byID, byReceipt},
		"sent at":   {byID},
		"changed":   {"PRIMARY KEY (organization=? AND revision|change_pkey"},
		"log":       {"PRIMARY KEY (organization=? AND revision|change_pkey", "task_revision|task_large"},
		"readers":   {"PRIMARY KEY (organization=? AND task_id=? AND ordinal>? AND ordinal<?)|receipt_pkey|task_id = "},
		"last":      {"PRIMARY KEY (organization=? AND task_id=?)|receipt_pkey|task_id = "},
		"read at":   {"PRIMARY KEY (organization=? AND task_id=? AND ordinal=?)|receipt_pkey|task_id = "},
	}
	checkPlans(t, store.InboxStatements(), args, indexes)
}

// seeded returns a Sender to a database in which two organizations have sent,
// and of which PostgreSQL has no statistics yet.
func seeded(t *testing.T, engine string) *storetest.Sender {
	t.Helper()
	address := storetest.Ready(t, engine)
	db := storetest.At(t, address, nil)
	s := storetest.NewSender(t, address)
	for organization := int64(1); organization <= 2; organization++ {
		s.Organization(organization, "ding"+string(rune('0'+organization)))
		var tasks []storetest.Sent
		for id := range int64(800) {
			tasks = append(tasks, storetest.Sent{
				ID: id + 1, AgentID: 1 + id%9, Type: "text", Message: strings.Repeat("words ", 40), Filed: id%4 == 0,
				Recipients: roaring.BitmapOf(uint32(id%50), 7, 60), At: time.UnixMilli(0), Sender: uint32(id % 9),
			})
		}
		s.Send(organization, tasks...)
		for id := int64(1); id <= 100; id++ {
			s.Recall(organization, id, time.UnixMilli(0))
		}
		mustReceipts(t, db, organization)
	}
	return s
}
