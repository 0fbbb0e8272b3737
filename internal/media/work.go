package media

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
)

const (
	// decodeWithin is how long a picture may be decoded and written anew. What
	// is taken at all needs a few seconds of a processor of its own; the rest
	// is for a machine with other work.
	decodeWithin = 30 * time.Second
	// waitWithin is how long a picture waits for its turn.
	waitWithin = 30 * time.Second
	// readAtOnce is how many bytes a decoder gets before it is looked whether
	// anybody still wants the picture. A few bytes may mean much work: a scan
	// over a million blocks fits into 64.
	readAtOnce = 64
)

// effort is what decoding a picture takes.
type effort struct {
	memory int64 // bytes
	blocks int64 // of a JPEG: visits of blocks of 8 by 8 pixels, over all scans
	pixels int64 // of a GIF: over all frames; of others the picture's
}

// stopping lets a decoder read as long as ctx holds. It keeps its own failure,
// which decoders do not tell from damage.
type stopping struct {
	ctx    context.Context
	r      io.Reader
	failed error
}

func (s *stopping) Read(p []byte) (int, error) {
	if s.failed != nil {
		return 0, s.failed
	}
	if s.failed = s.ctx.Err(); s.failed != nil {
		return 0, s.failed
	}
	n, err := s.r.Read(p[:min(len(p), readAtOnce)])
	if err != nil && !errors.Is(err, io.EOF) {
		s.failed = err
	}
	return n, err
}

// stoppingWriter takes what an encoder writes as long as ctx holds.
type stoppingWriter struct {
	ctx context.Context
	w   io.Writer
}

func (s stoppingWriter) Write(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.w.Write(p)
}

// tooSlow gives a deadline of this room its code. Who hung up gets no answer.
func tooSlow(outer context.Context, err error, doing string, within time.Duration) error {
	if errors.Is(err, context.DeadlineExceeded) && outer.Err() == nil {
		return fault.New(fault.CodeBusy, "%s the picture took longer than %s; try again later", doing, within).Because(err)
	}
	return err
}
