package chaos_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// The reasons for which an internal app's recipients are held back.
const (
	heldMinute = "143103"
	heldDaily  = "143105"
	heldSame   = "143106"
)

// rules are the limits that a replay applies.
type rules struct {
	Daily  int               // messages of an app to one person and day
	Minute int               // people an app reaches in a minute; 0 for no limit
	Order  map[string]uint32 // in which people get through to that limit
}

// checkRules replays tasks in the order of their revisions and decides anew
// who is sent to: identical content reaches a person once a day, so many
// messages of an app a day and no more, and so many people a minute. What was
// decided must be exactly that.
func checkRules(made []sent, r rules) (complaints []string) {
	type who struct {
		agent, day   int64
		message, usr string
	}
	type when struct{ agent, minute int64 }
	had, count, reached := map[who]bool{}, map[who]int{}, map[when]int{}
	for _, t := range made {
		want := outcome{Held: map[string][]string{}}
		for _, userid := range t.Named.People {
			switch {
			case had[who{t.Agent, t.Day, string(t.Call.Message), userid}]:
				want.Held[heldSame] = append(want.Held[heldSame], userid)
			case count[who{t.Agent, t.Day, "", userid}] >= r.Daily:
				want.Held[heldDaily] = append(want.Held[heldDaily], userid)
			default:
				want.Sent = append(want.Sent, userid)
			}
		}
		minute := when{t.Agent, t.Minute}
		if left := max(0, r.Minute-reached[minute]); r.Minute > 0 && len(want.Sent) > left {
			slices.SortFunc(want.Sent, func(a, b string) int { return cmp.Compare(r.Order[a], r.Order[b]) })
			want.Held[heldMinute] = sorted(want.Sent[left:])
			want.Sent = sorted(want.Sent[:left])
		}
		reached[minute] += len(want.Sent)
		for _, userid := range want.Sent {
			had[who{t.Agent, t.Day, string(t.Call.Message), userid}] = true
			count[who{t.Agent, t.Day, "", userid}]++
		}
		complaints = append(complaints, compare(t, want, r)...)
	}
	return complaints
}

func compare(t sent, want outcome, r rules) (complaints []string) {
	if !slices.Equal(t.Sent, want.Sent) {
		complaints = append(complaints, fmt.Sprintf("task %d at revision %d: sent to %s", t.ID, t.Revision, difference(t.Sent, want.Sent)))
	}
	if got := t.codes(); !slices.Equal(got, want.codes()) {
		return append(complaints, fmt.Sprintf("task %d at revision %d: held for %v, want %v", t.ID, t.Revision, got, want.codes()))
	}
	thresholds := map[string]int64{heldSame: 1, heldDaily: int64(r.Daily), heldMinute: int64(r.Minute)}
	for _, code := range slices.Sorted(maps.Keys(want.Held)) {
		if !slices.Equal(t.Held[code], want.Held[code]) {
			complaints = append(complaints, fmt.Sprintf("task %d at revision %d: held for %s are %s", t.ID, t.Revision, code, difference(t.Held[code], want.Held[code])))
		}
		if t.Count[code] != thresholds[code] {
			complaints = append(complaints, fmt.Sprintf("task %d: held for %s with threshold %d, want %d", t.ID, code, t.Count[code], thresholds[code]))
		}
	}
	return complaints
}
