package transfer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/tidings-im/tidings/internal/durable"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/store/copier"
)

// BackupOptions say what to back up, and where to.
type BackupOptions struct {
	From Place
	To   string // a directory that is not there yet
	// Contents are the contents of files that are in an object storage; nil
	// where they are in From.Media or in the database.
	Contents media.Storage
	KeyFile  string // put into the backup, "" to leave it out
	// Keys sign the checksums. Those of KeyFile if it is named, and otherwise nil
	// where there are none; then nothing is signed, as with keys of another source.
	Keys Keys
	Now  time.Time

	Progress Progress
}

// partial is what a backup is called while it is not whole.
const partial = ".partial"

// Backup writes an installation, beside its running server, into a new
// directory from which Restore makes it again. What is interrupted is called
// To with ".partial" at its end.
func Backup(ctx context.Context, o BackupOptions) (Report, Manifest, error) {
	if err := o.check(ctx); err != nil {
		return Report{}, Manifest{}, err
	}
	dir := o.To + partial
	held, err := newDir(o.To, dir)
	if err != nil {
		return Report{}, Manifest{}, err
	}
	defer held.Close() // only its lock matters, which goes with the process too
	r, m, err := o.fill(ctx, dir)
	if err != nil {
		return r, m, fmt.Errorf("%w (what there is of the backup is in %s)", err, dir)
	}
	for _, step := range []func() error{
		func() error { return syncTree(dir) },
		func() error { return os.Rename(dir, o.To) },
		func() error { return durable.SyncDir(filepath.Dir(o.To)) },
	} {
		if err := step(); err != nil {
			return r, m, err
		}
	}
	return r, m, nil
}

// check refuses a source that cannot be read, and a key file that is of no use
// for it, before anything is made.
func (o *BackupOptions) check(ctx context.Context) error {
	from, err := copier.Open(ctx, o.From.Database)
	if err != nil {
		return err
	}
	if o.Keys != nil {
		err = needKeys(ctx, o.Keys, from)
	}
	if err != nil && o.KeyFile == "" {
		o.Keys, err = nil, nil
	}
	return errors.Join(err, from.Close())
}

// newDir makes the directory of an unfinished backup, in one that is there: a
// parent that is missing is a disk that is not mounted. It is locked while the
// backup is being made, so that one which was interrupted is known by having no
// lock, and makes way.
func newDir(whole, unfinished string) (*os.File, error) {
	if _, err := os.Lstat(whole); !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(err, fmt.Errorf("%s is there already: a backup needs a new directory", whole))
	}
	if _, err := os.Stat(filepath.Dir(whole)); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the directory %s is not there: make it, or mount the disk that belongs there", filepath.Dir(whole))
	} else if err != nil {
		return nil, err
	}
	if err := clearTorn(unfinished); err != nil {
		return nil, err
	}
	if err := os.Mkdir(unfinished, 0o700); errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%s: another backup is being made", unfinished)
	} else if err != nil {
		return nil, err
	}
	return lock(unfinished)
}

// lock opens a directory and holds it. The lock goes with the process.
func lock(dir string) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = fmt.Errorf("%s: another backup is being made", dir)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// clearTorn removes what an interrupted backup left, and nothing else: a
// directory in which there is something else is left alone.
func clearTorn(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	held, err := lock(dir)
	if err != nil {
		return err
	}
	defer held.Close() // it is gone
	for _, e := range entries {
		if name := e.Name(); !strings.HasPrefix(name, databaseFile) && !slices.Contains([]string{mediaDir, keyFile, manifestFile, sumsFile, signatureFile}, name) {
			return fmt.Errorf("%s holds %s, which is not of an interrupted backup: remove it yourself", dir, name)
		}
	}
	return os.RemoveAll(dir)
}

