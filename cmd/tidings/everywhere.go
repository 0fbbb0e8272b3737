package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/node"
)

// followPatience is how long a command waits for running servers, which follow
// within a second.
const followPatience = 10 * time.Second

// doneEverywhere is done for a command that takes something away: it answers when
// no running server goes on as before.
func (s *session) doneEverywhere(view any, format string, args ...any) error {
	return errors.Join(s.everywhere(), s.done(view, format, args...))
}

// everywhere waits until every running server works with what was committed
// before. It fails with what to do about those that do not.
func (s *session) everywhere() error {
	behind, gone, err := node.Await(s.ctx, s.rooms.Nodes, followPatience)
	for _, n := range gone {
		fmt.Fprintf(s.err, "tidings: warning: server %s was last heard of %s ago and is treated as stopped; if it still runs, it follows when it reaches the database\n",
			n.Name, n.Silent.Round(time.Second))
	}
	if err != nil {
		return fmt.Errorf("this is done, but it is not known whether every running server follows it; a server that reaches the database does so within a second: %v", err) //nolint:errorlint // of a wrapped fault only the fault is printed
	}
	if len(behind) == 0 {
		return nil
	}
	names := make([]string, len(behind))
	for i, n := range behind {
		names[i] = n.Name
	}
	return fmt.Errorf("this is done, but after %d seconds server %s does not follow it and may still answer as before: check whether it reaches the database, or stop it; nothing has to be repeated",
		int(followPatience.Seconds()), strings.Join(names, ", server "))
}
