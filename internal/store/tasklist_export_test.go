package store

// TaskListStatements are the texts of what package task reads, and of what is kept
// beside tasks for it, as InboxStatements.
func TaskListStatements() map[string]string {
	return map[string]string{
		"older":          sqlSelectOlderTasks,
		"newer":          sqlSelectNewerTasks,
		"older by":       sqlSelectOlderTasksBy,
		"newer by":       sqlSelectNewerTasksBy,
		"listed":         sqlSelectListedTask,
		"first":          sqlSelectFirstTask,
		"changes":        sqlSelectTaskChanges,
		"form":           sqlSelectVersionForm,
		"standing":       sqlSelectStanding,
		"floors":         sqlSelectAgentFloors,
		"read":           sqlSelectReadCount,
		"read times":     sqlSelectReadTimes,
		"receipts":       sqlSelectReceipts,
		"delete changes": withList(sqlDeleteTaskChanges, 2),
		"delete sender":  sqlDeleteSender,
	}
}
