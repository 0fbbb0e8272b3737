package media

import (
	"context"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
)

// Upload takes a file in. When it returns, content and row are durable.
//
// Faults: CodeMediaType (no such kind), CodeMediaEmpty, CodeMediaTooLarge (in
// bytes, or a picture in pixels), CodeMediaFormat (the content is none of the
// kind's formats, or damaged), CodeUploadQuota, CodeStorageFull, CodeBusy (a
// picture waited too long for its turn). An error of the reader comes back
// wrapped.
func (s *Service) Upload(ctx context.Context, u Upload) (File, error) {
	r, err := ruleOf(u.Kind)
	if err != nil {
		return File{}, err
	}
	if err := s.store.CheckSpace(); err != nil {
		return File{}, fmt.Errorf("media.Upload: %w", err)
	}
	if err := s.checkQuota(ctx, u); err != nil {
		return File{}, fmt.Errorf("media.Upload: %w", err)
	}
	received, err := receive(s.drafts, u.Content, r.maxBytes)
	if err != nil {
		return File{}, fmt.Errorf("media.Upload: %w", err)
	}
	defer received.discard()
	switch {
	case received.size == 0:
		return File{}, fault.New(fault.CodeMediaEmpty, "media is empty").WithField("media")
	case received.size > r.maxBytes:
		return File{}, r.tooLarge(u.Kind)
	}
	f := File{
		ID: newID(), Organization: u.Organization, AppID: u.AppID, Kind: u.Kind,
		CreatedAt: s.now().UTC().Truncate(time.Millisecond),
	}
	kept, detected, err := s.inspect(ctx, u.Kind, r, received, &f)
	if err != nil {
		return File{}, fmt.Errorf("media.Upload: %w", err)
	}
	defer kept.discard()
	f.Name, f.ContentType = cleanName(u.Name, u.Kind, detected), detected.contentType
	f.Size, f.Digest = kept.size, kept.sum()
	return f, s.keep(ctx, kept, f, u.Quota)
}

// inspect finds out what was received and returns what is to be kept of it: a
// picture written anew, or the bytes as they are.
func (s *Service) inspect(ctx context.Context, kind string, r rule, got *draft, f *File) (*draft, *format, error) {
	detected, err := detect(got.file, got.size)
	if err != nil {
		return nil, nil, err
	}
	if !r.takes(detected) {
		return nil, nil, wrongFormat(kind, r)
	}
	if kind != KindImage {
		return got, detected, nil
	}
	pic, written, err := s.redraw(ctx, f.Organization, got, detected)
	if err != nil {
		return nil, nil, err
	}
	f.Width, f.Height = pic.width, pic.height
	return written, pic.format, nil
}

// keep stores the content and enters the row: in this order, so that a row
// never names a file that is not there. Before both it is noted what is on its
// way, so that what is left of it, if this goes no further, is found.
func (s *Service) keep(ctx context.Context, content *draft, f File, q Quota) error {
	err := s.store.CreateUpload(ctx, f.Organization, f.ID, f.CreatedAt)
	if err != nil {
		return fmt.Errorf("media.Upload: %w", err)
	}
	if err = s.storage.Create(ctx, f.Organization, f.ID, content.whole(), content.size); err == nil {
		if err = s.store.Create(ctx, f, q); err == nil {
			return nil
		}
	}
	if !fault.Is(err, fault.CodeCommitUnknown) { // else the row may be there
		s.discard(ctx, f)
	}
	return fmt.Errorf("media.Upload: %w", err)
}

// discard removes what was stored of a file that will not be entered. What it
// cannot remove Run will.
func (s *Service) discard(ctx context.Context, f File) {
	const within = 5 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), within)
	defer cancel()
	if s.storage.Remove(ctx, f.Organization, f.ID) == nil {
		_ = s.store.DeleteUpload(ctx, f.Organization, f.ID)
	}
}
