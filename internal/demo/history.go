package demo

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// History is the four weeks before the first start of a lively demo. They are lived
// through at a server whose clock is History.Now: it stands still until the next step moves
// it on. So everything is decided and dated by the same code as anything later, and
// the server that starts afterwards finds what one finds that has run for four weeks.
type History struct {
	state *state
	clock atomic.Int64 // unix milliseconds
}

// historyState is the history in DIR/demo.json.
type historyState struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	Done  time.Time `json:"done"` // its steps up to here were taken
	Over  bool      `json:"over"` // the clock has been the real one since
}

// OpenHistory returns the history that is to be lived through, nil when there is none:
// it was, or what is there already began without one. fresh says whether there is no
// installation yet; it is asked only where dir, which exists, knows nothing of a demo.
func OpenHistory(dir string, now time.Time, fresh func() (bool, error)) (*History, error) {
	st, err := loadState(dir)
	if err != nil {
		return nil, err
	}
	if st.History == nil && len(st.Organizations) == 0 {
		is, err := fresh()
		if err != nil || !is {
			return nil, err
		}
		from := began(now)
		st.History = &historyState{From: from, Until: now, Done: from}
		if err := st.save(); err != nil {
			return nil, err
		}
	}
	if st.History == nil || st.History.Over {
		return nil, nil
	}
	h := &History{state: st}
	h.set(st.History.Done)
	return h, nil
}

// Now is the clock of the server that the history is lived through at.
func (h *History) Now() time.Time { return time.UnixMilli(h.clock.Load()) }

// set moves the clock. No request may be under way: the server would find that what it has
// just read is old, and read it again.
func (h *History) set(t time.Time) { h.clock.Store(t.UnixMilli()) }

// began is early in the morning of the first working day, wherever the organizations are.
func began(now time.Time) time.Time {
	first := now
	for _, org := range script() {
		s := &shown{organization: org}
		if morning := workdays(now.In(s.location()))[0].Add(6 * time.Hour); morning.Before(first) {
			first = morning
		}
	}
	return first
}

// workdays are the midnights of the last working days before the day of now, oldest first.
func workdays(now time.Time) []time.Time {
	days := make([]time.Time, pastDays)
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	for n := pastDays; n > 0; {
		day = day.AddDate(0, 0, -1)
		if working(day) {
			n--
			days[n] = day
		}
	}
	return days
}

func working(day time.Time) bool {
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
}

// Run takes the steps that are still to be taken. o is that of Run, about a server
// with the history's clock. A run that ended half-way goes on where it was.
func (h *History) Run(ctx context.Context, o Options) error {
	o.Now = h.Now
	d, err := begin(ctx, o, h.state, approved)
	if err != nil {
		return err
	}
	steps := make([]step, 0, 1024)
	for _, s := range d.shown {
		l := &living{d: d, s: s, h: h}
		if err := l.settle(ctx); err != nil {
			return fmt.Errorf("demo: %s: history: %w", s.name, err)
		}
		steps = append(steps, l.steps(h.state.History.Until)...)
	}
	return h.live(ctx, d, inOrder(steps))
}

// live takes the steps that come after the last one that is noted.
func (h *History) live(ctx context.Context, d *Demo, steps []step) error {
	noted := h.state.History
	for i, s := range steps {
		if !s.at.After(noted.Done) {
			continue
		}
		d.o.Note("four weeks of notifications: " + s.at.Format(time.DateOnly))
		h.set(s.at)
		next := noted.Until
		if i+1 < len(steps) {
			next = steps[i+1].at
		}
		again, err := s.take(ctx, next)
		if err != nil {
			return fmt.Errorf("demo: history: %s: %w", s.what, err)
		}
		if again {
			continue // taken twice it is as if it was taken once, so it need not be noted
		}
		noted.Done = s.at
		if err := d.state.note(); err != nil {
			return err
		}
	}
	return nil
}
