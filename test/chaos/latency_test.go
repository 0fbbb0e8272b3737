package chaos_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/tidings-im/tidings/test/harness"
)

// fault is one that was made.
type fault struct {
	kind     string
	node     int // that it hit; -1 for all
	from, to time.Time
	ready    time.Duration // after to, until every node accepted sends
}

func (f fault) where() string {
	if f.node < 0 {
		return ""
	}
	return fmt.Sprintf(" (node %d)", f.node+1)
}

// latency is the slowest call that ran while a fault lasted, of those who were
// not asking the node that it hit.
type latency struct {
	kind     string
	affected bool // by an organization that the node serves
	worst    time.Duration
}

// measure finds the slowest send, recall or status bar of one organization
// during each fault. Calls that begin after the fault's end do not count, those
// that it delays do; what one has waited before it, for the fault before, does
// not.
func measure(calls []harness.Call, faults []fault, serves func(fault) bool) []latency {
	all := make([]latency, 0, len(faults))
	for _, f := range faults {
		l := latency{kind: f.kind, affected: serves(f)}
		for _, c := range calls {
			asked := c.User == "" && (f.node < 0 || c.Node != f.node+1)
			if asked && !c.Answer.At.IsZero() && c.At.Before(f.to) && c.Answer.At.After(f.from) {
				l.worst = max(l.worst, c.Answer.At.Sub(later(c.At, f.from)))
			}
		}
		all = append(all, l)
	}
	return all
}

// summary tells of each kind of fault how slow the slowest call was.
func summary(faults []fault, latencies []latency) []string {
	type row struct {
		count        int
		same, others time.Duration
		ready        time.Duration
	}
	rows := map[string]row{}
	for _, f := range faults {
		r := rows[f.kind]
		r.count++
		r.ready = max(r.ready, f.ready)
		rows[f.kind] = r
	}
	for _, l := range latencies {
		r := rows[l.kind]
		if l.affected {
			r.same = max(r.same, l.worst)
		} else {
			r.others = max(r.others, l.worst)
		}
		rows[l.kind] = r
	}
	lines := []string{"slowest call at other nodes while a fault lasted, by kind:"}
	for _, kind := range slices.Sorted(maps.Keys(rows)) {
		r := rows[kind]
		others := "       "
		if r.others > 0 {
			others = r.others.Round(time.Millisecond).String()
		}
		lines = append(lines, fmt.Sprintf("%-24s ×%-3d organizations of the node %7s, others %7s; ready again after %s",
			kind, r.count, r.same.Round(time.Millisecond), others, r.ready.Round(time.Millisecond)))
	}
	return lines
}

// checkAnswered: every call got an answer before its client gave up.
func checkAnswered(calls []harness.Call) (complaints []string) {
	const hang = 29 * time.Second
	for _, c := range calls {
		if took := c.Answer.At.Sub(c.At); took > hang {
			complaints = append(complaints, fmt.Sprintf("call %d (%s) of node %d took %s: %s", c.Op, c.Kind, c.Node, took, c.Answer.Text))
		}
	}
	return complaints
}

// The measure itself.
func TestMeasure(t *testing.T) {
	t.Parallel()
	start := time.Now()
	call := func(node int, at, took time.Duration) harness.Call {
		return harness.Call{Node: node, At: start.Add(at), Answer: harness.Answer{At: start.Add(at + took)}}
	}
	calls := []harness.Call{
		call(1, time.Second, time.Minute), // at the node itself
		call(2, 0, 500*time.Millisecond),  // before
		call(2, 500*time.Millisecond, 2*time.Second),
		call(3, 9*time.Second, 4*time.Second),                                             // delayed
		call(3, 11*time.Second, time.Hour),                                                // after
		{Node: 2, At: start.Add(time.Second)},                                             // without an answer
		{Node: 2, At: start, User: "a", Answer: harness.Answer{At: start.Add(time.Hour)}}, // reading goes anywhere
	}
	f := fault{kind: nodePaused, node: 0, from: start.Add(time.Second), to: start.Add(10 * time.Second)}
	got := measure(calls, []fault{f}, func(fault) bool { return true })
	if len(got) != 1 || got[0].worst != 4*time.Second || !got[0].affected {
		t.Errorf("measured %+v, want 4s", got)
	}
	if complaints := checkAnswered(calls); len(complaints) != 3 {
		t.Errorf("complaints %v, want three", complaints)
	}
	lines := summary([]fault{f}, append(got, latency{kind: nodePaused, worst: time.Second}))
	if want := 2; len(lines) != want || cmp.Compare(lines[1], "") == 0 {
		t.Errorf("summary %q", lines)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
