package store

// TemplateStatements are the texts of templates and the audit log, as
// InboxStatements. Those that only insert a row are left out.
func TemplateStatements() map[string]string {
	return map[string]string{
		"count": sqlSelectTemplateCount, "update": sqlUpdateTemplate, "lock": sqlLockTemplate, "by id": sqlSelectTemplateByID, "of app": sqlSelectTemplatesOfApp, "list": sqlSelectTemplateList, "list of app": sqlSelectTemplateListOfApp,
		"standing": sqlSelectTemplateStanding, "versions": sqlSelectVersions, "version": sqlSelectVersion, "version drop": sqlDeleteVersion, "versions drop": sqlDeleteUnsubmittedVersions, "drop": sqlDeleteUnsubmittedTemplate,
		"waiting own after": sqlSelectWaitingOwnAfter, "waiting own before": sqlSelectWaitingOwnBefore,
		"waiting every after": sqlSelectWaitingEveryAfter, "waiting every before": sqlSelectWaitingEveryBefore, "waiting by id": sqlSelectWaitingByID, "waiting forms": withList(sqlSelectWaitingForms, 1),
		"waiting own count": sqlSelectWaitingOwnCount, "waiting every count": sqlSelectWaitingEveryCount, "parts drop": sqlDeleteParts,
		"app of agent": sqlSelectAppOfAgent, "by ids": withList(sqlSelectTemplatesByID, 2), "steps": sqlSelectSteps,
	}
}
