package harness

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mountEnv set to "off" leaves out the tests that need file systems of their own.
const mountEnv = "TIDINGS_TEST_MOUNT"

// mayMount ends the test where nothing can be mounted. Where all tests are
// required it fails, unless the environment says that mounting is off.
func mayMount(tb testing.TB, needs ...string) {
	tb.Helper()
	var missing string
	switch {
	case os.Getenv(mountEnv) == "off":
		tb.Skip(mountEnv + "=off: this test mounts a file system")
	case os.Geteuid() != 0:
		missing = "root, to mount a file system"
	}
	for _, command := range append(needs, "mount", "umount") {
		if _, err := exec.LookPath(command); err != nil && missing == "" {
			missing = command
		}
	}
	if missing == "" {
		return
	}
	text := fmt.Sprintf("this test needs %s (%s=off leaves it out)", missing, mountEnv)
	if os.Getenv("TIDINGS_TEST_REQUIRE") != "" {
		tb.Fatal(text)
	}
	tb.Skip(text)
}

// Tmpfs mounts an empty file system of a size and returns where.
func Tmpfs(tb testing.TB, mebibytes int) string {
	tb.Helper()
	mayMount(tb)
	dir := tb.TempDir()
	mustRun(tb, "mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm", mebibytes), "tmpfs", dir)
	tb.Cleanup(func() { mustRun(tb, "umount", dir) })
	return dir
}

// Filler is a file that takes what is free on a file system.
type Filler struct{ path string }

// NewFiller returns one that takes nothing yet.
func NewFiller(dir string) *Filler { return &Filler{filepath.Join(dir, "filler")} }

// Fill takes what is free, but for some bytes.
func (f *Filler) Fill(leave int64) error {
	file, err := os.OpenFile(f.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	for block := make([]byte, 64<<10); len(block) > 0; {
		if _, err := file.Write(block); err != nil {
			block = block[:len(block)/2]
		}
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	return errors.Join(file.Truncate(max(0, size-leave)), file.Sync())
}

// Leave gives everything back.
func (f *Filler) Leave() error { return os.RemoveAll(f.path) }

func mustRun(tb testing.TB, name string, args ...string) {
	tb.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		tb.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// ReadOnlyRoot is a command that runs the binary where the root is read-only,
// and with it /tmp; temporary is where temporary files go, "" for /tmp. What is
// mounted elsewhere, as Tmpfs does, can be written.
func ReadOnlyRoot(tb testing.TB, temporary string) []string {
	tb.Helper()
	mayMount(tb, "unshare")
	const script = `mount --make-rprivate / && mount -o remount,bind,ro / || exit 99
mountpoint -q /tmp && mount -o remount,bind,ro /tmp
exec "$0" "$@"`
	return []string{"env", "TMPDIR=" + temporary, "unshare", "--mount", "sh", "-c", script, binary(tb)}
}
