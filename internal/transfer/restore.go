package transfer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/store/copier"
)

// RestoreOptions say which backup to restore, and where to.
type RestoreOptions struct {
	From    string // a directory that Backup made
	To      Place  // empty
	KeyFile string // that the server will use; made from the backup when it is not there
	// LoadKeys reads a key file; the error wraps fs.ErrNotExist when there is none.
	LoadKeys func(path string) (Keys, error)
	SignOut  bool // end all sessions and sign-ins to programs
	Now      time.Time

	Progress Progress
}

// Restore makes an installation of a backup, in an empty place, and moves all
// its counters on (copier.Target.Advance), so that nothing which was named
// after the backup was made is named again. After a failure the target is as
// it was, but for the empty tables of a PostgreSQL database.
func Restore(ctx context.Context, o RestoreOptions) (r Report, m Manifest, err error) {
	if err := verify(ctx, o.From, o.Progress); err != nil {
		return r, m, err
	}
	if m, err = readManifest(o.From); err != nil {
		return r, m, err
	}
	from, err := copier.Open(ctx, "sqlite:"+filepath.Join(o.From, databaseFile))
	if err != nil {
		return r, m, err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	keys, signed, err := o.checkKeys(ctx, m, from)
	if err != nil {
		return r, m, err
	}
	to, err := copier.Create(ctx, o.To.Database, from.Schema())
	if err != nil {
		return r, m, err
	}
	r = Report{Schema: from.Schema(), Signed: signed}
	undo, err := o.fill(ctx, m, keys, from, to, &r)
	if err != nil {
		return r, m, errors.Join(err, undo(), to.Discard())
	}
	if err := to.Commit(ctx); err != nil {
		return r, m, errors.Join(err, undo())
	}
	return r, m, nil
}

// checkKeys makes sure that the installation will have its keys: those at
// KeyFile, or else those in the backup. With them it verifies the signature, if
// there is one.
func (o RestoreOptions) checkKeys(ctx context.Context, m Manifest, from *copier.Source) (keys Keys, signed bool, err error) {
	keys, err = o.LoadKeys(o.KeyFile)
	if errors.Is(err, fs.ErrNotExist) {
		if m.KeyFile == "" {
			return nil, false, fmt.Errorf("there is no key file %s, and the backup has none: name with --key-file the one with these fingerprints, without which app secrets cannot be read: %s",
				o.KeyFile, fingerprints(m.Keys))
		}
		keys, err = o.LoadKeys(filepath.Join(o.From, keyFile))
	}
	if err != nil {
		return nil, false, err
	}
	if err := needKeys(ctx, keys, from); err != nil {
		return nil, false, err
	}
	signed, err = verifySigned(o.From, keys)
	return keys, signed, err
}

func fingerprints(keys map[int]string) string {
	text := ""
	for _, number := range slices.Sorted(maps.Keys(keys)) {
		text += fmt.Sprintf("%d:%s ", number, keys[number])
	}
	if text == "" {
		return "any"
	}
	return text[:len(text)-1]
}

// fill fills the target, the database last. undo takes back what is not in it.
func (o RestoreOptions) fill(ctx context.Context, m Manifest, keys Keys, from *copier.Source, to *copier.Target, r *Report) (undo func() error, err error) {
	undo = func() error { return nil }
	if r.Tables, err = copier.Copy(ctx, from, to, o.Progress); err != nil {
		return undo, err
	}
	for _, t := range r.Tables {
		if t.Rows != m.Rows[t.Name] {
			return undo, fmt.Errorf("table %s has %d rows, the manifest says %d", t.Name, t.Rows, m.Rows[t.Name])
		}
	}
	if err := to.Advance(ctx, o.Now); err != nil {
		return undo, err
	}
	of := audit.Details{"made_at": m.MadeAt.Format(time.RFC3339)}
	if err := logIn(ctx, to, from, keys, audit.Restored, o.Now, of); err != nil {
		return undo, err
	}
	if o.SignOut {
		if err := to.SignOut(ctx); err != nil {
			return undo, err
		}
	}
	files, undo, err := newFiles(o.To.Media)
	if err != nil {
		return undo, err
	}
	if err := moveFiles(ctx, from, media.FilesIn(filepath.Join(o.From, mediaDir)), files, o.Progress, r, func(media.File) error { return nil }); err != nil {
		return undo, err
	}
	if _, err := os.Lstat(o.KeyFile); !errors.Is(err, fs.ErrNotExist) {
		return undo, err // it is there
	}
	if err := os.MkdirAll(filepath.Dir(o.KeyFile), 0o700); err != nil {
		return undo, err
	}
	if err := copyKey(filepath.Join(o.From, keyFile), o.KeyFile); err != nil {
		return undo, err
	}
	before := undo
	return func() error { return errors.Join(os.Remove(o.KeyFile), before()) }, nil
}
