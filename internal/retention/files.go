package retention

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/message"
)

const (
	// unusedFor is how long an upload waits for the first message that names it.
	unusedFor = 30 * 24 * time.Hour
	// endingFor is how long a file that nothing names any more stays. It can no
	// longer be sent then; whatever was accepted before is seen in this time,
	// and a backup that has begun still finds it.
	endingFor = 24 * time.Hour
	// filesAtOnce is how many files, and how many messages, are read at once.
	filesAtOnce = 500
)

// files deletes the files that no message, template and icon names. What the
// messages name is read from them once, in the order of their revisions, which
// have no gaps: when the newest has been read, nothing is missing.
func (w *work) files(ctx context.Context, organization int64) error {
	if err := w.readUses(ctx, organization); err != nil {
		return fmt.Errorf("uses: %w", err)
	}
	after := ""
	for {
		files, err := w.deps.Store.Files(ctx, organization, after, filesAtOnce)
		if err != nil {
			return err
		}
		if err := w.judge(ctx, organization, files); err != nil {
			return err
		}
		if len(files) < filesAtOnce {
			break
		}
		after = files[len(files)-1].ID
	}
	return w.piece(ctx, func() error { return w.deps.Store.CorrectUsage(ctx, organization) })
}

// readUses notes which files are named by messages sent since the last time.
func (w *work) readUses(ctx context.Context, organization int64) error {
	after, err := w.deps.Store.Scanned(ctx, organization)
	if err != nil {
		return err
	}
	for {
		sent, err := w.deps.Store.Sent(ctx, organization, after, filesAtOnce)
		if err != nil || len(sent) == 0 {
			return err
		}
		var uses []Use
		for _, s := range sent {
			for _, id := range named(s.Message) {
				uses = append(uses, Use{MediaID: id, AgentID: s.AgentID, Day: s.Day, TaskID: s.TaskID})
			}
		}
		after = sent[len(sent)-1].Revision
		// The uses of one transaction are few enough for it; how far messages
		// have been read is noted with the last of them.
		for {
			part := uses[:min(len(uses), piece)]
			uses = uses[len(part):]
			through := int64(0)
			if len(uses) == 0 {
				through = after
			}
			if err := w.piece(ctx, func() error { return w.deps.Store.NoteUses(ctx, organization, part, through) }); err != nil {
				return err
			}
			if through != 0 {
				break
			}
		}
		if len(sent) < filesAtOnce {
			return nil
		}
	}
}

// named returns the ids in a stored message. One that cannot be read names
// nothing: it is shown without content.
func named(canonical string) []string {
	if canonical == "" {
		return nil
	}
	m, err := message.Parse([]byte(canonical))
	if err != nil {
		return nil
	}
	return m.Media()
}

// judge decides about some files: what nothing names begins to end, what has
// been ending for long enough goes, what is named again stays.
func (w *work) judge(ctx context.Context, organization int64, files []File) error {
	now := w.deps.Now()
	var idle []string
	for _, f := range files {
		if f.idle(now) {
			idle = append(idle, f.ID)
		}
	}
	if len(idle) > 0 {
		kept, err := w.deps.Store.Shown(ctx, organization, idle)
		if err != nil {
			return err
		}
		idle = slices.DeleteFunc(idle, func(id string) bool { return slices.Contains(kept, id) })
	}
	var begin, stop, end []string
	for _, f := range files {
		switch unnamed, ending := slices.Contains(idle, f.ID), !f.EndingAt.IsZero(); {
		case unnamed && !ending:
			begin = append(begin, f.ID)
		case !unnamed && ending:
			stop = append(stop, f.ID)
		case unnamed && now.Sub(f.EndingAt) >= endingFor:
			end = append(end, f.ID)
		}
	}
	for _, step := range []struct {
		ids []string
		do  func(ids []string) error
	}{
		{begin, func(ids []string) error { return w.deps.Store.EndFiles(ctx, organization, ids, now) }},
		{stop, func(ids []string) error { return w.deps.Store.EndFiles(ctx, organization, ids, time.Time{}) }},
		{end, func(ids []string) error { return w.deleteFiles(ctx, organization, ids) }},
	} {
		for ids := range slices.Chunk(step.ids, piece/4) {
			if err := w.piece(ctx, func() error { return step.do(ids) }); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *work) deleteFiles(ctx context.Context, organization int64, ids []string) error {
	n, err := w.deps.Store.DeleteFiles(ctx, organization, ids)
	if err == nil {
		w.deps.Meter.Deleted(Deleted{Files: n})
	}
	return err
}

// idle reports whether no message names a file: none does any more, or none has
// for a long time since it was uploaded.
func (f File) idle(now time.Time) bool {
	switch f.Naming {
	case Named:
		return false
	case NamedOnce:
		return true
	default:
		return now.Sub(f.CreatedAt) >= unusedFor
	}
}
