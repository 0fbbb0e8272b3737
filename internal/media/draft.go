package media

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"syscall"

	"github.com/tidings-im/tidings/internal/fault"
)

// draft is a file on its way in: its size and digest grow with it. It has no
// name any more, so that nothing is left of it however the process ends.
type draft struct {
	file   *os.File
	buffer *bufio.Writer
	digest hash.Hash
	size   int64
}

// newDraft opens an empty draft in a directory, "" for the system's own;
// discard it in any case.
func newDraft(dir string) (*draft, error) {
	f, err := os.CreateTemp(dir, "*.part")
	if err != nil {
		return nil, full(err)
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	w := &draft{file: f, digest: sha256.New()}
	w.buffer = bufio.NewWriterSize(f, 64<<10)
	return w, nil
}

// receive writes what r gives into a draft, and stops one byte after limit.
func receive(dir string, r io.Reader, limit int64) (*draft, error) {
	w, err := newDraft(dir)
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(w, io.LimitReader(r, limit+1))
	if err == nil {
		err = w.buffer.Flush()
	}
	if err != nil {
		w.discard()
		return nil, full(err)
	}
	return w, nil
}

// Write appends to the draft.
func (w *draft) Write(p []byte) (int, error) {
	n, err := w.buffer.Write(p)
	w.digest.Write(p[:n])
	w.size += int64(n)
	return n, err
}

func (w *draft) sum() string { return hex.EncodeToString(w.digest.Sum(nil)) }

// reader reads the draft from its beginning, without moving its end.
func (w *draft) reader() io.Reader { return bufio.NewReaderSize(w.whole(), 64<<10) }

func (w *draft) whole() *io.SectionReader { return io.NewSectionReader(w.file, 0, w.size) }

func (w *draft) discard() { _ = w.file.Close() } // nothing of it is needed

// full gives a full disk its code.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fault.New(fault.CodeStorageFull, "the disk is full").Because(err)
	}
	return err
}
