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
		"head": auditHeadOf, "move": auditHeadMove, "before": auditBefore, "after": auditAfter, "last before": auditLastBefore,
		"by n": fmt.Sprintf(auditByN, "$2, $3"), "privates": fmt.Sprintf(auditPrivates, "$2, $3"), "about": auditAboutBefore,
		"old": auditOld, "old about": auditOldAbout, "old of": auditOldOf,
		"privates of person": privatesOfPerson, "private erase": fmt.Sprintf(privateDelete, "$2, $3"),
		"code": auditCodeOf, "first other": auditFirstOther, "below": auditBelow, "delete": auditDelete, "floor": auditFloorRaise,
		"private delete": auditPrivateDelete, "about delete": auditAboutDelete,
		"old count": auditOldCount, "old before": auditOldBefore, "old delete": fmt.Sprintf(auditOldDelete, "$2, $3"),
	}
}
