package node

import (
	"context"
	"log/slog"
	"time"
)

// requestPatience is how long a request waits for servers, which follow within a
// second.
const requestPatience = 5 * time.Second

// Everywhere waits for all servers in place of a request that takes something away, or
// whose asker goes on at any of them.
type Everywhere struct {
	Store Store
	Log   *slog.Logger
}

// Followed waits until every server works with what was committed before, and reports
// whether it does: false after five seconds, and where that cannot be known. The log
// then says which servers to look at.
func (e Everywhere) Followed(ctx context.Context) bool {
	behind, _, err := Await(ctx, e.Store, requestPatience)
	if err != nil {
		e.Log.Warn("it is not known whether every server follows what was changed", "error", err)
		return false
	}
	for _, n := range behind {
		e.Log.Warn("a server does not follow what was changed and may still answer as before: check whether it reaches the database, or stop it", "server", n.Name)
	}
	return len(behind) == 0
}
