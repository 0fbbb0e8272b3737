package inbox

import (
	"context"
	"fmt"
	"math"

	"github.com/tidings-im/tidings/internal/fault"
)

// MarkRead records that the viewer has read these messages, and returns after
// the commit. The first time a message is read is kept; a recalled one can be
// read too. Ids that are malformed, unknown or somebody else's are ignored.
// CodeParameterInvalid (field "message_ids") for more than 1,000 ids; CodeBusy,
// CodeCommitUnknown, CodeStorageFull: repeat it.
func (s *Service) MarkRead(ctx context.Context, v Viewer, messageIDs []string) error {
	const markLimit = 1000
	if len(messageIDs) > markLimit {
		return fault.New(fault.CodeParameterInvalid, "message_ids holds %d ids; the limit is %d per call", len(messageIDs), markLimit).
			WithField("message_ids").WithLimit(markLimit, int64(len(messageIDs)))
	}
	seen := map[int64]bool{}
	var tasks []int64
	for _, text := range messageIDs {
		if task, ok := taskOf(text, v.Ordinal); ok && !seen[task] {
			seen[task] = true
			tasks = append(tasks, task)
		}
	}
	mine, err := s.mine(ctx, v, tasks)
	if err != nil {
		return fmt.Errorf("inbox.MarkRead: %w", err)
	}
	var keys []Key
	for _, a := range mine {
		if !a.Read {
			keys = append(keys, a.Key)
		}
	}
	if err := s.receipts.submit(ctx, s.receiptsOf(v, keys)); err != nil {
		return fmt.Errorf("inbox.MarkRead: %w", err)
	}
	return nil
}

// MarkAllRead records that the viewer has read everything that an app, or with
// agent 0 anybody, sent at or below a revision and that is unread. It commits in pieces; after an error some of
// it may be done, and it is safe to repeat. Errors are those of MarkRead and
// CodeOrganizationUnknown.
func (s *Service) MarkAllRead(ctx context.Context, v Viewer, agent, through int64) error {
	if through < 1 {
		return nil
	}
	before := through
	if before < newest {
		before++
	}
	u, err := s.openUnread(ctx, v, walk{before: before, agent: agent, limit: math.MaxInt, asked: s.bounds.filed})
	if err != nil {
		return fmt.Errorf("inbox.MarkAllRead: %w", err)
	}
	if err := s.markAll(ctx, v, u); err != nil {
		return fmt.Errorf("inbox.MarkAllRead: %w", err)
	}
	if agent == 0 { // nothing up to here is unread now
		s.keep(u, UnreadFloor{Viewer: v, Floor: min(through, u.badge.Revision)})
	}
	return nil
}

func (s *Service) markAll(ctx context.Context, v Viewer, u *unreadWalk) error {
	const piece = 512
	var keys []Key
	for !u.done {
		more, err := u.more(ctx, piece)
		if err != nil {
			return err
		}
		keys = append(keys, more...)
		if len(keys) < piece && !u.done {
			continue
		}
		u.settled += len(keys)
		if err := s.receipts.submit(ctx, s.receiptsOf(v, keys)); err != nil {
			return err
		}
		keys = keys[:0]
	}
	return nil
}

func (s *Service) receiptsOf(v Viewer, keys []Key) []Receipt {
	now := s.now()
	receipts := make([]Receipt, len(keys))
	for i, k := range keys {
		receipts[i] = Receipt{Organization: v.Organization, TaskID: k.TaskID, Ordinal: v.Ordinal, ReadAt: now}
	}
	return receipts
}

// mine returns those of the tasks that the viewer is a recipient of.
func (s *Service) mine(ctx context.Context, v Viewer, tasks []int64) ([]Address, error) {
	if len(tasks) == 0 {
		return nil, nil
	}
	addresses, err := s.store.Addresses(ctx, v, tasks)
	if err != nil {
		return nil, err
	}
	member, err := s.members(ctx, v, addresses)
	if err != nil {
		return nil, err
	}
	kept := addresses[:0]
	for _, a := range addresses {
		if a.Filed || member[a.Revision] {
			kept = append(kept, a)
		}
	}
	return kept, nil
}

// members tells, by revision, which of the large sends among the addresses the
// viewer is a member of.
func (s *Service) members(ctx context.Context, v Viewer, addresses []Address) (map[int64]bool, error) {
	var top int64
	for _, a := range addresses {
		if a.Large {
			top = max(top, a.Revision)
		}
	}
	if top == 0 {
		return nil, nil
	}
	list, _, err := s.sends.upTo(ctx, v.Organization, top, 0)
	if err != nil {
		return nil, err
	}
	member := map[int64]bool{}
	var missing []*send
	for _, a := range addresses {
		if !a.Large {
			continue
		}
		if one := list.byRevision(a.Revision); one == nil {
			continue
		} else if set := one.set.Load(); set != nil {
			member[a.Revision] = set.Contains(v.Ordinal)
		} else {
			missing = append(missing, one)
		}
	}
	const most = 128 // sets in memory beyond the budget
	for len(missing) > 0 {
		piece := missing[:min(len(missing), most)]
		missing = missing[len(piece):]
		sets, err := s.sends.fetch(ctx, list, piece)
		if err != nil {
			return nil, err
		}
		for one, set := range sets {
			member[one.Revision] = set.Contains(v.Ordinal)
		}
	}
	return member, nil
}
