package inbox

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/tidings-im/tidings/internal/fault"
)

// Query says which piece of an inbox to show.
type Query struct {
	Limit   int    // 1 to 100; 0 is 20
	Before  string // a page's NextBefore, or an Item's Revision; "" is the newest
	AgentID int64  // only this sender's; 0 is everybody's
	Unread  bool   // only what is neither read nor recalled
}

// Page returns a piece of somebody's inbox, newest first. Walking it by
// NextBefore shows everything sent at or below the first page's revision
// exactly once, whatever is sent meanwhile. CodeParameterInvalid (fields
// "limit" and "before"), CodeOrganizationUnknown.
func (s *Service) Page(ctx context.Context, v Viewer, q Query) (Page, error) {
	page, err := s.page(ctx, v, q)
	if err != nil {
		return Page{}, fmt.Errorf("inbox.Page: %w", err)
	}
	return page, nil
}

func (s *Service) page(ctx context.Context, v Viewer, q Query) (Page, error) {
	found, err := s.keys(ctx, v, q)
	if err != nil {
		return Page{}, err
	}
	items, err := s.items(ctx, v, found.keys)
	if err != nil {
		return Page{}, err
	}
	page := Page{Items: items, Revision: id(found.revision)}
	if found.before != 0 {
		before := id(found.before)
		page.NextBefore = &before
	}
	return page, nil
}

// found is a page before its content is read. before is 0 at the end.
type found struct {
	keys     []Key
	before   int64
	revision int64
}

// keys decides what a page holds.
func (s *Service) keys(ctx context.Context, v Viewer, q Query) (found, error) {
	limit, before, err := q.bounds()
	if err != nil {
		return found{}, err
	}
	if q.Unread {
		return s.unreadKeys(ctx, v, before, q.AgentID, limit)
	}
	revision, rows, err := s.store.Filed(ctx, v, Span{Before: before}, limit+1)
	if err != nil {
		return found{}, err
	}
	c, err := s.open(ctx, v, walk{before: before, agent: q.AgentID, limit: s.bounds.examine, asked: limit + 1}, revision, rows)
	if err != nil {
		return found{}, err
	}
	// One more than asked for tells whether there is a next page.
	keys := make([]Key, 0, limit+1)
	for len(keys) <= limit {
		k, ok, err := c.next(ctx)
		if err != nil {
			return found{}, err
		}
		if !ok {
			break
		}
		keys = append(keys, k)
	}
	return cut(keys, limit, revision, c), nil
}

// cut makes a page of what a walk gave.
func cut(keys []Key, limit int, revision int64, c *scan) found {
	f := found{keys: keys, revision: revision}
	switch {
	case len(keys) > limit:
		f.keys, f.before = keys[:limit], keys[limit-1].Revision
	case c.stopped:
		f.before = c.reached
	}
	return f
}

func (q Query) bounds() (limit int, before int64, err error) {
	const usual, most = 20, 100
	limit, before = q.Limit, newest
	if limit == 0 {
		limit = usual
	}
	if limit < 1 || limit > most {
		return 0, 0, fault.New(fault.CodeParameterInvalid, "limit must be 1 to %d", most).
			WithField("limit").WithLimit(most, int64(limit))
	}
	if q.Before != "" {
		before, err = strconv.ParseInt(q.Before, 10, 64)
		if err != nil || before < 1 {
			return 0, 0, fault.New(fault.CodeParameterInvalid, "before must be the next_before of a page, or a message's revision").
				WithField("before")
		}
	}
	return limit, before, nil
}

// items shows the keys, in their order. A task that is gone is left out.
func (s *Service) items(ctx context.Context, v Viewer, keys []Key) ([]Item, error) {
	contents, err := s.store.Contents(ctx, v.Organization, taskIDs(keys), int64(v.Ordinal))
	if err != nil {
		return nil, err
	}
	shown, err := s.show(ctx, v.Organization, contents)
	if err != nil {
		return nil, err
	}
	items := make([]Item, 0, len(keys))
	for _, k := range keys {
		if item, ok := shown[k.TaskID]; ok {
			item.MessageID = MessageID(k.TaskID, v.Ordinal)
			items = append(items, item)
		}
	}
	return items, nil
}

func taskIDs(keys []Key) []int64 {
	ids := make([]int64, len(keys))
	for i, k := range keys {
		ids[i] = k.TaskID
	}
	return ids
}

// newestFirst sorts keys in place.
func newestFirst(keys []Key) {
	slices.SortFunc(keys, func(a, b Key) int {
		if a.Revision > b.Revision {
			return -1
		}
		return 1
	})
}

// id writes a number as clients get it: a string, for not all of them can
// hold 2^53.
func id(n int64) string { return strconv.FormatInt(n, 10) }
