package harness

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// binaryEnv names the binary under test. Main sets it when it built one.
const binaryEnv = "TIDINGS_BIN"

// Main runs a package's tests against a freshly built binary, or against the
// one that TIDINGS_BIN names. Call it from TestMain.
func Main(m *testing.M) int {
	if err := isolate(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if os.Getenv(binaryEnv) != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "tidings-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "tidings")
	if err := build(path, ""); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := os.Setenv(binaryEnv, path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// isolate keeps this machine's own configuration away from the commands.
func isolate() error { return os.Setenv("TIDINGS_CONFIG", os.DevNull) }

// environment is that of a command on a database: an address that holds a password
// is refused on command lines.
func environment(database string) []string { return append(os.Environ(), "TIDINGS_DATABASE="+database) }

// Build compiles the binary with build tags, and returns where it is.
func Build(tb testing.TB, tags string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "tidings")
	if err := build(path, tags); err != nil {
		tb.Fatal(err)
	}
	return path
}

// build compiles the binary as `make build` does, whatever the test itself is
// compiled with: SQLite takes minutes when no build before was like this one.
func build(path, tags string) error {
	c := exec.Command("go", "build", "-tags", tags, "-o", path, "github.com/tidings-im/tidings/cmd/tidings")
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-trimpath")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	return nil
}
