package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tidings-im/tidings/internal/store/engine"
	"github.com/tidings-im/tidings/internal/store/postgres"
	"github.com/tidings-im/tidings/internal/store/sqlite"
)

// InboxStatements are the texts of the recipient's side, lists filled in as for
// eight ids, by name.
func InboxStatements() map[string]string {
	return map[string]string{
		"filed":     sqlFiled,
		"large":     sqlLarge,
		"sets":      withList(sqlSets, 2),
		"badge":     sqlBadge,
		"pending":   withList(sqlPending, 3),
		"settled":   sqlSettled, // see InEngine
		"addresses": withList(sqlAddresses, 3),
		"contents":  withList(sqlContents, 3),
		"sent at":   withList(sqlSentAt, 2),
		"changed":   sqlChanged,
		"log":       sqlLog,
		"readers":   sqlReaders,
		"read at":   sqlReadAt,
	}
}

// SendStatements are the texts of the sending side, as InboxStatements.
func SendStatements() map[string]string {
	return map[string]string{
		"task":       sqlTask,
		"outcome":    sqlOutcome,
		"day":        sqlDay,
		"day sets":   sqlDaySets,
		"saved day":  dayFoldOf,
		"lock":       withList(sqlLock, 1),
		"identical":  withList(sqlIdentical, 2),
		"request":    sqlRequest,
		"taken at":   sqlTakenAt,
		"recall":     sqlRecall,
		"status bar": sqlStatusBar,
		"advance":    sqlAdvance,
		"forget":     sqlForget,
	}
}

// RecentReadStatements are the texts of what nodes say about receipts, by name.
func RecentReadStatements() map[string]string {
	return map[string]string{"recent": sqlRecentReads, "forget": sqlForgetReads, "forget copied": sqlForgetCopied}
}

// RetentionStatements are the texts of deleting, as InboxStatements. Those
// that read every organization, once a sweep, are left out.
func RetentionStatements() map[string]string {
	return map[string]string{
		"lease":          leaseTake,
		"lease end":      leaseEnd,
		"oldest":         oldestTask,
		"first since":    firstSince,
		"agent floor":    agentFloor,
		"org floor":      orgFloor,
		"swept":          agentSwept,
		"tasks":          tasksAfter,
		"read tasks":     withList(readTasks, 2),
		"due":            dueTasks,
		"delete tasks":   withList(tasksDelete, 2),
		"delete filed":   withList(filedDelete, 3),
		"some receipts":  someReceiptsDelete,
		"oldest changes": oldestChanges,
		"delete changes": changesDelete,
		"resume floor":   resumeFloor,
		"strays":         strayReceipts,
		"delete strays":  withList(receiptsDelete, 3),

		"erase links": linksDelete, "erase tokens": tokensDelete, "erase hint": hintDelete, "erase old hint": oldDelete, "erase inbox": inboxDelete,
		"invalids": invalidsAfter, "rename invalid": invalidUpdate, "rename in range": rangeUpdate,
	}
}

// MediaStatements are the texts about uploads and the contents of files, by
// name. The one that adds up all files of an organization, once a sweep, is
// left out.
func MediaStatements() map[string]string {
	return map[string]string{
		"piece": pieceOf, "pieces": deletePieces,
		"enter": enterUpload, "delete": deleteUpload, "abandon": abandonUploads, "abandoned": abandoned,
		"usage": usageOf, "usage add": usageAdd,
	}
}

// FileDeletingStatements are the texts of deleting files, as InboxStatements.
func FileDeletingStatements() map[string]string {
	return map[string]string{
		"scanned": mediaScanned, "sent": sentAfter, "files": filesAfter, "icons": iconsOf, "forms": formsOf,
		"ending": withList(mediaEnding, 3), "sizes": withList(mediaUnused, 2), "delete": withList(mediaDelete, 2),
		"uses over": withList(mediaUsesOver, 2),
	}
}

// Miscount adds 1000 bytes to all that is said to be kept of an organization.
func Miscount(ctx context.Context, db *DB, organization int64) error {
	return db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		_, err := tx.ExecContext(ctx, `UPDATE media_usage SET bytes = bytes + 1000 WHERE organization = $1`, organization)
		return err
	})
}

func withList(text string, first int) string {
	var list strings.Builder
	placeholders(&list, first, 8)
	return fmt.Sprintf(text, list.String())
}

// TablesAboutPeople are the tables of which it is decided whether they name
// people, by name.
func TablesAboutPeople() []string { return slices.Sorted(maps.Keys(about)) }

// TablesToCompact is how many of these an erasing writes anew.
func TablesToCompact() int { return len(naming()) }

// InEngine completes a statement and its arguments, []int64 being a list that is
// parameter 3, by how an engine takes lists.
func InEngine(name, text string, args []any) (string, []any) {
	var e Engine = &sqlite.Engine{}
	if name == "postgres" {
		e = &postgres.Engine{}
	}
	args = slices.Clone(args)
	for i, a := range args {
		if list, ok := a.([]int64); ok {
			text, args[i] = fmt.Sprintf(text, e.ListRows(i+1)), e.List(list)
		}
	}
	return text, args
}
