package inbox

import (
	"context"
	"fmt"
	"slices"

	"github.com/tidings-im/tidings/internal/message"
)

// Shows reports whether the viewer sees a file in a task's message now: it was
// sent to them, is not recalled, and names the file where a card shows one.
func (s *Service) Shows(ctx context.Context, v Viewer, taskID int64, mediaID string) (bool, error) {
	mine, err := s.mine(ctx, v, []int64{taskID})
	if err != nil || len(mine) == 0 {
		return false, wrap("inbox.Shows", err)
	}
	contents, err := s.store.Contents(ctx, v.Organization, []int64{taskID}, Nobody)
	if err != nil {
		return false, wrap("inbox.Shows", err)
	}
	c, ok := contents[taskID]
	if !ok || !c.RecalledAt.IsZero() {
		return false, nil
	}
	m, err := message.Parse([]byte(c.Message))
	if err != nil {
		return false, nil //nolint:nilerr // a card that cannot be read shows nothing
	}
	return slices.Contains(m.Media(), mediaID), nil
}

func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
