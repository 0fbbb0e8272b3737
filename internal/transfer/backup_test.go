package transfer_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/internal/transfer"
)

func eachEngine(t *testing.T, fn func(t *testing.T, engine string)) {
	t.Helper()
	for _, engine := range storetest.BothEngines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			fn(t, engine)
		})
	}
}

// There and back on each engine, with all files and the keys.
func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	for _, from := range storetest.BothEngines() {
		eachEngine(t, func(t *testing.T, to string) {
			old, restored := newInstallation(t, from, 0), newPlace(t, to)
			dir := old.backup(t, true)
			r, m, err := transfer.Restore(context.Background(), restored.restoreOptions(dir))
			if err != nil {
				t.Fatal(err)
			}
			if r.Files != 3 || r.Bytes != 400_005 || len(r.Missing) != 0 || m.Engine != from || m.Rows["media"] != 3 || len(m.Keys) != 1 {
				t.Errorf("report %+v, manifest %+v", r, m)
			}
			restored.mustHave(t, old.files)
			keys, err := masterkey.Load(restored.keyFile)
			if err != nil {
				t.Fatal(err)
			}
			if err := keys.Bind(context.Background(), storetest.At(t, restored.Database, nil).Apps()); err != nil {
				t.Error(err)
			}
		})
	}
}

// What other tools know of checksums is enough to check a backup, and nobody
// else may read it.
func TestBackupIsPrivateAndChecked(t *testing.T) {
	t.Parallel()
	dir := newInstallation(t, "sqlite", 0).backup(t, true)
	c := exec.Command("sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS")
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("sha256sum: %v\n%s", err, out)
	}
	sums, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		name, err := filepath.Rel(dir, path)
		if err == nil && !d.IsDir() && name != "SHA256SUMS" && name != "SHA256SUMS.hmac" {
			files++
			if !strings.Contains(string(sums), "  "+name+"\n") {
				t.Errorf("%s has no checksum", name)
			}
		}
		return err
	})
	if err != nil || files != 6 {
		t.Errorf("%d files, %v", files, err)
	}
}

// Whatever interrupts a backup, nothing that looks whole is there.
func TestInterruptedBackup(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		at := newInstallation(t, engine, 0)
		for _, step := range []string{"the database", "task", "uploaded files"} {
			ctx, cancel := context.WithCancel(context.Background())
			o := at.backupOptions(t, true)
			interrupted := false
			o.Progress = func(_, detail string, _ int64) {
				if detail == step || step == "task" && detail == "organization" {
					interrupted = true
					cancel()
				}
			}
			_, _, err := transfer.Backup(ctx, o)
			cancel()
			if !interrupted { // one of them is for the other engine
				continue
			}
			if err == nil || !strings.Contains(err.Error(), "backup.partial)") {
				t.Errorf("interrupted at %s: %v", step, err)
			}
			if _, err := os.Stat(o.To); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("interrupted at %s: %s is there: %v", step, o.To, err)
			}
			at := newPlace(t, "sqlite")
			if _, _, err := transfer.Restore(context.Background(), at.restoreOptions(o.To+".partial")); err == nil {
				t.Errorf("interrupted at %s: it can be restored", step)
			}
			at.mustBeEmpty(t)
		}
	})
}

// Files in an object storage are in a backup like those of the disk, and one
// that is gone is named.
func TestFilesOfAnObjectStorage(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		at, ctx := newInstallation(t, engine, 0), context.Background()
		bucket, gone := at.Media, at.files[1]
		at.Media = filepath.Join(t.TempDir(), "nothing")
		contents, err := media.NewDisk(bucket, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if err := contents.Remove(ctx, gone.Organization, gone.ID); err != nil {
			t.Fatal(err)
		}
		o := at.backupOptions(t, true)
		o.Contents = contents
		r, m, err := transfer.Backup(ctx, o)
		if err != nil || r.Files != 2 || len(m.Missing) != 1 || m.Missing[0] != gone.ID {
			t.Fatalf("report %+v, manifest %+v, %v", r, m, err)
		}
		restored := newPlace(t, engine)
		r, _, err = transfer.Restore(ctx, restored.restoreOptions(o.To))
		if err != nil || r.Files != 2 {
			t.Errorf("report %+v, %v", r, err)
		}
	})
}

// A file that was about to be deleted when the snapshot was made may be gone
// when it is copied: that is nothing to warn of.
func TestFileDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		at, ctx := newInstallation(t, engine, 0), context.Background()
		gone := at.files[1]
		if err := os.Remove(filepath.Join(at.Media, "1", "bb", gone.ID)); err != nil {
			t.Fatal(err)
		}
		err := storetest.At(t, at.Database, nil).Retention().EndFiles(ctx, gone.Organization, []string{gone.ID}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		r, m, err := transfer.Backup(ctx, at.backupOptions(t, true))
		if err != nil || r.Files != 2 || len(r.Missing) != 0 || len(m.Missing) != 0 {
			t.Errorf("report %+v, manifest %+v, %v", r, m, err)
		}
	})
}

// A file that is gone is named in what is said, in the manifest and again when
// the backup is restored; the rest is there.
func TestMissingFile(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		at, ctx := newInstallation(t, engine, 0), context.Background()
		gone := at.files[1]
		if err := os.Remove(filepath.Join(at.Media, "1", "bb", gone.ID)); err != nil {
			t.Fatal(err)
		}
		o := at.backupOptions(t, true)
		r, m, err := transfer.Backup(ctx, o)
		if err != nil || r.Files != 2 || len(r.Missing) != 1 || r.Missing[0] != gone.ID || len(m.Missing) != 1 || m.Missing[0] != gone.ID {
			t.Fatalf("report %+v, manifest %+v, %v", r, m, err)
		}
		restored := newPlace(t, engine)
		r, m, err = transfer.Restore(ctx, restored.restoreOptions(o.To))
		if err != nil || len(r.Missing) != 1 || len(m.Missing) != 1 {
			t.Errorf("report %+v, manifest %+v, %v", r, m, err)
		}
	})
}

// A file that is damaged on the disk does not get into a backup unnoticed.
func TestDamagedFile(t *testing.T) {
	t.Parallel()
	at := newInstallation(t, "sqlite", 0)
	if err := os.WriteFile(filepath.Join(at.Media, "1", "bb", at.files[1].ID), []byte("shore"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := transfer.Backup(context.Background(), at.backupOptions(t, false)); err == nil || !strings.Contains(err.Error(), at.files[1].ID+" is damaged") {
		t.Errorf("a damaged file: %v", err)
	}
}

// The backup of an older binary is restored and brought up to date.
func TestOlderBackup(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		old, restored := newInstallation(t, engine, 1), newPlace(t, engine)
		dir := old.backup(t, true)
		if _, m, err := transfer.Restore(context.Background(), restored.restoreOptions(dir)); err != nil || m.Schema != 1 {
			t.Fatalf("manifest %+v, %v", m, err)
		}
		migrate(t, restored.Database)
		s, err := store.SchemaOf(context.Background(), restored.Database)
		if err != nil || len(s.Pending) != 0 {
			t.Errorf("schema %+v, %v", s, err)
		}
	})
}
