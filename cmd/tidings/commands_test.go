package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// What a command may do to a schema that is older than it needs. A command that
// is not named here opens the rooms, and must refuse.
var (
	bringsUpToDate   = map[string]bool{"serve": true, "demo": true, "migrate up": true}
	goesWithoutRooms = map[string]string{
		"migrate status":         "looks at the schema",
		"backup":                 "copies any schema as it is, so that one can be made before an upgrade",
		"move":                   "copies any schema as it is",
		"restore":                "makes another installation, with the schema of the backup",
		"version":                "needs no database",
		"completion":             "needs no database",
		"config check":           "needs no database",
		"doctor":                 "looks, and says what is to be done",
		"admin key create":       "comes before the database",
		"admin ca create":        "needs no database",
		"admin ca renew":         "needs no database",
		"admin template lint":    "needs no database",
		"admin template preview": "needs no database",

		"admin app callback secrets": "needs no database",
	}
	// What a command line needs beside its required arguments, to be let in.
	alsoSaid = map[string][]string{
		"admin session end":  {"--all"},
		"admin token revoke": {"--all"},
		"admin user erase":   {"ann"},
		"admin user update":  {"--title", "x"},
		"admin sign-in-link": {"--all"},
		"admin why":          {"--message", "x"},
	}
)

// eachCommand visits every command there is, with a command line that its
// grammar accepts. Files and directories it names are below dir.
func eachCommand(t *testing.T, visit func(t *testing.T, name string, args func(dir string) []string)) {
	t.Helper()
	parser, err := kong.New(&cli{}, helpWords())
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range parser.Model.Leaves(false) {
		name := strings.TrimPrefix(pathOf(leaf), "tidings ")
		t.Run(name, func(t *testing.T) {
			visit(t, name, func(dir string) []string { return commandLine(name, leaf, dir) })
		})
	}
}

func commandLine(name string, leaf *kong.Node, dir string) []string {
	args := strings.Fields(name)
	for _, group := range leaf.AllFlags(false) {
		for _, f := range group {
			if f.Required {
				args = append(args, "--"+f.Name+"="+sample(f.Value, f.PlaceHolder, dir))
			}
		}
	}
	for _, p := range leaf.Positional {
		if p.Required {
			args = append(args, sample(p, p.Name, dir))
		}
	}
	return append(args, alsoSaid[name]...)
}

// sample is a value that the grammar accepts.
func sample(v *kong.Value, what, dir string) string {
	kind := v.Target.Kind()
	if kind == reflect.Pointer {
		kind = v.Target.Type().Elem().Kind()
	}
	what = strings.ToUpper(what)
	switch {
	case v.Enum != "":
		return v.EnumSlice()[0]
	case strings.HasPrefix(what, "FORM"):
		return "-" // standard input, which is an empty object
	case kind >= reflect.Int && kind <= reflect.Uint64:
		return "1"
	case strings.HasPrefix(what, "ADDRESS"):
		return "sqlite:" + filepath.Join(dir, v.Name)
	case strings.HasPrefix(what, "DIR"), strings.HasPrefix(what, "FILE"):
		return filepath.Join(dir, v.Name)
	}
	return "x"
}

// run runs one command in this process, with nothing of this machine's own
// configuration.
func run(args []string, settings map[string]string) (code int, out, problems string) {
	var stdout, stderr bytes.Buffer
	code = realMain(&environment{
		ctx: context.Background(), args: args, in: strings.NewReader("{}"), out: &stdout, err: &stderr,
		lookup: lookup(settings),
	})
	return code, stdout.String(), stderr.String()
}

func lookup(settings map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		if value, ok := settings[name]; ok {
			return value, true
		}
		return os.DevNull, name == "TIDINGS_CONFIG"
	}
}

