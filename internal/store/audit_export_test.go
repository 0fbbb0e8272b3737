package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// Administer changes one row and records entries with that.
func Administer(ctx context.Context, db *DB, entries ...audit.Entry) error {
	return db.administer(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		return slices.Clone(entries), advanceRevocations(ctx, tx)
	})
}

// AuditStatements are the texts of the audit log, as InboxStatements. Those that
// only insert a row are left out.
func AuditStatements() map[string]string {
	return map[string]string{
		"head": sqlSelectAuditHead, "move": sqlUpdateAuditHead, "before": sqlSelectAuditBefore, "after": sqlSelectAuditAfter, "last before": sqlSelectAuditLastBefore,
		"by n": fmt.Sprintf(sqlSelectAuditByN, "$2, $3"), "privates": fmt.Sprintf(sqlSelectAuditPrivates, "$2, $3"), "about": sqlSelectAuditAbout,
		"old": sqlSelectOldAudit, "old about": sqlSelectOldAuditAbout, "old of": sqlSelectOldAuditOf,
		"privates of person": sqlSelectPrivatesOfPerson, "private erase": fmt.Sprintf(sqlDeletePrivates, "$2, $3"),
		"code": sqlSelectAuditCode, "first other": sqlSelectAuditFirstOther, "below": sqlSelectAuditBelow, "delete": sqlDeleteAudit, "floor": sqlUpdateAuditFloor,
		"private delete": sqlDeleteAuditPrivates, "about delete": sqlDeleteAuditAbout,
		"old count": sqlSelectOldAuditCount, "old before": sqlSelectOldAuditBefore, "old delete": fmt.Sprintf(sqlDeleteOldAudit, "$2, $3"),
	}
}
