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
		"revision":  sqlSelectRevision,
		"filed":     sqlSelectFiled,
		"large":     sqlSelectLarge,
		"sets":      withList(sqlSelectSets, 2),
		"badge":     sqlSelectBadge,
		"pending":   withList(sqlSelectPending, 3),
		"settled":   sqlSelectSettled, // see InEngine
		"addresses": withList(sqlSelectAddresses, 3),
		"contents":  withList(sqlSelectContents, 3),
		"sent at":   withList(sqlSelectSentAt, 2),
		"changed":   sqlSelectChanged,
		"log":       sqlSelectLog,
		"readers":   sqlSelectReaders,
		"last":      sqlSelectLastReader,
		"read at":   sqlSelectReadAt,
	}
}

// SendStatements are the texts of the sending side, as InboxStatements.
func SendStatements() map[string]string {
	return map[string]string{
		"id block":   sqlUpdateIDBlock,
		"task":       sqlSelectTask,
		"outcome":    sqlSelectOutcome,
		"day":        sqlSelectDay,
		"day sets":   sqlSelectDaySets,
		"saved day":  sqlSelectDayFold,
		"lock":       withList(sqlLockOrganizations, 1),
		"identical":  withList(sqlSelectIdentical, 2),
		"request":    sqlSelectRequest,
		"taken at":   sqlSelectTaken,
		"recall":     sqlUpdateRecalled,
		"status bar": sqlUpdateStatusBar,
		"advance":    sqlUpdateRevision,
		"forget":     sqlDeleteOldRequests,
	}
}

// RecentReadStatements are the texts of what nodes say about receipts, by name.
func RecentReadStatements() map[string]string {
	return map[string]string{"recent": sqlSelectRecentReads, "forget": sqlDeleteRecentReads, "forget copied": sqlDeleteCopiedReads}
}

// RetentionStatements are the texts of deleting, as InboxStatements. Those
// that read every organization, once a sweep, are left out.
func RetentionStatements() map[string]string {
	return map[string]string{
		"lease":          sqlUpdateLease,
		"lease end":      sqlUpdateLeaseEnded,
		"oldest":         sqlSelectOldestTask,
		"first since":    sqlSelectFirstSince,
		"agent floor":    sqlUpdateAgentFloor,
		"org floor":      sqlUpdateOrganizationFloor,
		"last before":    sqlSelectLastBefore,
		"delete drops":   sqlDeleteReceiptDrops,
		"swept":          sqlUpdateAgentSwept,
		"tasks":          sqlSelectTasksAfter,
		"read tasks":     withList(sqlSelectReadTasks, 2),
		"due":            sqlSelectDueTasks,
		"delete tasks":   withList(sqlDeleteTasks, 2),
		"delete filed":   withList(sqlDeleteFiled, 3),
		"some receipts":  sqlDeleteSomeReceipts,
		"oldest changes": sqlSelectOldestChanges,
		"delete changes": sqlDeleteChanges,
		"resume floor":   sqlUpdateResumeFloor,
		"strays":         sqlSelectStrayReceipts,
		"delete strays":  withList(sqlDeleteReceipts, 3),

		"erase links": sqlDeleteLinksOfPerson, "erase tokens": sqlDeleteAPITokensOfPerson, "erase hint": sqlDeleteFloorOfPerson, "erase old hint": sqlDeleteHintOfPerson, "erase inbox": sqlDeleteInboxOfPerson,
		"invalids": sqlSelectInvalidsAfter, "rename invalid": sqlUpdateInvalid, "ranges": sqlLockRanges, "rename in range": sqlUpdateRange,
		"lists of composers": sqlLockComposers, "leave composers": sqlUpdateComposers,
	}
}

// MediaStatements are the texts about uploads and the contents of files, by
// name. The one that adds up all files of an organization, once a sweep, is
// left out.
func MediaStatements() map[string]string {
	return map[string]string{
		"by id": withList(sqlSelectMediaByID, 2), "piece": sqlSelectPiece, "pieces": sqlDeletePieces,
		"enter": sqlDeleteUploadEntered, "delete": sqlDeleteUpload, "abandon": sqlUpdateUploadsAbandoned, "abandoned": sqlSelectUploadsAbandoned,
		"usage": sqlSelectUsage, "usage add": sqlUpsertUsage,
	}
}

// FileDeletingStatements are the texts of deleting files, as InboxStatements.
func FileDeletingStatements() map[string]string {
	return map[string]string{
		"scanned": sqlSelectMediaScanned, "sent": sqlSelectSentAfter, "files": sqlSelectFilesAfter, "icons": sqlSelectIcons, "forms": sqlSelectForms,
		"ending": withList(sqlUpdateMediaEnding, 3), "sizes": withList(sqlSelectMediaSizes, 2), "delete": withList(sqlDeleteMedia, 2),
		"uses over": withList(sqlDeleteMediaUses, 2),
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