// mustOlder is the address of a database as a binary before this one left it.
func mustOlder(t *testing.T, engine string) (address string, version int64) {
	t.Helper()
	address = storetest.Address(t, engine)
	s, err := store.SchemaOf(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	version = s.Pending[len(s.Pending)-2].Version
	name, raw := storetest.Raw(t, address)
	if err := store.MigrateTo(context.Background(), name, raw, version); err != nil {
		t.Fatal(err)
	}
	return address, version
}

func mustVersion(t *testing.T, address string) int64 {
	t.Helper()
	s, err := store.SchemaOf(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	return s.Version
}

// A command beside a running server of an older version leaves the schema to
// it: a newer one would keep that server from starting again.
func TestCommandsLeaveAnOlderSchema(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			address, before := mustOlder(t, engine)
			eachCommand(t, func(t *testing.T, name string, args func(string) []string) {
				if bringsUpToDate[name] {
					t.SkipNow()
				}
				dir := t.TempDir()
				code, _, problems := run(args(dir), map[string]string{
					"TIDINGS_DATA": dir, "TIDINGS_DATABASE": address, "TIDINGS_KEY_FILE": filepath.Join(dir, "key"),
				})
				if after := mustVersion(t, address); after != before {
					t.Fatalf("%s brought the schema from version %d to %d", name, before, after)
				}
				if goesWithoutRooms[name] != "" {
					return
				}
				if code != exitFailed || !strings.Contains(problems, "older than this binary needs") || !strings.Contains(problems, "tidings migrate up") {
					t.Errorf("%s: exit code %d, %s", name, code, problems)
				}
			})
		})
	}
}

// A server does bring it up to date.
func TestServeMigrates(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			address, before := mustOlder(t, engine)
			dir := t.TempDir()
			key := filepath.Join(dir, "key")
			if code, _, problems := run([]string{"admin", "key", "create", key}, nil); code != exitDone {
				t.Fatal(problems)
			}
			ctx, stop := context.WithCancel(context.Background())
			defer stop()
			log := &listening{stop: stop}
			code := realMain(&environment{
				ctx: ctx, args: []string{"serve", "--listen=127.0.0.1:0", "--ops-listen=off", "--log-format=json"},
				in: strings.NewReader("{}"), out: io.Discard, err: log,
				lookup: lookup(map[string]string{"TIDINGS_DATA": dir, "TIDINGS_DATABASE": address, "TIDINGS_KEY_FILE": key}),
			})
			if after := mustVersion(t, address); code != exitDone || after <= before {
				t.Errorf("exit code %d, schema version %d after %d\n%s", code, after, before, log.text.String())
			}
		})
	}
}

// listening is a log that stops its server as soon as that listens.
type listening struct {
	text bytes.Buffer // one line after the other: slog holds a lock
	stop func()
}

func (l *listening) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(`"msg":"listening"`)) {
		l.stop()
	}
	return l.text.Write(p)
}

// A typo in --data makes no installation, whatever the command.
func TestCommandsMakeNoInstallation(t *testing.T) {
	t.Parallel()
	eachCommand(t, func(t *testing.T, name string, args func(string) []string) {
		t.Parallel()
		if name == "serve" || name == "demo" {
			t.Skip("a server makes what is missing at its first start")
		}
		typo := filepath.Join(t.TempDir(), "typo")
		code, _, problems := run(args(t.TempDir()), map[string]string{"TIDINGS_DATA": typo})
		if _, err := os.Lstat(typo); !os.IsNotExist(err) {
			t.Errorf("%s made %s (%v)", name, typo, err)
		}
		if goesWithoutRooms[name] == "" && (code != exitFailed || !strings.Contains(problems, "there is no installation at "+typo)) {
			t.Errorf("%s: exit code %d, %s", name, code, problems)
		}
	})
}

// Where a command takes roles, its help lists those there are.
func TestHelpListsTheRoles(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"create", "update", "list"} {
		_, out, _ := run([]string{"admin", "user", command, "--help"}, nil)
		for _, role := range policy.RoleNames() {
			if !strings.Contains(out, role) {
				t.Errorf("user %s --help lists no %s:\n%s", command, role, out)
			}
		}
	}
}
