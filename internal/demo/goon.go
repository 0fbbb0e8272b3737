package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/client"
)

// goOn sends an ordinary day's notifications, one every Every, and moves the
// status bars of those that wait for a decision one round later.
func (d *Demo) goOn(ctx context.Context) error {
	tick := time.NewTicker(d.o.Every)
	defer tick.Stop()
	d.out.line("\nA notification every %s now, %d of them:", d.o.Every, d.o.Rounds)
	var decide func(context.Context) error
	sent := make([]int, len(d.shown))
	for round := range d.o.Rounds {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		if decide != nil {
			if err := decide(ctx); err != nil {
				d.out.line("  %s", d.out.paint(red, "status bar: "+words(err)))
			}
		}
		// Two in the first organization, one in the second.
		who := 0
		if round%3 == 2 {
			who = 1
		}
		s := d.shown[who]
		next := s.lively[sent[who]%len(s.lively)]
		sent[who]++
		decide = d.notify(ctx, s, next)
	}
	d.out.line("  %s", d.out.paint(dim, "that was the last one; the server goes on"))
	return nil
}

// notify sends one notification and returns what is left to do with it.
func (d *Demo) notify(ctx context.Context, s *shown, l lively) func(context.Context) error {
	now := d.o.Now().In(s.location())
	say := func(style, text string) { d.out.line("  %s  %s", now.Format("15:04:05"), d.out.paint(style, text)) }
	body := l.body(int(now.Unix()%1_000_000), now)
	kind, _ := body["msgtype"].(string)
	to, err := s.resolve(l.to)
	if err != nil {
		say(red, s.name+": "+err.Error())
		return nil
	}
	task, err := s.client.Send(ctx, to, client.Raw(body), "")
	if err != nil {
		say(red, s.name+": "+kind+": "+words(err))
		return nil
	}
	_, result, err := s.outcome(ctx, task)
	if err != nil {
		say(red, s.name+": "+kind+": "+words(err))
		return nil
	}
	say(green, fmt.Sprintf("%s: %s to %s, task %d", s.name, kind, peopleOf(len(result.Read)+len(result.Unread)), task))
	for _, why := range explain(result) {
		say(yellow, why)
	}
	if l.then == "" {
		return nil
	}
	return func(ctx context.Context) error {
		now := d.o.Now().In(s.location())
		if err := s.client.SetStatusBar(ctx, task, client.StatusBar{Value: l.then, Background: l.color}); err != nil {
			return err
		}
		d.out.line("  %s  %s", now.Format("15:04:05"), d.out.paint(dim, fmt.Sprintf("%s: task %d is now %q", s.name, task, l.then)))
		return nil
	}
}

// location is the organization's time zone, which its people read times in.
func (s *shown) location() *time.Location {
	if l, err := time.LoadLocation(s.zone); err == nil {
		return l
	}
	return time.UTC
}
