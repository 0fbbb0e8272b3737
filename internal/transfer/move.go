package transfer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/store/copier"
)

// Keys are the master keys an installation is to go on with.
type Keys interface {
	audit.Keys
	Bind(ctx context.Context, store masterkey.Store) error
	Sign(text []byte) string
	Verify(text []byte, signature string) error
}

// Place is where an installation is: its database, and the directory of its
// uploaded files, "" when nobody said.
type Place struct {
	Database string
	Media    string
}

// MoveOptions say what to move, and where to.
type MoveOptions struct {
	From, To Place
	Keys     Keys
	Force    bool // though the source seems to be served
	Now      time.Time
	Progress Progress
}

// Move copies an installation into an empty place and verifies that both hold
// the same. The source stays as it is. After a failure the target is as it was,
// but for the empty tables of a PostgreSQL database.
func Move(ctx context.Context, o MoveOptions) (r Report, err error) {
	from, err := copier.Open(ctx, o.From.Database)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	if err := needKeys(ctx, o.Keys, from); err != nil {
		return r, err
	}
	if n, err := from.Nodes(ctx); err != nil {
		return r, err
	} else if n > 0 && !o.Force {
		return r, fmt.Errorf("the source is in use: %d connections of tidings servers or commands; stop them, or say --force and lose what they write from now on", n)
	}
	to, err := copier.Create(ctx, o.To.Database, from.Schema())
	if err != nil {
		return r, err
	}
	r = Report{Schema: from.Schema(), Others: from.Others()}
	if r.Tables, err = copier.Copy(ctx, from, to, o.Progress); err != nil {
		return r, errors.Join(err, to.Discard())
	}
	if err := logIn(ctx, to, from, o.Keys, audit.Moved, o.Now, audit.Details{"from": from.Engine()}); err != nil {
		return r, errors.Join(err, to.Discard())
	}
	undo, err := o.files(ctx, from, &r)
	if err != nil {
		return r, errors.Join(err, undo(), to.Discard())
	}
	if err := to.Commit(ctx); err != nil {
		return r, errors.Join(err, undo())
	}
	return r, nil
}

// logIn writes an entry into each log of a filled target: where the log stood in the
// source, which is what it goes on from.
func logIn(
	ctx context.Context, to *copier.Target, from *copier.Source, keys audit.Keys, action audit.Action, at time.Time, also audit.Details,
) error {
	logs, err := from.AuditHeads(ctx)
	if err != nil {
		return err
	}
	var entries []audit.Entry
	for _, a := range logs {
		e := audit.Entry{
			Organization: a.Organization, At: at, By: audit.ByOperator(), Action: action, Subject: audit.InstallationSubject,
			Details: maps.Clone(also),
		}
		e.Details["n"], e.Details["code"] = a.N, a.Code
		entries = append(entries, e)
	}
	return to.Log(ctx, keys, entries...)
}

// files moves the uploaded files, unless they stay where they are.
func (o MoveOptions) files(ctx context.Context, rows *copier.Source, r *Report) (undo func() error, err error) {
	undo = func() error { return nil }
	uploads, err := hasFiles(ctx, rows)
	if err != nil {
		return undo, err
	}
	switch {
	case !uploads || o.From.Media != "" && o.From.Media == o.To.Media:
		return undo, nil
	case o.From.Media == "":
		return undo, errors.New("there are uploaded files: say with --from-data in which data directory they are")
	case o.To.Media == "":
		return undo, errors.New("there are uploaded files: say with --to-data into which data directory they go")
	}
	to, undo, err := newFiles(o.To.Media)
	if err != nil {
		return undo, err
	}
	err = moveFiles(ctx, rows, media.FilesIn(o.From.Media), to, o.Progress, r, func(media.File) error { return nil })
	return undo, err
}

// hasFiles reports whether there are uploaded files outside of the database.
func hasFiles(ctx context.Context, rows *copier.Source) (bool, error) {
	found := errors.New("found")
	err := rows.Media(ctx, func(media.File) error { return found })
	if errors.Is(err, found) {
		return true, nil
	}
	return false, err
}

// newFiles prepares a directory that has no files in it, and says how to take
// back what is put there.
func newFiles(dir string) (*media.Files, func() error, error) {
	undo := func() error { return nil }
	files := media.FilesIn(dir)
	empty, err := files.Empty()
	if err == nil && !empty {
		err = fmt.Errorf("%s is not empty: the target must have no uploaded files", dir)
	}
	if err != nil {
		return nil, undo, err
	}
	if err := files.Prepare(); err != nil {
		return nil, undo, err
	}
	return files, func() error { return os.RemoveAll(dir) }, nil
}
