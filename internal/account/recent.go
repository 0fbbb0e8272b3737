package account

import (
	"sync"
	"time"
)

// believed is how long a credential's row is believed after it was read.
const believed = time.Second

// recent holds the rows of credentials that were presented within the last
// second or two.
type recent struct {
	mu sync.RWMutex
	// epoch counts how often everything was forgotten: what was read before
	// must not come back after.
	epoch int
	swept time.Time
	rows  map[name]recentRow
}

type recentRow struct {
	standing *Standing
	read     time.Time
}

func newRecent() recent { return recent{rows: map[name]recentRow{}} }

// load returns a row that is still believed, or nil, and the epoch to store
// with.
func (r *recent) load(n name, now time.Time) (*Standing, int) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	row, ok := r.rows[n]
	if age := now.Sub(row.read); !ok || age < 0 || age >= believed {
		return nil, r.epoch
	}
	return row.standing, r.epoch
}

// store remembers a row read after now, unless everything was forgotten since
// or a row is there already that was read later.
func (r *recent) store(n name, s *Standing, now time.Time, epoch int) {
	r.mu.RLock()
	known := r.rows[n].standing == s
	r.mu.RUnlock()
	if known {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.epoch != epoch {
		return
	}
	if age := now.Sub(r.swept); age < 0 || age >= believed {
		r.swept = now
		for other, row := range r.rows {
			if age := now.Sub(row.read); age < 0 || age >= believed {
				delete(r.rows, other)
			}
		}
	}
	if !r.rows[n].read.After(now) {
		r.rows[n] = recentRow{s, now}
	}
}

func (r *recent) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.epoch++
	clear(r.rows)
}
