package archtest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/archtest"
)

// The rules hold for this repository.
func TestRepository(t *testing.T) {
	t.Parallel()
	broken, notes, err := archtest.Check("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, note := range notes {
		t.Log(note)
	}
	for _, rule := range broken {
		t.Error(rule)
	}
	unused, err := archtest.Unused("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, permission := range unused {
		t.Error(permission)
	}
}

const room = "github.com/tidings-im/tidings/internal/"

// Every rule fails on a tree made to break it, and on nothing else there.
func TestRulesCanFail(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		file string
		text string
		want string // "" is a tree without fault
	}{
		{"an arrow that is allowed", "internal/notify/send.go", imports("notify", room+"policy"), ""},
		{"a domain room imports the store", "internal/directory/user.go", imports("directory", room+"store"), "directory may not import store"},
		{"a word imports a domain room", "internal/message/text.go", imports("message", room+"app"), "message may not import app"},
		{"policy imports another domain room", "internal/policy/quota.go", imports("policy", room+"notify"), "policy may not import notify"},
		{"an edge imports the store", "internal/dingtalk/send.go", imports("dingtalk", room+"store/sqlite"), "dingtalk may not import store"},
		{"one edge imports the other", "internal/rest/inbox.go", imports("rest", room+"dingtalk"), "rest may not import dingtalk"},
		{"a room nobody has heard of", "internal/util/util.go", imports("util"), `room "util" is not in the table`},
		{"code imports a test helper", "internal/server/run.go", imports("server", room+"store/storetest"), "which is for tests"},
		{"a test imports what it likes", "internal/policy/quota_test.go", imports("policy_test", room+"store", "database/sql"), ""},

		{"SQL outside store", "internal/inbox/page.go", imports("inbox", "database/sql"), "SQL lives in store"},
		{"a driver outside store", "internal/server/open.go", imports("server", "github.com/jackc/pgx/v5/stdlib"), "SQL lives in store"},
		{"HTTP in a domain room", "internal/app/token.go", imports("app", "net/http"), "HTTP stays at the edges"},
		{"configuration looked up", "internal/rest/rest.go", imports("rest", room+"config"), "rest may not import config"},

		{"a long file", "internal/app/app.go", "package app\n" + strings.Repeat("// A line.\n", 500), "501 lines; the limit is 500"},
		{"a long test file", "internal/app/app_test.go", "package app\n" + strings.Repeat("// A line.\n", 500), ""},
		{"a long function", "internal/app/app.go", function(79), "Long has 81 lines; the limit is 80"},
		{"a function just short enough", "internal/app/app.go", function(78), ""},

		{"a large package", "internal/template/form.go", large("template"), "2502 lines without tests, the limit is 2500"},
		{"a large package with a reason", "internal/store/store.go", large("store"), ""},

		{"a panic", "internal/app/app.go", "package app\n\nfunc Must() { panic(1) }\n", "Must panics"},
		{"a counter in the package", "internal/app/app.go", "package app\n\nvar n int\n\nfunc Next() { n++ }\n", "writes the package's variable n"},
		{"a cache in the package", "internal/app/app.go", "package app\n\nvar m = map[int]int{}\n\nfunc Put() { m[1] = 2 }\n", "writes the package's variable m"},
		{"a local of the same name", "internal/app/app.go", "package app\n\nvar n int\n\nfunc Next() { n := n; n++ }\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			for i, text := range strings.Split(tt.text, nextFile) {
				mustWrite(t, root, strings.TrimSuffix(tt.file, ".go")+strings.Repeat("x", i)+".go", text)
			}
			name := filepath.Base(filepath.Dir(tt.file))
			mustWrite(t, root, filepath.Dir(tt.file)+"/doc.go", "// Package "+name+" decides.\npackage "+name+"\n")

			broken, _, err := archtest.Check(root)
			if err != nil {
				t.Fatal(err)
			}
			found := strings.Join(broken, "\n")
			if tt.want == "" && found != "" || !strings.Contains(found, tt.want) || len(broken) > 1 {
				t.Errorf("found %q, want only %q", found, tt.want)
			}
		})
	}
}

// Each permission that nothing uses is found, and none that something uses.
func TestUnusedPermissionsAreFound(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	tree := archtest.Used()
	for path, text := range tree {
		mustWrite(t, root, path, text)
	}
	unused := func() []string {
		t.Helper()
		found, err := archtest.Unused(root)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	if found := unused(); len(found) != 0 {
		t.Fatalf("with everything used: %q", found)
	}
	for path, text := range tree {
		if err := os.Rename(filepath.Join(root, path), filepath.Join(root, path+".off")); err != nil {
			t.Fatal(err)
		}
		mustWrite(t, root, strings.TrimSuffix(path, ".go")+"_test.go", text) // what only tests use nothing uses
		if found := unused(); len(found) != 1 {
			t.Errorf("without %s: %q, want one line", path, found)
		}
		if err := os.Remove(filepath.Join(root, strings.TrimSuffix(path, ".go")+"_test.go")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(root, path+".off"), filepath.Join(root, path)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRoomWithoutDoc(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	mustWrite(t, root, "internal/app/app.go", "// Package app is described in the wrong file.\npackage app\n")
	broken, _, err := archtest.Check(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(broken) != 1 || !strings.Contains(broken[0], "no doc.go") {
		t.Errorf("found %q, want one line about doc.go", broken)
	}
}

func imports(pkg string, paths ...string) string {
	text := "package " + pkg + "\n\n"
	for _, path := range paths {
		text += "import _ \"" + path + "\"\n"
	}
	return text
}

// nextFile ends a file's text where another file of the package follows.
const nextFile = "// next\n"

// large is a package of 2,500 lines in five files.
func large(name string) string {
	return strings.Repeat(nextFile+"package "+name+"\n"+strings.Repeat("\n", 499), 5)[len(nextFile):]
}

func function(statements int) string {
	return "package app\n\nfunc Long() {\n" + strings.Repeat("\tprintln()\n", statements) + "}\n"
}

func mustWrite(t testing.TB, root, name, text string) {
	t.Helper()
	path := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
