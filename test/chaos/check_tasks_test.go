package chaos_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/test/harness"
)

// sent is a task with the call that made it.
type sent struct {
	stored
	Call  harness.Call
	Named harness.Named
}

// checkExistence pairs tasks with the calls that made them: every acknowledged
// send is there, an idempotency key has one task, and nothing is there without
// a call. others are the agents of whom the ledger does not tell.
func checkExistence(calls []harness.Call, people *harness.People, tasks map[int64]stored, others map[int64]bool) (made []sent, complaints []string) {
	owner := map[int64]harness.Call{}
	byKey := map[string]int64{}
	for _, c := range calls {
		if c.Kind != "send" || c.Answer.Outcome != harness.OutcomeOK {
			continue
		}
		id := c.Answer.Task
		first, twice := owner[id]
		if known, ok := byKey[c.Key]; c.Key != "" && ok && known != id {
			complaints = append(complaints, fmt.Sprintf("key %s was answered with task %d and with task %d", c.Key, known, id))
		}
		byKey[c.Key] = id
		if twice && (c.Key == "" || c.Key != first.Key) {
			complaints = append(complaints, fmt.Sprintf("task %d was the answer to call %d and to call %d", id, first.Op, c.Op))
		}
		if _, there := tasks[id]; !there && !twice {
			complaints = append(complaints, fmt.Sprintf("task %d, acknowledged to call %d, is not there", id, c.Op))
		}
		if !twice {
			owner[id] = c
		}
	}
	unknown := unknownSends(calls, people, byKey)
	for _, id := range slices.Sorted(maps.Keys(tasks)) {
		t := tasks[id]
		if others[t.Agent] {
			continue
		}
		c, ok := owner[id]
		if !ok {
			c, ok = unknown.take(fingerprint(t.Agent, t.Message, t.named()))
		}
		if !ok {
			complaints = append(complaints, fmt.Sprintf("task %d at revision %d exists, and no call made it", id, t.Revision))
			continue
		}
		made = append(made, sent{stored: t, Call: c, Named: people.Resolve(c.Audience)})
	}
	slices.SortFunc(made, func(a, b sent) int { return cmp.Compare(a.Revision, b.Revision) })
	return made, complaints
}

// named is what the stored outcome speaks of.
func (s stored) named() harness.Named {
	return harness.Named{People: s.everybody(), InvalidUserids: s.InvalidUserids, InvalidDeptIDs: s.InvalidDeptIDs}
}

// fingerprint is what a task has in common with the call that made it.
func fingerprint(agent int64, message string, n harness.Named) string {
	return fmt.Sprint(agent, "\n", message, "\n", n.People, "\n", n.InvalidUserids, "\n", n.InvalidDeptIDs)
}

// pool holds the sends of which nobody knows whether they were accepted.
type pool map[string][]harness.Call

func unknownSends(calls []harness.Call, people *harness.People, answered map[string]int64) pool {
	p := pool{}
	tried := map[string]bool{}
	for _, c := range calls {
		if c.Kind != "send" || c.Answer.Outcome != harness.OutcomeUnknown {
			continue
		}
		if c.Key != "" {
			// However often it was tried, a key makes one task; if that one
			// was told, there is no other.
			if _, told := answered[c.Key]; told || tried[c.Key] {
				continue
			}
			tried[c.Key] = true
		}
		f := fingerprint(c.Agent, string(c.Message), people.Resolve(c.Audience))
		p[f] = append(p[f], c)
	}
	return p
}

func (p pool) take(fingerprint string) (harness.Call, bool) {
	calls := p[fingerprint]
	if len(calls) == 0 {
		return harness.Call{}, false
	}
	p[fingerprint] = calls[1:]
	return calls[0], true
}

// checkWhole: a task holds the message and the people of its call, everyone in
// exactly one list.
func checkWhole(s sent) (complaints []string) {
	if !s.Recalled && s.Message != string(s.Call.Message) {
		complaints = say("task %d holds %s, sent was %s", s.ID, s.Message, s.Call.Message)
	}
	return append(complaints, checkLists(s.ID, s.Named, s.outcome)...)
}

// checkLists: the lists partition exactly the people named.
func checkLists(task int64, n harness.Named, o outcome) (complaints []string) {
	if got := o.everybody(); !slices.Equal(got, n.People) {
		complaints = append(complaints, fmt.Sprintf("task %d: lists hold %s", task, difference(got, n.People)))
	}
	if !slices.Equal(o.InvalidUserids, n.InvalidUserids) {
		complaints = append(complaints, fmt.Sprintf("task %d: invalid users %v, want %v", task, o.InvalidUserids, n.InvalidUserids))
	}
	if !slices.Equal(o.InvalidDeptIDs, n.InvalidDeptIDs) {
		complaints = append(complaints, fmt.Sprintf("task %d: invalid departments %v, want %v", task, o.InvalidDeptIDs, n.InvalidDeptIDs))
	}
	return complaints
}

// difference says in words how a sorted list differs from what it should be.
func difference(got, want []string) string {
	count := map[string]int{}
	for _, x := range got {
		count[x]++
	}
	for _, x := range want {
		count[x]--
	}
	var extra, missing []string
	for _, x := range slices.Sorted(maps.Keys(count)) {
		if count[x] > 0 {
			extra = append(extra, x)
		}
		if count[x] < 0 {
			missing = append(missing, x)
		}
	}
	return fmt.Sprintf("%d people too much %.100v and lack %d %.100v", len(extra), extra, len(missing), missing)
}

// outcomeOf is what getsendresult told.
func outcomeOf(r client.Result) outcome {
	o := outcome{
		Sent: sorted(slices.Concat(r.Read, r.Unread)), Held: map[string][]string{}, Count: map[string]int64{},
		Failed: sorted(r.Failed), InvalidUserids: sorted(r.InvalidUserids), InvalidDeptIDs: sorted(r.InvalidDeptIDs),
	}
	for _, h := range r.Held {
		o.Held[h.Code] = append(o.Held[h.Code], h.Userid)
		o.Count[h.Code] = h.Count
	}
	for _, list := range o.Held {
		slices.Sort(list)
	}
	return o
}

// checkAnswer: what is told of a task is what is stored, in lists and reasons.
func checkAnswer(s stored, told outcome) (complaints []string) {
	if !slices.Equal(told.Sent, s.Sent) {
		complaints = append(complaints, fmt.Sprintf("task %d: told as sent are %s", s.ID, difference(told.Sent, s.Sent)))
	}
	if !slices.Equal(told.codes(), s.codes()) {
		return append(complaints, fmt.Sprintf("task %d: told as held for %v, stored for %v", s.ID, told.codes(), s.codes()))
	}
	for code, list := range s.Held {
		if !slices.Equal(told.Held[code], list) || told.Count[code] != s.Count[code] {
			complaints = append(complaints, fmt.Sprintf("task %d: told as held for %s are %s", s.ID, code, difference(told.Held[code], list)))
		}
	}
	return complaints
}

// checkRevisions: tasks and changes took 1..through, each once.
func checkRevisions(through int64, revisions []int64) (complaints []string) {
	revisions = sorted(revisions)
	for i, r := range revisions {
		if r != int64(i)+1 {
			return say("revision %d follows %d", r, i)
		}
	}
	if int64(len(revisions)) != through {
		return say("the organization is at revision %d, and %d were taken", through, len(revisions))
	}
	return nil
}
