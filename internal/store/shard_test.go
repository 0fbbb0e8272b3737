package store_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What a database that is sharded by organization has to answer from all of
// its shards at once: every other statement names the organizations it is for.
// None of these is run for a send, a page or a receipt.
var everywhere = map[string]string{
	"sqlSelectSecretsByKey":         "gettoken knows nothing but the app key",
	"sqlSelectProgram":              "so does the page on which people sign in to a program",
	"sqlSelectSuiteByKey":           "a provider's token is asked for by the suite key",
	"sqlSelectInstallation":         "and for the organization of a corp id",
	"sqlSelectOrganizationsOfApp":   "an app's tokens end wherever it is installed",
	"sqlSelectAgentsOfProvider":     "a provider looks at where its apps are installed",
	"sqlSelectAppOfAgent":           "people ask about templates by an agent id that may be another organization's",
	"sqlSelectAppByKey":             "or by the key of the app",
	"sqlSelectAnyAgentOfApp":        "its provider asks about templates of an app that it has not installed itself",
	"sqlSelectWaitingOwnAfter":      "an app that waits is named by an installation, wherever that is",
	"sqlSelectWaitingOwnBefore":     "likewise",
	"sqlSelectWaitingEveryAfter":    "reviewers of third-party apps look at what waits for them, of all organizations",
	"sqlSelectWaitingEveryBefore":   "likewise",
	"sqlSelectWaitingByID":          "and are shown the place of one of them",
	"sqlSelectWaitingForms":         "and what a page of them says",
	"sqlSelectWaitingEveryCount":    "and how many wait",
	"sqlSelectAuditHeads":           "the heads of all audit logs go into a backup's manifest and, once an hour, into the server's log",
	"activeSecrets":                 "the beginning of sqlSelectSecretsByKey and sqlSelectSecretsByCorpID",
	"sqlSelectDirectoryRevisions":   "each node asks once a second where every directory stands",
	"sqlSelectRetentionOfAgents":    "each node asks once an hour what to delete, in the background",
	"sqlUpdateUploadsAbandoned":     "uploads that never came to their end, of everybody, in the background",
	"sqlSelectUploadsAbandoned":     "likewise",
	"sqlSelectPrivatesOfPerson":     "erasing takes somebody out of the logs of all organizations in which they did something",
	"sqlDeleteOldRequests":          "old idempotency keys of everybody, in the background",
	"sqlSelectSecretsByMasterKey":   "an operator replaces the master key, which is everybody's",
	"sqlSelectTicketsByMasterKey":   "likewise",
	"sqlSelectTokensOfMasterKey":    "likewise",
	"sqlSelectTokensNotOfMasterKey": "likewise",
	"sqlSelectSealedSecrets":        "likewise",
	"sqlSelectSealedTickets":        "likewise",
	"sqlSelectCallbacksByMasterKey": "likewise",
	"sqlSelectSealedCallbacks":      "likewise",
	"sqlSelectSourcesByMasterKey":   "likewise",
	"sqlSelectSealedSources":        "likewise",
	"sqlSelectCallbacksDue":         "one node looks once a second which apps have events, of everybody",
	"sqlSelectTicketsDue":           "and which suite tickets are to be told again",
	"sqlSelectCallbackReports":      "tidings doctor looks at everybody's",
	"sqlSelectCallbacks":            "and once an hour which may have forgotten ones",
}

// TestStatementsNameTheirOrganization reads the statements out of this room's
// source, so that a new one cannot be left out.
func TestStatementsNameTheirOrganization(t *testing.T) {
	t.Parallel()
	sharded := shardedTables(t)
	statements := sourceStatements(t)
	if len(statements) < 80 {
		t.Fatalf("only %d statements found", len(statements))
	}
	used := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(statements)) {
		for _, text := range statements[name] {
			missing := unnamed(text, sharded)
			if missing == "" {
				continue
			}
			if constant, _, _ := strings.Cut(name, "@"); everywhere[constant] != "" {
				used[constant] = true
				continue
			}
			t.Errorf("%s does not say which organization's rows of %s it is for:\n%s", name, missing, text)
		}
	}
	for name := range everywhere {
		if !used[name] {
			t.Errorf("%s is no longer an exception", name)
		}
	}
}

// The check itself must be able to fail.
func TestUnnamedOrganizations(t *testing.T) {
	t.Parallel()
	sharded := map[string]bool{"task": true, "receipt": true}
	for text, want := range map[string]string{
		`SELECT id FROM task WHERE id = $1`:                                                                        "task",
		`SELECT id FROM task WHERE organization = $1 AND id = $2`:                                                  "",
		`SELECT id FROM task WHERE organization IN (%s)`:                                                           "",
		`SELECT t.id FROM task t JOIN receipt r ON r.task_id = t.id WHERE t.organization = $1`:                     "receipt",
		`SELECT t.id FROM task t JOIN receipt r ON r.organization = t.organization WHERE t.organization = $1`:      "",
		`SELECT t.id FROM task t JOIN receipt r ON r.organization = t.organization`:                                "task",
		`SELECT id FROM task WHERE organization = $1 UNION ALL SELECT task_id FROM receipt WHERE task_id = $2`:     "receipt",
		`UPDATE task SET day = $2 WHERE id = $1`:                                                                   "task",
		`DELETE FROM receipt WHERE task_id = $1`:                                                                   "receipt",
		`INSERT INTO task (id, day) VALUES ($1, $2)`:                                                               "task",
		`INSERT INTO task (organization, id) VALUES ($1, $2)`:                                                      "",
		`SELECT id FROM organization WHERE corp_id = $1`:                                                           "",
		`SELECT t.id FROM task t WHERE t.organization = $1 AND NOT EXISTS (SELECT 1 FROM receipt r WHERE r.a = 1)`: "receipt",
	} {
		if got := unnamed(text, sharded); got != want {
			t.Errorf("%s: %q instead of %q", text, got, want)
		}
	}
}

