package app

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
)

// callCounter counts the calls of the current second on this node, and knows
// whose month is used up.
type callCounter struct {
	mu     sync.Mutex
	second int64
	calls  map[callKey]int
	used   map[int64]usedUp // by organization
}

type callKey struct {
	organization, agent int64
	api                 string
}

// usedUp says that an organization has made limit calls in a month.
type usedUp struct{ month, limit int }

func newCallCounter() *callCounter {
	return &callCounter{calls: map[callKey]int{}, used: map[int64]usedUp{}}
}

// CountCall admits one call of an API. It fails with CodeThrottled when the
// app has called that API Limits.CallsPerSecond times in this second on this
// node, and with CodeMonthlyCallsUsed when its organization has made
// Limits.CallsPerMonth calls this month, on its calendar, over all nodes. Both
// faults say when to try again; a refused call is not counted.
func (s *Service) CountCall(ctx context.Context, c Caller, api string) error {
	now := s.now()
	if limit := c.Limits.CallsPerSecond; limit > 0 {
		if !s.calls.take(callKey{c.Organization, c.AgentID, api}, now, limit) {
			wait := now.Truncate(time.Second).Add(time.Second).Sub(now)
			return fault.New(fault.CodeThrottled, "more than %d calls of this API in a second", limit).
				WithLimit(int64(limit), int64(limit)+1).WithRetryAfter(wait)
		}
	}
	if limit := c.Limits.CallsPerMonth; limit > 0 {
		return s.countMonth(ctx, c.Organization, now.In(s.directory.Location(c.Organization)), limit)
	}
	return nil
}

func (s *Service) countMonth(ctx context.Context, organization int64, now time.Time, limit int) error {
	year, month, _ := now.Date()
	number := year*100 + int(month)
	ok := !s.calls.isUsed(organization, number, limit)
	if ok {
		var err error
		if ok, err = s.store.CountCall(ctx, organization, number, limit); err != nil {
			return fmt.Errorf("app.CountCall: %w", err)
		}
	}
	if !ok {
		s.calls.markUsed(organization, number, limit)
		next := time.Date(year, month+1, 1, 0, 0, 0, 0, now.Location())
		return fault.New(fault.CodeMonthlyCallsUsed, "the organization's %d calls of this month are used up", limit).
			WithLimit(int64(limit), int64(limit)+1).WithRetryAfter(next.Sub(now))
	}
	return nil
}

// take counts a call unless there were limit of them in this second.
func (c *callCounter) take(key callKey, now time.Time, limit int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if second := now.Unix(); second != c.second {
		c.second = second
		clear(c.calls)
	}
	if c.calls[key] >= limit {
		return false
	}
	c.calls[key]++
	return true
}

// isUsed reports whether the calls are known to have reached the limit. They
// never sink within a month, so this needs no confirmation.
func (c *callCounter) isUsed(organization int64, month, limit int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	u := c.used[organization]
	return u.month == month && u.limit >= limit
}

func (c *callCounter) markUsed(organization int64, month, limit int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.used[organization] = usedUp{month, limit}
}
