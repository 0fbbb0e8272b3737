package store

// DirectoryStatements are the texts of the directory, as InboxStatements.
// Those that read every organization, once at start and once per poll, are
// left out: reading all is what they are for.
func DirectoryStatements() map[string]string {
	return map[string]string{
		"organization":    organizationByID,
		"corp id":         organizationByCorpID,
		"revision":        directoryRevision,
		"advance":         directoryAdvance,
		"ordinals taken":  ordinalsTaken,
		"update":          organizationUpdate,
		"departments":     departmentsSince,
		"changed members": membersSince,
		"members":         membersBetween,
		"users":           usersFrom,
		"some users":      withList(usersByOrdinal, 2),
	}
}
