package transfer_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/transfer"
)

// One bit that is another, in any file of the backup, and it is refused before
// anything is made.
func TestFlippedBits(t *testing.T) {
	t.Parallel()
	dir, at := newInstallation(t, "sqlite", 0).backup(t, true), newPlace(t, "sqlite")
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil || len(text) == 0 {
			return err
		}
		name := d.Name()
		for _, at8 := range []int{0, len(text) / 3, len(text) - 1} {
			damaged := append([]byte{}, text...)
			damaged[at8] ^= 2
			if err := os.WriteFile(path, damaged, 0o600); err != nil {
				return err
			}
			_, _, err := transfer.Restore(context.Background(), at.restoreOptions(dir))
			if err == nil || !strings.Contains(err.Error(), "damaged") || !strings.Contains(err.Error(), name) && name != "SHA256SUMS" {
				t.Errorf("%s, byte %d: %v", name, at8, err)
			}
			at.mustBeEmpty(t)
		}
		return os.WriteFile(path, text, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := transfer.Restore(context.Background(), at.restoreOptions(dir)); err != nil {
		t.Errorf("with every bit as it was: %v", err)
	}
}

// A list of checksums that was cut short is not a shorter backup.
func TestShortenedSums(t *testing.T) {
	t.Parallel()
	dir, at := newInstallation(t, "sqlite", 0).backup(t, true), newPlace(t, "sqlite")
	path := filepath.Join(dir, "SHA256SUMS")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	for n := range len(lines) - 1 {
		if err := os.WriteFile(path, []byte(strings.Join(lines[:n], "")), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := transfer.Restore(context.Background(), at.restoreOptions(dir)); err == nil || !strings.Contains(err.Error(), "SHA256SUMS is damaged: it does not name") {
			t.Errorf("%d lines: %v", n, err)
		}
		at.mustBeEmpty(t)
	}
	for _, bad := range []string{"no checksum\n", strings.Repeat("0", 64) + "  ../key\n", strings.Repeat("0", 64) + "  /etc/hostname\n"} {
		if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := transfer.Restore(context.Background(), at.restoreOptions(dir)); err == nil || !strings.Contains(err.Error(), "SHA256SUMS is damaged in line 1") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// Whatever interrupts a restore, the place is as empty as it was, and the next
// attempt succeeds.
func TestInterruptedRestore(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		dir, at := newInstallation(t, engine, 0).backup(t, true), newPlace(t, engine)
		for _, step := range []string{"organization", "org_revision", "uploaded files"} {
			ctx, cancel := context.WithCancel(context.Background())
			o := at.restoreOptions(dir)
			o.Progress = func(_, detail string, _ int64) {
				if detail == step {
					cancel()
				}
			}
			_, _, err := transfer.Restore(ctx, o)
			interrupted := ctx.Err() != nil
			cancel()
			if !interrupted || err == nil {
				t.Fatalf("interrupted at %s: %v, %v", step, interrupted, err)
			}
			at.mustBeEmpty(t)
		}
		if _, _, err := transfer.Restore(context.Background(), at.restoreOptions(dir)); err != nil {
			t.Errorf("the next attempt: %v", err)
		}
	})
}

// A place with anything in it is refused, and left as it is.
func TestPlacesThatAreNotEmpty(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		ctx := context.Background()
		old := newInstallation(t, engine, 0)
		dir := old.backup(t, true)
		if _, _, err := transfer.Restore(ctx, old.restoreOptions(dir)); err == nil || !strings.Contains(err.Error(), map[string]string{"sqlite": "is there already", "postgres": "is not empty"}[engine]) {
			t.Errorf("over the one it was made of: %v", err)
		}
		old.mustHave(t, old.files)

		files := newPlace(t, engine)
		if err := os.MkdirAll(filepath.Join(files.Media, "1"), 0o700); err != nil {
			t.Fatal(err)
		}
		if _, _, err := transfer.Restore(ctx, files.restoreOptions(dir)); err == nil || !strings.Contains(err.Error(), "must have no uploaded files") {
			t.Errorf("where uploaded files are: %v", err)
		}
		if _, err := os.Stat(filepath.Join(files.Media, "1")); err != nil {
			t.Errorf("what was there: %v", err)
		}
	})
}

// The keys have to be there, and be the right ones; a key file that is there is
// never replaced.
func TestKeysOfARestore(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	old := newInstallation(t, "sqlite", 0)
	with, without := old.backup(t, true), old.backup(t, false)

	at := newPlace(t, "sqlite")
	if _, _, err := transfer.Restore(ctx, at.restoreOptions(without)); err == nil || !strings.Contains(err.Error(), "the backup has none") || !strings.Contains(err.Error(), "1:") {
		t.Errorf("without keys: %v", err)
	}
	at.mustBeEmpty(t)

	o := at.restoreOptions(with)
	o.KeyFile = filepath.Join(t.TempDir(), "key")
	if _, err := masterkey.Create(o.KeyFile); err != nil {
		t.Fatal(err)
	}
	if _, _, err := transfer.Restore(ctx, o); err == nil || !strings.Contains(err.Error(), "does not belong to the source") {
		t.Errorf("with other keys: %v", err)
	}
	at.mustBeEmpty(t)

	o = at.restoreOptions(without)
	o.KeyFile = old.keyFile
	if _, _, err := transfer.Restore(ctx, o); err != nil {
		t.Errorf("with the keys of before: %v", err)
	}
}

// A move takes the files along unless they stay where they are, and needs the
// keys of the source.
func TestMove(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		ctx := context.Background()
		from, to := newInstallation(t, "sqlite", 0), newPlace(t, engine)
		o := transfer.MoveOptions{From: from.Place, To: to.Place, Keys: from.keys, Progress: quiet}

		other, err := masterkey.Create(filepath.Join(t.TempDir(), "key"))
		if err != nil {
			t.Fatal(err)
		}
		wrong := o
		wrong.Keys = other
		if _, err := transfer.Move(ctx, wrong); err == nil || !strings.Contains(err.Error(), "does not belong to the source") {
			t.Errorf("with other keys: %v", err)
		}
		nowhere := o
		nowhere.To.Media = ""
		if _, err := transfer.Move(ctx, nowhere); err == nil || !strings.Contains(err.Error(), "--to-data") {
			t.Errorf("without a place for the files: %v", err)
		}
		to.mustBeEmpty(t)

		r, err := transfer.Move(ctx, o)
		if err != nil || r.Files != 3 {
			t.Fatalf("%+v, %v", r, err)
		}
		to.mustHave(t, from.files)
		from.mustHave(t, from.files)

		same := newPlace(t, engine)
		same.Media = from.Media
		o.To = same.Place
		if r, err := transfer.Move(ctx, o); err != nil || r.Files != 0 {
			t.Errorf("with the files where they are: %+v, %v", r, err)
		}
		from.mustHave(t, from.files)
		if empty, err := media.FilesIn(from.Media).Empty(); err != nil || empty {
			t.Errorf("the files: %v, %v", empty, err)
		}
	})
}
