package store

import "fmt"

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
