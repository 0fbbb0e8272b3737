package media

import (
	"context"
	"errors"
	"io"
)

// Storage keeps the contents of files, each under its organization and id,
// written once and never changed.
type Storage interface {
	// Create stores a content of size bytes and returns when it is durable.
	// CodeStorageFull and CodeBusy where that is the reason of a failure, after
	// which some of it may be there.
	Create(ctx context.Context, organization int64, id string, content io.ReadSeeker, size int64) error
	// Open returns a content of size bytes; ctx holds while it is read.
	Open(ctx context.Context, organization int64, id string, size int64) (io.ReadSeekCloser, error)
	// Remove removes a content, or what there is of it.
	Remove(ctx context.Context, organization int64, id string) error
}

// Shard is the part of an id by which contents are spread over directories.
func Shard(id string) string { return id[len(idPrefix) : len(idPrefix)+2] }

// ranged reads a content through readers that begin at an offset, one after
// the other.
type ranged struct {
	open    func(offset int64) (io.ReadCloser, error)
	size    int64
	at      int64         // where the next Read begins
	current io.ReadCloser // nil: none is open
	reached int64         // where current stands
}

// Ranged returns a content of size bytes of which open returns a reader from
// an offset on. The first is opened here, so that a content that is not there
// is known before anything is answered.
func Ranged(size int64, open func(offset int64) (io.ReadCloser, error)) (io.ReadSeekCloser, error) {
	first, err := open(0)
	if err != nil {
		return nil, err
	}
	return &ranged{open: open, size: size, current: first}, nil
}

func (r *ranged) Read(p []byte) (int, error) {
	if r.at >= r.size {
		return 0, io.EOF
	}
	if r.current != nil && r.reached != r.at {
		_ = r.Close() // only read
	}
	if r.current == nil {
		var err error
		if r.current, err = r.open(r.at); err != nil {
			return 0, err
		}
		r.reached = r.at
	}
	n, err := r.current.Read(p[:min(int64(len(p)), r.size-r.at)])
	r.at += int64(n)
	r.reached = r.at
	if errors.Is(err, io.EOF) && r.at < r.size {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (r *ranged) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.size
	}
	if offset < 0 {
		return 0, errors.New("media: seek before the beginning")
	}
	r.at = offset
	return offset, nil
}

func (r *ranged) Close() error {
	if r.current == nil {
		return nil
	}
	err := r.current.Close()
	r.current = nil
	return err
}
