package chaos_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/test/harness"
)

// A node in a container whose root is read-only works with a data directory
// and a place for temporary files, and without the second it does not start:
// every upload would fail, and only the log would tell.
func TestReadOnlyRoot(t *testing.T) {
	t.Parallel()
	dir := harness.Tmpfs(t, 64)
	temporary := filepath.Join(dir, "tmp")
	if err := os.Mkdir(temporary, 0o700); err != nil {
		t.Fatal(err)
	}
	h := &harness.Home{Dir: dir, Database: "sqlite:" + filepath.Join(dir, "tidings.db"), Command: harness.ReadOnlyRoot(t, temporary)}
	s := h.Serve(t, "--media", "database")
	if status, err := s.Health("/readyz"); status != http.StatusOK {
		t.Errorf("/readyz: %d, %v", status, err)
	}
	s.Stop(t)

	h.Command = harness.ReadOnlyRoot(t, "")
	code, said := h.Refused(t, "--media", "database")
	if code != 1 || !strings.Contains(said, "temporary files, which uploads need, cannot be written in /tmp") {
		t.Errorf("without a place for temporary files: exit code %d\n%s", code, said)
	}
}
