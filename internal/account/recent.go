package account

import (
	"context"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	// believed is how long what was read is believed without asking whether
	// anything has ended since.
	believed = time.Second
	// readAgain is how long a row is believed at most: a person's name is read
	// with it.
	readAgain = time.Minute
	// rowsKept bounds the memory of a node; about 300 bytes each.
	rowsKept = 100_000
)

// recent holds the rows of credentials that were presented within the last
// minute. A row is good while the count of endings is what it was before the row
// was read; that count is one question a second for all of them.
type recent struct {
	mu sync.RWMutex
	// epoch counts how often everything was forgotten: what was read before
	// must not come back after.
	epoch   int
	swept   time.Time
	rows    map[name]recentRow
	endings int64     // as read last
	asked   time.Time // when that was; zero if it was not
	flights singleflight.Group
}

type recentRow struct {
	standing *Standing
	read     time.Time
	endings  int64 // before it was read
}

func newRecent() recent { return recent{rows: map[name]recentRow{}} }

// confirmed returns the count of endings as it was within the last second, and
// reads it if need be.
func (s *Service) confirmed(ctx context.Context) (int64, error) {
	r := &s.read
	for {
		r.mu.RLock()
		endings, asked, epoch := r.endings, r.asked, r.epoch
		r.mu.RUnlock()
		if age := s.now().Sub(asked); !asked.IsZero() && age >= 0 && age < believed {
			return endings, nil
		}
		// One question for all who need it; one that somebody asked too long ago
		// is asked again.
		_, err, _ := r.flights.Do(strconv.Itoa(epoch), func() (any, error) {
			at := s.now()
			endings, err := s.store.Endings(context.WithoutCancel(ctx))
			if err != nil {
				return nil, err
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.epoch == epoch {
				r.endings, r.asked = endings, at
			}
			return nil, nil
		})
		if err != nil {
			return 0, err
		}
	}
}

// load returns a row that is not too old, or nil; whether it is believed without
// asking; and the epoch to store with.
func (r *recent) load(n name, now time.Time) (row recentRow, fresh bool, epoch int) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	row, ok := r.rows[n]
	age := now.Sub(row.read)
	if !ok || age < 0 || age >= readAgain {
		return recentRow{}, false, r.epoch
	}
	return row, age < believed, r.epoch
}

// store remembers a row, unless everything was forgotten since its epoch or a row
// is there already that was read later.
func (r *recent) store(n name, row recentRow, epoch int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.epoch != epoch {
		return
	}
	now := row.read
	if age := now.Sub(r.swept); age < 0 || age >= readAgain {
		r.swept = now
		for other, row := range r.rows {
			if age := now.Sub(row.read); age < 0 || age >= readAgain {
				delete(r.rows, other)
			}
		}
	}
	if len(r.rows) >= rowsKept {
		clear(r.rows)
	}
	if !r.rows[n].read.After(now) {
		r.rows[n] = row
	}
}

// drop forgets single rows: they have changed.
func (r *recent) drop(names []name) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range names {
		delete(r.rows, n)
	}
}

func (r *recent) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.epoch++
	r.asked = time.Time{}
	clear(r.rows)
}
