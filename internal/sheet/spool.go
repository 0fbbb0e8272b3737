package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// spoolInMemory is the size up to which no temporary file is needed.
const spoolInMemory = 4 << 20

// spool holds a copy of a stream: a short one in memory, a long one in a
// temporary file that has no name.
type spool struct {
	io.ReaderAt

	size  int64
	limit int64
	file  *os.File // nil in memory
}

func newSpool(r io.Reader, limit int64) (*spool, error) {
	head, err := io.ReadAll(io.LimitReader(r, spoolInMemory))
	if err != nil {
		return nil, fmt.Errorf("sheet.ReadText: %w", err)
	}
	if len(head) < spoolInMemory {
		return &spool{ReaderAt: bytes.NewReader(head), size: int64(len(head)), limit: limit}, nil
	}
	file, err := os.CreateTemp("", "tidings-text-")
	if err != nil {
		return nil, fmt.Errorf("sheet.ReadText: a copy of the file: %w", err)
	}
	s := &spool{ReaderAt: file, limit: limit, file: file}
	err = os.Remove(file.Name()) // it stays readable, and nobody else finds it
	if err == nil {
		s.size, err = io.Copy(file, io.MultiReader(bytes.NewReader(head), io.LimitReader(r, limit+1-int64(len(head)))))
	}
	if err == nil && s.size > limit {
		err = Unreadable{Reason: fmt.Sprintf("the file is too large; the limit is %d MiB", limit>>20), Limit: limit}
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return s, nil
}

func (s *spool) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
