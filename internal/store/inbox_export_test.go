package store

import (
	"fmt"
	"strings"
)

// InboxStatements are the texts of the recipient's side, lists filled in as for
// eight ids, by name.
func InboxStatements() map[string]string {
	with := func(text string, first int) string {
		var list strings.Builder
		placeholders(&list, first, 8)
		return fmt.Sprintf(text, list.String())
	}
	return map[string]string{
		"filed":     sqlFiled,
		"large":     sqlLarge,
		"sets":      with(sqlSets, 2),
		"badge":     sqlBadge,
		"pending":   with(sqlPending, 3),
		"addresses": with(sqlAddresses, 3),
		"contents":  with(sqlContents, 3),
		"changed":   sqlChanged,
		"log":       sqlLog,
		"readers":   sqlReaders,
	}
}
