package directory

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/sheet"
)

const (
	// MaxMatchedRows is how many rows of a file are looked up.
	MaxMatchedRows = 50_000
	// MaxMatchedCells is how many cells that are not empty they may have.
	MaxMatchedCells = 500_000
	// maxCandidates is how many people an ambiguous row is told to mean.
	maxCandidates = 10
	// matchesAnHour is how often somebody may have a list looked up, on each node.
	matchesAnHour = 20
)

// MatchRequest is a list in which people are named, and who may be found by it.
type MatchRequest struct {
	Agent   int64 // for what installation's sends, as the audit log has it
	Rows    iter.Seq2[sheet.Row, error]
	Within  Range // whoever is outside is not found
	Mobiles bool  // people are found by their mobiles too
}

// Matches is what a list came to: each row is in one of the four, in the order of lines.
type Matches struct {
	Columns   []string // by which people were found, of MatchKinds
	Matched   []Match
	Ambiguous []Match // means several people, or each of its cells somebody else
	Unknown   []Match
	Repeated  []Match // means somebody whom a row before it means
}

// Match is a row of a list.
type Match struct {
	Line       int
	Text       string // its cells, with spaces between
	User       User   // of Matched and Repeated
	By         string // by what column, of MatchKinds
	Candidates []User // of Ambiguous, at most ten
	More       bool   // there are more
}

// MatchKinds are by what people are found, what says most first.
func MatchKinds() []string { return slices.Clone(matchKinds[:]) }

var matchKinds = [...]string{"userid", "job_number", "mobile", "name"}

// Match finds the active people whom a list names: by the columns that its header names,
// or without a header by what its cells are. Where a row has several, they must mean the
// same person. The audit log has how many there were. Fails with parameter_invalid for
// what cannot be read or is too long, throttled after 20 lists in an hour, and
// organization_unknown.
func (s *Service) Match(ctx context.Context, by audit.By, organization int64, m MatchRequest) (Matches, error) {
	if err := s.matching.enter(by.Actor, s.now()); err != nil {
		return Matches{}, err
	}
	list, err := readList(m.Rows)
	if err != nil {
		return Matches{}, err
	}
	t, err := s.current(ctx, organization)
	if err != nil {
		return Matches{}, err
	}
	w := list.wanted(m.Mobiles)
	if err := s.lookUp(ctx, t, m.Within, w); err != nil {
		return Matches{}, err
	}
	found := list.resolve(w)
	if err := s.introduce(ctx, t, m.Within, found); err != nil {
		return Matches{}, err
	}
	matches := found.matches()
	matches.Columns = list.used()
	mobiles := 0
	for _, one := range matches.Matched {
		if one.By == matchKinds[kindMobile] {
			mobiles++
		}
	}
	return matches, s.store.Record(ctx, s.entry(by, organization, audit.PeopleMatch, strconv.FormatInt(m.Agent, 10), audit.Details{
		"lines": len(list.rows), "matched": len(matches.Matched), "ambiguous": len(matches.Ambiguous), "unknown": len(matches.Unknown),
		"repeated": len(matches.Repeated), "by_mobile": mobiles,
	}))
}

// listFault is what is said of a list that cannot be read.
func listFault(err error) error {
	var wrong sheet.Unreadable
	if !errors.As(err, &wrong) {
		return err
	}
	f := fault.New(fault.CodeParameterInvalid, "%s", wrong.Reason)
	if wrong.Line > 0 {
		f = fault.New(fault.CodeParameterInvalid, "line %d: %s", wrong.Line, wrong.Reason)
	}
	return f.WithField("file").WithLimit(wrong.Limit, wrong.Actual)
}

// hourly counts what people do, each in the hour before.
type hourly struct {
	mu   sync.Mutex
	done map[audit.Actor][]time.Time // oldest first
}

// enter counts one more, or refuses it.
func (h *hourly) enter(who audit.Actor, now time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for actor, all := range h.done { // whoever did it lately: few
		if now.Sub(all[len(all)-1]) >= time.Hour {
			delete(h.done, actor)
		}
	}
	recent := slices.DeleteFunc(h.done[who], func(at time.Time) bool { return now.Sub(at) >= time.Hour })
	if len(recent) == matchesAnHour {
		return fault.New(fault.CodeThrottled, "you have looked up %d lists within an hour, which is the limit", matchesAnHour).
			WithLimit(matchesAnHour, matchesAnHour+1).WithRetryAfter(recent[0].Add(time.Hour).Sub(now))
	}
	h.done[who] = append(recent, now)
	return nil
}
