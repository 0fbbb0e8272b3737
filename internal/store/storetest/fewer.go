package storetest

import "sync/atomic"

// fewHistories is how many random histories a property test walks through on
// PostgreSQL, where each of their steps is several round trips. SQLite, on which
// the same text runs, has all that rapid is told to make.
const fewHistories = 25

// Histories counts a property test's histories on one engine.
type Histories struct {
	Engine string
	begun  atomic.Int64
}

// Enough reports, at the beginning of each history, whether there were enough.
func (h *Histories) Enough() bool {
	return h.begun.Add(1) > fewHistories && h.Engine == "postgres"
}
