package harness

import (
	"os"
	"path/filepath"
	"testing"
)

// Image is a file system in a file, whose power can be cut.
type Image struct {
	Dir  string // where it is mounted
	file string
}

// NewImage makes and mounts an empty xfs or ext4.
func NewImage(tb testing.TB, fileSystem string) *Image {
	tb.Helper()
	mayMount(tb, "mkfs."+fileSystem, "xfs_io")
	i := &Image{Dir: tb.TempDir(), file: filepath.Join(tb.TempDir(), "image")}
	f, err := os.Create(i.file)
	if err != nil {
		tb.Fatal(err)
	}
	const size = 512 << 20 // the least that xfs takes is 300 MiB
	if err := f.Truncate(size); err != nil {
		tb.Fatal(err)
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
	mustRun(tb, "mkfs."+fileSystem, "-q", i.file)
	i.mount(tb)
	tb.Cleanup(func() { i.unmount(tb) })
	return i
}

func (i *Image) mount(tb testing.TB) {
	tb.Helper()
	mustRun(tb, "mount", "-o", "loop", i.file, i.Dir)
}

func (i *Image) unmount(tb testing.TB) {
	tb.Helper()
	mustRun(tb, "umount", i.Dir)
}

// Cut ends all writing to the file system at once. What was not synced is lost,
// as when the power goes.
func (i *Image) Cut(tb testing.TB) {
	tb.Helper()
	mustRun(tb, "xfs_io", "-x", "-c", "shutdown", i.Dir) // ext4 knows it too
}

// Restore mounts the file system as it is after the power is back: it replays
// its journal. Nothing may have it open any more.
func (i *Image) Restore(tb testing.TB) {
	tb.Helper()
	i.unmount(tb)
	i.mount(tb)
}
