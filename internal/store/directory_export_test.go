package store

// DirectoryStatements are the texts of the directory, as InboxStatements.
// Those that read every organization, once at start and once per poll, are
// left out: reading all is what they are for.
func DirectoryStatements() map[string]string {
	return map[string]string{
		"organization":    sqlSelectOrganizationByID,
		"corp id":         sqlSelectOrganizationByCorpID,
		"revision":        sqlSelectDirectoryRevision,
		"advance":         sqlUpdateDirectoryRevision,
		"ordinals taken":  sqlUpdateNextOrdinal,
		"update":          sqlUpdateOrganization,
		"departments":     sqlSelectDepartmentsSince,
		"changed members": sqlSelectMembersSince,
		"members":         sqlSelectMembersBetween,
		"names":           sqlSelectNamesBetween,
		"mobiles":         sqlSelectMobilesBetween,
		"users":           sqlSelectUsersFrom,
		"with role":       sqlSelectUsersWithRole,
		"with mobile":     withList(sqlSelectUsersByMobile, 2),
		"some users":      withList(sqlSelectUsersByOrdinal, 2),
	}
}
