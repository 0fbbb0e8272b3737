package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/store/copier"
)

// Report is what was transferred.
type Report struct {
	Schema  int64
	Tables  []copier.Table // what both sides hold
	Files   int64          // uploaded files
	Bytes   int64          // in them
	Missing []string       // files that a row names and nobody has, by id
	Signed  bool           // the backup's checksums have a signature, and on restoring it was verified
	Others  []string       // tables that are not Tidings' own and stayed behind
}

// Rows is the number of rows in all tables.
func (r Report) Rows() (n int64) {
	for _, t := range r.Tables {
		n += t.Rows
	}
	return n
}

// Progress hears how far a transfer is, often; detail is the table or file.
type Progress = copier.Progress

// opener opens the contents of files. The error for one that is not there wraps
// fs.ErrNotExist.
type opener interface {
	Open(f media.File) (io.ReadCloser, error)
}

// stored is an opener of what is in a storage.
type stored struct {
	ctx      context.Context // of the transfer
	contents media.Storage
}

func (s stored) Open(f media.File) (io.ReadCloser, error) {
	return s.contents.Open(s.ctx, f.Organization, f.ID, f.Size)
}

// moveFiles takes the files of all rows from one place to another. The missing
// are noted; anything else that goes wrong ends it.
func moveFiles(ctx context.Context, rows *copier.Source, from opener, to *media.Files, told Progress, r *Report, each func(media.File) error) error {
	return rows.Media(ctx, func(f media.File) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		content, err := from.Open(f)
		if errors.Is(err, fs.ErrNotExist) {
			if f.Ending {
				return nil // it has gone since, as it was about to
			}
			r.Missing = append(r.Missing, f.ID)
			return nil
		}
		if err != nil {
			return err
		}
		if err := errors.Join(to.Put(f, content), content.Close()); err != nil {
			return err
		}
		r.Files++
		r.Bytes += f.Size
		told("copying", "uploaded files", r.Files)
		return each(f)
	})
}

// needKeys refuses keys that the source was not written with.
func needKeys(ctx context.Context, keys Keys, s *copier.Source) error {
	if err := keys.Bind(ctx, s); err != nil {
		return fmt.Errorf("the key file does not belong to the source: %w", err)
	}
	return nil
}
