package inbox

import (
	"context"
	"slices"
)

// atOnce is how many messages are asked about in one statement.
const atOnce = 1000

// unread returns those of the keys that are neither read nor recalled, newest
// first. Of each it is known that it was not recalled at the revision since, and
// its own revision unless that is 0.
//
// To look at tasks is dear, above all at many of them: their rows are wide. So of
// many keys it asks which have receipts and what was recalled after since, and
// looks only at the tasks for which that does not tell.
func (u *unreadWalk) unread(ctx context.Context, keys []Key, since int64) ([]Key, error) {
	var unread, dear []Key
	for piece := range slices.Chunk(keys, atOnce) {
		if len(piece) < u.service.bounds.many {
			dear = append(dear, piece...)
			continue
		}
		some, rest, err := u.settle(ctx, piece, since)
		if err != nil {
			return nil, err
		}
		unread, dear = append(unread, some...), append(dear, rest...)
	}
	if len(dear) > 0 {
		pending, err := u.service.store.Pending(ctx, u.viewer, taskIDs(dear))
		if err != nil {
			return nil, err
		}
		unread = append(unread, pending...)
	}
	u.settled += len(keys) - len(unread)
	newestFirst(unread)
	return unread, nil
}

// settle returns those of many keys that are unread, and those of which only
// their tasks tell.
func (u *unreadWalk) settle(ctx context.Context, keys []Key, since int64) (unread, dear []Key, err error) {
	// As many changes as keys cost less than the tasks would.
	state, err := u.service.store.Settled(ctx, u.viewer, taskIDs(keys), since, len(keys))
	if err != nil {
		return nil, nil, err
	}
	if !state.Whole {
		u.aged += len(keys)
		return nil, keys, nil
	}
	for _, k := range keys {
		switch {
		case k.Revision == 0:
			u.aged++
			dear = append(dear, k)
		case k.Revision < state.ReceiptsFloor:
			dear = append(dear, k)
		case !state.Over[k.TaskID]:
			unread = append(unread, k)
		}
	}
	return unread, dear, nil
}

// oldest is the lowest revision of keys: nothing can have been recalled before
// it was sent.
func oldest(keys []Key) int64 {
	low := int64(newest)
	for _, k := range keys {
		low = min(low, k.Revision)
	}
	return low
}