// shardedTables are the tables that have an organization, by the migrations.
func shardedTables(t *testing.T) map[string]bool {
	t.Helper()
	tables := map[string]bool{}
	table := regexp.MustCompile(`(?s)CREATE TABLE (\w+) \((.*?)\n\)`)
	column := regexp.MustCompile(`(?m)^\s+organization\s+BIGINT`)
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("migrations: %v, %d files", err, len(files))
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range table.FindAllStringSubmatch(string(text), -1) {
			if column.MatchString(m[2]) {
				tables[m[1]] = true
			}
		}
	}
	if !tables["task"] || !tables["receipt"] || tables["node_state"] {
		t.Fatalf("tables %v", tables)
	}
	return tables
}

var (
	mention = regexp.MustCompile(`\b(?:FROM|JOIN|UPDATE|INTO) (\w+)(?: AS)?(?: (\w+))?`)
	keyword = regexp.MustCompile(`^(WHERE|SET|ON|JOIN|LEFT|ORDER|GROUP|LIMIT|UNION|VALUES|SELECT|AND|FOR)$`)
	named   = regexp.MustCompile(`(?:(\w+)\.)?\borganization (?:=|IN) ?`)
	anchor  = regexp.MustCompile(`\borganization (?:= (?:\$|\(SELECT)|IN \()`)
	equal   = regexp.MustCompile(`= (\w+)\.organization\b`)
)

// unnamed returns the first table of a statement whose rows are not limited to
// organizations, "" when there is none. A table with an alias must be limited
// by that alias; one without by a bare column, one for each mention. Tables
// that are only tied to each other are limited by nothing.
func unnamed(text string, sharded map[string]bool) string {
	text = strings.Join(strings.Fields(text), " ")
	byAlias, bare := map[string]bool{}, 0
	for _, m := range named.FindAllStringSubmatch(text, -1) {
		byAlias[m[1]] = true
		if m[1] == "" {
			bare++
		}
	}
	for _, m := range equal.FindAllStringSubmatch(text, -1) {
		byAlias[m[1]] = true
	}
	anchored := anchor.MatchString(text)
	for _, m := range mention.FindAllStringSubmatch(text, -1) {
		name, alias := m[1], m[2]
		switch {
		case !sharded[name]:
		case !anchored && !strings.HasPrefix(text, "INSERT"):
			return name
		case strings.Contains(text, "INTO "+name+" ("):
			columns, _, _ := strings.Cut(text[strings.Index(text, "INTO "+name+" (")+len("INTO "+name+" ("):], ")")
			if !strings.Contains(columns, "organization") {
				return name
			}
		case alias != "" && !keyword.MatchString(alias):
			if !byAlias[alias] {
				return name
			}
		default:
			if bare--; bare < 0 {
				return name
			}
		}
	}
	return ""
}

// sourceStatements are the SQL texts of this room by the name of their
// constant, or of their place when they have none.
func sourceStatements(t *testing.T) map[string][]string {
	t.Helper()
	files := token.NewFileSet()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var parsed []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
	}
	r := reading{constants: map[string]ast.Expr{}, statements: map[string][]string{}}
	names := map[ast.Expr]string{}
	for _, file := range parsed {
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok {
				for i, value := range spec.Values {
					r.constants[spec.Names[i].Name] = value
					names[value] = spec.Names[i].Name
					for _, into := range insertText(value) {
						names[into] = spec.Names[i].Name
					}
				}
			}
			return true
		})
	}
	for _, file := range parsed {
		ast.Inspect(file, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			text, ok := r.text(e)
			if !ok {
				return true
			}
			name := names[e]
			if constant, ok := first(e).(*ast.Ident); ok && name == "" {
				name = constant.Name
			}
			at := files.Position(e.Pos())
			name += "@" + at.Filename + ":" + strconv.Itoa(at.Line)
			if begins.MatchString(text) {
				r.statements[name] = append(r.statements[name], text)
			}
			return false // the whole, not its parts
		})
	}
	return r.statements
}

// first is what a text begins with.
func first(e ast.Expr) ast.Expr {
	for {
		sum, ok := e.(*ast.BinaryExpr)
		if !ok {
			return e
		}
		e = sum.X
	}
}

// insertText is the text of an insert, &insert{into: `INSERT …`}.
func insertText(value ast.Expr) (texts []ast.Expr) {
	pointer, _ := value.(*ast.UnaryExpr)
	if pointer == nil {
		return nil
	}
	fields, _ := pointer.X.(*ast.CompositeLit)
	if fields == nil {
		return nil
	}
	for _, field := range fields.Elts {
		if pair, ok := field.(*ast.KeyValueExpr); ok {
			if key, ok := pair.Key.(*ast.Ident); ok && key.Name == "into" {
				texts = append(texts, pair.Value)
			}
		}
	}
	return texts
}

var begins = regexp.MustCompile(`^\s*(SELECT|INSERT|UPDATE|DELETE|WITH \w+)\s`)

type reading struct {
	constants  map[string]ast.Expr
	statements map[string][]string
}

// text puts a string together from literals and constants. What is not known
// before the program runs is left out.
func (r reading) text(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		left, known := r.text(e.X)
		right, alsoKnown := r.text(e.Y)
		return left + right, e.Op == token.ADD && (known || alsoKnown)
	case *ast.Ident:
		if value, ok := r.constants[e.Name]; ok {
			if _, same := value.(*ast.Ident); !same {
				return r.text(value)
			}
		}
	case *ast.ParenExpr:
		return r.text(e.X)
	}
	return "", false
}
