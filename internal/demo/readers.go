package demo

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/inbox"
)

// readers decides who reads what, and when. It decides by names and not by chance,
// so that a history which goes on after an interruption goes on as the same one.
type readers struct {
	l        *living
	ordinals map[string]uint32
	due      map[time.Time]map[string][]int64 // tasks by moment and reader
}

func newReaders(l *living, users []directory.User) *readers {
	r := &readers{l: l, ordinals: map[string]uint32{}, due: map[time.Time]map[string][]int64{}}
	for _, u := range users {
		r.ordinals[u.Userid] = u.Ordinal
	}
	return r
}

// share is a number from 0 to below 1 that belongs to a text.
func share(text string) float64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	n := h.Sum64()
	n ^= n >> 33 // FNV spreads the last letters badly
	n *= 0xff51afd7ed558ccd
	n ^= n >> 33
	return float64(n>>11) / (1 << 53)
}

// When people look at their notifications, as minutes of a day; each day some minutes
// later or not.
var (
	looks        = []int{8*60 + 35, 9*60 + 30, 10*60 + 25, 11*60 + 30, 12*60 + 35, 13*60 + 40, 14*60 + 45, 15*60 + 55, 17 * 60, 18*60 + 20, 20*60 + 30}
	weekendLooks = []int{10*60 + 40, 20 * 60}
)

const lookLater = 17 // minutes at most

func moments(from, until time.Time, key string) []time.Time {
	var all []time.Time
	for day := from; day.Before(until); day = day.AddDate(0, 0, 1) {
		at := weekendLooks
		if working(day) {
			at = looks
		}
		for _, minute := range at {
			later := int(share(fmt.Sprint(key, day.YearDay(), minute)) * lookLater)
			m := time.Date(day.Year(), day.Month(), day.Day(), 0, minute+later, 7, 0, day.Location())
			if m.Before(until) {
				all = append(all, m)
			}
		}
	}
	return all
}

// delay is how long somebody takes to look: half of them less than an hour, some
// until the day after tomorrow.
func delay(chance float64) time.Duration {
	for _, part := range []struct{ upTo, from, to float64 }{{0.5, 0.05, 1}, {0.78, 1, 5}, {0.92, 5, 24}, {1, 24, 60}} {
		if chance < part.upTo {
			return time.Duration((part.from + (part.to-part.from)*share(fmt.Sprint(chance))) * float64(time.Hour))
		}
	}
	return 0
}

// expect decides who reads a notification that was sent, and when. Nobody reads what is
// recalled by then.
func (l *living) expect(ctx context.Context, i int, task int64) error {
	p := l.s.past.sends[i]
	got, err := l.person(l.manager).recipients(ctx, task)
	if err != nil {
		return err
	}
	of := func(userid, what string) float64 { return share(l.name(i) + userid + what) }
	slices.SortFunc(got, func(a, b string) int {
		if of(a, "") < of(b, "") {
			return -1
		}
		return 1
	})
	sent, end := l.timeOf(i), l.h.state.History.Until
	for _, c := range p.changes {
		if c.status == "" {
			end = sent.Add(c.after)
		}
	}
	for _, userid := range got[:(len(got)*p.read+50)/100] {
		looks := sent.Add(delay(of(userid, " looks")))
		at, _ := slices.BinarySearchFunc(l.moments, looks, time.Time.Compare)
		if at == len(l.moments) || !l.moments[at].Before(end) {
			continue
		}
		l.readers.add(l.moments[at], userid, task)
	}
	return nil
}

func (r *readers) add(at time.Time, userid string, task int64) {
	if r.due[at] == nil {
		r.due[at] = map[string][]int64{}
	}
	r.due[at][userid] = append(r.due[at][userid], task)
}

// AtOnce is how many people read at the same time. The server commits together what they
// have read.
const AtOnce = 4

// read has everybody read what is due, a few at a time, before something else happens.
func (r *readers) read(ctx context.Context, at, next time.Time) error {
	due := r.due[at]
	if len(due) == 0 {
		return nil
	}
	apart := min(80*time.Second, next.Sub(at)/time.Duration(len(due)+1))
	for few := range slices.Chunk(slices.Sorted(maps.Keys(due)), AtOnce) {
		var under errgroup.Group
		for _, userid := range few {
			ids := make([]string, len(due[userid]))
			for i, task := range due[userid] {
				ids[i] = inbox.MessageID(task, r.ordinals[userid])
			}
			under.Go(func() error { return r.l.person(userid).read(ctx, ids) })
		}
		if err := under.Wait(); err != nil {
			return err
		}
		r.l.h.set(r.l.h.Now().Add(apart))
	}
	return nil
}
