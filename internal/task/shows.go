package task

import (
	"context"
	"slices"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/policy"
)

// Shows reports whether somebody who was not sent a task sees a file in it: they may
// read the card, it is not recalled, and names the file.
func (s *Service) Shows(ctx context.Context, asker policy.Asker, taskID int64, mediaID string) (bool, error) {
	t, _, err := s.Find(ctx, asker, policy.RecipientsRead, asker.By.Organization, taskID)
	if fault.Is(err, fault.CodeTaskUnknown) || fault.Is(err, fault.CodePermissionDenied) {
		return false, nil
	}
	if err != nil || len(t.Message) == 0 {
		return false, err
	}
	m, err := message.Parse(t.Message)
	if err != nil {
		return false, nil //nolint:nilerr // a card that cannot be read shows nothing
	}
	return slices.Contains(m.Media(), mediaID), nil
}
