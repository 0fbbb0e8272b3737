package main

import (
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/callback"
	"github.com/tidings-im/tidings/internal/store"
)

const (
	// waitsLong is how old an event is before somebody should look. A server that runs
	// tells it within seconds, and one that was refused again after five minutes.
	waitsLong = 10 * time.Minute
	// mostCallbacks is of how many callbacks the doctor tells one by one.
	mostCallbacks = 20
)

// callbacks tells of apps that do not hear of their events.
func (d *doctor) callbacks() {
	all, err := store.ExamineCallbacks(d.ctx, d.cfg.Database)
	if err != nil {
		d.wrong("callbacks", "check that the database can be read", "%v", err)
		return
	}
	doubted := 0
	for _, r := range all {
		cure, text := doubtOf(r, clock())
		if text == "" {
			continue
		}
		if doubted++; doubted <= mostCallbacks {
			d.doubt("callbacks", cure, "%s (app %s of %s): %s", r.AppName, r.AppKey, r.CorpID, text)
		}
	}
	switch {
	case doubted > mostCallbacks:
		d.doubt("callbacks", "look at those above first, then run this again", "further apps that do not hear of their events: %d", doubted-mostCallbacks)
	case doubted == 0 && len(all) > 0:
		d.fine("callbacks", "every app that has one hears of its events: %d", len(all))
	}
}

// doubtOf says what is wrong with an app's callback, and what to do; "" for nothing.
func doubtOf(r callback.Report, now time.Time) (cure, text string) {
	show := fmt.Sprintf("tidings admin --org %s app callback show %s", r.CorpID, r.AppKey)
	switch {
	case r.Failures > 0 && r.Waiting > 0:
		text = fmt.Sprintf("attempts that failed in a row: %d, the last one at %s: %s; events that wait: %d", r.Failures, instant(r.FailedAt), r.Reason, r.Waiting)
		cure = "have the app's program answer again, or set another address; the next attempt is made at " + instant(r.NextAt) + "; " + show
	case !r.OldestAt.IsZero() && now.Sub(r.OldestAt) > waitsLong:
		text = fmt.Sprintf("events that wait: %d, the oldest since %s, and no attempt has failed", r.Waiting, instant(r.OldestAt))
		cure = "check that a server runs on this database, and read its log; right after a large change it is enough to wait; " + show
	}
	if r.GivenUp == 0 {
		return cure, text
	}
	given := fmt.Sprintf("events given up: %d", r.GivenUp)
	if text != "" {
		return cure, text + "; " + given
	}
	return "have the program read people and departments anew or, of an internal app, ask for them (get_call_back_failed_result); they are kept for seven days; " + show, given
}
