package task

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/policy"
)

const (
	// examined is how many tasks a page looks at.
	examined = 2000
	// clocks is by how much clocks of nodes may differ: tasks are in the order in
	// which they were accepted, not quite in that of their times.
	clocks = time.Minute
)

// listing is a page being read.
type listing struct {
	lookup
	grant policy.Grant
	query Query
	at    Standing
	page  Page

	span     Span
	examined int
	last     int64 // the revision looked at last
	ended    bool  // what is further is not asked for, or is not there
}

func (l *listing) read(ctx context.Context) error {
	if err := l.begin(ctx); err != nil {
		return err
	}
	l.page.Revision = l.at.Revision
	for !l.ended && l.examined < examined && len(l.page.Items) < l.query.Limit {
		l.span.Limit = min(max(l.query.Limit+1, 2*l.examined), examined-l.examined)
		rows, err := l.Store.Summaries(ctx, l.grant.Resource().Organization, l.span)
		if err != nil {
			return err
		}
		taken, err := l.take(ctx, rows)
		if err != nil {
			return err
		}
		l.ended = l.ended || taken == len(rows) && len(rows) < l.span.Limit
	}
	l.close()
	return nil
}

// begin decides which revisions are looked at.
func (l *listing) begin(ctx context.Context) error {
	q := l.query
	l.span = Span{Before: math.MaxInt64, By: q.By, Ascending: q.After > 0}
	if !l.seesAll() { // their own alone
		own := l.grant.By().Ordinal
		if q.By == nil {
			l.span.By = &own
		}
		// Of others', which are asked for by name, none is theirs to see.
	}
	if q.Before > 0 {
		l.span.Before = q.Before
	}
	l.span.After = q.After
	if q.To.IsZero() || q.After > 0 {
		return nil
	}
	end, err := l.firstAt(ctx, q.To.Add(clocks))
	l.span.Before = min(l.span.Before, end)
	return err
}

// seesAll reports whether somebody may see tasks whoever sent them.
func (l *listing) seesAll() bool {
	of := policy.Resource{Organization: l.grant.Resource().Organization, App: -1}
	return l.grant.Asker().Verdict(policy.TasksRead, of, policy.Case{}) == policy.Granted
}

// firstAt returns the first revision of a task sent at or after a time, as far as
// tasks are in the order of their times, or one that is higher than all.
func (l *listing) firstAt(ctx context.Context, t time.Time) (int64, error) {
	low, high := int64(1), l.at.Revision+1
	for low < high {
		middle := low + (high-low)/2
		revision, at, found, err := l.Store.FirstFrom(ctx, l.grant.Resource().Organization, middle)
		if err != nil {
			return 0, err
		}
		switch {
		case !found || !at.Before(t):
			high = middle
		default:
			low = revision + 1
		}
	}
	return low, nil
}

// take looks at tasks, of which it returns how many, and keeps those asked for.
func (l *listing) take(ctx context.Context, rows []Summary) (taken int, err error) {
	for i := range rows {
		row := &rows[i]
		if len(l.page.Items) == l.query.Limit {
			return i, nil
		}
		if l.ended = l.beyond(row.SentAt); l.ended {
			return i, nil
		}
		l.examined++
		l.last, l.page.ExaminedTo = row.Revision, row.SentAt
		if l.span.Ascending {
			l.span.After = row.Revision
		} else {
			l.span.Before = row.Revision
		}
		if !l.query.chooses(row) {
			continue
		}
		t, seen, err := l.task(ctx, l.grant.Asker(), *row)
		if err != nil {
			return i, err
		}
		if seen {
			l.page.Items = append(l.page.Items, t)
		}
	}
	return len(rows), nil
}

// beyond reports whether nothing that is asked for comes after a task sent then.
func (l *listing) beyond(at time.Time) bool {
	if l.span.Ascending {
		return !l.query.To.IsZero() && at.After(l.query.To.Add(clocks))
	}
	return !l.query.From.IsZero() && at.Before(l.query.From.Add(-clocks))
}

// close says where the pages beside this one begin.
func (l *listing) close() {
	p := &l.page
	if l.span.Ascending {
		slices.Reverse(p.Items)
		if !l.ended {
			p.NextAfter = l.last
		}
		p.NextBefore = l.query.After + 1
		return
	}
	if l.query.Before > 0 {
		p.NextAfter = l.query.Before - 1
	}
	if !l.ended {
		p.NextBefore = l.last
	}
}

// count adds how many have read.
func (l *listing) count(ctx context.Context) {
	ids := make([]int64, 0, len(l.page.Items))
	for i := range l.page.Items {
		t := &l.page.Items[i]
		if t.Dropped = t.Revision < l.at.Floors[t.AgentID]; !t.Dropped {
			ids = append(ids, t.TaskID)
		}
	}
	read := l.counts.of(ctx, l.grant.Resource().Organization, ids)
	for i := range l.page.Items {
		if t := &l.page.Items[i]; !t.Dropped {
			t.Count = read[t.TaskID]
		}
	}
}
