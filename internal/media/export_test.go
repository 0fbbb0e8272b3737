package media

import (
	"context"
	"io"
	"time"
)

// The limits, for tests that go up to them.
const (
	MaxBlocks      = maxBlocks
	MaxFramePixels = maxFramePixels
	MaxDecoded     = maxDecoded
	ReadAtOnce     = readAtOnce
	WaitWithin     = waitWithin
)

// Share is what divides the memory for decoding.
type Share struct{ *share }

func NewShare(bytes int64, atOnce int) Share { return Share{newShare(bytes, atOnce)} }

// Acquire waits for an organization's turn.
func (s Share) Acquire(ctx context.Context, organization, bytes int64) (release func(), err error) {
	return s.acquire(ctx, organization, bytes)
}

// Hold takes all memory for decoding, as an organization's pictures would.
func (s *Service) Hold(organization int64) (release func()) {
	small, err := s.small.acquire(context.Background(), organization, allSmall)
	if err != nil {
		panic(err)
	}
	large, err := s.large.acquire(context.Background(), organization, maxDecoded)
	if err != nil {
		panic(err)
	}
	return func() { small(); large() }
}

// Effort returns what decoding a picture is said to take.
func Effort(r io.Reader) (memory, blocks, pixels int64, err error) {
	d, err := receive("", r, MaxBytes)
	if err != nil {
		return 0, 0, 0, err
	}
	defer d.discard()
	f, err := detect(d.file, d.size)
	if err != nil {
		return 0, 0, 0, err
	}
	e, err := measure(d, f)
	return e.memory, e.blocks, e.pixels, err
}

// TooSlow is what a deadline of the room becomes.
func TooSlow(outer context.Context, err error) error {
	return tooSlow(outer, err, "decoding", time.Second)
}

// Redraw decodes a picture and writes it anew into nothing, as long as ctx
// holds.
func Redraw(ctx context.Context, r io.Reader) error {
	d, err := receive("", r, MaxBytes)
	if err != nil {
		return err
	}
	defer d.discard()
	f, err := detect(d.file, d.size)
	if err != nil {
		return err
	}
	_, err = write(ctx, io.Discard, d, f)
	return err
}
