package store

import "fmt"

// CallbackStatements are the texts of callbacks and events, as AppStatements.
func CallbackStatements() map[string]string {
	return map[string]string{
		"callback": sqlSelectCallback, "names": sqlSelectCallbackNames, "known": sqlSelectCallbackKnown, "end": sqlDeleteCallback,
		"events end": sqlDeleteCallbackEvents, "counts": sqlSelectCallbackCounts, "lease": sqlUpdateCallbackLease, "lease end": sqlUpdateCallbackLeaseEnded,
		"listeners": sqlSelectListeners, "people before": fmt.Sprintf(sqlSelectPeopleBefore, "$2, $3"), "departments before": fmt.Sprintf(sqlSelectDepartmentsBefore, "$2, $3"),
		"above": sqlSelectDepartmentAbove, "due": sqlSelectCallbacksDue, "next": sqlSelectEventNext, "given up": sqlSelectEventsGivenUp,
		"forgotten": sqlSelectEventsForgotten, "event end": sqlDeleteEvent, "event attempted": sqlUpdateEventAttempted, "event given up": sqlUpdateEventGivenUp,
		"too old": sqlUpdateEventsTooOld, "well": sqlUpdateCallbackWell, "failing": sqlUpdateCallbackFailing, "now": sqlUpdateCallbackNow,
		"suite listeners": sqlSelectSuiteListeners, "tags": sqlSelectCallbackTags, "directory": sqlLockDirectory, "next part": sqlSelectNextPart,
		"installation ends": sqlDeleteEventsOfInstallation, "tickets due": sqlSelectTicketsDue, "ticket due": sqlSelectTicketDue,
		"ticket waits": sqlSelectTicketWaits, "ticket told": sqlUpdateTicketTold, "codes expired": sqlDeleteExpiredSuiteCodes,
		"codes taken": sqlDeleteTakenSuiteCodes, "codes end": sqlDeleteSuiteCodes, "code": sqlSelectSuiteCode, "permanent": sqlSelectPermanentCodes,
		"agent installed": sqlSelectAgentInstalled, "sealed": sqlSelectSealedCallbacks, "reseal": sqlUpdateSealedCallback,
	}
}