func (o BackupOptions) fill(ctx context.Context, dir string) (r Report, m Manifest, err error) {
	database := filepath.Join(dir, databaseFile)
	engine, others, err := copier.Save(ctx, o.From.Database, database, o.Progress)
	if err != nil {
		return r, m, err
	}
	saved, err := copier.Open(ctx, "sqlite:"+database)
	if err != nil {
		return r, m, err
	}
	defer func() { err = errors.Join(err, saved.Close()) }()
	r = Report{Schema: saved.Schema(), Others: others}
	m = Manifest{Format: format, MadeAt: o.Now.UTC(), Engine: engine, Schema: saved.Schema(), Rows: map[string]int64{}}
	if r.Tables, err = saved.Digest(ctx); err != nil {
		return r, m, err
	}
	for _, t := range r.Tables {
		m.Rows[t.Name] = t.Rows
	}
	if m.Organizations, err = saved.Organizations(ctx); err != nil {
		return r, m, err
	}
	if m.AuditLogs, err = saved.AuditHeads(ctx); err != nil {
		return r, m, err
	}
	if m.Keys, err = o.bind(ctx, saved); err != nil {
		return r, m, err
	}
	all, err := newSums(dir)
	if err != nil {
		return r, m, err
	}
	if err := errors.Join(o.add(ctx, dir, saved, all, &r, &m), all.close()); err != nil {
		return r, m, err
	}
	r.Signed, err = sign(dir, o.Keys)
	return r, m, err
}

// bind takes the keys for those of what was saved, which they were of the source
// before: a master key may have been replaced meanwhile. It returns the
// fingerprints of the keys that are needed.
func (o *BackupOptions) bind(ctx context.Context, saved *copier.Source) (map[int]string, error) {
	known, err := saved.Keys(ctx)
	if err != nil {
		return nil, err
	}
	if o.Keys != nil {
		if err := needKeys(ctx, o.Keys, saved); err != nil {
			return nil, fmt.Errorf("a master key was replaced while the backup was made, make it again: %w", err)
		}
	}
	return known.Needed(), nil
}

// add puts everything beside the database in: the uploaded files, the key file
// and the manifest.
func (o BackupOptions) add(ctx context.Context, dir string, saved *copier.Source, all *sums, r *Report, m *Manifest) error {
	if err := all.read(ctx, databaseFile); err != nil {
		return err
	}
	if err := o.files(ctx, dir, saved, all, r); err != nil {
		return err
	}
	m.Files, m.Bytes, m.Missing = r.Files, r.Bytes, append([]string{}, r.Missing...)
	if o.KeyFile != "" {
		if err := o.copyKeys(ctx, dir, saved); err != nil {
			return err
		}
		if err := all.read(ctx, keyFile); err != nil {
			return err
		}
		m.KeyFile = keyFile
	}
	if err := m.write(dir); err != nil {
		return err
	}
	return all.read(ctx, manifestFile)
}

func (o BackupOptions) files(ctx context.Context, dir string, saved *copier.Source, all *sums, r *Report) error {
	to := media.FilesIn(filepath.Join(dir, mediaDir))
	if err := to.Prepare(); err != nil {
		return err
	}
	var from opener = media.FilesIn(o.From.Media)
	if o.Contents != nil {
		from = stored{ctx, o.Contents}
	}
	err := moveFiles(ctx, saved, from, to, o.Progress, r, func(f media.File) error {
		path, err := to.Path(f)
		if err != nil {
			return err
		}
		return all.add(filepath.Join(mediaDir, path), f.Digest) // which Put has verified
	})
	return errors.Join(err, to.Settle())
}

// copyKeys puts the key file in, as it is by now, and makes sure that it still has
// the keys of what was saved.
func (o *BackupOptions) copyKeys(ctx context.Context, dir string, saved *copier.Source) error {
	to := filepath.Join(dir, keyFile)
	if err := copyKey(o.KeyFile, to); err != nil {
		return err
	}
	keys, err := masterkey.Load(to)
	if err == nil {
		err = needKeys(ctx, keys, saved)
	}
	if err != nil {
		return fmt.Errorf("a master key was replaced while the backup was made, make it again: %w", err)
	}
	return nil
}

// copyKey makes a copy that only its owner may read.
func copyKey(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	if err := writeSynced(to, text); err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	return durable.SyncDir(filepath.Dir(to))
}
