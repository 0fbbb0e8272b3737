package store

// TemplateStatements are the texts of templates and the audit log, as
// InboxStatements. Those that only insert a row are left out.
func TemplateStatements() map[string]string {
	return map[string]string{
		"count": templateCount, "update": templateUpdate, "lock": templateLock, "by id": templateByID, "of app": templatesOf,
		"standing": templateStanding, "versions": versionsOf, "version": versionByNumber, "versions drop": versionsDrop, "drop": templateDrop, "waiting": templatesWaiting,
		"app of agent": appOfAgent,
	}
}
