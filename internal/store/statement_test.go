package store_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Statements whose plan is in no list: each reads or changes all rows there are, of
// few, or is asked by an operator alone.
var unplanned = map[string]string{
	"sqlSelectOne":              "reads no table",
	"sqlSelectClockSQLite":      "likewise",
	"sqlSelectClockPostgres":    "likewise",
	"sqlSelectCondition":        "tables of the engine",
	"sqlSelectUnanalyzed":       "likewise",
	"sqlSelectMigratedSQLite":   "likewise",
	"sqlSelectMigratedPostgres": "likewise",
	"sqlSelectMigrations":       "all of them, at the start",

	"sqlSelectOrganizations":            "all of them, at the start",
	"sqlSelectDirectoryRevisions":       "all of them, once a second",
	"sqlSelectRetentionOfOrganizations": "all of them, once a sweep",
	"sqlSelectRetentionOfAgents":        "likewise",
	"sqlSelectUsageAndSum":              "all files of an organization, once a sweep",
	"sqlSelectCallbackReports":          "all of them, for tidings doctor",
	"sqlSelectAuditHeads":               "all of them, once an hour",
	"sqlSelectMasterKeys":               "all of them, of which there are few",
	"sqlSelectNodes":                    "likewise",
	"sqlDeleteForgottenNodes":           "likewise",
	"sqlSelectSecretsByMasterKey":       "an operator counts what names a master key",
	"sqlSelectTicketsByMasterKey":       "likewise",
	"sqlSelectCallbacksByMasterKey":     "likewise",
	"sqlSelectSourcesByMasterKey":       "likewise",
	"sqlSelectCallbacks":                "all of them, once an hour",
	"sqlSelectTokensOfMasterKey":        "likewise",
	"sqlSelectTokensNotOfMasterKey":     "an operator ends the tokens of a master key",

	"sqlSelectAnyOrganization": "the first row there is",
	"sqlSelectSetupLink":       "links of an hour, before there is an organization",
	"sqlUpdateSetupLinkUsed":   "likewise",
	"sqlDeleteSetupLinksOver":  "likewise",
	"sqlLockSetup":             "one of the few rows of id_block",

	"sqlLockUsage": "inserts a row",
}

// verbs are how the names of statements begin, and how their texts do.
var verbs = map[string][]string{
	"Select": {"SELECT"},
	"Lock":   {"SELECT", "INSERT"},
	"Insert": {"INSERT"},
	"Upsert": {"INSERT"},
	"Update": {"UPDATE"},
	"Delete": {"DELETE"},
}

// Every statement has a name that says what it does, and is in a list of plans
// unless it inserts a row.
func TestStatementsAreNamedAndPlanned(t *testing.T) {
	t.Parallel()
	planned := plannedStatements(t)
	name := regexp.MustCompile(`^sql([A-Z][a-z]+)[A-Z]`)
	seen := map[string]bool{}
	statements := sourceStatements(t)
	for _, place := range slices.Sorted(maps.Keys(statements)) {
		constant, _, _ := strings.Cut(place, "@")
		if constant == "activeSecrets" { // the beginning of two
			continue
		}
		seen[constant] = true
		verb := ""
		if m := name.FindStringSubmatch(constant); m != nil {
			verb = m[1]
		}
		for _, text := range statements[place] {
			if word := strings.Fields(text)[0]; !slices.Contains(verbs[verb], word) {
				t.Errorf("%s: the name does not say %s:\n%s", place, word, text)
			}
		}
		if verb != "Insert" && verb != "Upsert" && !planned[constant] && unplanned[constant] == "" {
			t.Errorf("%s is in no list of plans", place)
		}
	}
	for constant := range unplanned {
		if !seen[constant] || planned[constant] {
			t.Errorf("%s is no longer an exception", constant)
		}
	}
}

// plannedStatements are the names that the lists of plans mention.
func plannedStatements(t *testing.T) map[string]bool {
	t.Helper()
	paths, err := filepath.Glob("*export_test.go")
	if err != nil || len(paths) == 0 {
		t.Fatalf("lists of plans: %v, %d files", err, len(paths))
	}
	planned := map[string]bool{}
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if one, ok := n.(*ast.Ident); ok && strings.HasPrefix(one.Name, "sql") {
				planned[one.Name] = true
			}
			return true
		})
	}
	return planned
}
